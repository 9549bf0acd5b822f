"""A desk whose engine gives signs of life, with a watchdog beside it, to be killed and started."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import cast

from tests.fakes.exchange import FakeExchange
from tests.fakes.fixture import ExecutorFixture, FakeMarket, WatchedStore
from tests.fakes.outcomes import DEAD_KEY, refused_for
from tests.fakes.pair import D
from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.order import Order, OrderReport
from trading_platform_order.domain.outcome import ReadFailed, Refused, SendOutcome, Unknown
from trading_platform_order.domain.rows import Rows
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import HedgeExchange, MarginAccount, SpotExchange
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.exchanges.port.stream_events import PrivateSink, StreamUp
from trading_platform_order.executor.journal.replay import replay
from trading_platform_order.executor.order_executor import OrderExecutor
from trading_platform_order.executor.ports import ExecutorPorts, ReduceOnly
from trading_platform_order.runtime.lease.heartbeat import (
    EngineHeartbeat,
    Figures,
    HeartbeatSettings,
    MadeWay,
    let_watchdog_finish,
)
from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.storage.relational.epochs import Place
from trading_platform_order.storage.relational.runner import Inline
from trading_platform_order.storage.relational.store import SqlInbox
from trading_platform_order.storage.sqlite.writers.liveness import SqliteLivenessStore
from trading_platform_order.watchdog.failure_notes import FailureMemory, Failures
from trading_platform_order.watchdog.ports import (
    CannotClose,
    OwnedStore,
    WatchdogPorts,
    WatchdogSettings,
)
from trading_platform_order.watchdog.watchdog import Watchdog


class OwnSnapshot:
    """The same exchange by connections and with a key of the watchdog's own."""

    def __init__(self, exchange: FakeExchange) -> None:
        self._exchange = exchange
        self.sink: PrivateSink = lambda _: None
        self.loss_usdt = D(0)
        self.lists_s = 0.0
        self.key_is_dead = False
        self.test_s = 0.0
        self.tested: list[Order] = []

    def send(self, order: Order) -> Awaitable[SendOutcome]:
        outcome = refused_for(DEAD_KEY) if self.key_is_dead else None
        return self._exchange.take(order, outcome=outcome)

    async def test_order(self, order: Order) -> Refused | Unknown | None:
        self.tested.append(order)
        await asyncio.sleep(self.test_s)
        return DEAD_KEY if self.key_is_dead else None

    async def margin(self) -> MarginAccount | ReadFailed:
        seen = await self._exchange.margin()
        if not isinstance(seen, MarginAccount):
            return seen
        return replace(seen, margin_balance_usdt=seen.margin_balance_usdt - self.loss_usdt)

    async def open_orders(self, *symbols: str) -> Rows[OrderReport] | ReadFailed:
        await asyncio.sleep(self.lists_s)
        return await self._exchange.open_orders(*symbols)

    def __getattr__(self, name: str) -> object:
        return getattr(self._exchange, name)

    async def run_private_stream(self, sink: PrivateSink) -> None:
        self.sink = sink
        sink(StreamUp(exchange=self._exchange.venue))
        await asyncio.get_running_loop().create_future()


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeOwnedStore(OwnedStore):
    """Over a connection that outlives it."""

    async def close(self) -> None:
        """Nothing is closed."""


HOLDING = WatchdogSettings(mode="p", symbols=("BTC",), boot="dog-1")
LAPSE_S = 6.0
SETTINGS = replace(HOLDING, hedged_hold_s=0.0)
"""It closes whatever is open: how that is done is most of what there is to see."""


class Kennel(ExecutorFixture):
    """Everything of a desk, and a watchdog.

    Attributes:
        engine_hangs: the engine's beat stands still though its process is there.
        process_alive: the account's lock is held.
        store_gone: nobody can open or use the store.
        latch_fails: so many times the stop cannot be latched.
        told: what the watchdog told people.
        dog_holds: the watchdog has the account.
        closes_fail: why the account cannot be taken, one for each time that it is tried.
        deadly_closes: so many engines that close end the watchdog's whole process.
        dog_ended: one of them has; what it noted up to then is kept.
        last_resort: what closes when no engine does.
        coins_aside: what no engine looks at.
        own_market: the watchdog's own prices; another one may see what the engine does not.
    """

    def __init__(self, *, dog: WatchdogSettings = SETTINGS, **settings: object) -> None:
        super().__init__(**settings)
        self.dog_settings = dog
        self.own_market = self.market
        self.process_alive = False
        self.store_gone = False
        self.latch_fails = 0
        self.told: list[Alert] = []
        self.notes: list[str] = []
        self.life: asyncio.Task[None] | None = None
        self.closing: OrderExecutor | None = None
        self.dog_holds = False
        self.closes_fail: list[str] = []
        self.deadly_closes = 0
        self.dog_ended = asyncio.Event()
        self.failures = FailureMemory()
        self.stop_files: list[str] = []
        self.last_resort = FakeLastResort(self)
        self.coins_aside: frozenset[str] = frozenset()
        self.heartbeat: EngineHeartbeat
        self.snapshot = {
            Venue.UPBIT: OwnSnapshot(self.upbit),
            Venue.BINANCE: OwnSnapshot(self.binance),
        }
        self.watch = HauntedLivenessStore(self)

    async def begin(self, *, until_ready: bool = True) -> asyncio.Task[None]:
        """Start an engine; the task is its life."""
        if self.life is not None:
            await self._wait_for_the_watchdog()
        self.process_alive = True
        self.store = WatchedStore(self._connection, build="test", durability="normal")
        self.store.happened = self.happened
        watch = HauntedLivenessStore(self)
        self.engine_watch = watch
        self.heartbeat = EngineHeartbeat(
            watch=watch, clock=self.clock, boot=str(self.store.epoch), settings=HeartbeatSettings()
        )
        await self.heartbeat.begin()
        replayed = await replay(self.store, rows_lost_in=self.store.rows_lost_in)
        await self.heartbeat.first()
        self.executor = OrderExecutor(
            ports=ExecutorPorts(
                exchanges=PairExchanges(spot=self.upbit, hedge=self.binance),
                store=self.store,
                clock=self.clock,
                market=self.market,
                wire_time=lambda _: None,
                may_send=self.heartbeat.lease.may_send,
            ),
            settings=self._settings,
            replayed=replayed,
        )
        ready = asyncio.Event()
        task = self.life = asyncio.get_running_loop().create_task(self._live(ready))
        if until_ready:
            waiting = asyncio.ensure_future(ready.wait())
            await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
        return task

    async def _wait_for_the_watchdog(self) -> None:
        await let_watchdog_finish(
            HauntedLivenessStore(self),
            clock=self.clock,
            boot=f"start at {self.clock.monotonic()}",
            settings=HeartbeatSettings(),
            tell=self.notes.append,
        )
        while self.dog_holds:  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0.1)

    @asynccontextmanager
    async def starting(self) -> AsyncIterator[None]:
        """An engine that beats and does not get ready: a journal without end; it may make way."""
        self.process_alive = True

        async def start() -> None:
            heartbeat = EngineHeartbeat(
                watch=HauntedLivenessStore(self),
                clock=self.clock,
                boot=f"start at {self.clock.monotonic()}",
                settings=HeartbeatSettings(),
            )
            with suppress(MadeWay):
                await heartbeat.begin()
                async with heartbeat.beating():
                    await asyncio.Event().wait()
            self.process_alive = False

        starts = asyncio.ensure_future(start())
        try:
            yield
        finally:
            self.process_alive = False
            await self.kill(starts)

    async def _live(self, ready: asyncio.Event) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.heartbeat.run(self._figures))
                group.create_task(self.executor.run(ready))
                await ready.wait()
                self.heartbeat.ready()
        finally:
            self.process_alive = False

    def _figures(self) -> Figures:
        latched = self.executor.account.stopped_reason is not None
        return Figures(unresolved=self.executor.running, exposure_krw="0", latched=latched)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[Watchdog]:
        """A watchdog at work; killed at the end."""
        dog = self.dog()
        task = asyncio.get_running_loop().create_task(dog.run())
        try:
            yield dog
        finally:
            await self.kill(task)

    def dog(self) -> Watchdog:
        """A watchdog over what the store says."""
        self.dog_settings = replace(self.dog_settings, boot=self.dog_settings.boot + "'")
        return Watchdog(
            ports=WatchdogPorts(
                exchanges=PairExchanges(
                    spot=cast("SpotExchange", self.snapshot[Venue.UPBIT]),
                    hedge=cast("HedgeExchange", self.snapshot[Venue.BINANCE]),
                ),
                open_store=self._open_store,
                market=self.own_market,
                clock=self.clock,
                engine_is_gone=lambda: not self.process_alive,
                closing=self._closing,
                tell=self.told.append,
                leave_stop_file=self.stop_files.append,
                last_resort=self.last_resort,
                coins_aside=lambda: self.coins_aside,
                failures=CrashableNotes(self),
            ),
            settings=self.dog_settings,
        )

    @asynccontextmanager
    async def _closing(
        self, reason: str, closes: Callable[[str, str], str | None]
    ) -> AsyncIterator["ClosingExecutor"]:
        """An executor that only closes, by the watchdog's own connections."""
        if self.closes_fail:
            raise CannotClose(self.closes_fail.pop(0))
        if self.deadly_closes:
            self.deadly_closes -= 1
            self.dog_ended.set()
            await asyncio.get_running_loop().create_future()
        await self._process_ends()
        self.dog_holds = True
        store = WatchedStore(
            self._connection, build="test", durability="normal", place=Place(boot=self.boot)
        )
        store.happened = self.happened
        replayed = await replay(store, rows_lost_in=store.rows_lost_in)
        executor = OrderExecutor(
            ports=ExecutorPorts(
                exchanges=PairExchanges(
                    spot=cast("SpotExchange", self.snapshot[Venue.UPBIT]),
                    hedge=cast("HedgeExchange", self.snapshot[Venue.BINANCE]),
                ),
                store=store,
                clock=self.clock,
                market=self.own_market,
                wire_time=lambda _: None,
                row_loss=replayed.row_loss,
                reduce_only=ReduceOnly(reason=reason, closes=closes),
            ),
            settings=self._settings,
            replayed=replayed,
        )
        self.closing = executor
        serving = asyncio.Event()
        task = asyncio.get_running_loop().create_task(executor.run(asyncio.Event(), serving))
        try:
            yield ClosingExecutor(executor, serving, task)
        finally:
            await self.kill(task)
            self.dog_holds = False
        await store.close()

    async def _process_ends(self) -> None:
        """Who hangs is killed once its lease has lapsed; who makes way ends by itself."""
        lapsed_s = self.clock.monotonic() + LAPSE_S
        while self.process_alive and self.clock.monotonic() < lapsed_s:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.1)
        if self.process_alive and self.life is not None:
            await self.kill(self.life)
        self.process_alive = False

    def _open_store(self) -> OwnedStore:
        if self.store_gone:
            raise StoreUnavailable("no store")
        inbox = StumblingInbox(self)
        return FakeOwnedStore(inbox=inbox, watch=HauntedLivenessStore(self))

    def prices_of_its_own(self) -> FakeMarket:
        """The watchdog sees other prices than the engine, which may be wrong about a loss."""
        self.own_market = FakeMarket()
        return self.own_market

    async def until_it_reduces(self) -> None:
        """The watchdog has just sent its first order."""
        while not any(name.endswith("c1") for name in self.sent):  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0.001)

    @property
    def told_kinds(self) -> list[str]:
        """Kinds of what the watchdog told."""
        return [alert.kind for alert in self.told]

    @property
    def held(self) -> tuple[object, object]:
        """What the exchanges themselves hold: coins, and the position."""
        return (self.upbit.base, self.binance.base)


class CrashableNotes:
    """What a watchdog leaves for the next one: nothing more once its process has ended."""

    def __init__(self, kennel: Kennel) -> None:
        self._kennel = kennel

    def load(self) -> Failures:
        return self._kennel.failures.load()

    def save(self, failures: Failures) -> None:
        if not self._kennel.dog_ended.is_set():
            self._kennel.failures.save(failures)


class FakeLastResort:
    """Says what it is told to say, and closes nothing.

    Attributes:
        fault: why it cannot be started.
        lefts: why something is left, one for each run; afterwards nothing is left.
        runs: why it was started, each time.
        takes_s: how long a run takes.
    """

    def __init__(self, kennel: Kennel) -> None:
        self._kennel = kennel
        self.fault = ""
        self.lefts: list[str] = []
        self.runs: list[tuple[float, str]] = []
        self.takes_s = 1.0

    def why_not(self) -> str:
        return self.fault

    def words(self) -> str:
        return "its last line"

    async def run(self, reason: str) -> str:
        assert not self._kennel.dog_holds, "an engine closes beside it"
        self._kennel.dog_holds = True
        self.runs.append((self._kennel.clock.monotonic(), reason))
        try:
            await asyncio.sleep(self.takes_s)
        finally:
            self._kennel.dog_holds = False
        return self.lefts.pop(0) if self.lefts else ""


class ClosingExecutor:
    """What the watchdog sees of it."""

    def __init__(
        self, executor: OrderExecutor, serving: asyncio.Event, task: asyncio.Task[None]
    ) -> None:
        self._executor = executor
        self._serving = serving
        self._task = task

    def left(self) -> tuple[str, ...]:
        if self._task.done():
            raise CannotClose(f"it ended: {self._task.exception()}")
        if not self._serving.is_set():
            return ("it starts",)
        under_way = [trade.trade_id for trade in self._executor.running_trades()]
        waits = [waits.reason for waits in self._executor.closes.waiting().values()]
        left = (*waits, *under_way, *self._executor.left_to_close())
        return left or (() if self._executor.is_idle else ("it books",))

    @property
    def is_idle(self) -> bool:
        return self._serving.is_set() and self._executor.is_idle


class StumblingInbox(SqlInbox):
    """The store as the watchdog uses it; another process may hold its lock for too long."""

    def __init__(self, kennel: Kennel) -> None:
        super().__init__(kennel._connection, Inline(), "main")
        self._kennel = kennel

    async def set_latch(self, kind: str, reason: str, *, at_us: int) -> bool:
        if self._kennel.latch_fails > 0:
            self._kennel.latch_fails -= 1
            raise StoreUnavailable("database is locked")
        return await super().set_latch(kind, reason, at_us=at_us)


class HauntedLivenessStore(SqliteLivenessStore):
    """The watch tables of a store that can be gone, or never answer."""

    hangs = False

    def __init__(self, kennel: Kennel) -> None:
        super().__init__(kennel._connection)
        self._kennel = kennel

    async def _run(self, work, *args, **kwargs):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN002, ANN003, ANN202
        if self.hangs:
            await asyncio.get_running_loop().create_future()
        if self._kennel.store_gone:
            raise StoreUnavailable("the store was removed")
        return await super()._run(work, *args, **kwargs)
