"""The engine of one account, put together: the same for live, paper, demo and simulation.

Only the ports differ. Everything that runs, runs in one task group: if any part of it breaks, all
of it stops, and a restart goes on from the journal.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Protocol

from trading_platform_order import __version__
from trading_platform_order.domain.account.account_events import EngineStarted
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.signal import Signal
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.executor.intake.signal_intake import Receipt
from trading_platform_order.executor.journal.claims import claim_for
from trading_platform_order.executor.journal.replay import Replayed
from trading_platform_order.executor.journal.snapshot import replay_quickly
from trading_platform_order.executor.order_executor import OrderExecutor
from trading_platform_order.executor.ports import (
    ExecutorPorts,
    ExecutorSettings,
    KnownHindrances,
    NothingKnown,
    ReduceOnly,
    always,
    no_flag,
)
from trading_platform_order.executor.set_aside import culprit_of
from trading_platform_order.runtime.clock_monitor import (
    ClockWatch,
    measure_clocks,
    measured_lately,
)
from trading_platform_order.runtime.lease.heartbeat import (
    EngineHeartbeat,
    Figures,
    HeartbeatSettings,
)
from trading_platform_order.runtime.lease.wire_gate import WireGate
from trading_platform_order.runtime.live_market import LiveMarket
from trading_platform_order.runtime.startup.death_notes import Deaths, NoDeaths
from trading_platform_order.runtime.startup.known_filters import KnownFilters
from trading_platform_order.runtime.startup.preparation import Preparation
from trading_platform_order.storage.base import ProjectionFailed, Store, StoreUnavailable
from trading_platform_order.storage.lease import AccountLease
from trading_platform_order.storage.liveness import SignsOfLife
from trading_platform_order.storage.side_files.snapshots import SnapshotPlace
from trading_platform_order.transport.checked_clock import CheckedClock
from trading_platform_order.transport.clock import Clock, epoch_us

PROJECT_EVERY_S, PROJECT_AT_END_S = 0.5, 1.0
CLOCK_CHECK_S = 60.0
FIRST_MEASURE_S = 1.0
KNOWN_TIME_S = 120.0
"""What was told by another adapter is good for so long; it is measured anew beside the start."""


class Background(Protocol):
    """Something that runs beside the engine until cancelled: notifier, inbox."""

    async def run(self) -> None:
        """Run until cancelled."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineWorld:
    """Everything outside one engine.

    Attributes:
        wire_time: when the bytes of an order left, seconds of ``stopwatch``.
        stopwatch: latencies are told by it, and nothing is decided; the clock's by default.
        stop_flag: what the stop file says; ``None`` while there is none.
        known_filters: those that the exchanges told before the start.
        known_hindrances: what kept orders back before the start.
        watch: where the engine gives its signs of life; without one no watchdog can take over.
        lease: the account's, which the engine holds since it opened ``store``.
        gate: what the exchanges' requests pass last; shut by the engine's own lease.
        snapshot: spares a start the rows that it stands for; without one all are replayed.
        reduce_only: set for an engine that closes and opens nothing.
        market: prices that are streamed already, for an engine that has no time to ask for them.
        deaths: what ended engines before this one.
    """

    exchanges: PairExchanges
    store: Store
    clock: Clock
    wire_time: Callable[[str], float | None]
    stopwatch: Callable[[], float] | None = None
    watch: SignsOfLife | None = None
    lease: AccountLease | None = None
    gate: WireGate = field(default_factory=WireGate)
    snapshot: SnapshotPlace | None = None
    stop_flag: Callable[[], str | None] = no_flag
    known_filters: KnownFilters | None = None
    known_hindrances: KnownHindrances = field(default_factory=NothingKnown)
    reduce_only: ReduceOnly | None = None
    market: LiveMarket | None = None
    deaths: Deaths = field(default_factory=NoDeaths)


def references_of(settings: ExecutorSettings) -> tuple[str, ...]:
    """Large coins that are watched beside what is traded: where their median must be known."""
    limits = settings.limits.plausibility
    return limits.coins if limits.needs_coins else ()


class Engine:
    """One account's engine."""

    def __init__(
        self,
        *,
        world: EngineWorld,
        settings: ExecutorSettings,
        leverage: int,
        on_problem: Callable[[str], None] = lambda _: None,
        project_every_s: float = PROJECT_EVERY_S,
        clock_check_s: float = CLOCK_CHECK_S,
        heartbeat: HeartbeatSettings = HeartbeatSettings(),  # noqa: B008 - frozen
    ) -> None:
        self._world = world
        self._settings = settings
        self._leverage = leverage
        self._on_problem = on_problem
        self._project_every_s = project_every_s
        self._clock_watch = ClockWatch(
            exchanges=world.exchanges,
            clock=world.clock,
            every_s=clock_check_s,
            off_s_max=settings.limits.clock_off_s_max,
            tell=self._tell,
        )
        self.bases = tuple(sorted(settings.limits.symbols))
        self.exchanges = world.exchanges
        self.market = world.market or self._own_market()
        #: what ended engines before, and is not looked at
        self.aside = world.deaths.set_aside()
        self._reduce_only = world.reduce_only
        if self.aside and self._reduce_only is None:
            self._reduce_only = ReduceOnly(reason=self.aside.reason)
        self._executor: OrderExecutor | None = None
        #: the row up to which this start was read from a snapshot; 0 if it was not
        self.snapshot_rows = 0
        self._projected_s = world.clock.monotonic()
        self._heartbeat = self._make_heartbeat(heartbeat)

    def _own_market(self) -> LiveMarket:
        return LiveMarket(
            bases=self.bases,
            exchanges=self._world.exchanges,
            clock=self._world.clock,
            ahead_s_max=self._settings.limits.ahead_s_max,
            known=self._world.known_filters,
            references=references_of(self._settings),
        )

    def _make_heartbeat(self, settings: HeartbeatSettings) -> EngineHeartbeat | None:
        watch = self._world.watch
        if watch is None:
            return None
        return EngineHeartbeat(
            watch=watch,
            clock=self._world.clock,
            boot=str(self._world.store.epoch),
            settings=settings,
            on_problem=self._on_problem,
            on_silence=self._tell_silence,
            account_lease=self._world.lease,
            epoch=self._world.store.epoch,
        )

    async def _tell_silence(self, alone: bool) -> None:
        text = "no sign of life" if alone else "it is back"
        kind = AlertKind.WATCHDOG_SILENT if alone else AlertKind.WATCHDOG_BACK
        await self._tell(Alert(kind=kind, urgent=alone, fields={"watchdog": text}))

    async def _tell(self, alert: Alert) -> None:
        at_us = epoch_us(self._world.clock.now())
        await self._world.store.append([], at_us=at_us, alerts=[alert])

    @property
    def executor(self) -> OrderExecutor:
        """The executor, once the engine is ready.

        Raises:
            RuntimeError: before that.
        """
        if self._executor is None:
            raise RuntimeError("the engine is not ready yet")
        return self._executor

    @property
    def epoch(self) -> int:
        """Which writer of the store this engine is."""
        return self._world.store.epoch

    @property
    def trades_under_way(self) -> int:
        """How many trades run; 0 before the engine is ready."""
        return 0 if self._executor is None else self._executor.running

    def trade_of(self, trade_id: str) -> PairTrade | None:
        """A trade in memory, as last made durable; ``None`` if it is not registered yet."""
        return None if self._executor is None else self._executor.trade(trade_id)

    def is_to_close(self, trade: PairTrade) -> bool:
        """A reduce-only engine was started to see to this trade, too."""
        reduces = self._reduce_only
        return reduces is not None and reduces.closes(trade.signal.strategy, trade.base) is not None

    async def run(
        self, ready: asyncio.Event, background: tuple[Callable[["Engine"], Background], ...] = ()
    ) -> None:
        """Serve until cancelled.

        Raises:
            JournalUnreadable: the journal was written by a newer program.
            StoreUnavailable: the journal cannot be written; nothing is traded without it.
            MadeWay: the watchdog acts in this engine's place, or a successor does.
        """
        with self.noting_deaths():
            await self._run(ready, background)

    @contextmanager
    def noting_deaths(self) -> Iterator[None]:
        """An error that says what was worked on is noted: twice, and that is set aside."""
        try:
            yield
        except Exception as error:
            found = culprit_of(error)
            if found is not None:
                self._world.deaths.note(*found)
            raise

    async def _run(
        self, ready: asyncio.Event, background: tuple[Callable[["Engine"], Background], ...]
    ) -> None:
        replayed = await self._replay()
        if self.aside:
            await self._tell_set_aside()
        self.snapshot_rows = replayed.snapshot_rows
        # What is held must be closable, also when its symbol has left the allow-list.
        held = {base for (_, base), h in replayed.book.ledger.holdings.items() if h.spot or h.short}
        self.bases = tuple(sorted({*self.bases, *held}))
        streamed = self._world.market
        has_streams = streamed is not None and all(map(streamed.knows, self.bases))
        if not has_streams:
            self.market = self._own_market()
        may_send = always if self._heartbeat is None else self._heartbeat.lease.may_send
        self._world.gate.may_send = may_send
        self._executor = OrderExecutor(
            ports=ExecutorPorts(
                exchanges=self._world.exchanges,
                store=self._world.store,
                clock=self._checked_clock(replayed),
                market=self.market,
                wire_time=self._world.wire_time,
                stopwatch=self._world.stopwatch,
                stop_flag=self._world.stop_flag,
                hindrances=self._world.known_hindrances,
                row_loss=replayed.row_loss,
                may_send=may_send,
                reduce_only=self._reduce_only,
                aside=self.aside,
            ),
            settings=self._settings,
            replayed=replayed,
        )
        self.market.on_moved = self._executor.account.prices_moved
        serving, executor_ready = asyncio.Event(), asyncio.Event()
        async with asyncio.TaskGroup() as group:
            if self._heartbeat is not None:
                await self._heartbeat.first()
                group.create_task(self._heartbeat.run(self._figures), name="pulse")
            self._executor.prepared.clear()
            group.create_task(self._prepare(self._executor), name="preparation")
            # Before anything is timed; an exchange that hangs delays nobody for long.
            if not measured_lately(self.exchanges, self._world.clock, within_s=KNOWN_TIME_S):
                await measure_clocks(self.exchanges, self._world.clock, limit_s=FIRST_MEASURE_S)
            group.create_task(self._clock_watch.run(), name="clock watch")
            if not has_streams:
                group.create_task(self.market.run(), name="market")
            group.create_task(self._executor.run(executor_ready, serving), name="executor")
            group.create_task(self._project(), name="projector")
            # Signals are taken and closes are begun; entries wait for the sweep.
            await serving.wait()
            for make in background:
                group.create_task(make(self).run(), name="background")
            if self._heartbeat is not None:
                self._heartbeat.ready()
            await executor_ready.wait()
            await self._tell_start(self._executor)
            await self._executor.account.record_positions(replayed.recorded)
            ready.set()

    async def _prepare(self, executor: OrderExecutor) -> None:
        if self._reduce_only is not None:
            # Only entries need it: it keeps no close of this engine waiting for its requests.
            await executor.swept.wait()
        preparation = Preparation(
            exchanges=self._world.exchanges,
            bases=self.bases,
            leverage=self._leverage,
            troubles=executor.account.troubles,
            prepared=executor.prepared,
            on_problem=self._on_problem,
        )
        await preparation.run()

    def _checked_clock(self, replayed: Replayed) -> Clock:
        """Times of what is under way go on as they were, whatever happened to the calendar."""
        under_way = (trade.last_event_at for trade in replayed.trades.values() if trade.is_active)
        return CheckedClock(
            self._world.clock,
            times=lambda: [exchange.measured_time for exchange in self._world.exchanges.values()],
            not_before=max(under_way, default=None),
        )

    async def _tell_start(self, executor: OrderExecutor) -> None:
        store = self._world.store
        started = EngineStarted(
            build=self._settings.build,
            mode=self._settings.mode,
            clean=store.started_clean,
            machine_changed=store.machine_changed,
            rows_may_be_lost=store.rows_may_be_lost,
            market=self._settings.market,
            at=self._world.clock.now(),
        )
        moved = Alert(kind=AlertKind.MACHINE_CHANGED, urgent=True)
        await executor.account.journal(started, moved if store.machine_changed else None)
        fields = {"build": self._settings.build, "symbols": ", ".join(self.bases)}
        await self._tell_state(AlertKind.ENGINE_STARTED, fields)

    async def _tell_state(self, kind: AlertKind, fields: dict[str, str]) -> None:
        """Tell operators of a start or an end, and of what is open at it."""
        executor = self.executor
        held = executor.book.ledger.holdings.items()
        pairs = [
            f"{strategy} {base}: {plain(h.spot)} spot, {plain(h.short)} short"
            for (strategy, base), h in sorted(held, key=itemgetter(0))
            if h.spot or h.short
        ]
        fields["held"] = "; ".join(pairs) or "nothing"
        fields["trades_under_way"] = str(executor.running)
        if executor.account.latched_reason is not None:
            fields["emergency_stop"] = f"set: {executor.account.latched_reason}"
        if self._reduce_only is not None:
            fields["only_closes"] = self._reduce_only.reason
        await self._tell(Alert(kind=kind, urgent=False, fields=fields))

    def starting(self) -> AbstractAsyncContextManager[None]:
        """Give signs of life beside what is done before :meth:`run`."""
        return nullcontext() if self._heartbeat is None else self._heartbeat.beating()

    async def _replay(self) -> Replayed:
        if self._heartbeat is not None:
            await self._heartbeat.begin()
        # A long journal takes longer than a watchdog waits for a sign.
        async with self.starting():
            return await replay_quickly(
                self._world.store,
                self._world.snapshot,
                rows_lost_in=self._world.store.rows_lost_in,
                tell=self._on_problem,
                aside=self.aside,
            )

    async def _tell_set_aside(self) -> None:
        for culprit, error in self.aside.errors.items():
            fields = {"what": culprit.in_words(), "symbol": culprit.base, "error": error}
            await self._tell(Alert(kind=AlertKind.SET_ASIDE, urgent=True, fields=fields))

    async def end(self) -> None:
        """After :meth:`run` was cancelled on purpose: the watchdog need not act at once."""
        if self._heartbeat is not None:
            await self._heartbeat.end()
        if self._executor is not None:
            await self._tell_state(AlertKind.ENGINE_STOPPED, {"build": self._settings.build})
        await self._project_the_rest()

    async def _project_the_rest(self) -> None:
        """Whoever reads the views while no engine runs finds all; a successor waits little."""
        try:
            async with asyncio.timeout(PROJECT_AT_END_S):
                await self._world.store.project()
        except (TimeoutError, StoreUnavailable, ProjectionFailed) as problem:
            self._on_problem(
                "the views lack the last journal rows until the next start "
                f"({type(problem).__name__}: {problem})"
            )

    def _figures(self) -> Figures:
        executor = self.executor
        return Figures(
            unresolved=executor.running,
            exposure_krw=plain(executor.book.exposure_krw()),
            latched=executor.account.stopped_reason is not None,
        )

    async def _project(self) -> None:
        while True:
            self._projected_s = self._world.clock.monotonic()
            await asyncio.sleep(self._project_every_s)
            await self._world.store.project()

    @property
    def projection_age_s(self) -> float:
        """Since when the views have not caught up with the journal."""
        return self._world.clock.monotonic() - self._projected_s

    def stopwatch_s(self) -> float:
        """Seconds by which latencies are told."""
        stopwatch = self._world.stopwatch
        return self._world.clock.monotonic() if stopwatch is None else stopwatch()

    async def submit(
        self, signal: Signal, *, inbox_id: int | None = None, received_s: float | None = None
    ) -> Receipt:
        """Execute a signal once; returns when its claim is durable.

        ``received_s``: when its first byte came, by :meth:`stopwatch_s`; now by default.
        """
        if received_s is None:
            received_s = self.stopwatch_s()
        claim = claim_for(signal, inbox_id=inbox_id)
        return await self.executor.handle(signal, claim, received_s=received_s)


BUILD = f"tporder-{__version__}"
