"""Runs in which a standby waits beside the engine, and the engine dies, hangs, or only seems to.

The holder of the account is killed or stopped at a drawn point of an entry or an exit; the
standby's own looks decide when the account is its. What was stopped goes on at a drawn moment after
the takeover (where it could not be killed: it ran in another container), and must write and sign
nothing more. Machines are suspended with both of them on it, an old copy of the store is put back,
and a process number is given away again. In the end every promise must hold, and every row of the
journal must have been written by whoever held the account at that time.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from random import Random

from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.runtime.lease.lease_candidate import LOOK_S, TakingSettings
from trading_platform_order.simulation.checkers.commits import CommitChecker
from trading_platform_order.simulation.checkers.final import run_checkers
from trading_platform_order.simulation.failover.failover_run import (
    SETUP,
    Signals,
    WireFaults,
    is_answered,
    play,
)
from trading_platform_order.simulation.faults.event_order import play_event_order
from trading_platform_order.simulation.faults.fault_kinds import (
    FAULT_KINDS,
)
from trading_platform_order.simulation.random_runs.wind_down import close_all, let_reconcile
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.testbed.failover.standby_testbed import (
    Processes,
    StandbyTestBed,
)
from trading_platform_order.simulation.testbed.prices import BASE
from trading_platform_order.simulation.testbed.testbed import AFTER_CRASH_S

BEFALLS = ("killed", "stopped", "stopped", "out of reach", "out of reach", "suspended", "restored")
WAKES_S = (0.0, 0.0, 0.05, 0.3, 1.0, 4.0, 20.0)
"""What was stopped goes on so long after its account was taken."""
SUSPENDED_S = (4.0, 20.0, 600.0)
LATE_S = 2.0
"""A standby has taken the account so long after it may: its looks, and what a start takes."""
TAKING = TakingSettings()


class NobodyTookOver(Exception):  # noqa: N818 - says what was violated
    """The account stays with an engine that does nothing: this world goes no further."""


class StandbyRun:
    """One world with engines that serve each other as standby.

    Args:
        seed: decides everything.
        kinds: faults that may be drawn.
        is_told: keep the timeline.
    """

    def __init__(
        self, seed: str, kinds: Sequence[str] = tuple(FAULT_KINDS), *, is_told: bool = False
    ) -> None:
        self._random = Random(seed)  # noqa: S311 - a reproducible run, not a secret
        self.report = RunReport(seed=seed, is_told=is_told, world="standby")
        self._testbed = StandbyTestBed(self.report, SETUP)
        self._wire = WireFaults(self._random, kinds)
        self._signals = Signals(self._random, self.report, prefix="y", most=20)
        self._unanswered: list[Signal] = []

    async def run(self) -> RunReport:
        """Play and judge."""
        testbed = self._testbed
        testbed.open()
        play_event_order(testbed.world, self.report.seed)
        try:
            await testbed.start()
            CommitChecker(testbed)
            for _ in range(self._random.randint(1, 3)):
                await self._turn()
            await self._end()
        finally:
            await testbed.close()
        return self.report

    async def _turn(self) -> None:
        random, testbed = self._random, self._testbed
        testbed.show_again()
        if random.random() < 0.6:  # noqa: PLR2004 - a probability
            await self._send(Action.ENTER)
            await testbed.quiet()
        befalls = random.choice(BEFALLS)
        testbed.report.faults["engine_stopped"] += 1
        testbed.note(f"next: {befalls}")
        if befalls == "restored":
            await self._restored()
            return
        self._wire.arm(testbed, random.choice((0, 0, 1, 2)))
        if befalls == "suspended":
            await self._suspended(random.choice(SUSPENDED_S))
        else:
            await self._lost(befalls)
        testbed.world.clear_faults()
        testbed.show_again()
        for signal in self._unanswered:
            await testbed.deliver(signal)
        self._unanswered.clear()
        await testbed.quiet()

    # -- what befalls the holder ------------------------------------------------------------------

    async def _lost(self, befalls: str) -> None:
        """It dies or is stopped in the middle of something, and the standby takes over."""
        random, testbed = self._random, self._testbed
        old, sees = testbed.holder, Processes(testbed=testbed)
        sees.out_of_reach = befalls == "out of reach"
        testbed.outside = random.random() < 0.3  # noqa: PLR2004 - a probability; of the next holder
        standing_by = asyncio.ensure_future(testbed.candidate(sees).grounds())
        await asyncio.sleep(random.uniform(0.0, 8.0))
        point = old.crash_point
        if befalls == "killed":
            point.dies_at = point.points + random.randint(1, 30)
        else:
            point.stops_at = point.points + random.randint(1, 30)
        action = Action.EXIT if random.random() < 0.5 else Action.ENTER  # noqa: PLR2004 - as above
        await self._send(action)
        await asyncio.sleep(random.choice((0.0, 0.02, 0.3, 3.0)))
        if befalls == "killed":
            await testbed.kill()
            if not old.holder.has_lock or random.random() < 0.5:  # noqa: PLR2004 - a probability
                testbed.give_away(old.holder.pid)
        else:
            point.stop()
        testbed.note(f"process {old.holder.pid} is {befalls}")
        testbed.report.crashes += 1
        began_s = point.died_s or testbed.clock.monotonic()
        # The kernel shows at once that a process is gone: by its number, or by the file it had
        # locked.
        shows = old.holder.is_visible(sees.here) or old.holder.has_lock
        limit_s = LATE_S + (0.0 if befalls == "killed" and shows else TAKING.lapse_s)
        try:
            async with asyncio.timeout(limit_s):
                grounds = await standing_by
        except TimeoutError:
            raise NobodyTookOver(f"{befalls}, and no standby took over in {limit_s} s") from None
        took_s = testbed.clock.monotonic() - began_s
        self.report.outcomes[f"taken over: {befalls}"] += 1
        taking = asyncio.ensure_future(testbed.take_over(grounds))
        await asyncio.sleep(0)
        testbed.second_taker_is_refused(grounds)
        if grounds.is_alive:
            if took_s < TAKING.lapse_s - 2 * LOOK_S - 1.0:
                self.report.violations.append(f"taken {took_s:.1f} s after its last renewal")
            await asyncio.sleep(random.choice(WAKES_S))
            await testbed.lives_on(old)
        await taking
        more_s = AFTER_CRASH_S
        testbed.excuse("no engine", since_s=began_s, more_s=more_s)
        testbed.report.excused_s += testbed.clock.monotonic() - began_s + more_s

    async def _suspended(self, seconds: float) -> None:
        """The machine sleeps with holder and standby on it: both wake, and nothing happens."""
        testbed = self._testbed
        old, sees = testbed.holder, Processes(testbed=testbed)
        standing_by = asyncio.ensure_future(testbed.candidate(sees).grounds())
        await asyncio.sleep(self._random.uniform(1.0, 6.0))
        testbed.note(f"the machine sleeps for {seconds} s")
        testbed.clock.set(testbed.clock.now() + timedelta(seconds=seconds))
        testbed.show_again()
        testbed.excuse("asleep", since_s=testbed.clock.monotonic(), more_s=AFTER_CRASH_S)
        await asyncio.sleep(5.0)
        if standing_by.done() or testbed.holder is not old:
            self.report.violations.append("an account was taken because its machine slept")
        standing_by.cancel()
        await asyncio.wait([standing_by])

    async def _restored(self) -> None:
        """An old copy lies where the store lay: an epoch of before is never used again."""
        testbed = self._testbed
        await testbed.quiet()
        copy = testbed.backup()
        for _ in range(self._random.randint(1, 2)):
            await testbed.crash_and_restart()
            await testbed.quiet()
        await testbed.kill()
        testbed.restore(copy)
        testbed.note("an old copy of the store is restored")
        began_s = testbed.clock.monotonic()
        await testbed.start()
        if not testbed.engine_store.rows_may_be_lost:
            self.report.violations.append("an old copy was taken for the whole journal")
        await testbed.quiet()
        await asyncio.sleep(AFTER_CRASH_S)
        testbed.excuse("restored", since_s=began_s, more_s=AFTER_CRASH_S)

    # -- signals ----------------------------------------------------------------------------------

    async def _send(self, action: Action) -> None:
        """Handed in once; a sender that gets no answer repeats it after the takeover."""
        testbed = self._testbed
        signal = self._signals.draw(testbed, action)
        testbed.strategies[BASE].add(signal.strategy)
        testbed.sent[signal.id].append(signal)
        if await is_answered(testbed, signal):
            testbed.acknowledged.append(signal.id)
        else:
            self._unanswered.append(signal)

    async def _end(self) -> None:
        testbed = self._testbed
        await testbed.kill_old()
        await close_all(testbed)
        await let_reconcile(testbed)
        await run_checkers(testbed)
        self.report.violations += await _written_by_the_holder(testbed)


async def _written_by_the_holder(testbed: StandbyTestBed) -> list[str]:
    """Rows whose writer had lost the account when it wrote them."""
    found = []
    async for row in testbed.reader().journal_all():
        later = [at for epoch, at in testbed.taken_us.items() if epoch > row.epoch]
        if later and row.at_us > min(later):
            found.append(f"row {row.seq} of epoch {row.epoch} was written after the next was taken")
    return found


def play_standby(seed: str, *, is_told: bool = False) -> RunReport:
    """One run; what breaks in it is a violation of its own."""
    return play(StandbyRun(seed, is_told=is_told))
