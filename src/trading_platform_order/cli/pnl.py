"""``pnl``: profit of a day or a period by part, from the valuations in the journal."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import click

from trading_platform_order.cli.errors import CliFault, TellingCommand
from trading_platform_order.cli.exit_codes import ExitCode
from trading_platform_order.cli.output import from_us, krw, labelled, print_json
from trading_platform_order.cli.store_location import Place, at_place, reading, warn_of_state
from trading_platform_order.cli.views import LIMIT_MAX, Rows, json_option
from trading_platform_order.domain.account.account_book import KST
from trading_platform_order.domain.money import ZERO
from trading_platform_order.transport.clock import epoch_us
from trading_platform_order.words import common
from trading_platform_order.words import money as words
from trading_platform_order.words.text import time_text

_TRADING = ("premium", "funding", "fees", "fx", "slippage")


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPnl:
    """Profit between two valuations.

    Attributes:
        parts: KRW by name; ``fx`` is that on shorts alone, ``fx_idle`` that on the USDT wallet.
        first_at: the valuation that it is counted from; ``None``: the account's opening.
        last_at: the valuation that it is counted to.
    """

    begin: datetime
    end: datetime
    parts: dict[str, Decimal]
    first_at: datetime | None
    last_at: datetime | None

    @property
    def trading(self) -> Decimal:
        """What limits count."""
        return sum((self.parts[name] for name in _TRADING), ZERO)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "from": self.begin.astimezone(UTC),
            "to": self.end.astimezone(UTC),
            "valued_from": self.first_at,
            "valued_to": self.last_at,
            "known": self.last_at is not None,
            "trading_krw": self.trading,
            "fx_idle_krw": self.parts["fx_idle"],
            "total_krw": self.trading + self.parts["fx_idle"],
            "parts_krw": {name: self.parts[name] for name in _TRADING},
        }


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment


def _period(day: str | None, begin: str | None, end: str | None) -> tuple[datetime, datetime]:
    """A day of Korea, or from one moment to another.

    Raises:
        CliFault: not a date or a time with a zone, or nothing lies between.
    """
    now = datetime.now(UTC)
    try:
        if begin is not None:
            period = _moment(begin), now if end is None else _moment(end)
        else:
            date = now.astimezone(KST).date() if day is None else datetime.fromisoformat(day).date()
            start = datetime(date.year, date.month, date.day, tzinfo=KST)
            period = start, start + timedelta(days=1)
    except ValueError as error:
        raise CliFault(
            ExitCode.BAD_INPUT,
            words.NOT_A_TIME(fault=error),
            remedy=words.A_TIME_IS(),
        ) from None
    if period[0] >= period[1]:
        raise CliFault(ExitCode.BAD_INPUT, words.ENDS_FIRST(), remedy=words.SWAP())
    return period


@click.command(cls=TellingCommand)
@at_place
@click.option("--day", metavar="DATE", help="A day of Korea (00:00 to 24:00 KST); today if none.")
@click.option("--from", "begin", metavar="TIME", help="From this time, with its zone.")
@click.option("--to", "end", metavar="TIME", help="Until this time, with its zone; now if none.")
@json_option
def pnl(
    place: Place, *, day: str | None, begin: str | None, end: str | None, as_json: bool
) -> ExitCode:
    """Profit of a day or a period by part; FX on idle USDT stands apart from trading.

    Open pairs count at their prices of then, as the engine valued them in its journal.
    """
    if (day is not None and (begin or end)) or (end is not None and begin is None):
        raise CliFault(ExitCode.BAD_INPUT, words.WHICH_PERIOD(), remedy=words.GIVE_PERIOD())
    found = asyncio.run(_read(place, _period(day, begin, end)))
    if as_json:
        print_json(found.as_json())
        return ExitCode.OK
    period = words.PERIOD(begin=time_text(found.begin), end=time_text(found.end))
    labelled(words.PERIOD_LABEL(), period)
    if found.last_at is None:
        labelled(words.REALISED_LABEL(), words.NOT_VALUED())
        return ExitCode.OK
    first = words.OPENING() if found.first_at is None else time_text(found.first_at)
    labelled(words.VALUED_LABEL(), words.VALUED(begin=first, end=time_text(found.last_at)))
    labelled(words.TRADING_LABEL(), krw(found.trading))
    for name in _TRADING:
        labelled(f"  {common.PARTS[name]()}", krw(found.parts[name]))
    labelled(words.IDLE_LABEL(), words.IDLE(amount=krw(found.parts["fx_idle"])))
    labelled(words.TOTAL_LABEL(), krw(found.trading + found.parts["fx_idle"]))
    return ExitCode.OK


async def _read(place: Place, period: tuple[datetime, datetime]) -> PeriodPnl:
    async with reading(place) as reader:
        warn_of_state(await reader.overview(), place.account)
        return _of(await reader.query("v_equity", limit=LIMIT_MAX), *period)


def _of(rows: Rows, begin: datetime, end: datetime) -> PeriodPnl:
    """Newest first: the last valuation before the end, less the last before the beginning."""
    begin_us, end_us = epoch_us(begin), epoch_us(end)
    last = next((row for row in rows if int(row["at_us"] or 0) < end_us), None)
    first = next((row for row in rows if int(row["at_us"] or 0) < begin_us), None)
    if first is None and len(rows) == LIMIT_MAX:
        first = rows[-1]  # older ones are not read; `valued_from` says so
    if last is None or int(last["at_us"] or 0) < begin_us:
        return PeriodPnl(begin=begin, end=end, parts=_parts(None), first_at=None, last_at=None)
    after, before = _parts(last), _parts(first)
    return PeriodPnl(
        begin=begin,
        end=end,
        parts={name: after[name] - before[name] for name in after},
        first_at=None if first is None else from_us(int(first["at_us"] or 0)),
        last_at=from_us(int(last["at_us"] or 0)),
    )


def _parts(row: dict[str, str | int | None] | None) -> dict[str, Decimal]:
    """Of one valuation; zero before the first."""
    names = (*_TRADING, "fx_idle")
    if row is None:
        return dict.fromkeys(names, ZERO)
    figures = json.loads(str(row["figures"]))
    parts = {name: Decimal(figures[f"{name}_krw"]) for name in names}
    parts["fx"] -= parts["fx_idle"]
    return parts
