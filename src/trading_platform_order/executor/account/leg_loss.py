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
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from decimal import Decimal

import attrs

from trading_platform_order.domain.market import ANY_SOURCE
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill, Leg, hedge_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.protection import leg_loss
from trading_platform_order.domain.protection.leg_loss import (
    Cause,
    CoinsGone,
    HedgeClosed,
    LegLossEvent,
)
from trading_platform_order.domain.signal import Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.trade.trade_events import DecisionPrices
from trading_platform_order.domain.value import value
from trading_platform_order.exchanges.account_snapshot import balance_of
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.account.heard_executions import HeardExecutions
from trading_platform_order.executor.account.leg_bookings import LegBookings
from trading_platform_order.executor.journal.trade_history import TradeHistory
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.transport.clock import epoch_ms

LOOKS = 5
"""How often both exchanges are asked about one suspicion, the pauses doubling from the first."""

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
class _Missing:
    """What is not there, and by which executions it went.

    Attributes:
        quantity: base units that are to be booked now.
    """

    quantity: Decimal
    fills: tuple[Fill, ...] = ()


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

    ``stops``: the causes that the ids of our own conditional orders stand for.

    Attributes:
        bookings: keeps what is gone from being booked twice.
    """

    _hooks: LegLossHooks
    _account: AccountService
    _ports: ExecutorPorts
    _settings: ExecutorSettings
    _stops: Callable[[], Mapping[str, Cause]]
    _doubts: set[str] = attrs.field(factory=set, init=False)
    _told: dict[tuple[str, Leg], Decimal] = attrs.field(factory=dict, init=False)
    _heard: HeardExecutions = attrs.field(factory=HeardExecutions, init=False)
    bookings: LegBookings = attrs.field(factory=LegBookings, init=False)

    # -- suspicion ---------------------------------------------------------------------------------

    def position_told(self, base: str, short: Decimal, *, is_busy: bool) -> None:
        """The stream told a position; a smaller one than ours is looked into."""
        self._told[base, Leg.HEDGE] = short
        if not is_busy and short < self._short(base):
            self._hooks.request_position_check(base)

    def balance_told(self, base: str, total: Decimal, *, is_busy: bool) -> None:
        """The stream told a balance; a smaller one than what we own is looked into."""
        self._told[base, Leg.SPOT] = total
        if not is_busy and total < self._owned(base):
            self._hooks.request_position_check(base)

    def executions_told(self, base: str, fills: Iterable[Fill]) -> None:
        """The stream told of an order on the hedge that is no trade's."""
        self._heard.note(base, fills)
        self._hooks.request_position_check(base)

    def trade_ended(self, base: str) -> None:
        """What was told while a trade ran is held against what the trade left."""
        short = self._told.pop((base, Leg.HEDGE), None)
        coins = self._told.pop((base, Leg.SPOT), None)
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

    async def begin_owed(self) -> None:
        """Begin every EXIT that a journalled event asks for and that was not begun yet."""
        for signal in self._account.book.leg_loss.owed(self._ports.clock.now()):
            await self._hooks.begin_next(signal)

    # -- the check --------------------------------------------------------------------------------

    async def check(self, base: str) -> None:
        """Ask both exchanges; book what is gone and begin the EXITs."""
        self._doubts.discard(base)
        if not self._account.book.is_open:
            return
        begun = self._hooks.begun(base)
        hedge = await self._hedge(base, _Since(begun=begun, booked=self.bookings.count(base)))
        coins = await self._coins(base, begun)
        if hedge is None or coins is None:
            self._doubts.add(base)
        await self.begin_owed()

    async def _hedge(self, base: str, since: _Since) -> bool | None:
        """Whether something was booked; ``None`` while nothing can be said."""
        seen: list[Decimal] = []  # what was missing, and no execution that was read explains it
        for pause_s in self._pauses():
            answer = await self._ports.exchanges.hedge.position(hedge_symbol(base))
            if isinstance(answer, ReadFailed):
                await asyncio.sleep(pause_s)
                continue
            missing = min(self._short(base) + answer.quantity, self._short(base))
            if missing <= 0:
                return False
            seen.append(missing)
            closings = await self.closings(base)
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
        return await self._book_hedge_alone(base, _Missing(quantity=agreed.pop()), since)

    async def _book_hedge_alone(self, base: str, missing: _Missing, since: _Since) -> bool | None:
        """True once booked; ``None`` if a trade runs or ran since: what was read is too old."""
        async with self._hooks.alone(base, since.begun) as is_alone:
            if not is_alone:
                return None
            with self.bookings.booking(base, since.booked) as is_current:
                if not is_current:
                    return None
                await self._book_hedge(base, missing)
                return True

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

    def _explained(self, missing: Decimal, closings: tuple[Fill, ...]) -> _Missing:
        fills = leg_loss.taken(missing, closings, self._account.book.leg_loss.booked)
        return _Missing(quantity=sum((fill.quantity for fill in fills), ZERO), fills=fills)

    async def closings(self, base: str, *, is_recent: bool = True) -> tuple[Fill, ...] | ReadFailed:
        """Executions of the hedge that no trade of ours has booked.

        ``is_recent``: since the last trade began; else as far back as can be asked for, because
        what another hand opened may stand for days.
        """
        symbol, now = hedge_symbol(base), self._ports.clock.now()
        last = self._hooks.history.opened_at(base) or now
        since = max(now - _LONGEST, last - _LEAD) if is_recent else now - _LONGEST
        known = self._booked(base)
        read = await self._ports.exchanges.hedge.executions(symbol, since=since, known=known)
        found = self._heard.beside(base, read, since=since)
        if isinstance(found, ReadFailed):
            return found
        # Trades of long ago have left memory, and their fills are no news.
        await self._hooks.history.recall_orders(fill.client_order_id for fill in found)
        known = self._booked(base)
        return tuple(fill for fill in found if fill.trade_id not in known)

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
            answer = await self._ports.exchanges.spot.balances()
            row = None if isinstance(answer, ReadFailed) else balance_of(answer, base)
            if row is None:
                await asyncio.sleep(pause_s)
                continue
            there = row.total
            missing = self._owned(base) - there
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

    # -- booking -----------------------------------------------------------------------------------

    async def _book_hedge(self, base: str, missing: _Missing) -> None:
        held = self._held(base, Leg.HEDGE)
        hedge = self._ports.market.instruments(base).get(Leg.HEDGE)
        step = None if hedge is None else hedge.quantity_step
        lost = leg_loss.split(missing.quantity, held, step)
        now = self._ports.clock.now()
        cause = Cause.UNEXPLAINED
        if missing.fills:
            name = missing.fills[-1].client_order_id
            forced = self._ports.exchanges.hedge.forced_by(name)
            cause = leg_loss.cause_of(name, self._stops(), forced)
        event = HedgeClosed(
            event_id=self._event_id(now),
            base=base,
            cause=cause,
            shares=leg_loss.shares_of(lost, missing.fills),
            decision=self._prices(base, missing.fills, now),
            at=now,
        )
        await self._journal(event, cause)

    async def _book_coins(self, base: str, missing: Decimal, booked: int) -> bool | None:
        """True once it is booked; ``None`` while no price says what the coins were worth.

        ``None`` also if something was booked since ``booked``: what was read is too old.
        """
        now = self._ports.clock.now()
        prices = self._account.book.mids.get(base)
        view = self._ports.market.view(base, now, ANY_SOURCE)
        if view is None and prices is None:
            return None
        price = prices[0] if view is None and prices is not None else None
        lost = leg_loss.split(missing, self._held(base, Leg.SPOT), None)
        event = CoinsGone(
            event_id=self._event_id(now),
            base=base,
            shares=leg_loss.shares_of(lost, ()),
            price_krw=view.spot_book.bids[0].price if view is not None else price or ZERO,
            at=now,
        )
        with self.bookings.booking(base, booked) as is_current:
            if not is_current:
                return None
            await self._journal(event, Cause.COINS_GONE)
            return True

    def _held(self, base: str, leg: Leg) -> dict[str, Decimal]:
        holdings = self._account.book.ledger.holdings
        return {
            strategy: held.spot if leg is Leg.SPOT else held.short
            for (strategy, name), held in holdings.items()
            if name == base
        }

    def _event_id(self, now: datetime) -> str:
        return f"{epoch_ms(now)}-{self._account.book.leg_loss.count + 1}"

    def _prices(self, base: str, fills: tuple[Fill, ...], now: datetime) -> DecisionPrices:
        """The market now; where it is not known, the executions' own price."""
        view = self._ports.market.view(base, now, ANY_SOURCE)
        if view is not None:
            return DecisionPrices(
                spot_mid_krw=view.spot_book.mid,
                hedge_mid_usdt=view.hedge_book.mid,
                krw_per_usdt=view.fx.krw_per_usdt,
                fx_source=view.fx.source,
                at=now,
            )
        spot_mid, hedge_mid = self._account.book.mids.get(base, (ZERO, ZERO))
        return DecisionPrices(
            spot_mid_krw=spot_mid,
            hedge_mid_usdt=fills[-1].price if fills else hedge_mid,
            krw_per_usdt=self._account.book.pnl.krw_per_usdt,
            fx_source="the last rate that was seen",
            at=now,
        )

    async def _journal(self, event: LegLossEvent, cause: Cause) -> None:
        if cause.latches:
            # Before the event, so that a crash between the two cannot lose the stop.
            await self._account.latch(f"{event.base}: one leg is gone: {cause.value}")
        await self._account.journal(event, leg_loss.alert_of(event, cause))
        for strategy in dict.fromkeys(share.strategy for share in event.shares):
            await self._account.settled(strategy, event.base)
