"""Runs in which an open pair is hit: the premium falls, the hedge is squeezed, a leg is taken.

A pair (or two) is opened in peace. Then prices move against it, or another hand takes something
away, with wire faults and a crash besides in half of the runs. A meter of its own reckons from the
exchanges' state which limits are crossed (``limit_oracle.py``); the judges hold what the engine did
against that (``checkers.py``). In the end every promise must hold as in any run.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import cache
from random import Random

from exchange_simulator.exchanges import Opening
from exchange_simulator.faults.armed import ArmedFault
from trading_platform_order.domain.money import BPS, ZERO, floor_to_step
from trading_platform_order.domain.protection.protective_stop import ProtectRules
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.risk.monitors.emergency_stop import STOP_LATCH
from trading_platform_order.risk.monitors.margin_monitor import MarginLimits
from trading_platform_order.simulation.checkers import invariants
from trading_platform_order.simulation.checkers.commits import CommitChecker
from trading_platform_order.simulation.checkers.figures.kept_figures import KeptFigures
from trading_platform_order.simulation.checkers.final import run_checkers
from trading_platform_order.simulation.checkers.limits import LimitChecker
from trading_platform_order.simulation.checkers.timeliness.liveness import LivenessChecker
from trading_platform_order.simulation.faults.event_order import play_event_order
from trading_platform_order.simulation.faults.fault_kinds import EXCUSES_S, FAULT_KINDS, wire_faults
from trading_platform_order.simulation.random_runs.wind_down import close_all, let_reconcile
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.stress import checkers
from trading_platform_order.simulation.stress.checkers import StressCase
from trading_platform_order.simulation.stress.limit_oracle import Limit, LimitOracle
from trading_platform_order.simulation.stress.plan import Move, StressPlan, plan_stress_run
from trading_platform_order.simulation.testbed.testbed import (
    TestBed,
    TestBedSetup,
    bed_settings,
    market_bars,
)

STEP_S = 0.25
STILL_STEP_S = 1.0
STILL_AFTER_S = 5.0
"""So long after the last blow, with nothing under way, a second more or less shows the same."""
SEEN_AFTER_STOP_S = 15.0
"""Where another hand struck, the stop is what comes of it; so long nothing else may."""
BUY_BACKS = 20
SHOWN_EVERY_S = 2.5
KRW = Decimal(11_000_000)
PROBE_KRW = Decimal(1_000_000)
LEVERAGE = Decimal("1.85")
"""Of the pair in a world that is to be squeezed: near the limit, within the margin runway."""


@cache
def _margin_unwatched() -> MarginLimits:
    """Only what the exchange does is looked at."""
    return MarginLimits(
        warn_distance=ZERO,
        reduce_distance=ZERO,
        warn_ratio=Decimal(2),
        reduce_ratio=Decimal(2),
    )


def setup_of(plan: StressPlan) -> TestBedSetup:
    """The world an ordeal begins with: little capital, so that limits are near."""
    settings = bed_settings(*plan.bases)
    limits = replace(settings.limits, symbol_fraction=Decimal(1), position_fraction=Decimal(1))
    settings = replace(settings, limits=limits)
    if not plan.has_stop:
        monitors = replace(settings.monitors, margin=_margin_unwatched())
        settings = replace(settings, monitors=monitors, protect=ProtectRules(enabled=False))
    rate = market_bars(plan.bases[0])[0].krw_usdt
    usdt = plan.usdt or (plan.entry_krw / rate / LEVERAGE).quantize(Decimal(1))
    return TestBedSetup(
        bases=plan.bases,
        settings=settings,
        opening=Opening(krw=KRW * len(plan.bases), usdt=usdt),
    )


class StressRun:
    """One world with an open pair that is hit.

    Args:
        seed: decides everything.
        kinds: faults that may be drawn.
        is_told: keep the timeline.

    Attributes:
        limits: what the engine must heed.
    """

    def __init__(
        self, seed: str, kinds: Sequence[str] = tuple(FAULT_KINDS), *, is_told: bool = False
    ) -> None:
        self.report = RunReport(seed=seed, is_told=is_told, world="ordeal")
        self._plan = plan_stress_run(Random(seed), kinds)  # noqa: S311 - a reproducible run, not a secret
        self._testbed = TestBed(self.report, setup_of(self._plan))
        self.limits = self._testbed.setup.settings.monitors
        self._armed: list[tuple[str, ArmedFault]] = []
        self._numbers = 0

    async def run(self) -> RunReport:
        """Play and judge."""
        testbed, plan = self._testbed, self._plan
        testbed.open()
        play_event_order(testbed.world, self.report.seed)
        for gateway in testbed.world.gateways.values():
            gateway.is_order_in_flight = self._is_hit
        try:
            await testbed.start()
            LimitChecker(testbed)
            CommitChecker(testbed)
            KeptFigures(testbed)
            self._liveness = LivenessChecker(testbed)
            testbed.note(f"ordeal: {plan}")
            for base in plan.bases:
                await self._send(Action.ENTER, base)
            await testbed.quiet()
            await self._suffer()
            await self._end()
        finally:
            await testbed.close()
        return self.report

    def _is_hit(self) -> bool:
        """Something of ours is held, or under way."""
        return True

    # -- the ordeal --------------------------------------------------------------------------------

    async def _suffer(self) -> None:
        testbed, plan = self._testbed, self._plan
        # An engine that may die at once needs a moment to see what would be due at once.
        day = Limit(0.0 if plan.is_calm else 1.0)
        oracle = LimitOracle(testbed=testbed, limits=self.limits, day=day)
        self._case = StressCase(testbed=testbed, plan=plan, oracle=oracle)
        self._arm()
        await self._strike()
        began_s = testbed.clock.monotonic()
        moves, probes = list(plan.moves), list(plan.probes_s)
        dies_after_s, shown_s, hit_s = plan.dies_after_s, 0.0, 0.0
        while (passed_s := testbed.clock.monotonic() - began_s) < plan.lasts_s:
            if not moves and not probes and dies_after_s is None and self._is_seen_through():
                break
            while moves and moves[0].at_s <= passed_s:
                hit_s = passed_s
                self._move(moves.pop(0))
            if passed_s - shown_s >= SHOWN_EVERY_S:
                shown_s = passed_s
                testbed.show_again()
            if dies_after_s is not None and passed_s >= dies_after_s:
                dies_after_s, hit_s = None, passed_s
                await testbed.crash_and_restart(plan.down_s)
            if probes and probes[0] <= passed_s:
                hit_s = probes.pop(0)
                await self._send(Action.ENTER, plan.bases[0], strategy="probe")
            self._case.look()
            is_still = passed_s - hit_s > STILL_AFTER_S and testbed.engine.executor.is_idle
            await asyncio.sleep(STILL_STEP_S if is_still else STEP_S)
        await testbed.quiet()
        self._case.look()

    def _is_seen_through(self) -> bool:
        """Another hand struck once, and the stop that follows from it was latched long ago."""
        latched_s = self._case.latched_s
        if self._plan.moves or latched_s is None:
            return False
        return self._testbed.clock.monotonic() - latched_s > SEEN_AFTER_STOP_S

    def _arm(self) -> None:
        for planned in self._plan.faults:
            random = Random(planned.seed)  # noqa: S311 - as above
            for fault in wire_faults(planned.kind, random, planned.venue):
                self._testbed.note(f"armed {planned.kind} on {planned.venue}")
                self._armed.append((planned.kind, self._testbed.world.arm(fault)))

    async def _strike(self) -> None:
        """Another hand strikes; a market strikes by its moves."""
        testbed, plan = self._testbed, self._plan
        base = plan.bases[0]
        if self._case.short(base) <= 0 or self._case.coins(base) <= 0:
            self.report.outcomes["ordeal: nothing was open"] += 1
            return
        if plan.kind == "position_by_hand":
            quantity = self._on_step(base, self._case.short(base) * plan.part)
            try:
                testbed.owner.trade_futures(f"{base}USDT", "SELL", quantity)
            except ValueError:  # a little margin does not carry one more
                self.report.outcomes["ordeal: nothing was open"] += 1
                return
            self._case.by_hand = quantity
        if plan.kind != "coins_sold_by_hand":  # that one counts when it happens
            self.report.faults[plan.kind] += 1
        if plan.transfer_krw:
            testbed.owner.transfer(checkers.UPBIT, "KRW", plan.transfer_krw)
            self.report.faults["owner_transfer"] += 1
        if plan.kind == "coins_sold_by_hand":
            await self._sell_by_hand(base)

    async def _sell_by_hand(self, base: str) -> None:
        testbed, plan = self._testbed, self._plan

        def sell() -> None:
            quantity = self._case.coins(base) * plan.part
            if quantity * testbed.world.upbit.prices[f"KRW-{base}"] < invariants.DUST_KRW:
                return
            try:
                testbed.owner.sell_our_coins(base, quantity.quantize(Decimal("0.00000001")))
            except ValueError as refused:  # a fault of the exchange meets the operator's order too
                testbed.note(f"{refused}")
                return
            testbed.note(f"{quantity} {base} were sold by hand")
            self.report.faults[plan.kind] += 1

        if plan.moment == "rest":
            sell()
            return
        listeners = testbed.world.gateways[checkers.UPBIT].order_listeners

        def on_order() -> None:
            listeners.remove(on_order)
            sell()

        listeners.append(on_order)
        if plan.moment == "exit":
            await self._send(Action.EXIT, base)
        else:
            await self._send(Action.ENTER, base, strategy="other")

    def _on_step(self, base: str, quantity: Decimal) -> Decimal:
        view = self._testbed.engine.market.view(base, self._testbed.clock.now())
        step = view.hedge.quantity_step if view else Decimal("0.001")
        return max(floor_to_step(quantity, step), step)

    def _move(self, move: Move) -> None:
        testbed = self._testbed
        tick = testbed.tick(self._plan.bases[0])
        testbed.note(f"{move}")
        testbed.set_tick(
            replace(
                tick,
                upbit_close=tick.upbit_close * (1 + move.spot_bps / BPS),
                binance_close=tick.binance_close * (1 + move.hedge_bps / BPS),
            )
        )

    async def _send(self, action: Action, base: str, *, strategy: str = "kimchi") -> None:
        testbed = self._testbed
        testbed.show_again()
        await asyncio.sleep(0.05)
        self._numbers += 1
        self.report.signals += 1
        await testbed.deliver(
            Signal(
                id=f"o{self._numbers}",
                strategy=strategy,
                action=action,
                symbol=base,
                created_at=testbed.clock.now(),
                notional_krw=self._size_krw(strategy) if action is Action.ENTER else None,
            )
        )

    def _size_krw(self, strategy: str) -> Decimal:
        return self._plan.entry_krw if strategy == "kimchi" else PROBE_KRW

    # -- the end -----------------------------------------------------------------------------------

    def _buy_back(self) -> None:
        """The other hand ends what it began; a thin book may take it more than one order."""
        base, case = self._plan.bases[0], self._case
        for _ in range(BUY_BACKS):
            if case.by_hand <= 0:
                return
            self._testbed.show_again()
            before = case.short(base)
            with suppress(ValueError):  # what is left is found by the judges
                self._testbed.owner.trade_futures(f"{base}USDT", "BUY", case.by_hand)
            case.by_hand -= before - case.short(base)

    async def _end(self) -> None:
        testbed, case = self._testbed, self._case
        for kind, armed in self._armed:
            self.report.faults[kind] += armed.struck_in_flight
        testbed.world.clear_faults()
        self._buy_back()
        await let_reconcile(testbed)
        await testbed.quiet()
        self.report.violations += invariants.hedged_or_flat(
            testbed.world.accounts(), testbed.owner.coins
        )
        excused_s = self.report.excused_s + sum(
            EXCUSES_S.get(kind, 0.0) * count for kind, count in self.report.faults.items()
        )
        reason = await self._stopped_reason()
        self.report.violations += await checkers.check_stress_run(case, reason, excused_s)
        self.report.signals += await close_all(testbed)
        await let_reconcile(testbed)
        await self._liveness.run_checkers()
        case.oracle.look()  # the last closes cost fees, and may cross the day's limit
        stopped = checkers.expected_stop(case, await self._stopped_reason())
        await run_checkers(testbed, stopped=stopped)

    async def _stopped_reason(self) -> str | None:
        latch = await self._testbed.reader().latch(STOP_LATCH)
        return latch.reason if latch else None
