"""Runs at whose end the last resort closes what is owned, because nothing else does any more.

Engine and watchdog trade, die and close at drawn points, with faults armed; then both are gone, and
an operator starts ``deploy/last_resort.py``. It is killed at drawn moments and started again, while
requests and answers are lost. In some worlds a row that no engine survives ends one engine after
the other, the watchdog's own too, and the watchdog starts the last resort. What must be in the end
is judged by the exchanges alone: nothing of ours is left, nothing that is the owner's was sold,
nothing was opened, no id was filled twice. The engine that comes back finds an account that its
journal does not explain, and opens nothing on it.
"""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from random import Random

from trading_platform_order.domain.alert import AlertKind
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.trade_events import OrderAccepted
from trading_platform_order.domain.venue import Venue
from trading_platform_order.executor.journal.event_codec import entry_of
from trading_platform_order.simulation.checkers import invariants
from trading_platform_order.simulation.failover.failover_run import (
    HOLD_S,
    OWNERS,
    SETUP,
    Signals,
    WireFaults,
    is_answered,
    play,
)
from trading_platform_order.simulation.faults.event_order import play_event_order
from trading_platform_order.simulation.faults.fault_kinds import (
    FAULT_KINDS,
    wire_faults,
)
from trading_platform_order.simulation.report import RunReport, describe
from trading_platform_order.simulation.testbed.crash_ports import CrashPoint
from trading_platform_order.simulation.testbed.failover.last_resort_testbed import LastResortTestBed
from trading_platform_order.simulation.testbed.prices import BASE
from trading_platform_order.transport.clock import epoch_us

LIVES_S = (0.1, 1.0, 5.0, 10.5, 11.0, 12.0, 20.0)
"""A last resort that is killed has lived for so long; it waits for ten seconds at first."""
LIMIT_S = 1_800.0
POISONED = 0.3
DISTANCES = (Decimal("0.10"), Decimal(1_000), Decimal(1_000))
"""Below which it is due at once; most pairs are even, and would wait for an operator."""
DYING_S = 240.0
"""Legs that differ for two minutes make the last resort due."""
LOOKED_S = 40.0
"""So long an engine that comes back is looked at."""
OF_LAST_RESORT = "-L0-"


class LastResortRun:
    """One world in which engine and watchdog are given up.

    Args:
        seed: decides everything.
        kinds: faults that may be drawn.
        is_told: keep the timeline.
    """

    def __init__(
        self, seed: str, kinds: Sequence[str] = tuple(FAULT_KINDS), *, is_told: bool = False
    ) -> None:
        self._random = Random(seed)  # noqa: S311 - a reproducible run, not a secret
        self.report = RunReport(seed=seed, is_told=is_told, world="last resort")
        self._testbed = LastResortTestBed(self.report, SETUP, random=Random(f"{seed} nonces"))  # noqa: S311 - as above
        self._testbed.hold_s = self._random.choice(HOLD_S)
        self._wire = WireFaults(self._random, kinds)
        self._signals = Signals(self._random, self.report, prefix="r", most=60)
        self._kinds = frozenset(kinds)
        self._is_poisoned = False

    async def run(self) -> RunReport:
        """Play and judge."""
        testbed, random = self._testbed, self._random
        testbed.open()
        play_event_order(testbed.world, self.report.seed)
        try:
            await testbed.start()
            if random.random() < 0.5:  # noqa: PLR2004 - a probability
                testbed.start_dog()
            for _ in range(random.randint(0, 2)):
                await self._submit(random.choice((Action.ENTER, Action.ENTER, Action.EXIT)))
                await testbed.quiet()
                await self._pass(random.choice((0.0, 3.0, 70.0)))
            await self._give_up()
            if random.random() < POISONED:
                await self._kept_dying()
            await self._last_resort()
            self._judge()
            await self._engine_returns()
        finally:
            await testbed.close()
        return self.report

    async def _give_up(self) -> None:
        """The engine dies in the middle of something; a watchdog may have begun to close it."""
        random, testbed = self._random, self._testbed
        self._arm(random.choice((0, 1, 2)))
        if "request_late" in self._kinds and random.random() < 0.4:  # noqa: PLR2004 - as above
            # On Binance alone: what is late on Upbit is late without an end.
            for fault in wire_faults("request_late", random, Venue.BINANCE):
                testbed.world.arm(fault)
        testbed.crash_point.dies_at = testbed.crash_point.points + random.randint(1, 40)
        await self._submit(random.choice((Action.ENTER, Action.EXIT)))
        await self._pass(random.choice((0.0, 0.02, 0.3, 3.0)))
        await testbed.kill()
        testbed.report.crashes += 1
        await self._pass(random.choice((0.0, 4.0, 7.0, 12.0, 40.0)))
        await testbed.kill_dog()
        await testbed.kill()

    async def _kept_dying(self) -> None:
        """An engine is started again and again, and a watchdog is killed now and then."""
        random, testbed = self._random, self._testbed
        trades = list(testbed.engine.executor.trades)
        if not trades:
            return
        self._is_poisoned = True
        store = testbed.store(CrashPoint())
        row = OrderAccepted(
            client_order_id="of-no-order",
            exchange_order_id="1",
            executed_quantity=Decimal(0),
            at=testbed.clock.now(),
        )
        await store.append([entry_of(row, trades[-1])], at_us=epoch_us(testbed.clock.now()))
        await store.close()
        testbed.last_resort_distance = random.choice(DISTANCES)
        testbed.start_dog()
        supervisor = asyncio.ensure_future(self._supervise())
        until_s = testbed.clock.monotonic() + DYING_S
        dies_s = testbed.clock.monotonic() + random.choice((20.0, 100.0, 150.0, 1e9))
        while testbed.clock.monotonic() < until_s and not testbed.has_closed:
            await self._pass(1.0)
            if testbed.is_closing and testbed.engine_process is not None:
                self.report.violations.append("an engine has the account beside the last resort")
            if testbed.clock.monotonic() > dies_s:
                dies_s = testbed.clock.monotonic() + random.choice((20.0, 1e9))
                testbed.note("watchdog killed")
                await testbed.kill_dog()
                await self._pass(random.choice((0.1, 5.0)))
                testbed.start_dog()
        self.report.outcomes["started by the watchdog"] += testbed.at_work is not None
        supervisor.cancel()
        await asyncio.wait([supervisor])
        await testbed.kill_dog()
        await testbed.end_last_resort()
        await testbed.kill()

    async def _supervise(self) -> None:
        testbed = self._testbed
        while True:
            try:
                await testbed.start()
                while testbed.engine_process is not None:  # noqa: ASYNC110 - no event tells it
                    await asyncio.sleep(1.0)
            except Exception as error:  # noqa: BLE001 - a process that ends, whatever ended it
                testbed.note(f"engine ended: {describe(error)}")
            await testbed.kill()
            await asyncio.sleep(1.0)

    async def _last_resort(self) -> None:
        random, testbed = self._random, self._testbed
        self._arm(random.choice((0, 1, 2, 3)))
        for life_s in random.sample(LIVES_S, random.randint(0, 3)):
            if await self._played(life_s) is not None:
                return
            testbed.note("the last resort is killed")
            testbed.report.crashes += 1
            await self._pass(random.choice((0.0, 1.0, 20.0)))
        said = await self._played(LIMIT_S)
        if said is None:
            self.report.violations.append(f"the last resort is at work after {LIMIT_S:g} s")
        elif said:
            self.report.violations.append(f"the last resort gave up: {said}")

    async def _played(self, seconds: float) -> str | None:
        """What one start of it ended with; ``None`` if it had to be killed."""
        crash_point = CrashPoint()
        running = asyncio.ensure_future(self._testbed.last_resort(crash_point).run())
        left_s = seconds
        while left_s > 0 and not running.done():
            self._testbed.show_again()
            await asyncio.wait([running], timeout=min(left_s, 1.0))
            left_s -= 1.0
        if running.done():
            return running.result()
        crash_point.die()
        running.cancel()
        await asyncio.wait([running])
        return None

    def _arm(self, count: int) -> None:
        for kind, _ in self._wire.arm(self._testbed, count):
            self.report.faults[kind] += 1

    async def _pass(self, seconds: float) -> None:
        until_s = self._testbed.clock.monotonic() + seconds
        while (left_s := until_s - self._testbed.clock.monotonic()) > 0:
            self._testbed.show_again()
            await asyncio.sleep(min(left_s, 1.0))

    async def _submit(self, action: Action) -> None:
        testbed = self._testbed
        testbed.show_again()
        await asyncio.sleep(0.05)
        await is_answered(testbed, self._signals.draw(testbed, action))

    # -- what must be -----------------------------------------------------------------------------

    def _held(self) -> tuple[Decimal, Decimal]:
        """(our coins, the short)."""
        world = self._testbed.world
        coins: Decimal = world.upbit.totals.get(BASE, Decimal(0)) - OWNERS
        return coins, -world.position(f"{BASE}USDT")

    def _judge(self) -> None:
        state, violations = self._testbed.world.accounts(), self.report.violations
        coins, short = self._held()
        dust = invariants.DUST_KRW / self._testbed.world.upbit.prices[f"KRW-{BASE}"]
        if coins < 0:
            violations.append(f"{-coins} {BASE} of the owner's were sold")
        if coins >= dust or short:
            violations.append(f"left: {coins} {BASE}, {short} short")
        violations += invariants.no_id_filled_twice(state)
        violations += invariants.nothing_open(state)
        violations += self._opened(state)
        stops = self._testbed.world.binance.state()["algo_orders"]
        left = [stop["clientAlgoId"] for stop in stops if stop["algoStatus"] == "NEW"]
        violations += [f"stop {name} is left without a short" for name in left]
        closed = any(OF_LAST_RESORT in name for name, _ in self._orders(state))
        self.report.outcomes["last resort closed" if closed else "nothing to close"] += 1

    def _opened(self, state: dict[str, object]) -> list[str]:
        return [
            f"{name}: the last resort's order opens"
            for name, closes in self._orders(state)
            if OF_LAST_RESORT in name and not closes
        ]

    @staticmethod
    def _orders(state: dict[str, object]) -> list[tuple[str, bool]]:
        """Each order's id, and whether it closes."""
        return [
            (one.client_order_id, one.is_buy is (one.leg is not Leg.SPOT))
            for one in invariants.placed_orders(state)
        ]

    async def _engine_returns(self) -> None:
        """Whatever its journal says, it opens nothing, closes nothing and calls an operator."""
        testbed = self._testbed
        testbed.world.clear_faults()
        before = self._held()
        testbed.stop_file = None
        supervisor = asyncio.ensure_future(self._supervise())
        await self._pass(LOOKED_S)
        for action in (Action.EXIT, Action.ENTER):
            await self._submit(action)
            await self._pass(5.0)
        if not [one for one in testbed.alerts() if one.kind == AlertKind.SET_ASIDE]:
            self.report.violations.append("nobody is told that the last resort was at work")
        supervisor.cancel()
        await asyncio.wait([supervisor])
        if self._held() != before:
            self.report.violations.append(f"from {before} to {self._held()} by the next engine")


def play_last_resort(seed: str, *, is_told: bool = False) -> RunReport:
    """One run; what breaks in it is a violation of its own."""
    return play(LastResortRun(seed, is_told=is_told))
