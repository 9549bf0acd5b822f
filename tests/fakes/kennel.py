"""A desk whose engine gives signs of life, with a watchdog beside it, to be killed and started."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
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
from trading_platform_order.exchanges.base import (
    HedgeExchange,
    MarginAccount,
    PrivateSink,
    SpotExchange,
    StreamUp,
)
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.executor.journal.takeover_adoption import replay_with_takeovers
from trading_platform_order.executor.order_executor import OrderExecutor
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.runtime.lease.heartbeat import (
    EngineHeartbeat,
    Figures,
    HeartbeatSettings,
)
from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.storage.sqlite.connection import Inline
from trading_platform_order.storage.sqlite.liveness import SqliteLivenessStore
from trading_platform_order.storage.sqlite.store import SqliteInbox
from trading_platform_order.watchdog.ports import OwnedStore, WatchdogPorts, WatchdogSettings
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
        self.stop_files: list[str] = []
        self.heartbeat: EngineHeartbeat
        self.snapshot = {
            Venue.UPBIT: OwnSnapshot(self.upbit),
            Venue.BINANCE: OwnSnapshot(self.binance),
        }
        self.watch = HauntedLivenessStore(self)

    async def begin(self, *, until_ready: bool = True) -> asyncio.Task[None]:
        """Start an engine; the task is its life."""
        self.process_alive = True
        self.store = WatchedStore(self._connection, build="test", durability="normal")
        self.store.happened = self.happened
        watch = HauntedLivenessStore(self)
        self.engine_watch = watch
        self.heartbeat = EngineHeartbeat(
            watch=watch, clock=self.clock, boot=str(self.store.epoch), settings=HeartbeatSettings()
        )
        await self.heartbeat.begin()
        replayed = await replay_with_takeovers(
            self.store, watch, policy=self._settings.policy, clock=self.clock
        )
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
        task = asyncio.get_running_loop().create_task(self._live(ready))
        if until_ready:
            waiting = asyncio.ensure_future(ready.wait())
            await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
        return task

    @asynccontextmanager
    async def starting(self) -> AsyncIterator[None]:
        """An engine that beats and does not get ready: a journal without end."""
        self.process_alive = True
        heartbeat = EngineHeartbeat(
            watch=HauntedLivenessStore(self),
            clock=self.clock,
            boot=f"start at {self.clock.monotonic()}",
            settings=HeartbeatSettings(),
        )
        try:
            await heartbeat.begin()
            async with heartbeat.beating():
                yield
        finally:
            self.process_alive = False

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
                tell=self.told.append,
                leave_stop_file=self.stop_files.append,
            ),
            settings=self.dog_settings,
        )

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
        while not any(name.endswith("w1") for name in self.sent):  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0.001)

    @property
    def told_kinds(self) -> list[str]:
        """Kinds of what the watchdog told."""
        return [alert.kind for alert in self.told]

    @property
    def held(self) -> tuple[object, object]:
        """What the exchanges themselves hold: coins, and the position."""
        return (self.upbit.base, self.binance.base)


class StumblingInbox(SqliteInbox):
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
