"""A stage with a watchdog beside the engine: both real, both mortal, over one database."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import ParamSpec, TypeVar

import apsw

from exchange_simulator.binance.requests.request import second_key_of
from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.signal import Signal
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.notifications.external_heartbeat import ExternalHeartbeat
from trading_platform_order.runtime.engine import Background, Engine, EngineWorld
from trading_platform_order.runtime.lease.heartbeat import (
    HeartbeatSettings,
    MadeWay,
    let_watchdog_finish,
)
from trading_platform_order.runtime.lease.wire_gate import WireGate
from trading_platform_order.runtime.live_market import LiveMarket
from trading_platform_order.signals.schema import parse_signal, signal_to_json
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.testbed.crash_ports import (
    CrashableHttp,
    CrashableStore,
    CrashPoint,
)
from trading_platform_order.simulation.testbed.failover.dog_closing import DogClosing
from trading_platform_order.simulation.testbed.in_process_pair import in_process_pair
from trading_platform_order.simulation.testbed.testbed import (
    QUIET_LIMIT_S,
    TestBed,
    TestBedSetup,
)
from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.storage.lease import NOBODY, Holder
from trading_platform_order.storage.relational.epochs import Taking
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLocked
from trading_platform_order.storage.sqlite.writers.liveness import SqliteLivenessStore
from trading_platform_order.transport.clock import epoch_us
from trading_platform_order.transport.http import HttpRequest, HttpResponse, HttpResult
from trading_platform_order.watchdog.failure_notes import FailureMemory, FailureNotes, Failures
from trading_platform_order.watchdog.ports import (
    LastResort,
    NoLastResort,
    OwnedStore,
    WatchdogPorts,
    WatchdogSettings,
)
from trading_platform_order.watchdog.watchdog import Watchdog

NAMESPACE = "pid:[1]"
_OUR_ID = re.compile(r"\bt[a-z]-[a-z2-7]{20}-[a-z0-9]+")
MONITOR_EVERY_S = 5.0
ENGINE_URL, DOG_URL = "https://monitor.invalid/engine", "https://monitor.invalid/watchdog"
SETTLED_S = 4.0
"""Engine and watchdog have seen what happened last, and each other."""
LATEST_S = 15.0
STEP_S = 0.5
SHOWN_EVERY_STEPS = 5
TICK_S = 0.25
SEEN_S = 0.05
P = ParamSpec("P")
T = TypeVar("T")


class CrashableLivenessStore(SqliteLivenessStore):
    """The watch tables as one generation sees them."""

    def __init__(self, database: Database, crash_point: CrashPoint) -> None:
        super().__init__(database)
        self._crash_point = crash_point

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        await self._crash_point.point()
        result = await super()._run(work, *args, **kwargs)
        await self._crash_point.point()
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedStore(OwnedStore):
    """Over a connection that outlives it."""

    async def close(self) -> None:
        """Nothing is closed."""


class CrashableNotes(FailureNotes):
    """What a watchdog leaves for the next one: nothing more once it is dead."""

    def __init__(self, inner: FailureNotes, crash_point: CrashPoint) -> None:
        self._inner = inner
        self._crash_point = crash_point

    def load(self) -> Failures:
        """As it was left."""
        return self._inner.load()

    def save(self, failures: Failures) -> None:
        """Replace it, while it lives."""
        if not self._crash_point.dead.is_set():
            self._inner.save(failures)


class Monitor:
    """The monitor outside, which calls operators when a sign of life does not come."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._heard: dict[str, float] = {}

    async def send(self, request: HttpRequest) -> HttpResult:
        """Somebody is alive."""
        self._heard[request.url] = self._monotonic()
        return HttpResponse(status=200, headers={}, body=b"")

    async def close(self) -> None:
        """Nothing to close."""

    def misses(self, url: str) -> bool:
        """It was heard once, and is not heard any more."""
        silent_s = self._monotonic() - self._heard.get(url, -1e9)
        return url in self._heard and silent_s > 2 * MONITOR_EVERY_S


class FailoverTestBed(TestBed):
    """A stage with a watchdog.

    Attributes:
        monitor: outside of all that may die here.
        told: what the watchdog told people.
        stop_file: what the stop file says; ``None`` while there is none.
        dog_crash_point: of the watchdog that lives now.
        dog_orders: client order ids that watchdogs, or what they start, have sent.
        engine_process: the engine's, while there is one.
        hold_s: how long the next watchdog holds what is safe.
        last_resort_distance: rise to liquidation below which it does not wait with the last resort.
    """

    def __init__(self, report: RunReport, setup: TestBedSetup, *, random: Random) -> None:
        super().__init__(report, setup)
        self.monitor: Monitor
        self.told: list[Alert] = []
        self.stop_file: str | None = None
        self.dog_crash_point = CrashPoint()
        self.dog_orders: set[str] = set()
        self.hold_s = 900.0
        self.last_resort_distance = Decimal("0.10")
        self._dog_nonces = random
        self._dog_task: asyncio.Task[None] | None = None
        self._boots = 0
        self._failures = FailureMemory()
        self.engine_process: Holder | None = None
        self._started = 0

    def open(self) -> None:
        """As any stage, with a monitor outside of it."""
        super().open()
        self.monitor = Monitor(self.clock.monotonic)

    @property
    def is_trading(self) -> bool:
        """The engine had something under way when it was last seen; one that starts, has not."""
        try:
            return not self.engine.executor.is_idle
        except RuntimeError:
            return False

    def hang(self) -> None:
        """The engine's process is there, holds its lock, and does nothing more."""
        self.crash_point.die()

    def lose_store(self) -> None:
        """Nothing can be read from the database any more, nor written to it."""
        self.connection.handle.set_authorizer(lambda *_: apsw.SQLITE_DENY)

    def find_store(self) -> None:
        """The database works again, with all that was durable."""
        self.connection.handle.set_authorizer(None)

    def engine_has_ended(self) -> bool:
        """It has given up by itself, for want of a store."""
        task = self._task
        if task is None or not task.done() or task.cancelled():
            return False
        return isinstance(task.exception(), ExceptionGroup | StoreUnavailable)

    async def start(self) -> None:
        """As any stage, once no watchdog is at work; whoever supervises it starts it again.

        Raises:
            TimeoutError: it is not ready in time.
        """
        while True:
            await let_watchdog_finish(
                SqliteLivenessStore(self.connection),
                clock=self.clock,
                boot=f"start at {self.clock.monotonic()}",
                settings=self._heartbeat(),
                tell=self.note,
            )
            try:
                await super().start()
            except MadeWay:
                await self._leave_the_way()
            except AccountLocked:
                await asyncio.sleep(STEP_S)
            else:
                return

    async def revive(self) -> None:
        """As any stage, and after an engine has made way."""
        try:
            await super().revive()
        except MadeWay:
            await self._leave_the_way()
            await self.start()

    async def _leave_the_way(self) -> None:
        self.note("engine made way")
        await self.kill()
        await asyncio.sleep(STEP_S)

    # -- processes --------------------------------------------------------------------------------

    def begin(self) -> asyncio.Event:
        """As any stage; an engine that ends by itself is a process that ends."""
        ready = super().begin()
        task = self._task

        def ended(_: asyncio.Task[None]) -> None:
            if self._task is task:
                self._process_ends()

        if task is not None:
            task.add_done_callback(ended)
        return ready

    async def kill(self) -> None:
        """The engine's process is gone at once."""
        self._process_ends()
        await super().kill()

    def _process_ends(self) -> None:
        self.engine_process = None
        self._lock.release()

    def _take_lock(self) -> None:
        super()._take_lock()
        self.engine_process = self.new_process()

    def new_process(self) -> Holder:
        """A process on this machine, which holds the account's lock."""
        self._started += 1
        return Holder(
            boot=self.place.boot,
            pid_namespace=NAMESPACE,
            pid=self._started,
            started=self._started,
            has_lock=True,
        )

    def _taking(self) -> Taking:
        return replace(super()._taking(), holder=self.engine_process or NOBODY)

    def _leave_stop_file(self, reason: str) -> None:
        self.stop_file = reason

    def _heartbeat(self) -> HeartbeatSettings:
        return HeartbeatSettings(expected=True)

    def heartbeat_settings(self) -> HeartbeatSettings:
        """As every engine here beats."""
        return self._heartbeat()

    def hold_lock(self) -> None:
        """A process is there; :meth:`kill` ends it."""
        self._lock.acquire()

    def _background(self) -> tuple[Callable[[Engine], Background], ...]:
        return (lambda _: self._outside(ENGINE_URL, self.crash_point),)

    def beside_closing(self, store: CrashableStore) -> tuple[Callable[[Engine], Background], ...]:  # noqa: ARG002 - a stage may have some
        """What runs beside an engine that a watchdog closes with, and dies with it."""
        return ()

    def _last_resort_of(self, closing: DogClosing) -> LastResort:  # noqa: ARG002 - as above
        """What a watchdog may start; a stage may have one."""
        return NoLastResort()

    def _outside(
        self, url: str, crash_point: CrashPoint, is_healthy: Callable[[], bool] = lambda: True
    ) -> ExternalHeartbeat:
        return ExternalHeartbeat(
            http=CrashableHttp(self.monitor, crash_point),
            url=url,
            interval_s=MONITOR_EVERY_S,
            is_healthy=is_healthy,
        )

    def _engine_world(self) -> EngineWorld:
        watch = EngineLivenessStore(self.connection, self.crash_point)
        return replace(super()._engine_world(), watch=watch, stop_flag=lambda: self.stop_file)

    async def close(self) -> None:
        """End watchdog, engine and world."""
        await self.kill_dog()
        await super().close()

    async def quiet(self) -> None:
        """Until the engine has nothing to do, and no order of anybody is under way any more.

        The watchdog asks and listens for ever, so a world with one is never wholly idle.
        """
        deadline = self.clock.monotonic() + QUIET_LIMIT_S
        calm_s, steps = 0.0, 0
        while calm_s < (SETTLED_S if self.world.orders_are_idle() else LATEST_S):
            await asyncio.sleep(STEP_S)
            steps += 1
            if steps % SHOWN_EVERY_STEPS == 0:
                self.show_again()
            await self.revive()
            calm_s = calm_s + STEP_S if self.engine.executor.is_idle else 0.0
            if self.clock.monotonic() > deadline:
                self.report.violations.append(f"not quiet after {QUIET_LIMIT_S} s")
                break
        self.show_again()  # whatever is sent now finds prices of now
        await asyncio.sleep(SEEN_S)

    def start_dog(self) -> None:
        """A new watchdog."""
        self.dog_crash_point = CrashPoint()
        self._boots += 1
        exchanges = self.dog_exchanges(self.dog_crash_point)
        market = LiveMarket(bases=self.setup.bases, exchanges=exchanges, clock=self.clock)
        closing = DogClosing(self, market, self.dog_crash_point)
        dog = Watchdog(
            ports=WatchdogPorts(
                exchanges=exchanges,
                open_store=self._open_store,
                market=market,
                clock=self.clock,
                engine_is_gone=closing.engine_is_gone,
                closing=closing,
                tell=self._told,
                leave_stop_file=self._leave_stop_file,
                failures=CrashableNotes(self._failures, self.dog_crash_point),
                last_resort=self._last_resort_of(closing),
                coins_aside=lambda: self.deaths.set_aside().coins,
            ),
            settings=WatchdogSettings(
                mode=self.setup.settings.policy.mode,
                symbols=self.setup.bases,
                boot=f"dog {self._boots}",
                tick_s=TICK_S,
                hedged_hold_s=self.hold_s,
                last_resort_distance=self.last_resort_distance,
            ),
        )
        self._dog_task = asyncio.get_running_loop().create_task(
            _live(
                market, dog, closing, self._outside(DOG_URL, self.dog_crash_point, dog.is_looking)
            )
        )

    def dog_exchanges(self, crash_point: CrashPoint, gate: WireGate | None = None) -> PairExchanges:
        """Both exchanges with the watchdog's keys."""
        return in_process_pair(
            self.world,
            replace(self.keys, binance_api_key=second_key_of(self.keys.binance_api_key)),
            crash_point=crash_point,
            clock=self.clock,
            nonce=lambda: f"dog-{self._dog_nonces.getrandbits(64)}",
            listeners=[*self.listeners, self._hears_dog],
            gate=gate,
        )

    def _hears_dog(self, request: HttpRequest) -> None:
        text = f"{request.url} {request.body!r}"
        # What uses an identifier up rests far from the market, and is none of its own orders.
        if request.method == "POST" and "post_only" not in text:
            self.dog_orders.update(_OUR_ID.findall(text))

    async def kill_dog(self) -> None:
        """It is gone at once, whatever it was doing."""
        self.dog_crash_point.die()
        if self._dog_task is not None:
            self._dog_task.cancel()
            await asyncio.wait([self._dog_task])
            if not self._dog_task.cancelled():
                self._dog_task.result()
            self._dog_task = None

    async def put_signal(self, signal: Signal) -> None:
        """Into the durable inbox, as another program does."""
        await self.inbox().put_signal(signal_to_json(signal), at_us=epoch_us(self.clock.now()))

    async def waiting_signals(self) -> list[tuple[int, Signal]]:
        """What no engine has taken out of it yet."""
        waiting = await self.inbox().pending_signals()
        rows = [(number, parse_signal(raw)) for number, raw in waiting]
        return [(number, one) for number, one in rows if isinstance(one, Signal)]

    def _open_store(self) -> OwnedStore:
        return SharedStore(
            inbox=self.inbox(), watch=CrashableLivenessStore(self.connection, self.dog_crash_point)
        )

    def _told(self, alert: Alert) -> None:
        self.told.append(alert)
        self.note(f"watchdog: {alert.kind} {dict(alert.fields)}")


class EngineLivenessStore(SqliteLivenessStore):
    """As the engine sees it: a beat is no point of its own to die at."""

    def __init__(self, database: Database, crash_point: CrashPoint) -> None:
        super().__init__(database)
        self._crash_point = crash_point

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        await self._crash_point.breathe()
        result = await super()._run(work, *args, **kwargs)
        await self._crash_point.breathe()
        return result


async def _live(
    market: LiveMarket, dog: Watchdog, closing: "DogClosing", outside: ExternalHeartbeat
) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(closing.watch())
        group.create_task(outside.run())
        group.create_task(market.run())
        group.create_task(dog.run())
