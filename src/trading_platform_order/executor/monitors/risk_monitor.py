"""The shell of everything that watches while a position is open. Decisions are in ``risk``.

Every half second it looks at prices, orders and the stop's conditions; every few seconds, while
anything is held, it reads both exchanges. What follows goes through the normal ways: the latch, and
an EXIT signal of the engine's own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from decimal import Decimal
from functools import partial

from trading_platform_order.domain.account.recent_activity import OpenPair
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.hindrances.order_access import Access
from trading_platform_order.domain.market import ANY_SOURCE, PairView
from trading_platform_order.domain.order import Leg, OrderSide
from trading_platform_order.domain.trade.closing import CloseKind
from trading_platform_order.domain.trade.orders.tradable import tradable_quantity
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.value import value
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.account.closing_prices import ClosingPrices
from trading_platform_order.executor.account.order_access.order_access_monitor import (
    OrderAccessMonitor,
)
from trading_platform_order.executor.monitors.deadline_monitor import DeadlineMonitor
from trading_platform_order.executor.monitors.emergency_stop_status import EmergencyStopStatus
from trading_platform_order.executor.monitors.engine_exits import ExitHooks, OwnExits, pair_alert
from trading_platform_order.executor.monitors.margin_watch import MarginWatch
from trading_platform_order.executor.monitors.position_monitor import IsTold, PositionMonitor
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.risk.monitors import taken_back
from trading_platform_order.risk.monitors.emergency_stop import Condition, StopReading, holding
from trading_platform_order.risk.monitors.monitor_limits import MonitorLimits
from trading_platform_order.risk.monitors.stop_loss import StopLossWatch, is_young, loss_fraction
from trading_platform_order.risk.monitors.unresolved import UnresolvedWatch
from trading_platform_order.transport.running_time import RunningTime

FX_MOVED = Decimal("0.001")
CENT = Decimal("0.01")
LOOK_AGAIN_S = 0.1
"""Pause before a loss that was just seen is looked at again: newer books confirm it or not."""

QUIET_LOOK_S = 0.5
"""The shortest pause while nothing is held and no trade runs: what changes then is a stop that
another process sets, and that blocks entries within a second all the same."""

LOOK_AGAIN_FOR_S = 1.0
"""So long after it was seen; then at the usual pace."""


@value
class MonitorHooks:
    """What the monitors see of the trades, and what they may ask for.

    Attributes:
        exits: where closes are handed in.
        running_trades: those that have not ended.
        wake: learn what other processes wrote: the latch above all.
        latch: set the emergency stop, and let nothing that runs add exposure.
    """

    exits: ExitHooks
    running_trades: Callable[[], Iterable[PairTrade]]
    wake: Callable[[], Awaitable[None]]
    latch: Callable[[str], Awaitable[None]]


class Monitors:
    """Looks until cancelled."""

    def __init__(
        self,
        *,
        hooks: MonitorHooks,
        account: AccountService,
        ports: ExecutorPorts,
        limits: MonitorLimits,
        access: OrderAccessMonitor,
        prices: ClosingPrices,
        is_told: IsTold,
        is_frozen: Callable[[str], bool],
        running_time: RunningTime,
    ) -> None:
        """Nothing is looked at yet.

        Args:
            hooks: what the trades are seen by, and where closes are handed in.
            account: the account's figures.
            ports: the world outside.
            limits: what is watched for.
            access: whether the exchanges take orders.
            prices: what an asked-for close goes by.
            is_frozen: a book of this base asset stands still while the other leg moves.
            is_told: whether executions by another hand explain a missing short.
            running_time: the time in which this process runs.
        """
        self._is_frozen = is_frozen
        self._hooks = hooks
        self._account = account
        self._ports = ports
        self._limits = limits
        self._access = access
        self._prices = prices
        self._board = EmergencyStopStatus(ports)
        self._exits = OwnExits(hooks=hooks.exits, ports=ports, limits=limits)
        self._running_time = running_time
        self._positions = PositionMonitor(
            account=account,
            ports=ports,
            mismatch_persist_s=limits.mismatch_persist_s,
            running_time=self._running_time,
            is_told=is_told,
        )
        self._losses = StopLossWatch()
        self._unresolved = UnresolvedWatch()
        self._margin = MarginWatch(
            account=account,
            ports=ports,
            limits=limits,
            access=access,
            exits=self._exits,
            told=self._positions,
            reduce_both=partial(self._close_or_wait, cause="margin"),
        )
        self._deadlines = DeadlineMonitor(
            account=account,
            ports=ports,
            exits=self._exits,
            can_be_closed=self._is_closable,
            limits=limits.deadlines,
        )
        self._began_s = self._running_time.seconds()
        self._loss_since_s: float | None = None

    async def run(self) -> None:
        """Serve until cancelled."""
        self._began_s = self._running_time.seconds()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look_often(), name="monitor look")
            group.create_task(self._read_often(), name="monitor account")
            group.create_task(self._deadlines.run(), name="deadlines")

    async def _look_often(self) -> None:
        while True:
            await self.evaluate()
            await asyncio.sleep(self._pause_s())

    def _pause_s(self) -> float:
        if self._has_just_seen_a_loss():
            return LOOK_AGAIN_S
        is_quiet = not self._account.book.held_bases() and not any(self._hooks.running_trades())
        return max(self._limits.look_s, QUIET_LOOK_S) if is_quiet else self._limits.look_s

    async def _read_often(self) -> None:
        while True:
            held = self._account.book.held_bases()
            if await self._board.shown(Condition.POSITION_MISMATCH):
                held |= self._account.watched_bases
            if held:
                await self._positions.read(held, self._hooks.running_trades())
            await asyncio.sleep(self._limits.account_poll_s)

    async def evaluate(self) -> None:
        """One look at everything that needs no question to an exchange."""
        await self._hooks.wake()
        now = self._ports.clock.now()
        self._account.look_at_prices(now)
        await self._account.mark_fx_if_moved(FX_MOVED)
        reading = self._reading(now)
        found = holding(reading, self._limits.stop)
        undecided = self._undecided(reading)
        is_new_loss = self._account.latched_reason is None and Condition.DAILY_LOSS in found
        self._note_loss(is_seen=is_new_loss)
        if is_new_loss and not await self._loss_is_certain():
            del found[Condition.DAILY_LOSS]
            undecided.add(Condition.DAILY_LOSS)
        await self._board.show(found, undecided=undecided)
        if found and self._account.latched_reason is None:
            await self._hooks.latch("; ".join(found.values()))
        await self._mind_pairs(now)
        await self._margin.evaluate(now)

    # -- the emergency stop -----------------------------------------------------------------------

    def _reading(self, now: datetime) -> StopReading:
        book = self._account.book
        day_krw, _ = book.day_and_hour_pnl_krw(now)
        trades = self._hooks.running_trades()
        open_ids = (order.client_order_id for trade in trades for order in trade.unresolved)
        self._unresolved, unresolved_s = self._unresolved.seen(
            open_ids, self._running_time.seconds()
        )
        health = {venue.value: exchange.health for venue, exchange in self._ports.exchanges.items()}
        return StopReading(
            equity_krw=book.capital_krw(),
            day_pnl_krw=day_krw,
            api_errors={name: h.errors_in_a_row for name, h in health.items() if h is not None},
            mismatches=self._positions.lasting,
            manual_flag=self._ports.stop_flag(),
            unresolved_s=unresolved_s,
            is_exposed=bool(book.held_bases()),
            prices_age_s=self._prices_age_s(),
            taken_back=taken_back.stop_words(book.entries, now, self._limits.taken_back),
        )

    def _note_loss(self, *, is_seen: bool) -> None:
        if not is_seen:
            self._loss_since_s = None
        elif self._loss_since_s is None:
            self._loss_since_s = self._ports.clock.boottime()

    def _has_just_seen_a_loss(self) -> bool:
        since_s = self._loss_since_s
        return since_s is not None and self._ports.clock.boottime() - since_s < LOOK_AGAIN_FOR_S

    async def _loss_is_certain(self) -> bool:
        """Prices tell of it by themselves, and no short is gone that nobody has booked yet."""
        return self._prices_tell_of_it() and await self._positions.shorts_are_booked()

    def _prices_tell_of_it(self) -> bool:
        """A leg whose book stands still while the other moves on would be a loss nobody made.

        Where a stream is down every book must have come anew since the loss was first seen: one of
        a moment before the cut is young and tells nothing of the move. Told by the true age, also
        after a gap; books that stay old stop trading by themselves. Only streams count: a book that
        is asked for once a second lags behind the other leg's.
        """
        now_s = self._ports.clock.boottime()
        age_s = self._account.book.prices_age_s(now_s)
        if age_s is None:
            return False
        if self._account.streams_up:
            return age_s <= self._limits.stop_loss.book_age_s_max
        return age_s < now_s - (self._loss_since_s or now_s)

    def _prices_age_s(self) -> float:
        """What lay there before we looked, or stood still, gets its time from now on."""
        watched_s = self._running_time.seconds() - self._began_s
        if self._running_time.since_gap_s() < self._limits.after_gap_s:
            return 0.0
        age_s = self._account.book.prices_age_s(self._ports.clock.boottime())
        return watched_s if age_s is None else min(age_s, watched_s)

    def _undecided(self, reading: StopReading) -> set[Condition]:
        """Conditions that cannot be cleared yet: the figures that would clear them are missing."""
        undecided = set()
        if reading.equity_krw is None:
            undecided.add(Condition.DAILY_LOSS)
        if not self._positions.has_judged:
            undecided.add(Condition.POSITION_MISMATCH)
        return undecided

    # -- pairs ------------------------------------------------------------------------------------

    def _ask_where_silent(self, now: datetime) -> None:
        """What is held has to be valued while a stream tells nothing: its books are asked for."""
        for base in self._account.book.held_bases():
            view = self._ports.market.view(base, now)
            if view is None or not is_young(view, self._limits.stop_loss):
                self._ports.market.ask_for_books(base)

    async def _mind_pairs(self, now: datetime) -> None:
        self._ask_where_silent(now)
        pairs = {(p.strategy, p.base): p for p in self._account.book.positions.pairs()}
        losses = {key: self._loss(pair, now) for key, pair in pairs.items()}
        self._losses, lasting = self._losses.seen(
            losses, self._running_time.seconds(), self._limits.stop_loss
        )
        for key in lasting:
            await self._stop_loss(pairs[key], losses[key])
        if self._must_flatten():
            for pair in pairs.values():
                await self._flatten(pair)
        for pair in pairs.values():
            await self._close_in_place(pair)

    def _loss(self, pair: OpenPair, now: datetime) -> Decimal | None:
        """The pair's loss as a fraction; ``None`` if it says nothing now.

        That is: its prices are old or stand still, something of it is under way, or the limit is
        passed and neither exchange takes an order so small.
        """
        view = self._ports.market.view(pair.base, now, ANY_SOURCE)
        if view is None or not is_young(view, self._limits.stop_loss):
            return None
        if self._is_frozen(pair.base) or not self._hooks.exits.is_free(pair.strategy, pair.base):
            return None
        loss = loss_fraction(pair, view)
        if loss is None or loss < self._limits.stop_loss.of(pair.base):
            return loss
        return loss if _can_be_closed(pair, view) else None

    def _hindrance(self, pair: OpenPair) -> str | None:
        """Where one leg cannot be closed now, if so: the other would be left alone."""
        if pair.spot <= 0 or pair.short <= 0:
            return None  # a leg that stands alone has none to wait for
        gate = self._access.gate(pair.base)
        closed = gate.closed()
        if closed:
            why = "; ".join(gate.why[leg] for leg in closed)
            return f"{why}; both legs are kept until orders are taken"
        if gate.steady_s < gate.settle_s:
            return "orders are taken again; both books must be fresh for some seconds first"
        return None

    async def _close_or_wait(
        self, pair: OpenPair, *, cause: str, alert: Alert, part: Decimal | None = None
    ) -> None:
        """Begin to close, or tell operators why it waits: one leg must not be left alone."""
        if not self._hooks.exits.is_free(pair.strategy, pair.base):
            return  # it is being closed, or something else of it is under way
        kind = CloseKind.STOP_LOSS if cause == "stop-loss" else CloseKind.MARGIN
        hindrance = self._hindrance(pair)
        if hindrance is not None:
            await self._exits.tell_waiting(pair, cause=cause, alert=alert, why=hindrance)
            return
        begun = await self._exits.attempt(pair, cause=cause, kind=kind, alert=alert, part=part)
        gate = self._access.gate(pair.base)
        doubtful = [leg for leg in Leg if gate.of(leg) is Access.DOUBTFUL]
        if begun and doubtful:
            why = "; ".join(
                f"{self._ports.exchanges.venue(leg)}: {gate.why[leg]}: its leg goes first"
                for leg in doubtful
            )
            await self._exits.tell_waiting(pair, cause=cause, alert=alert, why=why)

    async def _stop_loss(self, pair: OpenPair, loss: Decimal | None) -> None:
        limit = self._limits.stop_loss.of(pair.base)
        reason = f"stop-loss: {loss or 0:.2%} lost, limit {limit:.2%}"
        if not self._limits.stop_loss.closes:
            alert = pair_alert(
                AlertKind.STOP_LOSS_REACHED, pair, reason, closes="only if you say so"
            )
            await self._exits.report(pair, cause="stop-loss", alert=alert)
            return
        alert = pair_alert(AlertKind.STOP_LOSS, pair, reason)
        await self._close_or_wait(pair, cause="stop-loss", alert=alert)

    def _must_flatten(self) -> bool:
        if self._account.latched_reason is None:
            return False
        return self._limits.flatten_on_stop or self._account.flatten_is_ordered

    async def _flatten(self, pair: OpenPair) -> None:
        """What an operator or the stop asked for is claimed, then waits by itself if it must."""
        if not self._is_closable(pair):
            return
        reason = f"flattening after the stop: {self._account.stopped_reason}"
        alert = pair_alert(AlertKind.FLATTENING, pair, reason)
        await self._exits.attempt(pair, cause="flatten", kind=CloseKind.ASKED, alert=alert)

    async def _close_in_place(self, pair: OpenPair) -> None:
        """What this engine was started to close in another one's place."""
        why = self._asked_for(pair)
        if why is None or not self._is_closable(pair):
            return
        alert = pair_alert(AlertKind.FLATTENING, pair, why)
        await self._exits.attempt(pair, cause="takeover", kind=CloseKind.ASKED, alert=alert)

    def _asked_for(self, pair: OpenPair) -> str | None:
        """Why a reduce-only engine is to close this pair; ``None`` for any other engine or pair."""
        reduces = self._ports.reduce_only
        return None if reduces is None else reduces.closes(pair.strategy, pair.base)

    def left_to_close(self) -> tuple[str, ...]:
        """Pairs that this engine was started to close and has not, in words."""
        pairs = self._account.book.positions.pairs()
        wanted = (pair for pair in pairs if self._asked_for(pair) and self._is_closable(pair))
        return tuple(f"{pair.strategy} holds {pair.base}" for pair in wanted)

    def _is_closable(self, pair: OpenPair) -> bool:
        """More than dust; without prices it is tried."""
        found = self._prices.view(pair.base)
        return found is None or _can_be_closed(pair, found.view)


def _can_be_closed(pair: OpenPair, view: PairView) -> bool:
    """More than dust: at least one exchange takes an order that closes."""
    if tradable_quantity(view, Leg.SPOT, OrderSide.SELL, max(pair.spot, Decimal(0))) > 0:
        return True
    return tradable_quantity(view, Leg.HEDGE, OrderSide.BUY, max(pair.short, Decimal(0))) > 0
