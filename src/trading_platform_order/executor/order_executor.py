"""The engine: signals in, hedged or flat pairs out.

Entries of one base asset run one after the other; closes run beside them, one after the other for
each strategy; different assets run side by side. A signal before which nothing stands goes straight
down: intake, admission (claim, size, risk and both intents in one commit, both legs sent right
behind it), trade flow, registry, runner. One that must wait is claimed first, so that it is never
lost, and begun by its symbol's queue. Nothing that only reads stands before a close.

Here the parts are made and joined, started in their order, and met by the rest of the system.

After a start the journal is replayed and every unfinished trade goes on through the same code that
a time-out takes. There is no separate recovery.
"""

import asyncio
from collections.abc import Iterable

from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.account.closing_prices import ClosingPrices
from trading_platform_order.executor.account.order_access.order_access_monitor import (
    OrderAccessMonitor,
)
from trading_platform_order.executor.account.reconciler import Reconciler
from trading_platform_order.executor.guards import Guards
from trading_platform_order.executor.intake.admission.admission import Admission
from trading_platform_order.executor.intake.admission.rehearsal import Rehearsal
from trading_platform_order.executor.intake.close_queue import LOOK_S, CloseQueue
from trading_platform_order.executor.intake.hand_closes import HandCloses
from trading_platform_order.executor.intake.signal_intake import Intake, Receipt
from trading_platform_order.executor.intake.symbol_queue import QueueWork, SymbolQueues
from trading_platform_order.executor.intake.trade_flow import TradeFlow
from trading_platform_order.executor.journal.replay import Replayed
from trading_platform_order.executor.monitors.engine_exits import ExitHooks
from trading_platform_order.executor.monitors.hindrances.hindrance_monitors import HindranceMonitors
from trading_platform_order.executor.monitors.hindrances.order_access_port import OrderAccessPort
from trading_platform_order.executor.monitors.risk_monitor import MonitorHooks, Monitors
from trading_platform_order.executor.periodic_tasks import PeriodicTasks
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.protection.protective_stops import ProtectiveStops
from trading_platform_order.executor.start_progress import StartProgress
from trading_platform_order.executor.task_tracker import TaskTracker
from trading_platform_order.executor.trades.emergency_stop import EmergencyStop
from trading_platform_order.executor.trades.first_orders import FirstOrders
from trading_platform_order.executor.trades.order_sweep import OrderSweep
from trading_platform_order.executor.trades.trade_registry import TradeHooks, TradeRegistry
from trading_platform_order.executor.trades.trade_runner import TradeRunner
from trading_platform_order.storage.base import Claim
from trading_platform_order.transport.running_time import RunningTime


class OrderExecutor:
    """Executes signals of one account."""

    def __init__(
        self, *, ports: ExecutorPorts, settings: ExecutorSettings, replayed: Replayed
    ) -> None:
        self._ports = ports
        self._rehearses = settings.rehearse_every_s > 0
        self._unfated = replayed.unresolved_signals
        self._last_row_at = replayed.last_row_at
        self._account = account = AccountService(ports=ports, settings=settings, book=replayed.book)
        self._tasks = tasks = TaskTracker()
        self._running_time = RunningTime(ports.clock.boottime, settings.monitors.gap_s)
        self._progress = progress = StartProgress()
        #: both exchanges were asked once for whatever rests, or was executed meanwhile
        self.swept = progress.swept
        #: both exchanges are set up as they must be; who sees to that clears it first
        self.prepared = asyncio.Event()
        self.prepared.set()
        self.access = OrderAccessMonitor(
            account=account,
            ports=ports,
            book_age_s_max=settings.limits.book_age_s_max,
            settle_s=settings.settle_s,
        )
        prices = ClosingPrices(
            ports=ports,
            book=account.book,
            book_age_s_max=settings.limits.book_age_s_max,
            slice_krw=settings.limits.order_krw_max,
        )
        # Every part takes those it needs, so they are made from the trades upwards. What lower
        # parts ask of higher ones is joined at the end.
        self._registry = registry = TradeRegistry(
            ports=ports,
            settings=settings,
            account=account,
            access=self.access,
            prices=prices,
            replayed=replayed,
            running_time=self._running_time,
            tasks=tasks,
            progress=progress,
        )
        self._queues = queues = SymbolQueues(
            tasks=tasks, progress=progress, booking_lock=account.booking_lock
        )
        self._stop = stop = EmergencyStop(account=account, registry=registry, clock=ports.clock)
        first_orders = FirstOrders(ports=ports, tasks=tasks)
        admission = Admission(
            ports=ports,
            settings=settings,
            account=account,
            registry=registry,
            queues=queues,
            access=self.access,
            prices=prices,
            first_orders=first_orders,
        )
        #: keeps the way of a signal warm
        self.rehearsal = Rehearsal(
            admission=admission,
            first_orders=first_orders,
            book=account.book,
            booking_lock=account.booking_lock,
            ports=ports,
            settings=settings,
            tasks=tasks,
            tell=account.tell,
        )
        self.closes = CloseQueue(
            queues=queues, registry=registry, ports=ports, admission=admission, account=account
        )
        self._flow = flow = TradeFlow(
            registry=registry, queues=queues, close_queue=self.closes, stop=stop, clock=ports.clock
        )
        self._intake = intake = Intake(
            queues=queues,
            flow=flow,
            progress=progress,
            ports=ports,
            settings=settings,
            admission=admission,
            close_queue=self.closes,
            tasks=tasks,
        )
        self.hand_closes = HandCloses(
            intake=intake, book=account.book, registry=registry, store=ports.store
        )
        self._guards = Guards(
            registry=registry,
            queues=queues,
            intake=intake,
            account=account,
            ports=ports,
            settings=settings,
            tasks=tasks,
        )
        self._periodic = PeriodicTasks(
            registry=registry,
            stop=stop,
            account=account,
            reconciler=Reconciler(
                account=account,
                ports=ports,
                settings=settings,
                activity=registry.activity_counter,
                request_position_check=queues.request_position_check,
            ),
            sweep=OrderSweep(
                registry=registry,
                stop=stop,
                account=account,
                ports=ports,
                settings=settings,
                is_known_elsewhere=lambda name: (
                    replayed.book.stops.knows(name) or ports.aside.knows(name)
                ),
            ),
            ports=ports,
            settings=settings,
            is_idle=queues.is_idle,
            request_position_check=queues.request_position_check,
        )
        self._hindrances = HindranceMonitors(
            account=account,
            ports=ports,
            settings=settings,
            access=OrderAccessPort(
                hindered=self.access.hindered,
                lapsed=self.access.lapsed,
                dead_keys=self.access.dead_keys,
            ),
        )
        self.access.on_refused = self._hindrances.refused
        self.access.on_passed = self.closes.look_now
        self._monitors = Monitors(
            hooks=MonitorHooks(
                exits=ExitHooks(
                    is_free=queues.is_free,
                    only_waits=queues.only_waits,
                    has_begun=registry.has_begun,
                    begin=intake.take,
                ),
                running_trades=registry.running_trades,
                wake=stop.wake,
                latch=stop.latch,
            ),
            account=account,
            ports=ports,
            limits=settings.monitors,
            access=self.access,
            prices=prices,
            is_told=self._guards.leg_loss.is_told,
            is_frozen=self._hindrances.is_frozen,
            running_time=self._running_time,
        )
        registry.join(
            self._guards.leg_loss,
            TradeHooks(
                on_waits_changed=flow.on_waits_changed,
                may_go_on=flow.may_go_on,
                on_halted=stop.trade_halted,
                on_ended=self._guards.trade_ended,
                on_reopened=flow.reopened,
                on_done=flow.done,
            ),
        )
        queues.join(
            QueueWork(close=intake.close_next, check=self._guards.check, enter=intake.enter_waiting)
        )

    # -- what is seen ------------------------------------------------------------------------------

    @property
    def account(self) -> AccountService:
        """The account's figures."""
        return self._account

    @property
    def protective_stops(self) -> ProtectiveStops:
        """The conditional orders of the hedge."""
        return self._guards.protective_stops

    @property
    def hindrances(self) -> HindranceMonitors:
        """What keeps us from trading, beside the limits."""
        return self._hindrances

    @property
    def book(self) -> AccountBook:
        """Ledger and PnL."""
        return self._account.book

    @property
    def trades(self) -> dict[str, PairTrade]:
        """Trades in memory by id, as last made durable: all but settled ones of long ago."""
        return self._registry.trades

    def trade(self, trade_id: str) -> PairTrade | None:
        """One of them."""
        return self._registry.get(trade_id)

    @property
    def running(self) -> int:
        """How many trades are under way."""
        return len(self._registry.runners)

    def running_trades(self) -> Iterable[PairTrade]:
        """Those that have not ended."""
        return self._registry.running_trades()

    @property
    def unsettled(self) -> Iterable[PairTrade]:
        """Those that are not settled, the ones that gave up included."""
        return self._registry.unsettled

    @property
    def is_idle(self) -> bool:
        """Nothing is being executed, resolved or booked, and no close waits."""
        return self._queues.is_idle()

    async def wait_idle(self) -> None:
        """Return once nothing is being executed."""
        while not self.is_idle:
            await self._tasks.wait_idle()
            if not self.is_idle:
                await asyncio.sleep(LOOK_S)

    # -- doors -------------------------------------------------------------------------------------

    async def handle(
        self, signal: Signal, claim: Claim, *, received_s: float | None = None
    ) -> Receipt:
        """Execute a signal once; returns as soon as its claim is durable.

        ``received_s``: when its first byte came, seconds of the stopwatch; now by default.

        Raises:
            StoreUnavailable: it is not known to be claimed; the engine stops.
            RuntimeError: the engine does not run, or stopped meanwhile.
        """
        return await self._intake.handle(signal, claim, received_s=received_s)

    async def wake(self) -> None:
        """Another process wrote something: look now."""
        await self._stop.wake()

    def left_to_close(self) -> tuple[str, ...]:
        """What a reduce-only engine was started to close and has not, in words."""
        return self._monitors.left_to_close()

    def hand_late(self, trade_id: str, events: tuple[te.TradeEvent, ...]) -> None:
        """News of a trade, from whatever source."""
        self._registry.hand_late(trade_id, events)

    # -- life --------------------------------------------------------------------------------------

    async def run(self, ready: asyncio.Event, serving: asyncio.Event | None = None) -> None:
        """Serve until cancelled.

        Args:
            ready: set when both exchanges were swept, and entries are begun.
            serving: set when signals may come and closes are begun.

        Raises:
            StoreUnavailable: the journal cannot be written; trading stops here.
        """
        # Runners are registered before the streams begin: news of an unfinished trade must find
        # its one runner.
        serving = asyncio.Event() if serving is None else serving
        unfinished = self._register_unfinished()
        async with asyncio.TaskGroup() as group:
            self._tasks.belongs_to(group)
            for exchange in self._ports.exchanges.values():
                group.create_task(
                    exchange.run_private_stream(self._guards.news.take),
                    name=f"{exchange.venue} private stream",
                )
            self.access.begin()
            group.create_task(self._running_time.run(), name="running time")
            group.create_task(self.access.run(), name="order access")
            group.create_task(self.closes.run(), name="waiting closes")
            await self._account.begin_latched()
            self._stop.heed()  # an entry of before the restart is not completed any further
            is_certain = self._account.book.is_open and not self._ports.lost_rows_lately
            if is_certain:  # what is owned is known, and no sweep can tell anything else
                self._go_on(group, unfinished, serving)
            if not self._account.book.is_open:
                await self._periodic.open_account()
            # What is free is the entries' business: no close waits until both exchanges tell it.
            figures = group.create_task(self._periodic.open_account(), name="what is free")
            await self._periodic.sweep_first(self._last_row_at)
            if not is_certain:
                self._go_on(group, unfinished, serving)
            self._progress.swept.set()
            await self._periodic.compare_first()
            self._periodic.begin(group)
            self._guards.start(group)
            self._hindrances.start(group)
            await figures
            await self.prepared.wait()
            self._progress.may_enter = True
            self._queues.serve_all()
            if self._rehearses:
                group.create_task(self.rehearsal.run(), name="rehearsal")
            ready.set()

    def _go_on(
        self, group: asyncio.TaskGroup, unfinished: list[TradeRunner], serving: asyncio.Event
    ) -> None:
        """Resume the trades from before the start, let closes begin, and start the monitors."""
        self._progress.may_close = True
        for runner in unfinished:
            self._tasks.start(self._flow.resume(runner), name=f"resume {runner.trade.trade_id}")
        reduces = self._ports.reduce_only
        if reduces is not None:
            self._stop.resume_halted(lambda t: reduces.closes(t.signal.strategy, t.base))
        self._queues.serve_all()
        serving.set()
        group.create_task(self._monitors.run(), name="monitors")

    def _register_unfinished(self) -> list[TradeRunner]:
        """What was under way before the start: each trade holds its queue, signals wait in it."""
        for signal in self._unfated.values():
            queue = self._queues.of(signal.symbol)
            if signal.action is Action.EXIT:
                queue.closes_of(signal.strategy).append(signal)
            else:
                queue.waiting.append(signal)
        unfinished = self._registry.unfinished
        for trade in unfinished:
            self._queues.of(trade.base).hold()
        return [self._flow.register(trade) for trade in unfinished]
