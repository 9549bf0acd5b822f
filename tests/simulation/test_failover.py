"""Dead engines and dead watchdogs in virtual time, over the exchanges' own wire, judged."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.simulation.failover import checkers
from trading_platform_order.simulation.failover.checkers import Down, Gone
from trading_platform_order.simulation.failover.run import play_watched
from trading_platform_order.simulation.failover.standby_run import play_standby
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.runner import play
from trading_platform_order.simulation.testbed.failover.failover_testbed import FailoverTestBed
from trading_platform_order.simulation.testbed.testbed import TestBedSetup
from trading_platform_order.transport.virtual_loop import run_virtual

SEEDS = [f"watched:{number}" for number in range(3)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_watched_run_keeps_every_promise(seed: str) -> None:
    assert play_watched(seed).violations == []


def test_the_runs_see_the_watchdog_at_work() -> None:
    outcomes = [play_watched(seed).outcomes["watchdog acted"] for seed in SEEDS]
    assert sum(outcomes) > 0


def test_a_seed_replays_a_run_to_the_letter() -> None:
    one = play_watched("watched:1", is_told=True)
    other = play_watched("watched:1", is_told=True)
    assert one.timeline == other.timeline
    assert any("watchdog:" in line for line in one.timeline)


def test_the_judges_object_where_nobody_acts_and_nobody_is_told() -> None:
    async def story() -> list[str]:
        testbed = FailoverTestBed(RunReport(seed="alone"), TestBedSetup(), random=Random(1))  # noqa: S311 - a reproducible run
        testbed.open()
        try:
            await testbed.start()
            await testbed.deliver(
                Signal(
                    id="s",
                    strategy="kimchi",
                    action=Action.ENTER,
                    symbol="BTC",
                    created_at=testbed.clock.now(),
                    notional_krw=Decimal(500_000),
                )
            )
            await testbed.quiet()
            now_s = testbed.clock.monotonic()
            at = testbed.clock.now() - timedelta(seconds=100)
            gone = Gone(told_before=0, at=at, since_s=now_s - 100)
            found = list(checkers.nobody_trades_without_a_store(testbed, gone))
            await testbed.kill()
            down = Down(told_before=0, dog_since_s=now_s - 100, was_safe=True)
            found += checkers.nobody_is_left_alone(testbed, down)
            down.exit_since_s = now_s - 150
            found += checkers.nobody_is_left_alone(testbed, down)
            testbed.told.append(Alert(kind=AlertKind.WATCHDOG_ACTED, urgent=True))
            down.exit_since_s = None
            return found + list(checkers.nothing_safe_is_closed(testbed, down))
        finally:
            await testbed.close()

    told = " ".join(run_virtual(story()))
    assert "the engine goes on" in told
    assert "orders left for upbit without a store" in told
    assert "the monitor outside does not miss an engine without a store" in told
    assert "exposed beside a dead engine" in told
    assert "held beside a dead engine for 100 s, and told 0 times" in told
    assert "for 65 s the watchdog does nothing" in told
    assert "closed 800 s before its hold ended" in told


def test_a_store_that_is_gone_is_told_and_nobody_trades() -> None:
    report = play("store:1", kinds=("store_gone",))
    assert report.violations == []
    assert report.world == "watched"


@pytest.mark.parametrize("seed", [f"standby:{number}" for number in range(6)])
def test_a_run_with_a_standby_keeps_every_promise(seed: str) -> None:
    assert play_standby(seed).violations == []


def test_runs_with_a_standby_take_over_from_what_died_and_from_what_hangs() -> None:
    taken: Counter[str] = Counter()
    for number in range(6):
        taken += play_standby(f"standby:{number}").outcomes
    assert taken["taken over: killed"]
    assert taken["taken over: stopped"]
    assert taken["taken over: out of reach"]
