"""The shell around one pair trade: take an event, apply it, journal it, carry out what follows.

Business rules are in ``domain``; here is only the order of effects, which is the promise: nothing
is sent before its intent is durable, nothing learned is acted on before it is durable
(``trade_log.py``). One task owns the trade.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime

from trading_platform_order.domain.order import (
    Order,
    OrderStatus,
)
from trading_platform_order.domain.outcome import (
    CancelRequested,
    Refused,
    SendOutcome,
)
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import next_step as ns
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.closing import Waits
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.trade.report_events import events_of_outcome
from trading_platform_order.domain.value import value
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.account.closing_prices import ClosingPrices
from trading_platform_order.executor.account.leg_loss.leg_loss import LegLoss
from trading_platform_order.executor.account.order_access.order_access_monitor import (
    OrderAccessMonitor,
)
from trading_platform_order.executor.ports import (
    DECISION_GOOD_S,
    ExecutorPorts,
    ExecutorSettings,
    Explained,
)
from trading_platform_order.executor.trades.evidence.absence_evidence import AccountEvidence
from trading_platform_order.executor.trades.evidence.leg_reads import LegReads
from trading_platform_order.executor.trades.evidence.lost_orders import LostRows
from trading_platform_order.executor.trades.evidence.order_resolver import Resolver, task_name
from trading_platform_order.executor.trades.first_orders import SentOrder
from trading_platform_order.executor.trades.settlement import settled, signal_to_wire_us
from trading_platform_order.executor.trades.time_asleep import Asleep
from trading_platform_order.executor.trades.trade_log import TradeLog
from trading_platform_order.storage.base import StoreBusy
from trading_platform_order.transport.running_time import RunningTime

LONGEST_WAIT_S = 5.0
MARKET_PATIENCE_S = 2.0
"""So long an even entry of before a start waits for prices before its orders are looked up."""


@value
class Started:
    """When the signal came in (monotonic seconds), for the time from signal to wire."""

    monotonic: float


class TradeRunner:
    """Runs one trade until it is settled or halted."""

    def __init__(
        self,
        *,
        trade: PairTrade,
        ports: ExecutorPorts,
        settings: ExecutorSettings,
        account: AccountService,
        access: OrderAccessMonitor,
        prices: ClosingPrices,
        started: Started | None = None,
        on_orders: Callable[[PairTrade], None],
        on_waits_changed: "Callable[[TradeRunner, Waits | None], None]",
        may_go_on: "Callable[[TradeRunner], bool]",
        running_trades: Callable[[], Sequence[PairTrade]],
        leg_loss: LegLoss,
        running_time: RunningTime,
        lost_rows: LostRows | None = None,
    ) -> None:
        """A runner that does nothing yet.

        Args:
            trade: what is to be run, all of it durable.
            ports: the world outside.
            settings: of the executor.
            account: the ledger, and the lock under which it is booked.
            access: whether both exchanges take orders; it hears what came of each order.
            prices: what a close, or a pair with uneven legs, goes by.
            started: when the signal came in; ``None`` for a trade that goes on.
            on_orders: told when the trade has planned new orders.
            on_waits_changed: told when the runner can send nothing, and why; with ``None`` as soon
                as it can again.
            may_go_on: returns whether a runner that waited may send again: only while nothing else
                of its strategy is under way in the same base asset.
            running_trades: returns all trades that have not ended, this one among them.
            leg_loss: knows of legs that are gone without an order of a trade.
            running_time: the seconds in which this process ran.
            lost_rows: set if the trade may have sent orders whose rows the journal lost.
        """
        self._ports = ports
        self._settings = settings
        self._account = account
        self._book = account.book
        self._access = access
        self._prices = prices
        self._on_waits_changed = on_waits_changed
        self._may_go_on = may_go_on
        self._evidence = AccountEvidence(
            book=account.book, leg_loss=leg_loss, exchanges=ports.exchanges, trades=running_trades
        )
        self._started = started
        self._asleep = Asleep(running_time, ports.clock.boottime)
        self._lost_rows = lost_rows
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._log = TradeLog(trade=trade, ports=ports, book=account.book, on_orders=on_orders)
        self._reads = LegReads(
            log=self._log,
            ports=ports,
            settings=settings,
            evidence=self._evidence,
            leg_loss=leg_loss,
        )
        self._resolver = Resolver(
            log=self._log,
            access=access,
            ports=ports,
            settings=settings,
            explain=self._explain,
        )
        self._group: asyncio.TaskGroup | None = None
        #: why it can send nothing now; ``None`` while it can
        self.waits_for: Waits | None = None

    @property
    def trade(self) -> PairTrade:
        """The trade as it stands, all of it durable."""
        return self._log.trade

    def post(self, events: tuple[te.TradeEvent, ...]) -> None:
        """Hand in what was learned; applied in order of arrival."""
        self._log.post(events)

    def resync(self) -> None:
        """A private stream came back: whatever it may have missed is asked for."""
        for order in (*self.trade.unresolved, *self.trade.awaiting_fills):
            self._look_up(order)

    async def run(
        self, to_send: tuple[Order, ...] = (), sent: tuple[SentOrder, ...] = ()
    ) -> PairTrade:
        """Send these orders (their intents are durable), then see the trade to its end.

        Those that are on their way already, in ``sent``, are waited for alone.

        Returns when its state changes. A halted trade sends nothing: it is asked about until every
        order and fill is known, or an operator resumes it.
        """
        async with asyncio.TaskGroup() as group:
            self._group = group
            self._resolver.is_closing = False
            for one in sent:
                self._spawn(f"send {one.order.client_order_id}", self._answered(one))
            gone = {one.order.client_order_id for one in sent}
            left = tuple(order for order in to_send if order.client_order_id not in gone)
            for order in await self._not_sent_before(left):
                self._spawn(f"send {order.client_order_id}", self._send(order))
            state = self.trade.state
            while self.trade.state is state and self.trade.is_active:
                try:
                    await self._step()
                except StoreBusy:  # nothing was planned: facts first, then it is decided anew
                    await self.take_all()
            # What is still under way (a response nobody needs any more) has no say now. A proof of
            # absence is seen through: on Upbit it may have placed an order it has to cancel.
            self._resolver.is_closing = True
            for name, task in self._tasks.items():
                if name not in self._resolver.proving:
                    task.cancel()
        self._group = None
        return self.trade

    async def take_all(self) -> None:
        """Apply everything handed in so far, without acting on it."""
        await self._log.take_all()

    def leftover(self) -> tuple[te.TradeEvent, ...]:
        """What was handed in and not applied yet."""
        return self._log.leftover()

    async def after_restart(self) -> None:
        """Whatever was pending may or may not have been sent."""
        if self.trade.action is Action.ENTER and not self.trade.is_uneven:
            await self._wait_for_market()
        await self.take_all()
        now = self._ports.clock.now()
        pending = (o for o in self.trade.orders if o.status is OrderStatus.PENDING)
        events = tuple(
            te.OrderUnanswered(
                client_order_id=order.client_order_id,
                reason="the engine restarted before an answer was journalled",
                at=now,
            )
            for order in pending
        )
        await self._log.record(events)

    async def _wait_for_market(self) -> None:
        """What is still wanted of an entry is decided by prices; after a start they come soon."""
        deadline_s = self._ports.clock.monotonic() + MARKET_PATIENCE_S
        while self._ports.clock.monotonic() < deadline_s:
            if self._ports.market.view(self.trade.base, self._ports.clock.now()) is not None:
                return
            await asyncio.sleep(self._settings.poll_first_s)

    # -- one step ---------------------------------------------------------------------------------

    async def _step(self) -> None:
        await self._reads.book()
        now = self._ports.clock.now()
        step = self._next(now)
        before = self.trade
        acts = any(isinstance(command, ns.PlanOrders) for command in step.commands)
        if self.waits_for is not None and not self._may_go_on(self):
            step = replace(step, ask_again_at=now + ns.ASK_AGAIN)
        elif self.waits_for is not None and (acts or self._ledger_moved()):
            await self._go_on_after_waiting()
        else:
            self._note_waits(step.waits)
            for command in step.commands:
                await self._carry_out(command)
        if self.trade is not before:
            return
        wait_s = LONGEST_WAIT_S
        if step.ask_again_at is not None:
            wait_s = min(wait_s, max((step.ask_again_at - now).total_seconds(), 0.001))
        await self._log.take(wait_s)

    def _next(self, now: datetime) -> ns.NextStep:
        trade = self.trade
        gate = self._access.gate(trade.base)
        if trade.action is Action.EXIT or trade.is_uneven:
            found = self._prices.view(trade.base)
            view = None if found is None else found.view
        else:
            view = self._ports.market.view(trade.base, now)
        return ns.next_step(trade, view, now, gate, asleep_s=self._asleep.seconds(trade))

    # -- waiting ----------------------------------------------------------------------------------

    def goes_on(self) -> None:
        """It does not wait any more, or has ended."""
        self._note_waits(None)

    def _note_waits(self, waits: Waits | None) -> None:
        if waits != self.waits_for:
            self.waits_for = waits
            self._on_waits_changed(self, waits)

    async def _go_on_after_waiting(self) -> None:
        """Nobody books anything until the trade follows its ledger and has planned."""
        async with self._account.booking_lock:
            if not self._may_go_on(self):
                return
            self.goes_on()
            await self._follow_ledger()
            step = self._next(self._ports.clock.now())
            self._note_waits(step.waits)
            for command in step.commands:
                await self._carry_out(command)

    def _ledger_moved(self) -> bool:
        """What the strategy holds changed by something else than this trade."""
        trade = self.trade
        if trade.reopened or trade.unresolved or trade.awaiting_fills:
            return False
        return self._book.holding(trade.signal.strategy, trade.base) != trade.holding

    async def _follow_ledger(self) -> None:
        if not self._ledger_moved():
            return
        trade = self.trade
        held = self._book.holding(trade.signal.strategy, trade.base)
        now = self._ports.clock.now()
        events: list[te.TradeEvent] = [te.HoldingFollowed(spot=held.spot, short=held.short, at=now)]
        is_less = held.spot < trade.holding.spot or held.short < trade.holding.short
        if trade.action is Action.ENTER and is_less and not trade.completion_stopped:
            # What another hand or the exchange took is not entered again.
            reason = "another hand took a part of what it had entered"
            events.insert(0, te.CompletionStopped(reason=reason, at=now))
        await self._log.record(tuple(events))

    async def _carry_out(self, command: ns.Command) -> None:  # noqa: C901, PLR0912 - one row each
        now = self._ports.clock.now()
        match command:
            case ns.LookUp():
                if command.order.status is OrderStatus.PENDING:
                    self._access.late(command.order.leg)
                self._look_up(command.order)
            case ns.CancelOrder():
                name = command.order.client_order_id
                await self._log.record(
                    (te.CancelSent(client_order_id=name, reason=command.reason, at=now),)
                )
                self._spawn(f"cancel {name}", self._cancel(command.order))
            case ns.PlanOrders() if self._lost_rows is not None:
                self._spawn("lost rows", self._look_for_lost(self._lost_rows))
            case ns.PlanOrders() if taken := self._taken_ids(command.orders):
                reason = f"another order stands under {taken} already"
                await self._log.record((te.TradeHalted(reason=reason, at=now),))
            case ns.PlanOrders():
                planned = te.OrdersPlanned(orders=command.orders, reason=command.reason, at=now)
                await self._log.record((planned,), patience_s=DECISION_GOOD_S)
                for order in command.orders:
                    self._spawn(f"send {order.client_order_id}", self._send(order))
            case ns.ReadHedgePosition():
                self._spawn("position", self._reads.position())
            case ns.ReadCoins():
                self._spawn("coins", self._reads.coins())
            case ns.CallOperator():
                await self._log.record((te.OperatorCalled(reason=command.reason, at=now),))
            case ns.CallAbout():
                call = te.OrderStillUnresolved(
                    client_order_id=command.order.client_order_id,
                    number=command.number,
                    age_s=command.age_s,
                    reason=self._log.doubt_of(command.order),
                    at=now,
                )
                await self._log.record((call,))
            case ns.Settle():
                await self._log.record(
                    (settled(self.trade, command.outcome, self._signal_to_wire_us(), now),)
                )
            case ns.Halt():
                await self._log.record((te.TradeHalted(reason=command.reason, at=now),))

    def _taken_ids(self, orders: tuple[Order, ...]) -> str:
        """Ids that are used: such an order would not be noted again, and sent all the same."""
        known = {order.client_order_id for order in self.trade.orders}
        names = (order.client_order_id for order in orders)
        return ", ".join(n for n in names if n in known or self._book.orphans.has_id(n))

    def _signal_to_wire_us(self) -> int | None:
        """Microseconds from signal to wire; ``None`` for a trade that went on after a start."""
        if self._started is None:
            return None
        return signal_to_wire_us(self.trade, self._started.monotonic, self._ports.wire_time)

    # -- effects ----------------------------------------------------------------------------------

    def _spawn(self, name: str, tasks: Coroutine[None, None, None]) -> None:
        if self._group is None:
            raise RuntimeError("a trade acts only while it runs")
        self._tasks = {key: task for key, task in self._tasks.items() if not task.done()}
        if name in self._tasks:
            tasks.close()
            return
        self._tasks[name] = self._group.create_task(tasks, name=name)

    def _look_up(self, order: Order) -> None:
        if self._group is not None:
            name = task_name(order.client_order_id)
            self._spawn(name, self._resolver.resolve(order.client_order_id))

    async def _send(self, order: Order) -> None:
        outcome: SendOutcome | None = self._ports.barred(order)
        if outcome is None:
            outcome = await self._ports.exchange_of(order).send(order)
            self._note_outcome(order, outcome)
        self._learn(order, outcome)

    async def _answered(self, sent: SentOrder) -> None:
        outcome = await sent.outcome
        self._note_outcome(sent.order, outcome)
        self._learn(sent.order, outcome)

    def _note_outcome(self, order: Order, outcome: SendOutcome) -> None:
        self._access.note_outcome(order, outcome)
        if isinstance(outcome, Refused) and outcome.hindrance is None:
            self._ports.market.forget_filters(self.trade.base)

    def _learn(self, order: Order, outcome: SendOutcome) -> None:
        events = events_of_outcome(order, outcome, self._ports.clock.now())
        if isinstance(outcome, Refused):
            self._resolver.refused(order.client_order_id, events)
        else:
            self.post(events)

    async def _cancel(self, order: Order) -> None:
        outcome = await self._ports.exchange_of(order).cancel(order)
        if not isinstance(outcome, CancelRequested):
            # Already gone, refused or unanswered: only a look-up tells how the order stands.
            self._look_up(order)

    async def _not_sent_before(self, to_send: tuple[Order, ...]) -> tuple[Order, ...]:
        """Those of these orders that no engine before can have sent.

        Nothing else of the trade goes on meanwhile: a proof of absence would begin beside it.
        """
        lost_rows = self._lost_rows
        while lost_rows is not None and to_send:
            found = await lost_rows.look(self.trade, self._book, to_send)
            if found == ():
                self._lost_rows = lost_rows = None
                continue
            await self._log.record((*self._log.leftover(), *(found or ())))
            unseen = {
                order.client_order_id
                for order in self.trade.orders
                if order.status is OrderStatus.PENDING
            }
            to_send = tuple(order for order in to_send if order.client_order_id in unseen)
            await asyncio.sleep(lost_rows.pause_s)
        return to_send

    async def _look_for_lost(self, lost_rows: LostRows) -> None:
        found = await lost_rows.look(self.trade, self._book)
        if found is None:
            await asyncio.sleep(lost_rows.pause_s)
        elif not found:
            self._lost_rows = None
        self.post(found or ())

    async def _explain(self, order: Order) -> Explained:
        """Whether the exchange holds what it must if this order never happened."""
        return await self._evidence.explain(order, self.trade.base)
