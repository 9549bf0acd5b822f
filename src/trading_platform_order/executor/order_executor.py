"""The engine: signals in, hedged or flat pairs out.

Entries of one base asset run one after the other (a *lane*); closes run beside them, one after the
other for each strategy; different assets run side by side. A signal before which nothing stands
goes straight through: claim, size, risk and both intents in one commit, then both legs at once. One
that must wait is claimed first, so that it is never lost. Nothing that only reads stands before a
close.

After a start the journal is replayed and every unfinished trade goes on through the same code that
a time-out takes. There is no separate recovery.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.account.account_view import AccountView
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.closing import CloseKind, Waits
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState
from trading_platform_order.executor.account.account_service import AccountKeeper
from trading_platform_order.executor.account.closing_prices import ClosingPrices
from trading_platform_order.executor.account.order_access_monitor import OrderAccessMonitor
from trading_platform_order.executor.account.reconciler import Reconciler
from trading_platform_order.executor.guards import Guards
from trading_platform_order.executor.intake.admission import Admission
from trading_platform_order.executor.intake.close_queue import LOOK_S, CloseQueue
from trading_platform_order.executor.intake.signal_intake import Intake, Receipt
from trading_platform_order.executor.intake.symbol_queue import Lane
from trading_platform_order.executor.journal.replay import Replayed
from trading_platform_order.executor.monitors.hindrance_monitors import HindranceMonitors
from trading_platform_order.executor.monitors.order_access_port import OrderAccessPort
from trading_platform_order.executor.monitors.risk_monitor import Monitors
from trading_platform_order.executor.periodic_tasks import Rounds
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.protection.protective_stops import Protector
from trading_platform_order.executor.task_tracker import Work
from trading_platform_order.executor.trades.order_sweep import OrderSweep
from trading_platform_order.executor.trades.trade_registry import TradeHooks, TradeRegistry
from trading_platform_order.executor.trades.trade_runner import Started, TradeRunner
from trading_platform_order.signals.schema import content_hash
from trading_platform_order.storage.base import Claim, ClaimResult
from trading_platform_order.transport.running_time import RunningTime


class OrderExecutor:
    """Executes signals of one account."""

    def __init__(
        self, *, ports: ExecutorPorts, settings: ExecutorSettings, replayed: Replayed
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._keeper = AccountKeeper(ports=ports, settings=settings, book=replayed.book)
        self._unfated = replayed.unfated
        self._last_row_at = replayed.last_row_at
        self.lanes: dict[str, Lane] = {}
        self._work = Work()
        self._running = RunningTime(ports.clock.boottime, settings.monitors.gap_s)
        self._may_act = asyncio.Event()
        self.may_close = self.may_enter = False
        #: both exchanges are set up as they must be; who sees to that clears it first
        self.prepared = asyncio.Event()
        self.prepared.set()
        self.access = OrderAccessMonitor(
            keeper=self._keeper,
            ports=ports,
            book_age_s_max=settings.limits.book_age_s_max,
            settle_s=settings.settle_s,
        )
        prices = ClosingPrices(
            ports=ports,
            book=self._keeper.book,
            book_age_s_max=settings.limits.book_age_s_max,
            slice_krw=settings.limits.order_krw_max,
        )
        self._registry = TradeRegistry(
            ports=ports,
            settings=settings,
            keeper=self._keeper,
            access=self.access,
            prices=prices,
            replayed=replayed,
            running=self._running,
        )
        reconciler = Reconciler(
            keeper=self._keeper,
            ports=ports,
            settings=settings,
            activity=self._deeds,
            look=self.look_between,
        )
        self._guards = Guards(
            engine=self,
            keeper=self._keeper,
            ports=ports,
            settings=settings,
            work=self._work,
            registry=self._registry,
            lanes=self.lanes,
        )
        self._registry.join(
            self._guards.one_leg,
            TradeHooks(
                on_waits=self._on_waits,
                may_go_on=self._may_go_on,
                on_halted=self._halted,
                on_ended=self._guards.trade_ended,
                on_late=self.hand_late,
            ),
        )
        self._rounds = Rounds(
            seat=self,
            keeper=self._keeper,
            reconciler=reconciler,
            sweep=OrderSweep(
                seat=self,
                keeper=self._keeper,
                ports=ports,
                settings=settings,
                is_known_elsewhere=replayed.book.stops.knows,
            ),
            ports=ports,
            settings=settings,
        )
        self._hindrances = HindranceMonitors(
            keeper=self._keeper,
            ports=ports,
            settings=settings,
            access=OrderAccessPort(
                hindered=self.access.hindered,
                lapsed=self.access.lapsed,
                dead_keys=self.access.dead_keys,
            ),
        )
        self.access.on_refused = self._hindrances.refused
        self._monitors = Monitors(
            engine=self,
            keeper=self._keeper,
            ports=ports,
            limits=settings.monitors,
            access=self.access,
            prices=prices,
            is_told=self._guards.one_leg.is_told,
            is_frozen=self._hindrances.is_frozen,
            running=self._running,
        )
        self._admission = Admission(
            ports=ports,
            settings=settings,
            keeper=self._keeper,
            account=self._account_view,
            access=self.access,
            prices=prices,
            closes_wait=lambda signal: self.lane(signal.symbol).closes_wait(signal.strategy),
        )
        self.closes = CloseQueue(
            seat=self, ports=ports, admission=self._admission, keeper=self._keeper
        )
        self._intake = Intake(
            seat=self,
            ports=ports,
            settings=settings,
            admission=self._admission,
            closes=self.closes,
            work=self._work,
        )

    # -- life --------------------------------------------------------------------------------------

    @property
    def keeper(self) -> AccountKeeper:
        """The account's figures."""
        return self._keeper

    @property
    def protector(self) -> Protector:
        """The conditional orders of the hedge."""
        return self._guards.protector

    @property
    def hindrances(self) -> HindranceMonitors:
        """What keeps us from trading, beside the limits."""
        return self._hindrances

    @property
    def book(self) -> AccountBook:
        """Ledger and PnL."""
        return self._keeper.book

    @property
    def trades(self) -> dict[str, PairTrade]:
        """All trades by id, as last made durable."""
        return self._registry.trades

    @property
    def running(self) -> int:
        """How many trades are under way."""
        return len(self._registry.runners)

    @property
    def is_idle(self) -> bool:
        """Nothing is being executed, resolved or booked, and no close waits."""
        return self._work.is_idle and not any(
            queue for lane in self.lanes.values() for queue in lane.closes.values()
        )

    async def wait_idle(self) -> None:
        """Return once nothing is being executed."""
        while not self.is_idle:
            await self._work.wait_idle()
            if not self.is_idle:
                await asyncio.sleep(LOOK_S)

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
        unfinished = self._seat_unfinished()
        async with asyncio.TaskGroup() as group:
            self._work.belongs_to(group)
            for exchange in self._ports.exchanges.values():
                group.create_task(
                    exchange.run_private_stream(self._guards.news.take),
                    name=f"{exchange.venue} private stream",
                )
            self.access.begin()
            group.create_task(self._running.run(), name="running time")
            group.create_task(self.access.run(), name="order access")
            group.create_task(self.closes.run(), name="waiting closes")
            await self._keeper.begin_latched()
            self._heed_stop()  # an entry of before the restart is not completed any further
            is_certain = self._keeper.book.is_open and not self._ports.lost_rows_lately
            if is_certain:  # what is owned is known, and no sweep can tell anything else
                self._go_on(group, unfinished, serving)
            if not self._keeper.book.is_open:
                await self._rounds.open_account()
            # What is free is the entries' business: no close waits until both exchanges tell it.
            figures = group.create_task(self._rounds.open_account(), name="what is free")
            await self._rounds.sweep_first(self._last_row_at)
            if not is_certain:
                self._go_on(group, unfinished, serving)
            self._may_act.set()
            await self._rounds.compare_first()
            self._rounds.begin(group)
            self._guards.start(group)
            self._hindrances.start(group)
            await figures
            await self.prepared.wait()
            self.may_enter = True
            for symbol in list(self.lanes):
                self.serve(symbol)
            ready.set()

    def _go_on(
        self, group: asyncio.TaskGroup, unfinished: list[TradeRunner], serving: asyncio.Event
    ) -> None:
        """Trades of before the start go on, closes may be begun, and what is held is guarded."""
        self.may_close = True
        for runner in unfinished:
            self._work.start(self._resume(runner), name=f"resume {runner.trade.trade_id}")
        for symbol in list(self.lanes):
            self.serve(symbol)
        serving.set()
        group.create_task(self._monitors.run(), name="monitors")

    def _deeds(self) -> int | None:
        """Changes with everything we do; ``None`` while something is under way."""
        waiting = sum(runner.waits is not None for runner in self._registry.runners.values())
        is_calm = self._work.busy <= waiting and not self._registry.has_unsettled
        return self._work.begun if is_calm else None

    @property
    def has_unsettled(self) -> bool:
        """Some trade is not at its end and does not wait, or has an order or a fill not known."""
        return self._registry.has_unsettled

    def _seat_unfinished(self) -> list[TradeRunner]:
        for signal in self._unfated.values():
            lane = self.lane(signal.symbol)
            if signal.action is Action.EXIT:
                lane.queue(signal.strategy).append(signal)
            else:
                lane.waiting.append(signal)
        unfinished = self._registry.unfinished
        for trade in unfinished:
            self.lane(trade.base).hold()
        return [self._seat(trade, None) for trade in unfinished]

    async def wake(self) -> None:
        """Another process wrote something: look now."""
        was_stopped = self._keeper.stopped_reason
        await self._keeper.read_latch()
        reason = self._keeper.stopped_reason
        if reason == was_stopped:
            return
        await self._keeper.tell_latch(reason, was_stopped)
        if reason is not None:
            self._stop_entering(reason)
        else:
            self._resume_halted()

    async def latch(self, reason: str) -> None:
        """Set the emergency stop for a reason that the engine itself found."""
        await self._keeper.latch(reason)
        self._stop_entering(reason)

    def take_back(self, trade_id: str, events: tuple[te.TradeEvent, ...]) -> None:
        """Put a lost order back into its unfinished trade."""
        self._registry.runners[trade_id].post(events)

    def _heed_stop(self) -> None:
        if self._keeper.stopped_reason is not None:
            self._stop_entering(self._keeper.stopped_reason)

    def _stop_entering(self, reason: str) -> None:
        """The stop lets nothing add exposure, the completion of a running ENTER included."""
        now = self._ports.clock.now()
        for runner in self._registry.runners.values():
            if runner.trade.action is Action.ENTER:
                runner.post((te.CompletionStopped(reason=f"stop: {reason}", at=now),))

    def _resume_halted(self) -> None:
        """A human lifted the stop: trades that had given up try again."""
        for trade in self.trades.values():
            if trade.state is TradeState.HALTED:
                resumed = te.TradeResumed(reason="the stop was lifted", at=self._ports.clock.now())
                self.hand_late(trade.trade_id, (resumed,))

    # -- what the monitors see ---------------------------------------------------------------------

    def running_trades(self) -> tuple[PairTrade, ...]:
        """Trades that have not ended, as last made durable."""
        return self._registry.running_trades()

    def is_free(self, strategy: str, base: str) -> bool:
        """No trade of the strategy in this base asset runs or waits, and no close of it."""
        lane = self.lane(base)
        return not lane.is_busy(strategy) and not lane.closes.get(strategy)

    def only_waits(self, strategy: str, base: str) -> bool:
        """All trades of the strategy in this base asset, if there are any, wait."""
        return self.lane(base).only_waits(strategy)

    def has_begun(self, strategy: str, base: str) -> bool:
        """One of them does: it brings the legs together when it can."""
        return self._registry.has_begun(strategy, base)

    async def begin(self, signal: Signal, claim: Claim, kind: CloseKind) -> None:
        """An exit of the engine's own, through the normal path."""
        await self._intake.take(signal, claim, kind)

    # -- signals -----------------------------------------------------------------------------------

    async def handle(self, signal: Signal, claim: Claim) -> Receipt:
        """Execute a signal once; returns as soon as its claim is durable.

        Raises:
            StoreUnavailable: it is not known to be claimed; the engine stops.
            RuntimeError: the engine does not run, or stopped meanwhile.
        """
        return await self._intake.handle(signal, claim)

    def lane(self, symbol: str) -> Lane:
        """Where signals of this base asset queue."""
        return self.lanes.setdefault(symbol, Lane())

    def release(self, symbol: str) -> None:
        """One who held the lane is done."""
        self.lane(symbol).let_go()
        self.serve(symbol)

    def serve(self, symbol: str) -> None:
        """Begin what can be begun: closes, then a comparison with the exchanges, then entries."""
        lane = self.lane(symbol)
        if not self.may_close:
            return  # all lanes are served once the start has come so far
        for strategy, queue in lane.closes.items():
            if queue and not lane.is_busy(strategy):
                lane.starting[strategy] = queue[0].id
                lane.hold()
                self._work.start(self._close(lane, queue[0]), name=f"close {queue[0].id}")
        if not self._may_act.is_set():
            return
        if lane.look and not lane.holders and not lane.is_checked:
            lane.look, lane.is_checked = False, True
            self._work.start(self._check(symbol, lane), name=f"comparison {symbol}")
        if lane.waiting and self.may_enter and not (lane.holders or lane.look or lane.is_checked):
            lane.hold()
            self._work.start(self._serve_waiting(symbol), name=f"lane {symbol}")

    async def _close(self, lane: Lane, signal: Signal) -> None:
        """Begin a strategy's next close, if that can be; else it waits on."""
        try:
            trade = await self._intake.begin_close(lane, signal)
        finally:
            del lane.starting[signal.strategy]
        if trade is not None:
            await self._trade(trade, None, lane)
        lane.let_go()
        if trade is not None or signal not in lane.queue(signal.strategy):
            self.serve(signal.symbol)

    async def _check(self, symbol: str, lane: Lane) -> None:
        """Compare with the exchanges. It only reads: nothing waits for it."""
        begun = lane.begun
        await self._guards.check(symbol)
        lane.is_checked = False
        if lane.begun != begun:
            lane.look = True  # what was read is not what is held now
        self.serve(symbol)

    async def _serve_waiting(self, symbol: str) -> None:
        """Entries that waited for the lane, claimed already, in order of arrival."""
        lane = self.lane(symbol)
        while lane.waiting and lane.holders == 1:
            admitted = await self._admission.admit(lane.waiting.popleft(), claim=None)
            if admitted.trade is not None:
                await self._trade(admitted.trade, None, lane)
        self.release(symbol)

    # -- trades ------------------------------------------------------------------------------------

    async def trade_and_release(
        self, trade: PairTrade, started: Started | None, lane: Lane
    ) -> None:
        """See an admitted trade to its end."""
        await self._trade(trade, started, lane)
        self.release(trade.base)

    async def _trade(self, trade: PairTrade, started: Started | None, lane: Lane) -> None:
        runner = self._seat(trade, started)
        self._heed_stop()  # it may have come while the intents were made durable
        for signal in lane.queue(trade.signal.strategy):
            self._intake.stop_completing(lane, signal)
        await self._registry.see_through(runner, trade.orders)
        await self._finish(runner)

    async def _resume(self, runner: TradeRunner) -> None:
        lane = self.lane(runner.trade.base)
        for signal in lane.queue(runner.trade.signal.strategy):
            self._intake.stop_completing(lane, signal)
        await runner.after_restart()
        await self._registry.see_through(runner)
        await self._finish(runner)
        self.release(runner.trade.base)

    def _seat(self, trade: PairTrade, started: Started | None) -> TradeRunner:
        runner = self._registry.seat(trade, started)
        self.lane(trade.base).runners[trade.trade_id] = runner
        return runner

    async def _finish(self, runner: TradeRunner) -> None:
        await self._registry.finish(runner)
        self.lane(runner.trade.base).runners.pop(runner.trade.trade_id, None)

    def _on_waits(self, runner: TradeRunner, waits: Waits | None) -> None:
        """One that can send nothing holds up nobody; before it goes on it holds the lane again."""
        lane, signal_id = self.lane(runner.trade.base), runner.trade.signal.id
        if waits is None:
            self.closes.over(signal_id)
            lane.hold()
            return
        if signal_id not in self.closes.waiting():
            lane.let_go()
            asyncio.get_running_loop().call_soon(self.serve, runner.trade.base)
        self.closes.note(signal_id, waits)

    def _may_go_on(self, runner: TradeRunner) -> bool:
        """What goes on beside a close that waits has to be booked first."""
        trade = runner.trade
        return self.lane(trade.base).only_waits(trade.signal.strategy, beside=trade.trade_id)

    async def _halted(self, trade: PairTrade) -> None:
        await self.latch(f"trade {trade.trade_id} halted: {trade.detail}")

    def _account_view(self, signal: Signal) -> AccountView:
        return self._keeper.view(signal, symbol_halted=self._registry.is_halted(signal.symbol))

    # -- what one leg's watch needs ----------------------------------------------------------------

    def trade_of(self, client_order_id: str) -> str | None:
        """The trade an order of ours belongs to."""
        return self._registry.trade_of(client_order_id)

    def hand_late(self, trade_id: str, events: tuple[te.TradeEvent, ...]) -> None:
        """News of a trade, from whatever source."""
        self._work.start(self._late(trade_id, events), name=f"late {trade_id}")

    def look_between(self, base: str) -> None:
        """Compare this asset with both exchanges as soon as nothing of it is under way."""
        self.lane(base).look = True
        self.serve(base)

    @asynccontextmanager
    async def alone(self, base: str, begun: int) -> AsyncIterator[bool]:
        """Book something of this asset: false if a trade of it runs, or ran since ``begun``.

        While it is booked no close of the asset is decided on.
        """
        async with self._keeper.deciding:
            lane = self.lane(base)
            if lane.holders or lane.begun != begun:
                yield False
                return
            lane.hold()
            begun_by_us = lane.begun
            try:
                yield True
            finally:
                lane.let_go()
                if lane.begun == begun_by_us:
                    lane.begun -= 1  # booking what was read makes no reading old

    def begun(self, base: str) -> int:
        """How often something of this asset was begun."""
        return self.lane(base).begun

    async def begin_next(self, signal: Signal) -> None:
        """A close of our own: claimed, and run before all of its strategy that wait."""
        claim = Claim(
            signal_id=signal.id,
            content_hash=content_hash(signal),
            strategy=signal.strategy,
            symbol=signal.symbol,
            action=signal.action.value,
        )
        if await self._admission.claim(signal, claim) is ClaimResult.CLAIMED:
            self.lane(signal.symbol).queue(signal.strategy).appendleft(signal)
        self.serve(signal.symbol)

    async def _late(self, trade_id: str, events: tuple[te.TradeEvent, ...]) -> None:
        """News of a trade that had ended: usually a repetition; else the trade opens again."""
        await self._may_act.wait()
        runner = await self._registry.reopen(trade_id, events)
        if runner is None:
            return
        base = runner.trade.base
        lane = self.lane(base)
        lane.hold()
        lane.runners[trade_id] = runner
        await self._registry.see_late(runner)
        lane.runners.pop(trade_id, None)
        self.release(base)
