"""What a watchdog of a stage closes with: its own engine over the one database, as mortal as it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from trading_platform_order.executor.ports import ReduceOnly
from trading_platform_order.runtime.closing.closing_engine import ClosingAtWork, at_work
from trading_platform_order.runtime.closing.taking import in_time
from trading_platform_order.runtime.engine import Engine, EngineWorld
from trading_platform_order.runtime.host.holder import Ended, is_alive
from trading_platform_order.runtime.lease.heartbeat import NoSigns
from trading_platform_order.runtime.lease.lease_candidate import Candidate, TakingSettings
from trading_platform_order.runtime.lease.wire_gate import WireGate
from trading_platform_order.runtime.live_market import LiveMarket
from trading_platform_order.simulation.testbed.crash_ports import (
    CrashableLease,
    CrashableStore,
    CrashPoint,
)
from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.storage.lease import Holder, Lease, LeaseTaken
from trading_platform_order.storage.relational.epochs import Taking
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock, AccountLocked
from trading_platform_order.storage.sqlite.writers.lease import read_lease
from trading_platform_order.watchdog.ports import CannotClose

if TYPE_CHECKING:
    from trading_platform_order.simulation.testbed.failover.failover_testbed import FailoverTestBed


class DogClosing:
    """Of one watchdog."""

    def __init__(
        self, testbed: "FailoverTestBed", market: LiveMarket, crash_point: CrashPoint
    ) -> None:
        self._testbed = testbed
        self._market = market
        self._crash_point = crash_point
        self._lock = AccountLock(testbed.store_path, attempts=1)
        self._has_lock = False
        self._here = testbed.new_process()
        self._candidate = Candidate(
            standing=self,
            here=self._here,
            boottime=testbed.clock.boottime,
            settings=TakingSettings(),
            tell=testbed.note,
            page=lambda text, _: testbed.note(text),
        )

    # -- what it sees of the machine --------------------------------------------------------------

    def engine_is_gone(self) -> bool:
        """Nobody has the account's lock but this one."""
        return self._has_lock or self._lock.is_free()

    def try_lock(self) -> bool:
        """Take the account's file, if nobody has it."""
        if not self._has_lock:
            try:
                self._lock.acquire()
            except AccountLocked:
                return False
            self._has_lock = True
        return True

    async def lease(self) -> Lease | None:
        """As it stands; nothing while there is no store."""
        try:
            return read_lease(self._testbed.connection, self._testbed.renewals, "main")
        except StoreUnavailable:
            return None

    def is_alive(self, holder: Holder) -> bool | None:
        """Whether its process is there."""
        engine = self._testbed.engine_process
        there = {} if engine is None else {engine.pid: engine.started}
        return is_alive(holder, self._here, (there | {self._here.pid: self._here.started}).get)

    async def end(self, holder: Holder) -> Ended:
        """Kill the engine."""
        if holder == self._testbed.engine_process:
            self._testbed.note("the watchdog kills the engine's process")
            await self._testbed.kill()
        return Ended.GONE

    def can_write(self) -> bool:
        """Nobody holds the database's write lock."""
        return True

    # -- what it does -----------------------------------------------------------------------------

    async def watch(self) -> None:
        """Know at any time for how long the lease has not been renewed."""
        await self._candidate.observe_on()

    @asynccontextmanager
    async def __call__(
        self, reason: str, closes: Callable[[str, str], str | None]
    ) -> AsyncIterator[ClosingAtWork]:
        """See :class:`trading_platform_order.watchdog.ports.OpenClosing`."""
        testbed, crash_point = self._testbed, self._crash_point
        try:
            store = await self._taken(reason)
            gate = WireGate()
            world = EngineWorld(
                exchanges=testbed.dog_exchanges(crash_point, gate),
                store=store,
                clock=testbed.clock,
                wire_time=lambda _: None,
                watch=NoSigns(),
                lease=CrashableLease(testbed.connection, testbed.renewals, crash_point),
                gate=gate,
                known_filters=testbed.known_filters,
                reduce_only=ReduceOnly(reason=f"the watchdog acts: {reason}", closes=closes),
                market=self._market,
                deaths=testbed.deaths,
            )
            engine = Engine(
                world=world,
                settings=testbed.setup.settings,
                leverage=testbed.setup.leverage,
                project_every_s=3_600,
                heartbeat=replace(testbed.heartbeat_settings(), expected=False),
            )
            async with at_work(engine, testbed.beside_closing(store)) as work:
                yield work
            await store.close()
        finally:
            self._lock.release()
            self._has_lock = False

    async def _taken(self, reason: str) -> CrashableStore:
        grounds = await in_time(self._candidate)
        lease = grounds.lease
        taking = Taking(
            holder=self._here,
            reason=f"the watchdog acts: {reason}",
            seen_epoch=None if lease is None else lease.epoch,
            used_epoch=self._testbed.renewals.read()[0],
        )
        try:
            return self._testbed.store(self._crash_point, taking)
        except LeaseTaken as taken:
            raise CannotClose(str(taken)) from taken

    async def handed_over(self, reason: str) -> AccountLock:
        """Take the account for a program that is no engine; its file is that program's from now on.

        Raises:
            CannotClose: it may not be taken yet.
        """
        try:
            store = await self._taken(f"the last resort: {reason}")
            await store.close()
        except BaseException:
            self._lock.release()
            self._has_lock = False
            raise
        lock, self._has_lock = self._lock, False
        self._lock = AccountLock(self._testbed.store_path, attempts=1)
        return lock
