"""The real engine, adapters and store against both simulated exchanges in virtual time.

A stage is one world and the engines that live and die in it, one after the other, over one
database. What happens on it is somebody else's play: the random run or a named scenario.
"""

import asyncio
import itertools
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from exchange_simulator.exchanges import (
    SimulatedWorld,
    SimulatorKeys,
    open_world,
)
from exchange_simulator.market.market import standing, tick_of
from exchange_simulator.ports import MarketTick
from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.signal import Signal
from trading_platform_order.executor.ports import ReduceOnly
from trading_platform_order.market.candles import Bar
from trading_platform_order.runtime.engine import BUILD, Background, Engine, EngineWorld
from trading_platform_order.runtime.lease.heartbeat import HeartbeatSettings
from trading_platform_order.runtime.lease.wire_gate import WireGate
from trading_platform_order.runtime.startup.death_notes import DeathMemory
from trading_platform_order.runtime.startup.known_filters import FilterMemory
from trading_platform_order.runtime.startup.known_hindrances import HindranceMemory
from trading_platform_order.simulation.checkers.timeliness.excused_times import Excuse
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.testbed.account_owner import Owner
from trading_platform_order.simulation.testbed.bed_snapshot import BedSnapshot
from trading_platform_order.simulation.testbed.crash_ports import (
    CrashableLease,
    CrashableStore,
    CrashPoint,
    Listener,
    Observer,
)
from trading_platform_order.simulation.testbed.in_process_pair import in_process_pair
from trading_platform_order.simulation.testbed.prices import BARS as BARS  # noqa: PLC0414 - for all who set a stage
from trading_platform_order.simulation.testbed.prices import BASE as BASE  # noqa: PLC0414 - for all who set a stage
from trading_platform_order.simulation.testbed.prices import market_bars as market_bars  # noqa: PLC0414 - for all who set a stage
from trading_platform_order.simulation.testbed.prices import moved
from trading_platform_order.simulation.testbed.setup import NO_PAUSES as NO_PAUSES  # noqa: PLC0414 - as above
from trading_platform_order.simulation.testbed.setup import TestBedSetup as TestBedSetup  # noqa: PLC0414 - as above
from trading_platform_order.simulation.testbed.setup import bed_settings as bed_settings  # noqa: PLC0414 - as above
from trading_platform_order.simulation.testbed.virtual_time.engine_clock import EngineClock
from trading_platform_order.simulation.testbed.virtual_time.traced_clock import TracedClock
from trading_platform_order.storage.base import ClaimResult
from trading_platform_order.storage.relational.epochs import Place, Taking
from trading_platform_order.storage.relational.outbox_table import OutboxTable
from trading_platform_order.storage.relational.runner import Inline
from trading_platform_order.storage.relational.store import SqlInbox, SqlReader
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.migrations import empty_database
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock
from trading_platform_order.storage.sqlite.writers.renewals import MemoryRenewals

START = datetime(2026, 1, 5, tzinfo=UTC)
_LOCKS = Path(tempfile.gettempdir()) / "tporder-simulation"
QUIET_LIMIT_S = 900.0
AFTER_CRASH_S = 10.0
READY_LIMIT_S = 120.0
CALM_LOOKS = 3
SHOWN_EVERY_LOOKS = 8
"""Of 0.25 s: books are never older than an entry, or a stop-loss, lets them be (5 s)."""
_ALERTS_MAX = 10_000


class TestBed:
    """One world, one database, one engine at a time. Open it inside a running event loop.

    Attributes:
        acknowledged: ids of the signals whose sender got an answer.
        sent: every content that was sent, by signal id.
        withdrawn: ids of the signals that an operator took back.
        down_s: how long an engine stays dead that died at a point.
        deaths: what ended engines.
        engine_clock: the machine's clock, which a test may set wrong.
        owner: the other hand that may move the account's money.
        crash_point: of the engine that lives now.
        store_path: what the account's lock is named after.
        place: which machine and boot the engine believes to be on.
        before_restart: called between a death and the next start.
        observers: hear of every commit of the engine, once it is durable.
        listeners: hear of every request of the engine, just before it leaves.
        beside: further parts of every engine that begins from now on.
        prices: of each asset, since when (monotonic) Upbit's and Binance's close was what.
        breaks_its_word: an exchange does here what its rules exclude, so that verdicts may err.
        reduce_only: set for engines that shall only close.
    """

    def __init__(self, report: RunReport, setup: TestBedSetup) -> None:
        self.report = report
        self.setup = setup
        self.acknowledged: list[str] = []
        self.sent: defaultdict[str, list[Signal]] = defaultdict(list)
        self.withdrawn: set[str] = set()
        self.known_filters = FilterMemory()
        self.known_hindrances = HindranceMemory()
        self.deaths = DeathMemory()
        self.strategies: defaultdict[str, set[str]] = defaultdict(set)
        self.down_s = 1.0
        self.crash_point = CrashPoint()
        self.keys = SimulatorKeys()
        self.connection = Database.memory(empty_database())
        self.renewals = MemoryRenewals()
        self.snapshot = BedSnapshot(self.connection)
        self.observers: list[Observer] = []
        self.listeners: list[Listener] = []
        self.beside: list[Callable[[Engine], Background]] = []
        self.breaks_its_word = False
        self.reduce_only: ReduceOnly | None = None
        self.prices: defaultdict[str, list[tuple[float, Decimal, Decimal]]] = defaultdict(list)
        self.before_restart: list[Callable[[], None]] = []
        self.place = Place(machine="machine 0", boot="boot 0")
        self.store_path = _LOCKS / f"{os.getpid()}-{id(self)}"
        # Who only looks whether it is free does so in this thread: nobody is worth waiting for.
        self._lock = AccountLock(self.store_path, attempts=1)
        self.clock: TracedClock
        self.engine_clock: EngineClock
        self.world: SimulatedWorld
        self.owner: Owner
        self._machine = "nonce"
        self._nonces = itertools.count(1)
        self._engine: Engine | None = None
        self._store: CrashableStore | None = None
        self._task: asyncio.Task[None] | None = None
        self._ticks: dict[str, MarketTick] = {}

    def open(self) -> None:
        """Build the exchanges, with the first bar of each market shown; no engine lives yet."""
        self.clock = TracedClock(START, asyncio.get_running_loop().time)
        self.engine_clock = EngineClock(self.clock)
        self.world = open_world(
            clock=self.clock,
            keys=self.keys,
            opening=self.setup.opening,
            latency_s=self.setup.latency_s,
        )
        self.owner = Owner(self.world, self.clock, self.keys, self.setup.opening.coins)
        self.show({base: market_bars(base)[0] for base in self.setup.bases})

    def share(self, other: "TestBed") -> None:
        """Instead of :meth:`open`: another machine in the world of ``other``, same account."""
        self.clock, self.world, self.owner = other.clock, other.world, other.owner
        self.engine_clock = EngineClock(self.clock)
        self._machine = "other"
        self._ticks = other._ticks  # noqa: SLF001 - two stages of one world
        # Real nonces are random: two machines never use the same one.
        self._nonces = other._nonces  # noqa: SLF001 - as above

    async def close(self) -> None:
        """End the engine and the world."""
        await self.kill()
        self._lock.path.unlink(missing_ok=True)
        self.world.close()
        self.connection.close()

    @property
    def engine(self) -> Engine:
        """The engine that lives, or died last.

        Raises:
            RuntimeError: none was started.
        """
        if self._engine is None:
            raise RuntimeError("no engine was started")
        return self._engine

    # -- the engine's life ------------------------------------------------------------------------

    async def start(self) -> None:
        """A new engine over the old database, until it is ready.

        Raises:
            TimeoutError: it is not ready in time.
        """
        ready = self.begin()
        deadline = self.clock.monotonic() + READY_LIMIT_S
        looks = 0
        while not ready.is_set():
            if self.crash_point.dead.is_set():
                await self.crash_and_restart()  # it died while it started
                return
            if self._task is not None and self._task.done():
                self._task.result()
            if self.clock.monotonic() > deadline:
                raise TimeoutError(f"the engine was not ready after {READY_LIMIT_S} s")
            looks += 1
            if looks % SHOWN_EVERY_LOOKS == 0:
                self.show_again()
            await asyncio.sleep(0.2)
        self.note("engine ready")

    def begin(self) -> asyncio.Event:
        """A new engine over the old database; nobody waits for what is returned, "ready"."""
        self._take_lock()
        self.crash_point = CrashPoint()
        self._engine = Engine(
            world=self._engine_world(),
            settings=self.setup.settings,
            leverage=self.setup.leverage,
            project_every_s=3_600,
            heartbeat=self._heartbeat(),
        )
        ready = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(
            self._engine.run(ready, self._background())
        )
        return ready

    def _take_lock(self) -> None:
        self._lock.acquire()

    def _taking(self) -> Taking:
        return Taking(used_epoch=self.renewals.read()[0])

    def store(self, crash_point: CrashPoint, taking: Taking | None = None) -> CrashableStore:
        """The database as one generation sees it, which holds the account from here on."""
        store = CrashableStore(
            self.connection,
            build=BUILD,
            durability="normal",
            place=self.place,
            taking=taking or self._taking(),
        )
        self.renewals.begin(store.epoch)
        store.crash_point = crash_point
        store.observers = self.observers
        return store

    def inbox(self) -> SqlInbox:
        """The database for whoever hands something in."""
        return SqlInbox(self.connection, Inline(), "main")

    def reader(self) -> SqlReader:
        """The database for whoever only looks; an engine may live meanwhile."""
        return SqlReader(self.connection, Inline(), "main")

    def alerts(self) -> list[Alert]:
        """Everything operators were to be told; nobody delivers it here."""
        outbox = OutboxTable(database=self.connection, account="main")
        return [pending.alert for pending in outbox.pending(_ALERTS_MAX)]

    def backup(self) -> bytes:
        """A copy of the database as it is now."""
        return self.connection.serialize()

    def restore(self, copy: bytes) -> None:
        """Put an old copy in the place of the database; no engine may live."""
        self.snapshot.before_older_database()
        self.connection.deserialize(copy)

    @property
    def engine_store(self) -> CrashableStore:
        """That of the engine that lives, or died last."""
        if self._store is None:
            raise RuntimeError("no engine was started")
        return self._store

    def _engine_world(self) -> EngineWorld:
        self._store = self.store(self.crash_point)
        gate = WireGate()
        return EngineWorld(
            gate=gate,
            lease=CrashableLease(self.connection, self.renewals, self.crash_point),
            exchanges=in_process_pair(
                self.world,
                self.keys,
                crash_point=self.crash_point,
                clock=self.engine_clock,
                nonce=lambda: f"{self._machine}-{next(self._nonces)}",
                listeners=self.listeners,
                gate=gate,
                handed=self._hears(),
            ),
            store=self._store,
            clock=self.engine_clock,
            wire_time=lambda _: None,
            snapshot=self.snapshot,
            known_filters=self.known_filters,
            known_hindrances=self.known_hindrances,
            reduce_only=self.reduce_only,
            deaths=self.deaths,
        )

    def _hears(self) -> Listener | None:
        """Who hears of each request that the next engine hands over, signed."""
        return None

    def _heartbeat(self) -> HeartbeatSettings:
        """How the engine gives its signs of life."""
        return HeartbeatSettings()

    def _background(self) -> tuple[Callable[[Engine], Background], ...]:
        """What runs beside the engine and dies with it."""
        return tuple(self.beside)

    async def kill(self) -> None:
        """The engine is gone at once, whatever it was doing."""
        self.crash_point.die()
        self._lock.release()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        for gateway in self.world.gateways.values():
            gateway.close_streams("the engine is dead")

    async def crash_and_restart(self, down_s: float | None = None) -> None:
        """Kill it, wait, start the next one."""
        self.report.crashes += 1
        self.note(f"engine killed at point {self.crash_point.points}")
        await self.kill()
        began_s = self.crash_point.died_s or 0.0
        await asyncio.sleep(self.down_s if down_s is None else down_s)
        for prepare in self.before_restart:
            prepare()
        await self.start()
        self.excuse("crash", since_s=began_s, more_s=AFTER_CRASH_S)
        self.report.excused_s += self.clock.monotonic() - began_s + AFTER_CRASH_S

    def excuse(self, why: str, *, since_s: float, more_s: float = 0.0) -> None:
        """Nothing could be traded since then, and for so long from now."""
        until_s = self.clock.monotonic() + more_s
        self.report.excuses.append(Excuse(since_s=since_s, until_s=until_s, why=why))

    async def revive(self) -> None:
        """Start the next engine if this one died at a point.

        Raises:
            RuntimeError: the engine returned though nobody ended it.
        """
        if self.crash_point.dead.is_set():
            await self.crash_and_restart()
        elif self._task is not None and self._task.done():
            self._task.result()
            raise RuntimeError("the engine returned")

    # -- what the world does to it ----------------------------------------------------------------

    async def deliver(self, signal: Signal) -> ClaimResult:
        """A sender that repeats until it is answered, as a careful one does."""
        self.strategies[signal.symbol].add(signal.strategy)
        self.sent[signal.id].append(signal)
        while True:
            await self.revive()
            sending = asyncio.ensure_future(self.engine.submit(signal))
            dying = asyncio.ensure_future(self.crash_point.dead.wait())
            await asyncio.wait([sending, dying], return_when=asyncio.FIRST_COMPLETED)
            dying.cancel()
            if sending.done():
                receipt = sending.result()
                self.note(f"{signal.action} {signal.id}: {receipt.result} {receipt.refusal or ''}")
                self.acknowledged.append(signal.id)
                return receipt.result
            sending.cancel()

    async def quiet(self) -> None:
        """Until nothing is under way anywhere; meanwhile books that were taken fill up again."""
        deadline = self.clock.monotonic() + QUIET_LIMIT_S
        calm = looks = 0
        while calm < CALM_LOOKS:
            await asyncio.sleep(0.25)
            looks += 1
            if looks % SHOWN_EVERY_LOOKS == 0:
                self.show_again()
            await self.revive()
            quiet = self.engine.executor.is_idle and self.world.idle()
            calm = calm + 1 if quiet else 0
            if self.clock.monotonic() > deadline:
                self.report.violations.append(f"not quiet after {QUIET_LIMIT_S} s")
                return

    def show(self, bars: Mapping[str, Bar]) -> None:
        """Move both exchanges to the closed bars of these assets."""
        self._ticks |= {base: tick_of(base, bar) for base, bar in bars.items()}
        self.show_again()

    def tick(self, base: str) -> MarketTick:
        """The prices of an asset as they were shown last."""
        return self._ticks[base]

    def set_tick(self, tick: MarketTick) -> None:
        """Move both exchanges to these prices of one asset, now."""
        self._ticks[tick.base] = tick
        self.show_again()

    def show_again(self) -> None:
        """The same prices, now."""
        now = self.clock.now()
        self._ticks = {base: standing(tick, now) for base, tick in self._ticks.items()}
        now_s = self.clock.monotonic()
        for base, tick in self._ticks.items():
            seen = self.prices[base]
            closes = tick.upbit_close, tick.binance_close
            if not seen or seen[-1][1:] != closes:
                seen.append((now_s, *closes))
        self.world.show(list(self._ticks.values()))

    def move(self, bps: int) -> None:
        """Both markets move by so much at once."""
        for base, tick in self._ticks.items():
            self._ticks[base] = replace(
                tick,
                upbit_close=moved(tick.upbit_close, bps),
                binance_close=moved(tick.binance_close, bps),
            )
        self.show_again()

    def note(self, text: str, *, at_us: int | None = None) -> None:
        """A line of the timeline, if anybody wants to read it."""
        if not self.report.is_told:
            return
        now = self.clock.now()
        if at_us is not None:
            now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
        offset_s = (now - START).total_seconds()
        self.report.timeline.append(f"{plain(Decimal(str(round(offset_s, 3)))):>10} s  {text}")
