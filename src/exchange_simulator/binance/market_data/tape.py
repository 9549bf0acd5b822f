"""The public trades of each market, and the candles and the day that they make.

Trades of other people are invented: one at each price that a bar tells, ten steps large. Ours are
among them, as takers and as makers. History begins with the process.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

import attrs

from exchange_simulator.binance.errors import Rejection
from exchange_simulator.decimals import ZERO

KEPT = 2_000
FIRST_ID = 5_933_000
_MINUTE_MS = 60_000
_HOUR_MS, _DAY_MS = 60 * _MINUTE_MS, 1_440 * _MINUTE_MS
INTERVALS_MS = {
    **{f"{minutes}m": minutes * _MINUTE_MS for minutes in (1, 3, 5, 15, 30)},
    **{f"{hours}h": hours * _HOUR_MS for hours in (1, 2, 4, 6, 8, 12)},
    **{f"{days}d": days * _DAY_MS for days in (1, 3)},
    "1w": 7 * _DAY_MS,
}
#: weeks begin on Monday, and the epoch was a Thursday
_OFFSETS_MS = {"1w": 4 * _DAY_MS}
MONTH = "1M"


class PublicTrade(NamedTuple):
    """One trade of the market; ``is_buyer_maker``: the seller took."""

    id: int
    price: Decimal
    quantity: Decimal
    time_ms: int
    is_buyer_maker: bool


class Candle(NamedTuple):
    """The trades of one stretch of time, from ``open_ms`` to ``close_ms`` (inclusive)."""

    open_ms: int
    close_ms: int
    trades: tuple[PublicTrade, ...]

    @property
    def open(self) -> Decimal:
        """Price of the first trade, USDT."""
        return self.trades[0].price

    @property
    def high(self) -> Decimal:
        """The highest price, USDT."""
        return max(trade.price for trade in self.trades)

    @property
    def low(self) -> Decimal:
        """The lowest price, USDT."""
        return min(trade.price for trade in self.trades)

    @property
    def close(self) -> Decimal:
        """Price of the last trade, USDT."""
        return self.trades[-1].price

    def volume(self, *, taker_buys: bool = False) -> Decimal:
        """Base asset; ``taker_buys``: only what a taker bought."""
        return sum((trade.quantity for trade in self._of(taker_buys=taker_buys)), ZERO)

    def quote(self, *, taker_buys: bool = False) -> Decimal:
        """USDT; ``taker_buys``: only what a taker bought."""
        chosen = self._of(taker_buys=taker_buys)
        return sum((trade.price * trade.quantity for trade in chosen), ZERO)

    def _of(self, *, taker_buys: bool) -> Iterable[PublicTrade]:
        return (trade for trade in self.trades if not (taker_buys and trade.is_buyer_maker))


@attrs.define(kw_only=True, eq=False, repr=False)
class Tape:
    """All markets' trades; ``tell`` hears of each one, with its symbol."""

    _now_ms: Callable[[], int]
    _tell: Callable[[str, PublicTrade], None]
    _made: defaultdict[str, int] = attrs.field(factory=lambda: defaultdict(int), init=False)
    _trades: defaultdict[str, deque[PublicTrade]] = attrs.field(
        factory=lambda: defaultdict(lambda: deque(maxlen=KEPT)), init=False
    )

    def add(self, symbol: str, price: Decimal, quantity: Decimal, is_buyer_maker: bool) -> None:
        """Somebody traded."""
        self._made[symbol] += 1
        trade = PublicTrade(
            id=FIRST_ID + self._made[symbol],
            price=price,
            quantity=quantity,
            time_ms=self._now_ms(),
            is_buyer_maker=is_buyer_maker,
        )
        self._trades[symbol].append(trade)
        self._tell(symbol, trade)

    def trades(self, symbol: str) -> Sequence[PublicTrade]:
        """Oldest first."""
        return self._trades[symbol]

    def candles(self, symbol: str, interval: str) -> list[Candle]:
        """Oldest first; a stretch without a trade has none.

        Raises:
            Rejection: -1120 for an interval that there is not.
        """
        if interval != MONTH and interval not in INTERVALS_MS:
            raise Rejection(-1120, "Invalid interval.")
        groups = groupby(self._trades[symbol], key=lambda trade: _bounds(trade.time_ms, interval))
        return [Candle(*bounds, tuple(trades)) for bounds, trades in groups]

    def day(self, symbol: str) -> Candle | None:
        """The last 24 hours; ``None`` without a trade."""
        now_ms = self._now_ms()
        recent = [one for one in self._trades[symbol] if one.time_ms > now_ms - _DAY_MS]
        return Candle(now_ms - _DAY_MS, now_ms, tuple(recent)) if recent else None


def _bounds(time_ms: int, interval: str) -> tuple[int, int]:
    if interval == MONTH:
        at = datetime.fromtimestamp(time_ms / 1_000, UTC)
        first = datetime(at.year, at.month, 1, tzinfo=UTC)
        after = datetime(at.year + at.month // 12, at.month % 12 + 1, 1, tzinfo=UTC)
        return round(first.timestamp() * 1_000), round(after.timestamp() * 1_000) - 1
    length_ms, offset_ms = INTERVALS_MS[interval], _OFFSETS_MS.get(interval, 0)
    start_ms = (time_ms - offset_ms) // length_ms * length_ms + offset_ms
    return start_ms, start_ms + length_ms - 1
