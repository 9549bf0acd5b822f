"""One random run: plays the plan that its seed draws, on a stage, and has the end judged."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from random import Random

import msgspec

from exchange_simulator.exchanges import Opening
from exchange_simulator.faults.armed import ArmedFault
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.executor.ports import ExecutorSettings
from trading_platform_order.runtime.assembly import executor_settings
from trading_platform_order.runtime.settings.settings import EngineSection, RiskSection, Settings
from trading_platform_order.simulation.checkers import fills, invariants
from trading_platform_order.simulation.checkers.commits import CommitChecker
from trading_platform_order.simulation.checkers.exchange_fills import naked_fills
from trading_platform_order.simulation.checkers.figures.figures import figures_are_true
from trading_platform_order.simulation.checkers.figures.kept_figures import KeptFigures
from trading_platform_order.simulation.checkers.final import run_checkers
from trading_platform_order.simulation.checkers.limits import LimitChecker
from trading_platform_order.simulation.checkers.timeliness.liveness import LivenessChecker
from trading_platform_order.simulation.faults.combinations import (
    CombinedFaults,
    FaultCombination,
    combination_of,
)
from trading_platform_order.simulation.faults.event_order import play_event_order
from trading_platform_order.simulation.faults.fault_kinds import (
    EXCUSES_S,
    LOSE_COMMITS,
    ORDER_TRIGGERED,
    ORDINARY_KINDS,
    wire_faults,
)
from trading_platform_order.simulation.faults.order_triggered import OrderTriggeredFaults
from trading_platform_order.simulation.faults.run_plan import PlannedSignal, RunPlan, Turn, plan_run
from trading_platform_order.simulation.random_runs.wind_down import close_all, let_reconcile
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.testbed.commit_history import CommitHistory
from trading_platform_order.simulation.testbed.testbed import (
    NO_PAUSES,
    TestBed,
    TestBedSetup,
    market_bars,
)
from trading_platform_order.storage.base import ClaimResult

MOVE_EVERY_S = 0.5
MOVES = 3
_OPENING = Opening(krw=Decimal(20_000_000), usdt=Decimal(15_000))
_OWNED = {"BTC": Decimal("0.05"), "ETH": Decimal(1), "XRP": Decimal(700)}


REHEARSED = 0.05
"""Of all worlds: in so many the way of a signal is rehearsed, as an engine does by default."""


@cache
def run_settings(
    symbols: tuple[str, ...],
    tight: tuple[tuple[str, Decimal | int], ...] = (),
    *,
    rehearses: bool = True,
) -> ExecutorSettings:
    """The defaults, with caps that some of the planned trades pass and some meet."""
    risk = RiskSection(
        order_krw_max=Decimal(10_000_000),
        trade_krw_max=Decimal(20_000_000),
        entries_per_minute_max=100,
        daily_turnover_krw_max=Decimal(60_000_000),
        hourly_loss_krw_max=Decimal(10_000_000),
    )
    risk = msgspec.structs.replace(risk, **dict(tight))
    engine = EngineSection(symbols=symbols)
    if not rehearses:
        engine = msgspec.structs.replace(engine, rehearse_every_ms=0)
    return executor_settings(Settings(engine=engine, risk=risk, hindrances=NO_PAUSES))


def setup_of(
    plan: RunPlan, combination: FaultCombination, *, rehearses: bool = True
) -> TestBedSetup:
    """The world a plan begins with."""
    coins = {base: _OWNED[base] for base in plan.symbols} if plan.owns else {}
    return TestBedSetup(
        bases=plan.symbols,
        settings=run_settings(plan.symbols, tuple(combination.limits.items()), rehearses=rehearses),
        opening=replace(_OPENING, coins=coins),
    )


class SimulationRun:
    """Builds the world, plays the plan, judges the end.

    Args:
        seed: decides everything.
        kinds: faults that may be drawn.
        is_told: keep the timeline.
    """

    def __init__(
        self, seed: str, kinds: Sequence[str] = ORDINARY_KINDS, *, is_told: bool = False
    ) -> None:
        random = Random(seed)  # noqa: S311 - a reproducible run, not a secret
        self.report = RunReport(seed=seed, is_told=is_told)
        combinations = Random(f"{seed} twists")  # noqa: S311 - as above
        self._plan, self._combination = combination_of(plan_run(random, kinds), combinations, kinds)
        # What has no effect is most of a run's work, and every world would show it.
        rehearses = Random(f"{seed} rehearsals").random() < REHEARSED  # noqa: S311 - as above
        setup = setup_of(self._plan, self._combination, rehearses=rehearses)
        self._testbed = TestBed(self.report, setup)
        self._sent: list[Signal] = []
        self._armed: list[tuple[str, ArmedFault]] = []
        self._history: CommitHistory | None = None

    async def run(self) -> RunReport:
        """One world until it is quiet and flat."""
        testbed = self._testbed
        testbed.open()
        play_event_order(testbed.world, self.report.seed)
        for gateway in testbed.world.gateways.values():
            gateway.is_order_in_flight = self._is_in_flight
        try:
            await testbed.start()
            if LOSE_COMMITS & {f.kind for turn in self._plan.turns for f in turn.faults}:
                self._history = CommitHistory(testbed)
            self._order_triggered = OrderTriggeredFaults(testbed, self._history)
            LimitChecker(testbed)
            CommitChecker(testbed)
            KeptFigures(testbed)
            self._liveness = LivenessChecker(testbed)
            for turn, combined in zip(self._plan.turns, self._combination.combined, strict=True):
                await self._play(turn, combined)
            await self._end()
        finally:
            await testbed.close()
        return self.report

    @property
    def _has_lost(self) -> bool:
        return self._history is not None and self._history.has_lost

    def _is_in_flight(self) -> bool:
        """An order has been asked for and its fate is not settled yet."""
        return not self._testbed.engine.executor.is_idle

    # -- one turn ---------------------------------------------------------------------------------

    async def _play(self, turn: Turn, combined: CombinedFaults | None) -> None:
        testbed = self._testbed
        testbed.down_s = turn.down_s
        testbed.show({base: market_bars(base)[turn.bar] for base in self._plan.symbols})
        await asyncio.sleep(0.05)
        self._prepare(turn)
        if combined is not None:
            self._prepare_combined(combined)
        if turn.repeats is not None:
            await self._repeat(self._sent[turn.repeats])
        for planned in turn.signals:
            await asyncio.sleep(planned.after_s)
            await self._send(planned)
        await self._let_pass(turn)

    def _prepare(self, turn: Turn) -> None:
        testbed = self._testbed
        for planned in turn.faults:
            if planned.kind in ORDER_TRIGGERED:
                self._order_triggered.prepare(planned)
                continue
            random = Random(planned.seed)  # noqa: S311 - as above
            for fault in wire_faults(planned.kind, random, planned.venue):
                testbed.note(f"armed {planned.kind} on {planned.venue}")
                self._armed.append((planned.kind, testbed.world.arm(fault)))
        if turn.dies_at is not None:
            testbed.crash_point.dies_at = testbed.crash_point.points + turn.dies_at

    def _prepare_combined(self, combined: CombinedFaults) -> None:
        for kind, fault in combined.wire:
            self._testbed.note(f"armed {kind} on {fault.venue}, with others")
            self._armed.append((kind, self._testbed.world.arm(fault)))
        for planned in combined.order_triggered:
            self._order_triggered.prepare(planned)

    async def _let_pass(self, turn: Turn) -> None:
        testbed = self._testbed
        if turn.drift_bps:
            for _ in range(MOVES):
                await asyncio.sleep(MOVE_EVERY_S)
                testbed.move(turn.drift_bps)
        if turn.wait_s is None:
            await testbed.quiet()
            await self._compare_figures()
        else:
            await asyncio.sleep(turn.wait_s)
            await testbed.revive()

    async def _compare_figures(self) -> None:
        """The engine's own figures against the exchanges', if it knows all that happened."""
        testbed = self._testbed
        testbed.show_again()
        await asyncio.sleep(0.1)
        executor = testbed.engine.executor
        is_calm = (
            executor.is_idle and testbed.world.idle() and not testbed.crash_point.dead.is_set()
        )
        if not is_calm or self._has_lost or not self._prices_are_known():
            return
        state = testbed.world.accounts()
        if not list(invariants.ledger_equals_exchanges(state, executor.book)):
            self.report.violations += figures_are_true(testbed, state)

    def _prices_are_known(self) -> bool:
        """The engine sees the prices of now; its market streams may be cut."""
        testbed, now = self._testbed, self._testbed.engine_clock.now()
        for base in self._plan.symbols:
            view, tick = testbed.engine.market.view(base, now), testbed.tick(base)
            if view is None:
                return False
            seen = (
                (view.spot_book.mid, tick.upbit_close),
                (view.hedge_book.mid, tick.binance_close),
            )
            if any(abs(mid / close - 1) > SEEN_ROOM for mid, close in seen):
                return False
        return True

    async def _send(self, planned: PlannedSignal) -> None:
        signal = self._signal(planned)
        self._sent.append(signal)
        for copy in range(planned.copies):
            result = await self._testbed.deliver(signal)
            if copy and result is not ClaimResult.DUPLICATE and not self._has_lost:
                self.report.violations.append(f"{signal.id} was claimed a second time")
        if planned.conflicting:
            other = replace(signal, notional_krw=planned.notional_krw + 100_000)
            result = await self._testbed.deliver(other)
            if result is ClaimResult.CLAIMED and not self._has_lost:
                self.report.violations.append(f"{signal.id} was claimed with another content")

    async def _repeat(self, signal: Signal) -> None:
        """A webhook delivered once more, long after: it must not trade again."""
        result = await self._testbed.deliver(signal)
        if result is not ClaimResult.DUPLICATE and not self._has_lost:
            self.report.violations.append(f"{signal.id} was claimed a second time")

    def _signal(self, planned: PlannedSignal) -> Signal:
        created_at = self._testbed.clock.now() - timedelta(seconds=planned.age_s)
        lives = timedelta(hours=1) if planned.long_lived else None
        return Signal(
            id=f"s{len(self._sent)}",
            strategy=planned.strategy,
            action=planned.action,
            symbol=planned.symbol,
            created_at=created_at,
            expires_at=created_at + lives if lives else None,
            notional_krw=planned.notional_krw if planned.action is Action.ENTER else None,
        )

    # -- the end ----------------------------------------------------------------------------------

    async def _end(self) -> None:
        testbed = self._testbed
        testbed.down_s = 1.0
        await testbed.quiet()
        testbed.crash_point.dies_at = None
        for kind, armed in self._armed:
            self.report.faults[kind] += armed.struck_in_flight
        testbed.world.clear_faults()
        self._order_triggered.forget()
        await self._let_lost_orders_come_to_light()
        if not self._waits_for_an_operator:
            # A hedge that vanished while the stream was silent is noticed by the next comparison.
            await let_reconcile(testbed)
            await testbed.quiet()
        if not self._waits_for_an_operator:
            await self._compare_figures()
            self.report.violations += invariants.hedged_or_flat(
                testbed.world.accounts(), testbed.owner.coins, testbed.strategies
            )
            self.report.signals += await close_all(testbed)
            await let_reconcile(testbed)
            await self._compare_figures()
        self.report.signals += len(self._sent)
        if self._waits_for_an_operator and self._history is not None:
            # What the dead engine sent arrives, and is found.
            since_s = testbed.clock.monotonic() - self._history.lost_at_s
            await asyncio.sleep(max(LATE_S - since_s, CALM_S))
            violations = self.report.violations
            violations[:] = [text for text in violations if not text.startswith("not quiet")]
        else:
            self.report.violations += self._exposure()
            if not self._has_lost:
                await self._liveness.run_checkers()
        await run_checkers(testbed, may_stop=self._has_lost)

    async def _let_lost_orders_come_to_light(self) -> None:
        """Orders whose rows are gone arrive, and lists that lagged behind show them."""
        if self._history is None or not self._has_lost:
            return
        found_by_s = self._history.lost_at_s + LATE_S
        while not self._waits_for_an_operator and self._testbed.clock.monotonic() < found_by_s:
            await asyncio.sleep(SHOWN_EVERY_S)
            self._testbed.show_again()
        await self._testbed.quiet()

    @property
    def _waits_for_an_operator(self) -> bool:
        """One was called; a trade whose rows are lost may wait for that for ever."""
        return self._has_lost and self._testbed.engine.executor.account.stopped_reason is not None

    def _exposure(self) -> list[str]:
        testbed = self._testbed
        state = testbed.world.accounts()
        excused_s = sum(EXCUSES_S.get(kind, 0.0) * n for kind, n in self.report.faults.items())
        prices = {base: testbed.world.upbit.prices[f"KRW-{base}"] for base in self._plan.symbols}
        naked = fills.naked_times(
            naked_fills(state, testbed.owner.order_ids), prices, testbed.clock.now()
        )
        policy = testbed.setup.settings.policy
        allowed_s = policy.exposure_time_s + NAKED_ROOM_S + excused_s + self.report.excused_s
        return list(fills.exposure_within_budget(naked, allowed_s))


LATE_S = 75.0
"""From lost rows until no request is on its way any more and the sweeps soon after have been."""

SHOWN_EVERY_S = 5.0

CALM_S = 6.0
"""At least, so that the stop that was just latched has called back what was still open."""

SEEN_ROOM = Decimal("0.003")

NAKED_ROOM_S = 10.0
"""From the end of the exposure budget until the legs agree: a look-up and one more order."""
