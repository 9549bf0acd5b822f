"""Dead engines and dead watchdogs in virtual time, over the exchanges' own wire, judged."""

import pytest

from trading_platform_order.simulation.watched_run import play_watched

SEEDS = [f"watched:{number}" for number in range(3)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_watched_run_keeps_every_promise(seed: str) -> None:
    assert play_watched(seed).violations == []


def test_the_runs_see_the_watchdog_at_work() -> None:
    outcomes = [play_watched(seed).outcomes["watchdog acted"] for seed in SEEDS]
    assert sum(outcomes) > 0


def test_a_seed_replays_a_run_to_the_letter() -> None:
    one = play_watched("watched:0", is_told=True)
    other = play_watched("watched:0", is_told=True)
    assert one.timeline == other.timeline
    assert any("watchdog:" in line for line in one.timeline)
