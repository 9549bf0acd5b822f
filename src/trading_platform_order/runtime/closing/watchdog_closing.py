"""A watchdog's closing on this machine: lock, lease, store, connections and an engine on them.

Lock, lease, store and adapters are opened anew for each closing and let go of with it. Prices are
what the watchdog streams all the time, and what is slow to make (contexts of TLS) it has already.
What the engine has to tell goes through the store's outbox, as any engine's does: what one process
has delivered, no other delivers again.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.exchanges.upbit import new_nonce
from trading_platform_order.executor.ports import ReduceOnly
from trading_platform_order.runtime.addresses import Configs
from trading_platform_order.runtime.alerting.alert_workers import AlertWorkers
from trading_platform_order.runtime.assembly import (
    Network,
    durability_of,
    executor_settings,
    heartbeat_settings,
    make_exchanges,
)
from trading_platform_order.runtime.closing.closing_engine import ClosingAtWork, at_work
from trading_platform_order.runtime.closing.last_resort_process import HeldAccount
from trading_platform_order.runtime.closing.taking import in_time
from trading_platform_order.runtime.doors.inbox_consumer import InboxLoop
from trading_platform_order.runtime.engine import BUILD, Background, Engine, EngineWorld
from trading_platform_order.runtime.followers.followed import Followed
from trading_platform_order.runtime.followers.owned_file import owned_file, owned_path
from trading_platform_order.runtime.host.files.stop_file import StopFile, stop_file_path
from trading_platform_order.runtime.host.machine import this_place
from trading_platform_order.runtime.host.wire_times import WireTimes
from trading_platform_order.runtime.lease.account_taking import AccountFiles, Taken
from trading_platform_order.runtime.lease.heartbeat import NoSigns
from trading_platform_order.runtime.lease.lease_candidate import Candidate, TakingSettings
from trading_platform_order.runtime.lease.wire_gate import WireGate
from trading_platform_order.runtime.live_market import LiveMarket
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.runtime.startup.after_last_resort import AfterLastResort
from trading_platform_order.runtime.startup.death_notes import DeathFile, deaths_path
from trading_platform_order.runtime.startup.known_filters import FilterFile
from trading_platform_order.signals.arrival.inbox import InboxSource
from trading_platform_order.signals.arrival.wakeup import LocalWake
from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.storage.lease import LeaseTaken
from trading_platform_order.storage.relational.lock_wait import LockWait
from trading_platform_order.storage.side_files.snapshots import SnapshotFile, snapshot_path
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.storage.sqlite.writers.lease import open_lease
from trading_platform_order.storage.sqlite.writers.renewals import RenewalFile
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport
from trading_platform_order.transport.clock import Clock, epoch_us
from trading_platform_order.transport.http import HttpTransport
from trading_platform_order.transport.websocket import WebSocketTransport
from trading_platform_order.watchdog.ports import CannotClose


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingWorld:
    """What a watchdog has already.

    Attributes:
        settings: with the watchdog's own keys.
        path: of the store.
        configs: where the exchanges are, with these keys.
        market: prices that the watchdog streams.
        measuring: the watchdog's own adapters, whose clocks are measured all the time.
        http: for alerts; ``orders``: for the engine; ``websockets``: for its private streams.
        wire: learns when an order left by ``orders``.
        announce: told in one line what an operator should know.
        page: told what an operator must do something about, at once.
    """

    settings: Settings
    path: Path
    configs: Configs
    market: LiveMarket
    measuring: PairExchanges
    http: AiohttpTransport
    orders: HttpTransport
    websockets: WebSocketTransport
    wire: WireTimes
    clock: Clock
    announce: Callable[[str], None]
    page: Callable[[str, float], None]


class WatchdogClosing:
    """See :class:`trading_platform_order.watchdog.ports.OpenClosing`."""

    def __init__(self, world: ClosingWorld) -> None:
        self._world = world
        self._settings = world.settings
        self._account = world.settings.engine.account
        self._followed = Followed()
        part = world.settings.watchdog
        self._files = AccountFiles(world.path, self._account)
        self._candidate = Candidate(
            standing=self._files,
            here=self._files.here,
            boottime=world.clock.boottime,
            settings=TakingSettings(lapse_s=part.lapse_s, lease_s=part.lease_s),
            tell=world.announce,
            page=world.page,
        )
        self._is_taken = False

    async def run(self) -> None:
        """Know at any time for how long the account's lease has not been renewed."""
        await self._candidate.observe_on()

    def engine_is_gone(self) -> bool:
        """Certain that no engine's process is there: nobody else has the account's file."""
        return self._is_taken or self._files.lock.is_free()

    @asynccontextmanager
    async def __call__(
        self, reason: str, closes: Callable[[str, str], str | None]
    ) -> AsyncIterator[ClosingAtWork]:
        """Take the account, and have an engine close on it until the block ends."""
        async with AsyncExitStack() as stack:
            taken, store = await stack.enter_async_context(self._account_taken(reason))
            alerts = AlertWorkers(
                self._settings,
                store,
                self._world.http,
                clock=self._world.clock,
                path=self._world.path,
                warn=self._world.announce,
            )
            engine = self._engine(store, stack, reason=taken.reason, closes=closes)
            async with at_work(engine, self._beside(store, taken, alerts)) as work:
                yield work
            await alerts.last_words()

    @asynccontextmanager
    async def held(self, reason: str) -> AsyncIterator[HeldAccount]:
        """Take the account for a program that is no engine, until the block ends."""
        async with self._account_taken(reason) as (taken, store):
            lease = open_lease(self._world.path, account=self._account)
            try:
                yield HeldAccount(taken.lock, lease, store.epoch)
            finally:
                lease.close()

    @asynccontextmanager
    async def _account_taken(self, reason: str) -> AsyncIterator[tuple[Taken, SqliteStore]]:
        async with AsyncExitStack() as stack:
            stack.callback(self._let_go)
            taken = await self._taken(reason)
            store = self._store(taken)
            stack.push_async_callback(store.close)
            lease_s = self._settings.watchdog.lease_s
            await taken.begin(store, lease_s=lease_s, clock=self._world.clock)
            yield taken, store

    def _let_go(self) -> None:
        self._is_taken = False
        self._files.release()

    async def _taken(self, reason: str) -> Taken:
        grounds = await in_time(self._candidate)
        self._is_taken = True
        return Taken(
            lock=self._files.lock,
            renewals=RenewalFile(self._world.path, self._account),
            holder=replace(self._files.here, has_lock=grounds.has_lock),
            reason=f"the watchdog acts: {reason}",
            lease=grounds.lease,
            was_alive=grounds.is_alive,
        )

    def _store(self, taken: Taken) -> SqliteStore:
        world, settings = self._world, self._settings
        try:
            return SqliteStore(
                world.path,
                account=self._account,
                build=BUILD,
                durability=durability_of(settings),
                place=this_place(),
                lock_wait=LockWait(limit_s=settings.store.lock_wait_s, tell=world.announce),
                on_commit=self._followed.feed.commit,
                taking=taken.taking(epoch_us(world.clock.now())),
            )
        except (LeaseTaken, StoreUnavailable) as problem:
            raise CannotClose(str(problem)) from problem

    def _engine(
        self,
        store: SqliteStore,
        stack: AsyncExitStack,
        *,
        reason: str,
        closes: Callable[[str, str], str | None],
    ) -> Engine:
        world, settings = self._world, self._settings
        gate = WireGate()
        lease = open_lease(world.path, account=self._account)
        stack.callback(lease.close)
        stop_path = stop_file_path(settings.risk.stop_file, world.path, self._account)
        engine = Engine(
            world=EngineWorld(
                exchanges=self._exchanges(gate),
                store=store,
                clock=world.clock,
                wire_time=world.wire.of,
                watch=NoSigns(),
                lease=lease,
                gate=gate,
                deaths=AfterLastResort(
                    DeathFile(deaths_path(world.path, self._account)),
                    owned_path(world.path, self._account),
                ),
                snapshot=SnapshotFile(snapshot_path(world.path, self._account)),
                stop_flag=StopFile(path=stop_path).reason,
                known_filters=FilterFile(world.path.with_suffix(".filters.json")),
                reduce_only=ReduceOnly(reason=reason, closes=closes),
                market=world.market,
            ),
            heartbeat=replace(heartbeat_settings(settings), expected=False),
            settings=executor_settings(settings),
            leverage=settings.binance.leverage,
            on_problem=world.announce,
            clock_check_s=settings.engine.clock_check_s,
        )
        self._followed.feed.trade_of = engine.trade_of
        return engine

    def _exchanges(self, gate: WireGate) -> PairExchanges:
        world = self._world
        upbit, binance = world.configs
        network = Network(
            http=world.orders,
            websockets=world.websockets,
            clock=world.clock,
            nonce=new_nonce,
            gate=gate,
        )
        made = make_exchanges(network=network, upbit_config=upbit, binance_config=binance)
        for venue, exchange in made.items():
            exchange.follow_clock(world.measuring[venue])
        return made

    def _beside(
        self, store: SqliteStore, taken: Taken, alerts: AlertWorkers
    ) -> tuple[Callable[[Engine], Background], ...]:
        world, clock = self._world, self._world.clock
        source = InboxSource(store, LocalWake(), stopwatch=clock.monotonic)

        def inbox(engine: Engine) -> Background:
            return InboxLoop(engine=engine, store=store, source=source, clock=clock)

        owned = owned_file(
            self._settings,
            world.path,
            self._followed.owned,
            store,
            world.announce,
        )
        return (lambda _: taken, inbox, owned, *alerts.parts())
