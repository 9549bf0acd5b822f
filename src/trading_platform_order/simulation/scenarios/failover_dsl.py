"""Words for scenarios with a watchdog beside the engine: who dies, who returns, what was told.

The vocabulary of :class:`Scene` besides. Here a dead engine stays dead until the scenario starts
another one, so time is passed by :meth:`FailoverScene.pass_time`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import cast

from trading_platform_order.runtime.lease.heartbeat import EngineHeartbeat, MadeWay
from trading_platform_order.simulation.checkers.commits import CommitChecker
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.scenarios.catalogue import Play, Scenario, scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.testbed.failover.failover_testbed import FailoverTestBed
from trading_platform_order.simulation.testbed.testbed import TestBedSetup
from trading_platform_order.storage.liveness import ProcessState as Beats
from trading_platform_order.storage.liveness import Who
from trading_platform_order.storage.sqlite.writers.liveness import SqliteLivenessStore

STEP_S = 1.0
SETTLED_S = 3.0
"""Engine and watchdog have seen each other, and the stop on the hedge stands."""


class FailoverScene(Scene):
    """A scene with a watchdog."""

    def __init__(self, testbed: FailoverTestBed) -> None:
        super().__init__(testbed)
        self.watched = testbed

    # -- what happens -----------------------------------------------------------------------------

    async def engine_dies(self) -> None:
        """Its process is gone, whatever it was doing; nobody starts another one."""
        self.watched.note("engine killed")
        self.watched.report.crashes += 1
        await self.watched.kill()

    async def engine_returns(self) -> None:
        """Another one is started, once no watchdog is at work, and takes what waits."""
        await self.watched.start()
        for number, signal in await self.watched.waiting_signals():
            await self.watched.engine.submit(signal, inbox_id=number)
            self.watched.acknowledged.append(signal.id)

    async def pass_time(self, seconds: float) -> None:
        """In a market that goes on ticking at the same prices."""
        until = self.watched.clock.monotonic() + seconds
        while (left_s := until - self.watched.clock.monotonic()) > 0:
            self.watched.show_again()
            await asyncio.sleep(min(left_s, STEP_S))

    async def exit_in_inbox(self, name: str = "exit", **more: object) -> None:
        """An EXIT is handed in while no engine takes it."""
        signal = self.signal(name, self.EXIT, **more)
        self.watched.report.signals += 1
        self._pairs.add((signal.strategy, signal.symbol))
        await self.watched.put_signal(signal)

    @asynccontextmanager
    async def starting(self) -> AsyncIterator[None]:
        """An engine's process holds the lock, beats, and does not get ready; it may make way."""
        testbed = self.watched
        testbed.hold_lock()
        heartbeat = EngineHeartbeat(
            watch=SqliteLivenessStore(testbed.connection),
            clock=testbed.clock,
            boot=f"start at {testbed.clock.monotonic()}",
            settings=testbed.heartbeat_settings(),
        )

        async def start() -> None:
            try:
                async with heartbeat.beating():
                    await asyncio.Event().wait()
            except MadeWay:
                testbed.note("the start made way")
            finally:
                await testbed.kill()

        starts = asyncio.ensure_future(start())
        try:
            yield
        finally:
            starts.cancel()
            await asyncio.wait([starts])

    # -- what must be -----------------------------------------------------------------------------

    def expect_told(self, *kinds: str) -> None:
        """The watchdog told an operator, urgently, of each of these."""
        told = {alert.kind for alert in self.watched.told if alert.urgent}
        for kind in kinds:
            self.expect(that=kind in told, otherwise=f"not told: {kind}, only {sorted(told)}")

    def expect_not_told(self, *kinds: str) -> None:
        """And of none of these."""
        told = {alert.kind for alert in self.watched.told}
        for kind in kinds:
            self.expect(that=kind not in told, otherwise=f"told: {kind}")

    async def expect_state(self, state: Beats) -> None:
        """The engine's last beat says this."""
        beat = await SqliteLivenessStore(self.watched.connection).heartbeat(Who.ENGINE)
        told = None if beat is None else beat.state
        self.expect(that=told is state, otherwise=f"its beat says {told}, not {state}")


PlayBeside = Callable[[FailoverScene], Awaitable[None]]


def beside_watchdog(
    *failures: int, rule: str = "", setup: TestBedSetup | None = None, stopped: str | None = None
) -> Callable[[PlayBeside], PlayBeside]:
    """Put a function into the list of scenarios; it is played with a watchdog at work."""

    def add(play: PlayBeside) -> PlayBeside:
        put = scenario(*failures, rule=rule, setup=setup, stopped=stopped, on_testbed=_play)
        put(cast("Play", play))
        return play

    return add


async def _play(found: Scenario, report: RunReport) -> None:
    nonces = Random(found.name)  # noqa: S311 - a reproducible run, not a secret
    testbed = FailoverTestBed(report, found.setup, random=nonces)
    testbed.open()
    scene = FailoverScene(testbed)
    try:
        await testbed.start()
        CommitChecker(testbed)
        testbed.start_dog()
        await asyncio.sleep(SETTLED_S)
        await found.play(scene)
        await testbed.kill_dog()
        await scene.close(stopped=found.stopped)
    finally:
        await testbed.close()
