"""What the page of ``web`` shows of an account: the same that the commands tell, as values."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from trading_platform_order.cli.console.store_location import Place
from trading_platform_order.cli.control.pairs import pair_rows
from trading_platform_order.cli.history.explain import read_story, story_json
from trading_platform_order.cli.overview.standing import Standing, read_standing
from trading_platform_order.transport.clock import moment_of
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import Language, Locale, locale, using


def home_json(standing: Standing, language: Language) -> dict[str, Any]:
    """The first screen. Amounts are text; sentences are in the reader's language."""
    live, start, stop = standing.live, standing.start, standing.stop
    now = standing.headline.as_json()
    why = now["why"]
    return {
        "now": {
            **now,
            "why": None if why is None else localised(why, language),
            "uneven_base": {base: str(amount) for base, amount in now["uneven_base"].items()},
        },
        "account": standing.account,
        "market": None if start is None else start.market,
        "build": None if start is None else start.build,
        "started_at": None if start is None else start.at,
        "stop": None
        if stop is None
        else {"reason": localised(stop.reason, language), "since": moment_of(stop.at_us)},
        "positions": [_position(pair.as_json(), language) for pair in standing.positions],
        "waiting_closes": [
            {**close.as_json(), "waits": localised(close.waits, language)}
            for close in standing.closes
        ],
        "trades": [
            {**row, "detail": localised(str(row["detail"] or ""), language)}
            for row in standing.trades
        ],
        "equity": standing.equity,
        "exchanges": [] if live is None else live.exchanges,
        "rate_age_s": None if live is None else live.rate_age_s,
        "krw_per_usdt": _rate(standing),
    }


def _rate(standing: Standing) -> Decimal | None:
    prices = () if standing.live is None else standing.live.prices
    return prices[0].krw_per_usdt if prices else None


def _position(row: Mapping[str, Any], language: Language) -> dict[str, Any]:
    unknown = row["unknown"]
    return {**row, "unknown": None if unknown is None else localised(unknown, language)}


class PageLooks:
    """At one place."""

    def __init__(self, place: Place, config: Path | None) -> None:
        self._place = place
        self._config = config

    async def home(self, language: Language) -> Mapping[str, Any]:
        """The first screen; it costs what is open, and knocks at no engine that tells figures."""
        standing = await read_standing(self._place, check_chain=False, stops=False)
        return _plain(home_json(standing, language))

    async def story(self, signal_id: str, language: Language) -> Mapping[str, Any] | None:
        """What `tporder explain` tells of a signal; ``None`` if the journal has nothing of it."""
        with using(Locale(language=language, zone=locale().zone)):
            story = await read_story(self._place, signal_id)
            return None if story is None else _plain(story_json(story))

    async def pairs(self, language: Language) -> list[Mapping[str, Any]]:
        """Which coin each pair is, and whether entries may be begun."""
        rows = await pair_rows(self._config)
        return [_plain({**row, "doubt": localised(row["doubt"] or "", language)}) for row in rows]


def _plain(value: object) -> dict[str, Any]:
    """As it goes out: decimals and times as text."""
    return msgspec.json.decode(msgspec.json.encode(value), type=dict[str, Any])
