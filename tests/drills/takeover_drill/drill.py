"""The drill: a holder, a standby, a fault; again and again, then everything is judged."""

import asyncio
import contextlib
import signal
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from tests.drills.kill_drill.drill import Drill
from tests.drills.kill_drill.logged_process import DrillBroken, LoggedProcess
from tests.drills.kill_drill.processes import (
    START_LIMIT_S,
    TPORDER,
    DrillFixture,
    until_ready,
)
from tests.drills.kill_drill.report import DrillReport
from tests.drills.kill_drill.stream import Stream
from tests.drills.takeover_drill.corrections import Corrections, corrections
from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.storage.sqlite.database import READ_WRITE, Database, transaction
from trading_platform_order.storage.sqlite.store import open_reader
from trading_platform_order.storage.sqlite.writers.lease import lease_of

TAKEOVER_LIMIT_S = 120.0
LOOK_S = 0.02
IN_TRANSACTION_TRIES = 400
STANDING_BY = "standing by"


class Fault(StrEnum):
    """What befalls the holder."""

    KILLED = "killed"
    STOPPED = "stopped"
    STOPPED_IN_TRANSACTION = "stopped in a transaction"


CARDS = (Fault.KILLED,) * 4 + (Fault.STOPPED,) * 4 + (Fault.STOPPED_IN_TRANSACTION,) * 2


@dataclass(slots=True, kw_only=True)
class Times:
    """Seconds, one of each for every fault that tells them.

    Attributes:
        to_holder_s: from the fault to the next epoch, by kind of fault.
        first_correction_s: from there to the first thing that was done about an order.
    """

    to_holder_s: dict[Fault, list[float]] = field(default_factory=dict)
    first_correction_s: Corrections = field(default_factory=Corrections)


def spread(of: Sequence[float]) -> dict[str, float]:
    """p50 and p99 of at least one figure; empty without any."""
    ordered = sorted(of)
    if not ordered:
        return {}
    last = len(ordered) - 1
    return {
        "p50": round(ordered[last // 2], 3),
        "p99": round(ordered[round(last * 0.99)], 3),
    }


class PairFixture(DrillFixture):
    """As the kill drill's, with engines that wait for each other."""

    async def start_standby(self) -> LoggedProcess:
        """A new process that waits for the account."""
        return await self._spawn(str(TPORDER), "run", "--standby")

    async def start_engine(self) -> LoggedProcess:
        """The last one, that everything is closed with."""
        return await self.start_standby()


class TakeoverDrill(Drill):
    """One drill."""

    def __init__(self, fixture: PairFixture, *, faults: int, seed: int) -> None:
        super().__init__(fixture, kills=faults, seed=seed)
        self._pair = fixture
        self._holder: LoggedProcess | None = None
        self._deck: list[Fault] = []
        self.times = Times()
        self.taken_us: dict[int, int] = {}

    async def _kill_beside(self, stream: Stream) -> None:
        self._holder = await self._pair.start_standby()
        await until_ready(self._holder)
        sending = asyncio.create_task(stream.run())
        try:
            while self.report.kills < self._kills:
                await self._one_fault()
                if sending.done():
                    sending.result()
        finally:
            sending.cancel()
            await asyncio.wait([sending])
        self._holder.send_signal(signal.SIGKILL)
        await self._holder.wait()

    async def _one_fault(self) -> None:
        holder, standby = self._holder, await self._pair.start_standby()
        if holder is None:
            raise DrillBroken("nobody holds the account")
        await standby.until_heard(STANDING_BY, limit_s=START_LIMIT_S)
        await (self._until_in_flight() if self._random.random() < 0.8 else self._any_life())
        if not self._deck:
            self._deck = self._random.sample(CARDS, len(CARDS))
        fault = self._deck.pop()
        before = self._epoch()
        if fault is Fault.KILLED:
            holder.send_signal(signal.SIGKILL)
        elif fault is Fault.STOPPED or not await self._stopped_in_transaction(holder):
            fault = Fault.STOPPED
            holder.send_signal(signal.SIGSTOP)
        began_s = time.monotonic()
        epoch = await self._taken_after(before)
        taken_s = time.monotonic()
        self.times.to_holder_s.setdefault(fault, []).append(taken_s - began_s)
        self.taken_us[epoch] = time.time_ns() // 1_000
        await until_ready(standby)
        self._starts_s.append(time.monotonic() - taken_s)
        if fault is not Fault.KILLED:
            with contextlib.suppress(ProcessLookupError):
                holder.send_signal(signal.SIGCONT)
        async with asyncio.timeout(TAKEOVER_LIMIT_S):
            await holder.wait()
        self.report.kills += 1
        self._holder = standby

    async def _stopped_in_transaction(self, holder: LoggedProcess) -> bool:
        """Stop it until it is stopped while it holds the database's write lock."""
        for _ in range(IN_TRANSACTION_TRIES):
            holder.send_signal(signal.SIGSTOP)
            await asyncio.sleep(0.001)
            if not self._is_writable():
                return True
            holder.send_signal(signal.SIGCONT)
            await asyncio.sleep(self._random.uniform(0.0, 0.02))
        return False

    def _is_writable(self) -> bool:
        try:
            with closing(Database.open(self._pair.database, READ_WRITE)) as database:
                database.busy_timeout(0)
                with transaction(database):
                    return True
        except StoreUnavailable:
            return False

    def _epoch(self) -> int:
        lease = lease_of(self._pair.database)
        return 0 if lease is None else lease.epoch

    async def _taken_after(self, epoch: int) -> int:
        try:
            async with asyncio.timeout(TAKEOVER_LIMIT_S):
                while self._epoch() == epoch:  # noqa: ASYNC110 - a file has no event to wait for
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            raise DrillBroken(f"nobody took over within {TAKEOVER_LIMIT_S} s") from None
        return self._epoch()


async def drill(*, faults: int, seed: int) -> tuple[DrillReport, Times]:
    """Run one in a temporary folder; leaves nothing behind.

    Raises:
        DrillBroken: a process did not start, nobody took over, or nothing came to rest.
    """
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="takeover-drill-"))
        fixture = PairFixture(Path(folder))
        stack.push_async_callback(fixture.close)
        one = TakeoverDrill(fixture, faults=faults, seed=seed)
        report = await one.run()
        reader = open_reader(fixture.database)
        stack.push_async_callback(reader.close)
        one.times.first_correction_s = await corrections(reader, one.taken_us)
        return report, one.times
