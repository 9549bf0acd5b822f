"""What the exchanges watch in API traders: read from the store, one look for all who look."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import hedge_symbol
from trading_platform_order.observability.live_figures import read_live
from trading_platform_order.observability.surveillance import (
    DAY,
    LimitOf,
    WatchedFigure,
    sent_orders,
    watched_figures,
)
from trading_platform_order.storage.base import Reader
from trading_platform_order.transport.clock import SystemClock
from trading_platform_order.web.page.watched.market_volumes import (
    Market,
    MarketVolumes,
    first_minute,
)

ROWS_FEW, ROWS_MAX = 200, 10_000
"""Orders of a quiet day, and so many of a busy one at most."""
KEPT_S = 2.0
Rows = Sequence[dict[str, Any]]


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """One figure that an exchange watches, of the symbol that is nearest to its limit.

    Attributes:
        venue: `upbit` or `binance`.
        name: what is watched.
        symbol: `BTC-KRW` or `BTCUSDT`; empty if nothing was sent.
        now: decimal text; null if it is not known.
        limit: decimal text.
        limit_of: `exchange`: published there; `ours`: the exchange tells no figure.
        orders: what `now` is a part of, where it is a part of orders.
        judged_from: below so many `orders` it does not count.
        is_judged: it counts.
        unknown: why `now` is not known: `no_volume`, `no_price`; else empty.
    """

    venue: str
    name: str
    symbol: str
    now: str | None
    limit: str
    limit_of: LimitOf
    orders: int | None
    judged_from: int | None
    is_judged: bool
    unknown: str


@dataclass(slots=True)
class Surveillance:
    """One look for all pages that are open.

    Args:
        reader: of the store.
        live_file: where the engine tells its prices.
        volumes: what everybody traded.
    """

    reader: Reader
    live_file: Path
    volumes: MarketVolumes
    _seen: tuple[float, list[Watched]] | None = field(default=None, init=False)
    _one: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def ask(self) -> list[Watched]:
        """As it stands now, or stood a moment ago.

        Raises:
            StoreUnavailable: the store cannot be read.
        """
        loop = asyncio.get_running_loop()
        async with self._one:
            if self._seen is None or loop.time() - self._seen[0] >= KEPT_S:
                self._seen = (loop.time(), [_told(one) for one in await self._look()])
            return self._seen[1]

    async def _look(self) -> list[WatchedFigure]:
        now = SystemClock().now()
        traded = _traded(await _newest(self.reader, "v_fills", "at", first_minute(now)))
        live = await asyncio.to_thread(read_live, self.live_file)
        prices = () if live is None else live.prices
        return watched_figures(
            sent_orders(await _newest(self.reader, "v_orders", "created_at", now - DAY)),
            now=now,
            traded=traded,
            volumes=self.volumes.ask(traded, now),
            prices_usdt={hedge_symbol(price.base): price.hedge_usdt for price in prices},
        )


async def _newest(reader: Reader, view: str, column: str, begin: datetime) -> Rows:
    """Rows of the time since then; a look costs what was done since, not all there is."""
    rows: Rows = ()
    for limit in (ROWS_FEW, ROWS_MAX):
        rows = await reader.query(view, limit=limit)
        if len(rows) < limit or datetime.fromisoformat(str(rows[-1][column])) < begin:
            break
    return [row for row in rows if datetime.fromisoformat(str(row[column])) >= begin]


def _traded(fills: Rows) -> dict[Market, Decimal]:
    """Base units by market; a fill that another hand caused is ours as well."""
    found: dict[Market, Decimal] = defaultdict(lambda: ZERO)
    for fill in fills:
        found[fill["exchange"], fill["symbol"]] += Decimal(fill["quantity"])
    return dict(found)


def _told(one: WatchedFigure) -> Watched:
    return Watched(
        venue=one.venue,
        name=one.name,
        symbol=one.symbol,
        now=None if one.now is None else f"{one.now:.4f}",
        limit=str(one.limit),
        limit_of=one.limit_of,
        orders=one.orders,
        judged_from=one.judged_from,
        is_judged=one.is_judged,
        unknown=one.unknown,
    )
