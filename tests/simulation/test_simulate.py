"""The simulation itself: nothing violated, the same seed the same run, and planted bugs fit."""

import pytest

from tests.planted_bugs.planting import PlantedBug, all_bugs, hunt
from trading_platform_order.simulation.runner import replay, simulate

RUNS = 40


def test_runs_with_faults_and_crashes_violate_nothing() -> None:
    summary = simulate(runs=RUNS, seed=2)
    assert summary.failed == []
    assert summary.runs == RUNS
    assert summary.crashes > 0
    assert summary.outcomes["hedged"] > 0
    assert sum(summary.faults.values()) > RUNS


@pytest.mark.parametrize("seed", ["2:3", "2:8", "2:21"])
def test_a_seed_replays_the_same_run(seed: str) -> None:
    first = replay(seed)
    assert first == replay(seed)
    assert any("trade_settled" in line for line in first)


@pytest.mark.parametrize("bug", all_bugs(), ids=lambda bug: bug.name)
def test_every_planted_bug_still_fits_the_code(bug: PlantedBug) -> None:
    assert bug.about
    assert bug.target != bug.replacement
    assert bug.source().count(bug.target) == 1


def test_a_planted_bug_is_found() -> None:
    bug = next(bug for bug in all_bugs() if bug.name == "exit_forgets_hedge")
    found = hunt(bug, runs=60)
    assert found is not None
    assert "against position" in found.how
