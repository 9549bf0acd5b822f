"""Reads both exchanges while anything is held: positions for the mismatch, margin for the distance.

Nothing is judged here; an exchange that does not answer leaves the last reading as it was.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping
from decimal import Decimal

from trading_platform_order.domain.money import ONE, ZERO
from trading_platform_order.domain.order import Leg, Position, hedge_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.value import value
from trading_platform_order.exchanges.account_snapshot import read_account
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.risk.monitors.mismatch import (
    SEEN_MIN,
    Counted,
    MismatchWatch,
    differences,
)
from trading_platform_order.transport.running_time import RunningTime

ASKED_S = 1.0
"""So long a stop waits for a word of Binance on the position before it is set."""

FINDER = "positions"

IsTold = Callable[[str, Decimal], Awaitable[bool]]
"""Whether executions by another hand explain so much less of a base asset's short."""


@value
class _Ours:
    coins: Decimal
    short: Decimal
    flight_coins: Decimal
    flight_short: Decimal


class PositionMonitor:
    """The last reading of both exchanges, and how long they have differed from us.

    Attributes:
        lasting: differences that persist, in words.
        told_distance: to the nearest liquidation price that Binance told.
        silent: exchanges that did not answer when they were read last.
    """

    def __init__(
        self,
        *,
        account: AccountService,
        ports: ExecutorPorts,
        mismatch_persist_s: float,
        running_time: RunningTime,
        is_told: IsTold,
    ) -> None:
        """``running_time``: the time in which we run and look."""
        self._account = account
        self._running_time = running_time
        self._ports = ports
        self._persist_s = mismatch_persist_s
        self._is_told = is_told
        self._watch = MismatchWatch()
        self._reads = 0
        self._less_from_s = self._less_asked_s = -math.inf
        self.lasting: tuple[str, ...] = ()
        self.told_distance: Decimal | None = None
        self._reported_marks: dict[str, tuple[Decimal, float]] = {}

    def reported_mark(self, base: str, age_s_max: float) -> Decimal | None:
        """The price in USDT at which Binance valued a position; ``None`` if that is too long ago.

        It is what Binance liquidates by, so it holds good where a coin has no book.
        """
        mark, read_s = self._reported_marks.get(base, (ZERO, -math.inf))
        return mark if self._ports.clock.boottime() - read_s <= age_s_max else None

    @property
    def has_judged(self) -> bool:
        """Enough was read since the start to say that nothing differs."""
        return self._reads >= SEEN_MIN

    async def read(self, bases: Iterable[str], trades: Iterable[PairTrade]) -> None:
        """One look at both exchanges."""
        names, running = sorted(bases), tuple(trades)
        before = self._ours(names, running)
        seen = await read_account(
            self._ports.exchanges, names, on_margin=self._account.on_margin_report
        )
        if seen.positions is not None:
            # Upbit's silence hides no liquidation.
            self.told_distance = _nearest(seen.positions.values())
            now_s = self._ports.clock.boottime()
            self._reported_marks |= {
                base: (position.mark_price, now_s)
                for base, position in seen.positions.items()
                if position.mark_price > 0
            }
        if seen.balances is None or seen.positions is None:
            return
        # Rows of ours that cannot be read are their own symbol's trouble.
        unread = {base: "; ".join(why.values()) for base, why in seen.unread.items()}
        found = {base: unread[base] for base in names if base in unread}
        self._account.troubles.replace_found(FINDER, found)
        # What changed while we read is not the same moment: it says nothing, this time.
        after = self._ours(names, running)
        counts = {
            base: _counted(before[base], seen.balance(base).total, seen.short(base))
            for base in names
            if base not in unread and before[base] == after[base]
        }
        self._account.counted, self._account.counted_at = counts, self._ports.clock.now()
        self._reads += 1
        found = await self._riddles(counts)
        self._watch, self.lasting = self._watch.seen(
            found, self._running_time.seconds(), self._persist_s
        )

    async def shorts_are_booked(self) -> bool:
        """Whether our figures are about positions that Binance still has, asked for now.

        A conditional order of ours that just fired says itself that they are not.

        While an order of ours is unanswered, a short that is gone (by that order, a stop, Binance
        or an operator) is valued at prices that do not concern us any more. That explains a figure
        only for as long as a position may differ, and no silence of Binance does.
        """
        shorts = self._account.book.ledger.shorts
        names = sorted(base for base, short in shorts.items() if short.quantity > 0)
        if not names or not await self._is_short_smaller_there(
            {n: shorts[n].quantity for n in names}
        ):
            return True
        now_s = self._running_time.seconds()
        if now_s - self._less_asked_s > self._persist_s:
            self._less_from_s = now_s
        self._less_asked_s = now_s
        return now_s - self._less_from_s > self._persist_s

    async def _is_short_smaller_there(self, shorts: Mapping[str, Decimal]) -> bool:
        """Whether Binance shows any short smaller than ours; unread, whether our stop fired."""
        symbols = [hedge_symbol(base) for base in shorts]
        try:
            async with asyncio.timeout(ASKED_S):
                read = await self._ports.exchanges.hedge.positions(symbols)
        except TimeoutError:
            read = ReadFailed(reason="no answer in time")
        if isinstance(read, ReadFailed):
            read = (read,) * len(symbols)
        return any(
            self._stop_fired_recently(base)
            if isinstance(position, ReadFailed)
            else -position.quantity < short
            for (base, short), position in zip(shorts.items(), read, strict=True)
        )

    def _stop_fired_recently(self, base: str) -> bool:
        fired_at = self._account.book.stops.fired_at.get(base)
        if fired_at is None:
            return False
        return (self._ports.clock.now() - fired_at).total_seconds() <= self._persist_s

    async def _riddles(self, counts: Mapping[str, Counted]) -> dict[str, str]:
        """The differences that nobody explains; asked only when one has been seen before."""
        found = differences(counts)
        for base in sorted(found):
            counted = counts[base]
            missing = counted.ours_short - counted.theirs_short - counted.flight_short
            is_short_only = counted.theirs_coins >= counted.ours_coins - counted.flight_coins
            may_be_told = base in self._watch.since and is_short_only and missing > 0
            if may_be_told and await self._is_told(base, missing):
                del found[base]
        return found

    def _ours(self, names: list[str], trades: tuple[PairTrade, ...]) -> dict[str, _Ours]:
        ledger = self._account.book.ledger
        return {
            base: _Ours(
                coins=ledger.owned_coins(base),
                short=ledger.shorts[base].quantity if base in ledger.shorts else ZERO,
                flight_coins=_in_flight(trades, base, Leg.SPOT),
                flight_short=_in_flight(trades, base, Leg.HEDGE),
            )
            for base in names
        }


def _counted(ours: _Ours, coins: Decimal, short: Decimal) -> Counted:
    return Counted(
        ours_short=ours.short,
        theirs_short=short,
        ours_coins=ours.coins,
        theirs_coins=coins,
        flight_short=ours.flight_short,
        flight_coins=ours.flight_coins,
    )


def _in_flight(trades: tuple[PairTrade, ...], base: str, leg: Leg) -> Decimal:
    """The most that orders without a known end, or with untold fills, may still change."""
    return sum(
        (
            order.quantity - trade.filled(order)
            for trade in trades
            if trade.base == base
            for order in (*trade.unresolved, *trade.awaiting_fills)
            if order.leg is leg
        ),
        ZERO,
    )


def _nearest(positions: Iterable[Position]) -> Decimal | None:
    distances = [
        position.liquidation_price / position.mark_price - ONE
        for position in positions
        if position.quantity < 0 and position.mark_price > 0 and position.liquidation_price > 0
    ]
    return min(distances, default=None)
