"""Runs in which the engine dies and stays dead, or the watchdog, or both: judged as any other.

The engine is killed (or hangs) at a drawn point of an entry or an exit, with faults armed, and
stays down for a drawn time: it comes back before the watchdog acts, in the middle of it, or long
after. The watchdog is killed at a drawn point of its own, beside a living engine, or with it.
Whoever is left must act or tell operators (``checkers.py``). In the end every promise must hold:
nothing placed twice, flat, and the ledger equal to both exchanges.
"""

import asyncio
from collections.abc import Sequence
from random import Random

from exchange_simulator.faults.armed import ArmedFault
from exchange_simulator.faults.kinds import HttpStatus, RequestMatch
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.venue import Venue
from trading_platform_order.risk.monitors.emergency_stop import STOP_LATCH
from trading_platform_order.simulation.checkers.commits import CommitChecker
from trading_platform_order.simulation.checkers.final import run_checkers
from trading_platform_order.simulation.checkers.timeliness.liveness import LivenessChecker
from trading_platform_order.simulation.failover import checkers
from trading_platform_order.simulation.failover.checkers import Down, Gone
from trading_platform_order.simulation.failover.failover_run import (
    HOLD_S,
    SETUP,
    Signals,
    WireFaults,
    is_answered,
    play,
)
from trading_platform_order.simulation.faults.event_order import play_event_order
from trading_platform_order.simulation.faults.fault_kinds import (
    DEATHS,
    FAULT_KINDS,
)
from trading_platform_order.simulation.random_runs.wind_down import let_reconcile
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.testbed.failover.failover_testbed import (
    SEEN_S,
    FailoverTestBed,
)
from trading_platform_order.simulation.testbed.testbed import AFTER_CRASH_S
from trading_platform_order.transport.clock import epoch_us

DOWN_S = (0.5, 4.0, 6.0, 12.0, 40.0, 150.0)
STORE_GONE_S = (4.0, 8.0, 20.0, 70.0)
DOG_DOWN_S = (4.0, 12.0, 12.0, 40.0)
FINAL_EXITS = 3
SETTLED_S = 3.0
"""Engine and watchdog have seen each other, and were heard outside."""


class WatchedRun:
    """One world with an engine and a watchdog.

    Args:
        seed: decides everything.
        kinds: faults that may be drawn.
        is_told: keep the timeline.
    """

    def __init__(
        self, seed: str, kinds: Sequence[str] = tuple(FAULT_KINDS), *, is_told: bool = False
    ) -> None:
        self._random = Random(seed)  # noqa: S311 - a reproducible run, not a secret
        self.report = RunReport(seed=seed, is_told=is_told, world="watched")
        self._testbed = FailoverTestBed(self.report, SETUP, random=Random(f"{seed} nonces"))  # noqa: S311 - as above
        self._testbed.hold_s = self._random.choice(HOLD_S)
        self._wire = WireFaults(self._random, kinds)
        self._signals = Signals(self._random, self.report, prefix="w", most=20)
        self._deaths = sorted(DEATHS & set(kinds))
        self._armed: list[tuple[str, ArmedFault]] = []
        self._may_act = False
        self._alive_s = 0.0

    async def run(self) -> RunReport:
        """Play and judge."""
        testbed = self._testbed
        testbed.open()
        play_event_order(testbed.world, self.report.seed)
        for gateway in testbed.world.gateways.values():
            gateway.is_order_in_flight = lambda: testbed.is_trading
        try:
            await testbed.start()
            CommitChecker(testbed)
            self._liveness = LivenessChecker(testbed)
            testbed.start_dog()
            for _ in range(self._random.randint(1, 2)):
                await self._turn()
            await self._end()
        finally:
            await testbed.close()
        return self.report

    async def _turn(self) -> None:
        random, testbed = self._random, self._testbed
        await self._lift_the_stop()
        await asyncio.sleep(SETTLED_S)
        testbed.show_again()
        await asyncio.sleep(SEEN_S)
        if random.random() < 0.6:  # noqa: PLR2004 - a probability
            await self._submit(Action.ENTER)
            await testbed.quiet()
        dying = random.choice(("engine", "engine", "both", "dog", "store"))
        if dying == "dog" and "watchdog_dead" in self._deaths:
            await self._dog_alone(random.choice(DOG_DOWN_S))
            return
        if "store_gone" in self._deaths and (dying == "store" or self._deaths == ["store_gone"]):
            await self._store_is_gone(random.choice(STORE_GONE_S))
            return
        self._arm(random.choice((0, 1, 2)))
        action = Action.EXIT if random.random() < 0.4 else Action.ENTER  # noqa: PLR2004 - as above
        if "engine_dead" in self._deaths:
            testbed.crash_point.dies_at = testbed.crash_point.points + random.randint(1, 30)
        self._alive_s = testbed.clock.monotonic()
        await self._submit(action)
        await asyncio.sleep(random.choice((0.0, 0.02, 0.3, 3.0)))
        if "engine_dead" in self._deaths:
            await self._engine_is_down(random.choice(DOWN_S), with_dog=dying == "both")
        await testbed.quiet()

    def _arm(self, count: int) -> None:
        random, testbed = self._random, self._testbed
        self._armed += self._wire.arm(testbed, count)
        if random.random() < 0.1:  # noqa: PLR2004 - an exchange that fails five times, orders or not
            testbed.world.arm(
                HttpStatus(venue=Venue.UPBIT, match=RequestMatch(), status=502, body="", count=5)
            )

    # -- who dies ----------------------------------------------------------------------------------

    async def _engine_is_down(self, down_s: float, *, with_dog: bool) -> None:
        random, testbed = self._random, self._testbed
        self._count("engine_dead")
        if random.random() < 0.2:  # noqa: PLR2004 - a process that hangs, and is killed at last
            testbed.note("engine hangs")
            testbed.hang()
        else:
            testbed.note("engine killed")
            await testbed.kill()
        testbed.report.crashes += 1
        down = await Down.now(testbed)
        if random.random() < 0.3:  # noqa: PLR2004 - a probability
            await self._leave_exit()
            down.exit_since_s = testbed.clock.monotonic()
        died_s = testbed.crash_point.died_s or 0.0
        left_s = down_s
        dog_dies = "watchdog_dead" in self._deaths and (with_dog or random.random() < 0.3)  # noqa: PLR2004 - as above
        if dog_dies:
            testbed.dog_crash_point.dies_at = testbed.dog_crash_point.points + random.randint(
                1, 400
            )
        while left_s > 0:
            step_s = min(left_s, random.choice((0.5, 2.0, 5.0)))
            await asyncio.sleep(step_s)
            testbed.show_again()
            left_s -= step_s
            if testbed.dog_crash_point.dead.is_set():
                dog_s = min(left_s, 40.0) if with_dog else random.choice((0.1, 3.0))
                left_s -= dog_s
                await self._dog_is_down(dog_s)
                self.report.violations += checkers.nothing_safe_is_closed(testbed, down)
                down.dog_back(testbed)
        testbed.dog_crash_point.dies_at = None
        self._may_act |= testbed.clock.monotonic() - self._alive_s > checkers.MAY_ACT_S
        self.report.violations += checkers.nobody_is_left_alone(testbed, down)
        self.report.violations += checkers.nothing_safe_is_closed(testbed, down)
        testbed.report.excused_s += 1_000
        await testbed.kill()
        if testbed.dog_crash_point.dead.is_set():
            await self._dog_is_down(0.1)
        await testbed.start()
        await self._take_inbox()
        testbed.excuse("no engine", since_s=died_s, more_s=AFTER_CRASH_S)

    async def _dog_is_down(self, down_s: float) -> None:
        """While the engine is dead too."""
        testbed = self._testbed
        self._count("watchdog_dead")
        testbed.note("watchdog killed")
        await testbed.kill_dog()
        await asyncio.sleep(down_s)
        self.report.violations += checkers.monitor_calls(testbed, down_s)
        testbed.start_dog()

    async def _dog_alone(self, down_s: float) -> None:
        """The engine goes on, and tells operators that nobody watches over it."""
        testbed = self._testbed
        told = checkers.alerts_of_silence(testbed)
        self._count("watchdog_dead")
        testbed.note("watchdog killed, the engine lives")
        await testbed.kill_dog()
        left_s = down_s
        while left_s > 0:
            await asyncio.sleep(1.0)
            testbed.show_again()
            left_s -= 1.0
        self.report.violations += checkers.silence_is_told(testbed, down_s, told)
        await self._submit(self._random.choice((Action.ENTER, Action.EXIT)))
        await testbed.quiet()
        testbed.start_dog()

    async def _store_is_gone(self, gone_s: float) -> None:
        """In the middle of an order or not; the engine ends, and nobody trades without a store."""
        testbed = self._testbed
        self._arm(self._random.choice((0, 1)))
        sending = asyncio.ensure_future(self._submit(self._random.choice(list(Action))))
        await asyncio.sleep(self._random.choice((0.0, 0.002, 0.006, 0.5)))
        self._count("store_gone")
        self._may_act = True
        gone = Gone.now(testbed)
        began_s = testbed.clock.monotonic()
        testbed.note("the store is gone")
        testbed.lose_store()
        left_s = gone_s
        while left_s > 0:
            await asyncio.sleep(1.0)
            testbed.show_again()
            left_s -= 1.0
        self.report.violations += checkers.nobody_trades_without_a_store(testbed, gone)
        testbed.note("the store is back")
        testbed.find_store()
        sending.cancel()
        await asyncio.wait([sending])
        await testbed.kill()
        testbed.report.crashes += 1
        testbed.report.excused_s += 1_000
        await testbed.start()
        testbed.excuse("no store", since_s=began_s, more_s=AFTER_CRASH_S)
        await testbed.quiet()

    def _count(self, kind: str) -> None:
        if checkers.is_exposed(self._testbed) or self._testbed.is_trading:
            self.report.faults[kind] += 1

    # -- signals -----------------------------------------------------------------------------------

    async def _submit(self, action: Action) -> None:
        """Handed in once; a dead engine never answers."""
        signal = self._signals.draw(self._testbed, action)
        await self._hand_in(signal)

    async def _hand_in(self, signal: Signal, *, inbox_id: int | None = None) -> None:
        if await is_answered(self._testbed, signal, inbox_id=inbox_id):
            self._testbed.acknowledged.append(signal.id)

    async def _leave_exit(self) -> None:
        """An EXIT is put into the inbox; nobody takes it while no engine lives."""
        testbed = self._testbed
        signal = self._signals.made(testbed, Action.EXIT)
        testbed.note(f"EXIT {signal.id} waits in the inbox")
        await testbed.put_signal(signal)

    async def _take_inbox(self) -> None:
        """The engine is back, and takes what waits."""
        for number, signal in await self._testbed.waiting_signals():
            await self._hand_in(signal, inbox_id=number)

    async def _lift_the_stop(self) -> None:
        testbed = self._testbed
        store = testbed.inbox()
        testbed.stop_file = None
        latch = await store.latch(STOP_LATCH)
        if latch is not None:
            if "watchdog: " not in latch.reason:
                self.report.violations.append(f"stopped: {latch.reason}")
            elif not self._may_act:
                self.report.violations.append(f"it acted without a reason: {latch.reason}")
            self._may_act = False
            self.report.outcomes["watchdog acted"] += 1
            at_us = epoch_us(testbed.clock.now())
            await store.clear_latch(STOP_LATCH, "looked at", at_us=at_us)
            await asyncio.sleep(2.0)

    async def _end(self) -> None:
        testbed = self._testbed
        for kind, armed in self._armed:
            self.report.faults[kind] += armed.struck_in_flight
        testbed.world.clear_faults()
        await self._lift_the_stop()
        for _ in range(FINAL_EXITS):
            testbed.show_again()
            await asyncio.sleep(0.1)
            await self._submit(Action.EXIT)
            await testbed.quiet()
            if not checkers.is_exposed(testbed):
                break
        await let_reconcile(testbed)
        await testbed.kill_dog()
        await self._liveness.run_checkers()
        await run_checkers(testbed)
        self.report.violations += checkers.watchdog_only_closes(testbed)


def play_watched(seed: str, *, is_told: bool = False) -> RunReport:
    """One run; what breaks in it is a violation of its own."""
    return play(WatchedRun(seed, is_told=is_told))
