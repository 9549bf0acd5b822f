"""The parts of a random world: the wrong calendar, the choice of faults, the loss of commits."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from exchange_simulator.clock import MarketClock
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.checkers.limits import LimitChecker
from trading_platform_order.simulation.faults.fault_kinds import (
    BINANCE_ONLY,
    EXCUSES_S,
    FAULT_KINDS,
    LOSE_COMMITS,
    ORDER_TRIGGERED,
    ORDINARY_KINDS,
    UnknownFault,
    chosen_kinds,
    wire_faults,
)
from trading_platform_order.simulation.faults.run_plan import plan_run
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.testbed.commit_history import CommitHistory
from trading_platform_order.simulation.testbed.testbed import START, TestBed, TestBedSetup
from trading_platform_order.simulation.testbed.virtual_time.engine_clock import EngineClock
from trading_platform_order.transport.virtual_loop import run_virtual


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - a reproducible run, not a secret


def test_a_calendar_jumps_drifts_and_is_set_right() -> None:
    seconds = [0.0]
    true = MarketClock(START, lambda: seconds[0])
    clock = EngineClock(true)
    clock.jump(30.0)
    assert (clock.now() - true.now()).total_seconds() == 30
    clock.drift(0.01)
    seconds[0] = 100.0
    assert clock.error_s == pytest.approx(31.0)
    assert clock.monotonic() == 100.0, "the stopwatch is always right"
    clock.set_right()
    assert clock.now() == true.now()


def test_faults_are_chosen_by_name() -> None:
    assert chosen_kinds("all") == tuple(FAULT_KINDS)
    assert chosen_kinds("refusal, stream_cut") == ("refusal", "stream_cut")
    for nonsense in ("refusal,nonsense", "", ","):
        with pytest.raises(UnknownFault):
            chosen_kinds(nonsense)


def test_every_kind_is_order_triggered_or_can_be_armed() -> None:
    assert ORDER_TRIGGERED | BINANCE_ONLY | LOSE_COMMITS | set(EXCUSES_S) <= set(FAULT_KINDS)
    for kind in set(ORDINARY_KINDS) - ORDER_TRIGGERED:
        for venue in (Venue.BINANCE,) if kind in BINANCE_ONLY else Venue:
            assert all(fault.venue == venue for fault in wire_faults(kind, chance(1), venue))


def test_a_plan_is_the_same_for_the_same_seed_and_draws_only_what_it_may() -> None:
    kinds = ("refusal", "throttled")
    plans = [plan_run(chance(seed), kinds) for seed in range(20)]
    assert plans == [plan_run(chance(seed), kinds) for seed in range(20)]
    drawn = {fault.kind for plan in plans for turn in plan.turns for fault in turn.faults}
    assert drawn == set(kinds)
    assert len({plan.symbols for plan in plans}) > 1


def test_lost_commits_are_gone_and_their_acknowledgements_with_them() -> None:
    async def play() -> tuple[str, list[str], list[str]]:
        testbed = TestBed(RunReport(seed="lost"), TestBedSetup())
        testbed.open()
        try:
            await testbed.start()
            history = CommitHistory(testbed)
            testbed.acknowledged.append("never claimed")
            await testbed.engine.executor.account.record_equity()
            lost = (await testbed.reader().journal())[-1]
            history.lose(1, other_machine=True)
            await testbed.revive()
            rows = await testbed.reader().journal()
            assert history.has_lost
            return lost.hash, [row.hash for row in rows], testbed.acknowledged
        finally:
            await testbed.close()

    lost, kept, acknowledged = run_virtual(play())
    assert kept
    assert lost not in kept
    assert acknowledged == []


def test_an_engine_that_dies_while_it_starts_is_started_again() -> None:
    async def play() -> tuple[int, bool]:
        testbed = TestBed(RunReport(seed="starting"), TestBedSetup())
        testbed.open()
        try:
            starting = asyncio.ensure_future(testbed.start())
            await asyncio.sleep(0.02)
            testbed.crash_point.die()
            await starting
            return testbed.report.crashes, testbed.crash_point.dead.is_set()
        finally:
            await testbed.close()

    assert run_virtual(play()) == (1, False)


def test_the_watch_objects_to_an_entry_over_any_limit() -> None:
    async def play(*, strict: bool) -> list[str]:
        testbed = TestBed(RunReport(seed="watch"), TestBedSetup())
        testbed.open()
        try:
            await testbed.start()
            if strict:
                limits = replace(
                    testbed.setup.settings.limits,
                    order_krw_max=Decimal(1_000),
                    daily_turnover_krw_max=Decimal(1_000),
                    position_fraction=Decimal("0.0001"),
                    leverage_max=Decimal("0.0001"),
                )
                settings = replace(testbed.setup.settings, limits=limits)
                testbed.setup = replace(testbed.setup, settings=settings)
            LimitChecker(testbed)
            await asyncio.sleep(0.05)
            entry = Signal(
                id="s",
                strategy="kimchi",
                action=Action.ENTER,
                symbol="BTC",
                created_at=testbed.clock.now(),
                notional_krw=Decimal(500_000),
            )
            await testbed.deliver(entry)
            await testbed.quiet()
            return testbed.report.violations
        finally:
            await testbed.close()

    assert run_virtual(play(strict=False)) == []
    told = " ".join(run_virtual(play(strict=True)))
    for what in ("spot order", "hedge order", "turnover", "position", "hedge notional"):
        assert what in told
