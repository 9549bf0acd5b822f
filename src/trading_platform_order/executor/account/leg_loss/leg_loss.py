"""Notices that one leg is gone without an order of a trade, books it, and has the other one closed.

What is heard (a foreign order on the private stream, a position or balance that is smaller than
ours, the reconciler's difference) only raises a suspicion. Nothing is booked before the exchange
itself was asked while no trade of that base asset was under way, so that nothing in flight is taken
for it. Asking holds up nobody: what was read while a trade began is thrown away and read again, and
only the booking keeps closes out. Then, in this order:

1. the executions are journalled with price and fee, each strategy's share (one commit);
2. the EXITs that close the other leg are claimed and run next.

A crash between the two is mended at the next start: the EXITs follow from the journalled event.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import attrs

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill, Leg, Position, hedge_symbol, leg_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.protection import leg_loss
from trading_platform_order.domain.signal import Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.value import value
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.account.leg_loss.leg_bookings import LegBookings
from trading_platform_order.executor.account.leg_loss.leg_loss_booker import (
    LegLossBooker,
    LostQuantity,
)
from trading_platform_order.executor.account.leg_loss.told_by_stream import ToldByStream
from trading_platform_order.executor.journal.trade_history import TradeHistory
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings

Answer = TypeVar("Answer")

LOOKS = 5
"""How often both exchanges are asked about one suspicion, the pauses doubling from the first."""

LOOK_S = 2.0
"""For so long a look waits for an answer: behind it waits the next suspicion of the asset."""

WATCH_POLLS = 5
"""While no stream tells of it each asset that is held is looked at once in so many polls, and never
more than one in a poll: the exchanges' limits are kept however many are held."""
WATCH_POLLS_MAX = 60
GLANCE_S = 0.9
"""For so long, before the first read is repeated: an exchange that is away gathers few errors."""

_LEAD = timedelta(hours=1)
_LONGEST = timedelta(days=6)


@value
class LegLossHooks:
    """What is known of the trades, and what is asked for around a base asset.

    Attributes:
        trades: those in memory, by id; settled ones of long ago are not.
        unsettled: those that are not settled.
        history: brings trades of long ago into memory.
        trade_of: the trade in memory that an order of ours belongs to.
        hand_late: news of a trade that had ended.
        request_position_check: of this asset, as soon as nothing of it is under way.
        begun: how often something of this asset was begun.
        alone: keeps closes of this asset out; false if a trade of it runs, or began since that
            number.
        begin_next: claims a close of our own and runs it before all others of its strategy.
    """

    trades: Callable[[], Mapping[str, PairTrade]]
    unsettled: Callable[[], Iterable[PairTrade]]
    history: TradeHistory
    trade_of: Callable[[str], str | None]
    hand_late: Callable[[str, tuple[te.TradeEvent, ...]], None]
    request_position_check: Callable[[str], None]
    begun: Callable[[str], int]
    alone: Callable[[str, int], AbstractAsyncContextManager[bool]]
    begin_next: Callable[[Signal], Awaitable[None]]


@value
class _Since:
    """A moment before something was read.

    Attributes:
        begun: how often something of the asset had begun.
        booked: how often something of it had been booked.
    """

    begun: int
    booked: int


@attrs.define(kw_only=True, eq=False, repr=False)
class LegLoss:
    """Watches both legs of every base asset.

    Attributes:
        bookings: keeps what is gone from being booked twice.
    """

    _hooks: LegLossHooks
    _account: AccountService
    _ports: ExecutorPorts
    _settings: ExecutorSettings
    _booker: LegLossBooker
    _doubts: set[str] = attrs.field(factory=set, init=False)
    _told: ToldByStream = attrs.field(factory=ToldByStream, init=False)
    bookings: LegBookings = attrs.field(factory=LegBookings, init=False)

    # -- suspicion ---------------------------------------------------------------------------------

    def position_told(self, base: str, short: Decimal, *, is_busy: bool) -> bool:
        """The stream told a position; whether it is smaller than ours, and so looked into."""
        self._told.note_quantity(base, Leg.HEDGE, short, begun=self._hooks.begun(base))
        is_less = not is_busy and short < self._short(base)
        if is_less:
            self._hooks.request_position_check(base)
        return is_less

    def balance_told(self, base: str, total: Decimal, *, is_busy: bool) -> None:
        """The stream told a balance; a smaller one than what we own is looked into."""
        self._told.note_quantity(base, Leg.SPOT, total, begun=self._hooks.begun(base))
        if not is_busy and total < self._owned(base):
            self._hooks.request_position_check(base)

    def executions_told(self, base: str, fills: Iterable[Fill]) -> None:
        """The stream told of an order on the hedge that is no trade's."""
        self._told.note_executions(base, fills)
        self._hooks.request_position_check(base)

    def trade_ended(self, base: str) -> None:
        """What was told while a trade ran is held against what the trade left."""
        short = self._told.take_quantity(base, Leg.HEDGE)
        coins = self._told.take_quantity(base, Leg.SPOT)
        is_less = short is not None and short < self._short(base)
        if is_less or (coins is not None and coins < self._owned(base)):
            self._hooks.request_position_check(base)

    def _short(self, base: str) -> Decimal:
        shorts = self._account.book.ledger.shorts
        return shorts[base].quantity if base in shorts else ZERO

    def _owned(self, base: str) -> Decimal:
        return self._account.book.ledger.owned_coins(base)

    async def run(self) -> None:
        """Begin the EXITs that are due, then have each doubtful base asset compared again."""
        while True:
            await self.begin_owed()
            await asyncio.sleep(self._settings.command_poll_s)
            for base in sorted(self._doubts):
                self._hooks.request_position_check(base)

    async def watch(self, leg: Leg) -> None:
        """While no stream tells of a leg, look at what is held of it, one asset after the other.

        An exchange that does not answer either is asked ever more rarely: as soon as its stream is
        back, everything is compared anyhow.
        """
        poll_s, polls = self._settings.command_poll_s, WATCH_POLLS
        for turn in itertools.count():
            await asyncio.sleep(poll_s * polls)
            held = sorted(self._account.book.held_bases())
            if self._account.is_stream_up(leg) or not held:
                polls = WATCH_POLLS
                continue
            base = held[turn % len(held)]
            answer = await self._position(leg, base, within_s=GLANCE_S)
            if isinstance(answer, ReadFailed):
                polls = min(2 * polls, WATCH_POLLS_MAX)
                continue
            polls = max(WATCH_POLLS // len(held), 1)
            ours = self._owned(base) if leg is Leg.SPOT else self._short(base)
            there = answer.quantity if leg is Leg.SPOT else -answer.quantity
            if there < ours:
                self._hooks.request_position_check(base)

    async def begin_owed(self) -> None:
        """Begin every EXIT that a journalled event asks for and that was not begun yet."""
        for signal in self._account.book.leg_loss.owed(self._ports.clock.now()):
            await self._hooks.begin_next(signal)

    # -- the check --------------------------------------------------------------------------------

    async def book_told(self, base: str) -> None:
        """Book what the stream alone explains, and begin the EXITs; nothing is read before.

        Position and executions may come in either order; until both are there nothing is said.
        """
        since = _Since(begun=self._hooks.begun(base), booked=self.bookings.count(base))
        short = self._told.quantity(base, Leg.HEDGE, begun=since.begun)
        if short is None:
            return
        missing = min(self._short(base) - short, self._short(base))
        told = self._told.executions(base, since=self._since_last_trade(base))
        found = self._explained(missing, self.external_executions(told))
        if 0 < missing == found.quantity and await self._book_hedge_alone(base, found, since):
            await self.begin_owed()

    async def check(self, base: str) -> None:
        """Ask both exchanges; book what is gone and begin the EXITs."""
        self._doubts.discard(base)
        if not self._account.book.is_open:
            return
        begun = self._hooks.begun(base)
        since = _Since(begun=begun, booked=self.bookings.count(base))
        # At once: an exchange that does not answer holds up what the other one says.
        hedge, coins = await asyncio.gather(self._hedge(base, since), self._coins(base, begun))
        if hedge is None or coins is None:
            self._doubts.add(base)
        await self.begin_owed()

    async def _hedge(self, base: str, since: _Since) -> bool | None:
        """Whether something was booked; ``None`` while nothing can be said."""
        seen: list[Decimal] = []  # what was missing, and no execution that was read explains it
        for pause_s in self._pauses():
            answer = await self._position(Leg.HEDGE, base)
            if isinstance(answer, ReadFailed):
                return None
            missing = min(self._short(base) + answer.quantity, self._short(base))
            if missing <= 0:
                return False
            seen.append(missing)
            closings = await self._answered(self.closings(base))
            if not isinstance(closings, ReadFailed):
                if self._late_fills(closings):
                    return False
                found = self._explained(missing, closings)
                if found.fills:
                    is_booked = await self._book_hedge_alone(base, found, since)
                    self._hooks.request_position_check(base)  # there may be more
                    return is_booked
            await asyncio.sleep(pause_s)
        return await self._without_executions(base, seen, since)

    async def _without_executions(
        self, base: str, seen: list[Decimal], since: _Since
    ) -> bool | None:
        """Whether something was booked by the position alone; ``None`` while nothing can be said.

        It is evidence if it stays the same and nothing of ours explains it. Executions that cannot
        be read are not waited for: they would say at which price the leg went, and until then the
        other one stands alone.
        """
        agreed = set(seen)
        if len(seen) < LOOKS - 1 or len(agreed) > 1:
            return None
        if self._is_unresolved(base, Leg.HEDGE):
            return False  # an order of ours may be the reason: it is asked about already
        return await self._book_hedge_alone(base, LostQuantity(quantity=agreed.pop()), since)

    async def _book_hedge_alone(
        self, base: str, missing: LostQuantity, since: _Since
    ) -> bool | None:
        """True once booked; ``None`` if a trade runs or ran since: what was read is too old."""
        async with self._hooks.alone(base, since.begun) as is_alone:
            if not is_alone:
                return None
            with self.bookings.booking(base, since.booked) as is_current:
                if not is_current:
                    return None
                await self._booker.book_hedge(base, missing)
                return True

    async def _position(
        self, leg: Leg, base: str, *, within_s: float = LOOK_S
    ) -> Position | ReadFailed:
        read = self._ports.exchanges.of(leg).position(leg_symbol(leg, base))
        return await self._answered(read, within_s=within_s)

    async def _answered(
        self, read: Awaitable[Answer | ReadFailed], *, within_s: float = LOOK_S
    ) -> Answer | ReadFailed:
        """What an exchange says; one that lets us wait is asked anew by the next look."""
        try:
            async with asyncio.timeout(within_s):
                return await read
        except TimeoutError:
            return ReadFailed(reason=f"not answered in {within_s} s")

    def _pauses(self) -> list[float]:
        return [self._settings.poll_first_s * 2**number for number in range(LOOKS)]

    def _is_unresolved(self, base: str, leg: Leg) -> bool:
        """What an order did, or a fill on this leg that nobody told yet, may be the reason."""
        trades = [t for t in self._hooks.unsettled() if t.base == base]
        return any(t.unresolved or any(o.leg is leg for o in t.awaiting_fills) for t in trades)

    def _late_fills(self, closings: tuple[Fill, ...]) -> bool:
        """An order of ours that had been given up was filled after all: its trade is told."""
        is_ours = False
        for fill in closings:
            trade_id = self._hooks.trade_of(fill.client_order_id)
            if trade_id is not None:
                is_ours = True
                at = self._ports.clock.now()
                self._hooks.hand_late(trade_id, (te.FillSeen(fill=fill, at=at),))
        return is_ours

    def _explained(self, missing: Decimal, closings: tuple[Fill, ...]) -> LostQuantity:
        fills = leg_loss.taken(missing, closings, self._account.book.leg_loss.booked)
        return LostQuantity(quantity=sum((fill.quantity for fill in fills), ZERO), fills=fills)

    async def closings(self, base: str, *, is_recent: bool = True) -> tuple[Fill, ...] | ReadFailed:
        """Executions of the hedge that no trade of ours has booked.

        ``is_recent``: since the last trade began; else as far back as can be asked for, because
        what another hand opened may stand for days.
        """
        symbol, now = hedge_symbol(base), self._ports.clock.now()
        since = self._since_last_trade(base) if is_recent else now - _LONGEST
        known = self._booked(base)
        read = await self._ports.exchanges.hedge.executions(symbol, since=since, known=known)
        found = self._told.beside(base, read, since=since)
        if isinstance(found, ReadFailed):
            return found
        # Trades of long ago have left memory, and their fills are no news.
        await self._hooks.history.recall_orders(fill.client_order_id for fill in found)
        known = self._booked(base)
        return tuple(fill for fill in found if fill.trade_id not in known)

    def _since_last_trade(self, base: str) -> datetime:
        now = self._ports.clock.now()
        last = self._hooks.history.opened_at(base) or now
        return max(now - _LONGEST, last - _LEAD)

    def _booked(self, base: str) -> set[str]:
        """The exchange's trade ids of the hedge's fills, as far as their trades are in memory."""
        symbol = hedge_symbol(base)
        trades = (trade for trade in self._hooks.trades().values() if trade.base == base)
        return {fill.trade_id for trade in trades for fill in trade.fills if fill.symbol == symbol}

    def foreign(self, missing: Decimal, closings: tuple[Fill, ...]) -> tuple[Fill, ...]:
        """Those executions by another hand that explain a missing short of a running trade."""
        return leg_loss.taken(
            missing, self.external_executions(closings), self._account.book.leg_loss.booked
        )

    def external_executions(self, executions: tuple[Fill, ...]) -> tuple[Fill, ...]:
        """Those by another hand."""
        trade_of = self._hooks.trade_of
        return tuple(fill for fill in executions if trade_of(fill.client_order_id) is None)

    async def is_told(self, base: str, missing: Decimal) -> bool:
        """Whether executions by another hand explain so much less of a short.

        That is no riddle, and it is booked and followed as soon as no trade of the asset runs.
        """
        closings = await self.closings(base)
        if isinstance(closings, ReadFailed):
            return False
        return sum((f.quantity for f in self.foreign(missing, closings)), ZERO) >= missing

    async def coins_are_settled(self, base: str) -> bool:
        """Book the coins that are gone; false while Upbit does not answer, or not twice the same.

        Only while no order of the asset is open or unknown.
        """
        return await self._coins(base, None) is not None

    async def _coins(self, base: str, begun: int | None) -> bool | None:
        """Whether coins were booked as gone; ``None`` while nothing can be said.

        ``begun``: how often something of the asset had begun before; a trade that began since makes
        what was read worthless. ``None``: the caller keeps trades out.
        """
        seen: list[Decimal] = []
        owned, booked = self._owned(base), self.bookings.count(base)
        for pause_s in self._pauses():
            answer = await self._position(Leg.SPOT, base)
            if isinstance(answer, ReadFailed):
                return None
            missing = self._owned(base) - answer.quantity
            if missing <= 0:
                return False
            seen.append(missing)
            await asyncio.sleep(pause_s)
        # A trade may have sold meanwhile: what its order took is not gone besides.
        is_same = len(set(seen)) == 1 and self._owned(base) == owned
        if len(seen) < LOOKS - 1 or not is_same:
            return None
        if self._is_unresolved(base, Leg.SPOT):
            return False
        if begun is None:
            return await self._book_coins(base, seen[-1], booked)
        async with self._hooks.alone(base, begun) as is_alone:
            return await self._book_coins(base, seen[-1], booked) if is_alone else None

    async def _book_coins(self, base: str, missing: Decimal, booked: int) -> bool | None:
        """True once it is booked; ``None`` while no price says what the coins were worth.

        ``None`` also if something was booked since ``booked``: what was read is too old.
        """
        price_krw = self._booker.coins_price_krw(base)
        if price_krw is None:
            return None
        with self.bookings.booking(base, booked) as is_current:
            if not is_current:
                return None
            await self._booker.book_coins(base, missing, price_krw)
            return True
