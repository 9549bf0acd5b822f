"""A stage on which engines serve each other as standby: one holds the account, another waits.

All are real, over one database: the candidate that watches the lease, the fence in the database,
the gate before the wire. Simulated are the processes: they are numbered, and a number is given away
again when its process has ended. A stopped one does nothing, and goes on when it is told to.
"""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from trading_platform_order.runtime.engine import BUILD, Engine, EngineWorld
from trading_platform_order.runtime.host.holder import Ended, Kernel, end_process, is_alive
from trading_platform_order.runtime.lease.heartbeat import MadeWay
from trading_platform_order.runtime.lease.lease_candidate import Candidate, Grounds, TakingSettings
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.testbed.crash_ports import CrashPoint, Listener
from trading_platform_order.simulation.testbed.failover.failover_testbed import EngineLivenessStore
from trading_platform_order.simulation.testbed.setup import TestBedSetup
from trading_platform_order.simulation.testbed.testbed import TestBed
from trading_platform_order.storage.lease import Holder, Lease, LeaseLost, LeaseTaken
from trading_platform_order.storage.relational.epochs import Taking, begin_epoch
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock, AccountLocked
from trading_platform_order.storage.sqlite.writers.lease import read_lease
from trading_platform_order.transport.call_health import ORDER_TESTS
from trading_platform_order.transport.clock import epoch_us
from trading_platform_order.transport.http import HttpRequest

NAMESPACE, BOOT = "pid:[1]", "boot 0"
OUTSIDE = "pid:[2]"
FIRST_PID = 100
HARMLESS = (*ORDER_TESTS, "/fapi/v1/listenKey")
STOPPED_S = 5.0
"""What goes on finds within a beat that it is the holder no more, and ends."""


@dataclass(slots=True, kw_only=True)
class Generation:
    """One engine's process.

    Attributes:
        epoch: of the lease that it took.
        task: what it runs.
    """

    holder: Holder
    crash_point: CrashPoint
    lock: AccountLock
    epoch: int = 0
    engine: Engine | None = None
    task: asyncio.Task[None] | None = None


class StandbyTestBed(TestBed):
    """See above.

    Attributes:
        generations: all engines there were, the last one holds the account.
        taken_us: when (calendar, microseconds) each epoch was taken.
        processes: what runs under which number, by when it was started; others' too.
        outside: the next engine runs in another PID namespace than the standby.
    """

    def __init__(self, report: RunReport, setup: TestBedSetup) -> None:
        super().__init__(report, setup)
        self.generations: list[Generation] = []
        self.taken_us: dict[int, int] = {}
        self.processes: dict[int, int] = {}
        self.outside = False
        self._grounds: Grounds | None = None
        self._started = 0

    @property
    def holder(self) -> Generation:
        """The engine that holds the account."""
        return self.generations[-1]

    # -- an engine's life -------------------------------------------------------------------------

    def begin(self) -> asyncio.Event:
        """As any stage; a process of its own begins with it."""
        ready = super().begin()
        self.holder.engine, self.holder.task = self._engine, self._task
        return ready

    def _take_lock(self) -> None:
        self._started += 1
        # A number that is free again is given to the next process.
        pid = next(n for n in range(FIRST_PID, FIRST_PID + 1_000) if n not in self.processes)
        self.processes[pid] = self._started
        self._lock = AccountLock(self.store_path, attempts=1)
        try:
            self._lock.acquire()
            has_lock = True
        except AccountLocked:
            if self._grounds is None or self._grounds.has_lock:
                raise
            has_lock = False
        holder = Holder(
            boot=BOOT,
            pid_namespace=OUTSIDE if self.outside else NAMESPACE,
            pid=pid,
            started=self._started,
            has_lock=has_lock,
        )
        self.generations.append(
            Generation(holder=holder, crash_point=self.crash_point, lock=self._lock)
        )

    def _taking(self) -> Taking:
        grounds = self._grounds
        lease = None if grounds is None else grounds.lease
        return replace(
            super()._taking(),
            holder=self.holder.holder,
            at_us=epoch_us(self.clock.now()),
            reason="started" if grounds is None else grounds.reason,
            seen_epoch=None if lease is None else lease.epoch,
        )

    def _engine_world(self) -> EngineWorld:
        self.holder.crash_point = self.crash_point
        world = super()._engine_world()
        epoch = self.engine_store.epoch
        if epoch in self.taken_us:
            self.report.violations.append(f"epoch {epoch} was used twice")
        self.holder.epoch = epoch
        self.taken_us[epoch] = epoch_us(self.clock.now())
        return replace(world, watch=EngineLivenessStore(self.connection, self.crash_point))

    async def kill(self) -> None:
        """The holder is gone at once."""
        await super().kill()
        if self.generations:
            self.processes.pop(self.holder.holder.pid, None)

    def give_away(self, pid: int) -> None:
        """The kernel gives a number that is free again to a program that is none of ours."""
        self._started += 1
        self.processes[pid] = self._started

    async def kill_old(self) -> None:
        """Whatever was stopped, or lives on without the account, is gone at once."""
        for old in self.generations[:-1]:
            old.crash_point.die()
            old.lock.release()
            if self.processes.get(old.holder.pid) == old.holder.started:
                del self.processes[old.holder.pid]
            if old.task is not None:
                old.task.cancel()
                await asyncio.wait([old.task])

    async def close(self) -> None:
        """End everything."""
        await self.kill_old()
        await super().close()

    async def lives_on(self, old: Generation) -> None:
        """A stopped process goes on: it must end by itself, and change nothing."""
        self.note(f"process {old.holder.pid} goes on")
        old.crash_point.go_on()
        if old.task is None:
            return
        await asyncio.wait([old.task], timeout=STOPPED_S)
        if not old.task.done():
            self.report.violations.append("an engine without the account goes on")
            return
        old.lock.release()
        self.processes.pop(old.holder.pid, None)
        if old.task.cancelled():
            return
        error = old.task.exception()
        leaves = list(_leaves(error)) if error is not None else []
        if not any(isinstance(leaf, MadeWay | LeaseLost) for leaf in leaves):
            self.report.violations.append(f"an engine without the account ended so: {leaves}")

    def _hears(self) -> Listener:
        one = self.generations[-1]

        def heard(request: HttpRequest) -> None:
            harmless = request.method == "GET" or any(path in request.url for path in HARMLESS)
            if not harmless and self.holder is not one and self.holder.epoch > one.epoch:
                path = urlsplit(request.url).path
                what = f"an engine without the account signed {request.method} {path}"
                self.report.violations.append(what)

        return heard

    # -- the standby ------------------------------------------------------------------------------

    def candidate(self, sees: "Processes", settings: TakingSettings | None = None) -> Candidate:
        """A standby of its own process."""
        return Candidate(
            standing=sees,
            here=sees.here,
            boottime=self.clock.boottime,
            settings=settings or TakingSettings(),
            tell=self.note,
            page=lambda text, _: sees.paged.append(text),
        )

    async def take_over(self, grounds: Grounds) -> None:
        """The standby's own engine, until it is ready.

        Raises:
            LeaseTaken: another one was first.
        """
        self._grounds = grounds
        count = self.renewals.read()[1]
        try:
            await self.start()
        finally:
            self._grounds = None
        moved = grounds.lease is not None and count != grounds.lease.renewal
        if grounds.is_alive and moved:
            self.note("the old holder renewed while its lease was taken")

    def second_taker_is_refused(self, grounds: Grounds) -> None:
        """Another standby saw the same lapse, and comes too late."""
        if grounds.lease is None:
            return
        taking = Taking(seen_epoch=grounds.lease.epoch)
        try:
            begin_epoch(self.connection, "main", BUILD, self.place, taking)
        except LeaseTaken:
            return
        self.report.violations.append("two standbys took the account that both saw lapse")


@dataclass(slots=True, kw_only=True)
class Processes:
    """What one standby sees of the machine.

    Attributes:
        out_of_reach: the kernel does not let it kill anybody.
        paged: what it called operators for.
        killed: numbers of the processes that it killed.
    """

    testbed: StandbyTestBed
    out_of_reach: bool = False
    paged: list[str] = field(default_factory=list)
    killed: list[int] = field(default_factory=list)
    lock: AccountLock = field(init=False)
    here: Holder = field(init=False)

    def __post_init__(self) -> None:
        self.here = Holder(boot=BOOT, pid_namespace=NAMESPACE, pid=1, started=1)
        self.lock = AccountLock(self.testbed.store_path, attempts=1)

    def try_lock(self) -> bool:
        """Whether the account's file is free; the engine that begins then takes it."""
        try:
            self.lock.acquire()
        except AccountLocked:
            return False
        self.lock.release()
        return True

    async def lease(self) -> Lease | None:
        """As it stands."""
        return read_lease(self.testbed.connection, self.testbed.renewals, "main")

    def is_alive(self, holder: Holder) -> bool | None:
        """Whether its process is there."""
        return is_alive(holder, self.here, self.testbed.processes.get)

    async def end(self, holder: Holder) -> Ended:
        """Kill it, through what the kernel says of its number."""
        opened: list[int] = []

        def opening(pid: int) -> int:
            if pid not in self.testbed.processes:
                raise ProcessLookupError
            if self.out_of_reach:
                raise PermissionError
            opened.append(pid)
            return os.open(os.devnull, os.O_RDONLY)

        kernel = Kernel(
            open=opening,
            started=self.testbed.processes.get,
            kill=lambda _: self.killed.append(opened[-1]),
        )
        ended = end_process(holder, self.here, kernel=kernel)
        for pid in self.killed:
            await self._dies(pid)
        self.killed.clear()
        return ended

    async def _dies(self, pid: int) -> None:
        testbed = self.testbed
        victim = testbed.holder
        if (pid, testbed.processes.get(pid)) != (victim.holder.pid, victim.holder.started):
            testbed.report.violations.append(f"a process that is none of ours was killed: {pid}")
            testbed.processes.pop(pid, None)
            return
        if victim.crash_point.awake.is_set() and not victim.crash_point.dead.is_set():
            testbed.report.violations.append("an engine that renewed its lease was killed")
        testbed.note(f"the standby kills process {pid}")
        await testbed.kill()

    def can_write(self) -> bool:
        """Nobody holds the database's write lock."""
        return True


def _leaves(error: BaseException) -> Sequence[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]
