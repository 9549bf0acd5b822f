"""The engine: signals in, hedged or flat pairs out.

Signals of one base asset run one after the other (a *lane*); different assets run side by side. A
signal that finds its lane free goes straight through: claim, size, risk and both intents in one
commit, then both legs at once. One that must wait is claimed first, so that it is never lost.

After a start the journal is replayed and every unfinished trade goes on through the same code that
a time-out takes. There is no separate recovery.
"""

import asyncio
from collections.abc import Mapping

from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.account.account_view import AccountView
from trading_platform_order.domain.order import Order
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState
from trading_platform_order.executor.account.account_service import AccountKeeper
from trading_platform_order.executor.account.leg_loss import Engine, OneLeg
from trading_platform_order.executor.account.reconciler import Reconciler
from trading_platform_order.executor.intake.admission import Admission
from trading_platform_order.executor.intake.signal_intake import Intake, Receipt
from trading_platform_order.executor.intake.symbol_queue import Lane
from trading_platform_order.executor.journal.replay import Replayed
from trading_platform_order.executor.monitors.hindrance_monitors import HindranceMonitors
from trading_platform_order.executor.monitors.order_access_port import OrderAccessPort
from trading_platform_order.executor.monitors.risk_monitor import Monitors
from trading_platform_order.executor.periodic_tasks import Rounds
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.protection.cancel_countdown import Countdown
from trading_platform_order.executor.protection.protective_stops import Protector
from trading_platform_order.executor.task_tracker import Work
from trading_platform_order.executor.trades.lost_orders import LostRows
from trading_platform_order.executor.trades.order_sweep import OrderSweep
from trading_platform_order.executor.trades.trade_runner import Started, TradeRunner
from trading_platform_order.executor.user_stream_router import PrivateNews
from trading_platform_order.signals.schema import content_hash
from trading_platform_order.storage.base import Claim, ClaimResult


class Guards:
    """Of one engine.

    Attributes:
        one_leg: notices a leg that is gone; protector: keeps the conditional orders.
        news: what the private streams tell goes in here.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        keeper: AccountKeeper,
        ports: ExecutorPorts,
        settings: ExecutorSettings,
        work: Work,
        runners: Mapping[str, TradeRunner],
        lanes: Mapping[str, Lane],
    ) -> None:
        self._runners = runners
        self.one_leg = OneLeg(
            engine=engine,
            keeper=keeper,
            ports=ports,
            settings=settings,
            stops=keeper.book.stops.causes,
        )
        self.protector = Protector(
            keeper=keeper,
            ports=ports,
            settings=settings,
            work=work,
            is_busy=self._is_trading,
            look_between=engine.look_between,
        )
        self._countdown = Countdown(
            ports=ports,
            settings=settings,
            running=lambda: [runner.trade for runner in runners.values()],
        )
        self.news = PrivateNews(
            desk=engine,
            keeper=keeper,
            one_leg=self.one_leg,
            protector=self.protector,
            work=work,
            runners=runners,
            lanes=lanes,
            clock=ports.clock,
        )

    def _is_trading(self, base: str) -> bool:
        return any(runner.trade.base == base for runner in self._runners.values())

    def start(self, group: asyncio.TaskGroup) -> None:
        """Run until the group ends."""
        group.create_task(self.one_leg.run(), name="one leg")
        group.create_task(self.protector.run(), name="protector")
        group.create_task(self._countdown.run(), name="countdown")

    async def trade_ended(self, base: str) -> None:
        """A trade of this asset has settled or halted."""
        self.one_leg.trade_ended(base)
        await self.protector.position_ended(base)

    async def check(self, base: str) -> None:
        """Compare both legs with the exchanges; the caller holds the lane alone."""
        await self.one_leg.check(base)
        await self.protector.position_ended(base)


class OrderExecutor:
    """Executes signals of one account."""

    def __init__(
        self, *, ports: ExecutorPorts, settings: ExecutorSettings, replayed: Replayed
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._keeper = AccountKeeper(ports=ports, settings=settings, book=replayed.book)
        self._trades = replayed.trades
        self._unfated = replayed.unfated
        self._trade_of_order = {
            order.client_order_id: trade.trade_id
            for trade in replayed.trades.values()
            for order in trade.orders
        }
        self._lanes: dict[str, Lane] = {}
        self._runners: dict[str, TradeRunner] = {}
        self._work = Work()
        self._last_row_at = replayed.last_row_at
        self._may_have_lost = set(replayed.trades) if ports.store.rows_may_be_lost else set[str]()
        self._may_act = asyncio.Event()
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
            runners=self._runners,
            lanes=self._lanes,
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
            keeper=self._keeper, ports=ports, settings=settings, access=OrderAccessPort.none()
        )
        self._monitors = Monitors(
            engine=self,
            keeper=self._keeper,
            ports=ports,
            limits=settings.monitors,
            is_told=self._guards.one_leg.is_told,
            is_frozen=self._hindrances.is_frozen,
        )
        self._admission = Admission(
            ports=ports, settings=settings, book=replayed.book, account=self._account_view
        )
        self._intake = Intake(
            seat=self,
            ports=ports,
            settings=settings,
            admission=self._admission,
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
        live = {key: runner.trade for key, runner in self._runners.items()}
        return self._trades | live

    @property
    def running(self) -> int:
        """How many trades are under way."""
        return len(self._runners)

    @property
    def is_idle(self) -> bool:
        """Nothing is being executed, resolved or booked."""
        return self._work.is_idle

    async def wait_idle(self) -> None:
        """Return once nothing is being executed."""
        await self._work.wait_idle()

    async def run(self, ready: asyncio.Event) -> None:
        """Serve until cancelled. ``ready`` is set when signals may come.

        Raises:
            StoreUnavailable: the journal cannot be written; trading stops here.
        """
        # Seated before the streams begin: news of an unfinished trade must find its one runner.
        unfinished = self._seat_unfinished()
        async with asyncio.TaskGroup() as group:
            self._work.belongs_to(group)
            for exchange in self._ports.exchanges.values():
                group.create_task(
                    exchange.run_private_stream(self._guards.news.take),
                    name=f"{exchange.venue} private stream",
                )
            await self._keeper.begin_latched()
            self._heed_stop()  # an entry of before the restart is not completed any further
            await self._rounds.open_account()
            await self._rounds.sweep_first(self._last_row_at)
            self._may_act.set()
            for runner in unfinished:
                self._work.start(self._resume(runner), name=f"resume {runner.trade.trade_id}")
            await self._rounds.compare_first()
            for symbol in self._lanes:
                self.serve(symbol)
            self._rounds.begin(group)
            self._guards.start(group)
            group.create_task(self._monitors.run(), name="monitors")
            self._hindrances.start(group)
            ready.set()

    def _deeds(self) -> int | None:
        """Changes with everything we do; ``None`` while something is under way."""
        return self._work.begun if self.is_idle and not self.has_unsettled else None

    @property
    def has_unsettled(self) -> bool:
        """Some trade is not at its end, or has an order whose fate is not known."""
        return any(trade.needs_care for trade in self.trades.values())

    def _seat_unfinished(self) -> list[TradeRunner]:
        for signal in self._unfated.values():
            self.lane(signal.symbol).waiting.append(signal)
        unfinished = [trade for trade in self._trades.values() if trade.needs_care]
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
        """Put a lost order back into its unfinished trade, before that goes on."""
        self._runners[trade_id].post(events)

    def _heed_stop(self) -> None:
        if self._keeper.stopped_reason is not None:
            self._stop_entering(self._keeper.stopped_reason)

    def _stop_entering(self, reason: str) -> None:
        """The stop lets nothing add exposure, the completion of a running ENTER included."""
        now = self._ports.clock.now()
        for runner in self._runners.values():
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
        """Trades that are not settled, as last made durable."""
        return tuple(runner.trade for runner in self._runners.values())

    def is_free(self, base: str) -> bool:
        """No trade of this base asset runs or waits."""
        lane = self.lane(base)
        return not lane.holders and not lane.waiting

    async def begin(self, signal: Signal, claim: Claim) -> None:
        """An exit of the engine's own, through the normal path."""
        await self._intake.take(signal, claim)

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
        return self._lanes.setdefault(symbol, Lane())

    def release(self, symbol: str) -> None:
        """One who held the lane is done."""
        lane = self.lane(symbol)
        lane.let_go()
        self.serve(symbol)

    def serve(self, symbol: str) -> None:
        """Run what waits in this lane, if nothing holds it."""
        lane = self.lane(symbol)
        if not self._may_act.is_set():
            return  # all lanes are served once the start has come so far
        if (lane.waiting or lane.look) and not lane.holders:
            lane.hold()
            self._work.start(self._serve_waiting(symbol), name=f"lane {symbol}")

    async def _serve_waiting(self, symbol: str) -> None:
        """Signals that waited for the lane, claimed already, in order of arrival."""
        lane = self.lane(symbol)
        while lane.waiting or lane.look:
            if lane.look:
                lane.look = False
                await lane.alone()
                await self._guards.check(symbol)
                continue
            signal = lane.waiting.popleft()
            # An EXIT was in time when it was claimed; waiting for our own work cannot spoil it.
            late_matters = signal.action is Action.ENTER
            await self._intake.wait_for_market(signal)
            await lane.alone()
            admitted = await self._admission.admit(signal, claim=None, check_expiry=late_matters)
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
        lane.runner = runner
        self._heed_stop()  # it may have come while the intents were made durable
        await self._see_through(runner, trade.orders)
        lane.runner = None
        await self._finish(runner)

    async def _resume(self, runner: TradeRunner) -> None:
        lane = self.lane(runner.trade.base)
        lane.runner = runner
        for signal in lane.waiting:
            self._intake.stop_completing(lane, signal)
        await runner.after_restart()
        await self._see_through(runner)
        lane.runner = None
        await self._finish(runner)
        self.release(runner.trade.base)

    async def _see_through(self, runner: TradeRunner, to_send: tuple[Order, ...] = ()) -> None:
        """Until nothing is left to do or to ask. A trade that halts latches the stop at once."""
        while runner.trade.needs_care:
            was_halted = runner.trade.state is TradeState.HALTED
            await runner.run(to_send)
            to_send = ()
            if runner.trade.state is TradeState.HALTED and not was_halted:
                await self._halted(runner.trade)

    async def _halted(self, trade: PairTrade) -> None:
        await self.latch(f"trade {trade.trade_id} halted: {trade.detail}")

    def _seat(self, trade: PairTrade, started: Started | None) -> TradeRunner:
        lost_rows = None
        if trade.trade_id in self._may_have_lost:
            self._may_have_lost.remove(trade.trade_id)
            lost_rows = LostRows(ports=self._ports, settings=self._settings)
        runner = TradeRunner(
            trade=trade,
            ports=self._ports,
            settings=self._settings,
            book=self.book,
            started=started,
            on_orders=self._know_orders,
            one_leg=self._guards.one_leg,
            lost_rows=lost_rows,
        )
        self._runners[trade.trade_id] = runner
        self._know_orders(trade)
        return runner

    def _know_orders(self, trade: PairTrade) -> None:
        for order in trade.orders:
            self._trade_of_order[order.client_order_id] = trade.trade_id

    async def _finish(self, runner: TradeRunner) -> None:
        trade = runner.trade
        self._trades[trade.trade_id] = trade
        self._runners.pop(trade.trade_id, None)
        late = runner.leftover()
        if late:
            self._work.start(self._late(trade.trade_id, late), name=f"late {trade.trade_id}")
        await self._keeper.settled(trade.signal.strategy, trade.base)
        await self._guards.trade_ended(trade.base)

    def _account_view(self, signal: Signal) -> AccountView:
        halted = any(
            trade.base == signal.symbol and trade.state is TradeState.HALTED
            for trade in self._trades.values()
        )
        return self._keeper.view(signal, symbol_halted=halted)

    # -- what one leg's watch needs ----------------------------------------------------------------

    def trade_of(self, client_order_id: str) -> str | None:
        """The trade an order of ours belongs to."""
        return self._trade_of_order.get(client_order_id)

    def hand_late(self, trade_id: str, events: tuple[te.TradeEvent, ...]) -> None:
        """News of a trade, from whatever source."""
        self._work.start(self._late(trade_id, events), name=f"late {trade_id}")

    def look_between(self, base: str) -> None:
        """Compare this asset with both exchanges before its next signal."""
        self.lane(base).look = True
        self.serve(base)

    async def begin_next(self, signal: Signal) -> None:
        """A signal of our own: claimed, and run before all that wait in its lane."""
        claim = Claim(
            signal_id=signal.id,
            content_hash=content_hash(signal),
            strategy=signal.strategy,
            symbol=signal.symbol,
            action=signal.action.value,
        )
        if await self._admission.claim(signal, claim) is ClaimResult.CLAIMED:
            self.lane(signal.symbol).waiting.appendleft(signal)
        self.serve(signal.symbol)

    async def _late(self, trade_id: str, events: tuple[te.TradeEvent, ...]) -> None:
        """News of a trade that had ended: usually a repetition; else the trade opens again."""
        await self._may_act.wait()
        runner = self._runners.get(trade_id)
        if runner is not None:
            runner.post(events)
            return
        before = self._trades[trade_id]
        runner = self._seat(before, None)
        self.lane(before.base).hold()
        runner.post(events)
        await runner.take_all()
        if runner.trade.state is TradeState.HALTED and before.state is not TradeState.HALTED:
            await self._halted(runner.trade)
        await self._see_through(runner)
        if runner.trade is before:
            self._runners.pop(trade_id, None)
        else:
            await self._finish(runner)
        self.release(before.base)
