"""The simulation itself: nothing violated, the same seed the same run, and planted bugs fit."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from tests.planted_bugs.hunter import WORLD_KINDS
from tests.planted_bugs.planting import Found, Misfit, PlantedBug, all_bugs, hunt_all
from trading_platform_order.simulation.faults.fault_kinds import FAULT_KINDS
from trading_platform_order.simulation.runner import SimulationSummary, play, replay, simulate
from trading_platform_order.simulation.scenarios.catalogue import all_scenarios

RUNS = 40


def test_runs_with_faults_and_crashes_violate_nothing() -> None:
    summary = simulate(runs=RUNS, seed=2)
    assert summary.failed == []
    assert summary.runs == RUNS
    assert summary.crashes > 0
    assert summary.outcomes["hedged"] > 0
    assert summary.pair_trades > RUNS
    assert sum(summary.faults.values()) > RUNS
    assert len(summary.faults) > len(FAULT_KINDS) / 2


@pytest.mark.parametrize("seed", ["2:4", "2:8", "2:11"])
def test_a_seed_replays_the_same_run(seed: str) -> None:
    first = replay(seed)
    assert first == replay(seed)
    assert any("trade_settled" in line for line in first.lines)


def test_a_seed_replays_the_same_run_in_every_process() -> None:
    script = (
        "from trading_platform_order.simulation.runner import replay; print(replay('2:8').digest)"
    )
    told = {
        subprocess.run(  # noqa: S603 - this interpreter, our own script
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in ("0", "4711")
    }
    assert told == {replay("2:8").digest}


@pytest.mark.parametrize("kind", sorted(FAULT_KINDS))
def test_every_kind_of_fault_can_strike_while_an_order_is_in_flight(kind: str) -> None:
    for start in range(0, 24, 4):
        summary = SimulationSummary(seed=0)
        for number in range(start, start + 4):
            summary.add(play(f"{kind}:{number}", kinds=(kind,)))
        assert summary.failed == []
        if summary.faults[kind]:
            return
    pytest.fail(f"{kind} never struck")


@pytest.mark.parametrize("bug", all_bugs(), ids=lambda bug: bug.name)
def test_every_planted_bug_still_fits_the_code(bug: PlantedBug) -> None:
    assert bug.about
    assert all(target != replacement for _, target, replacement in bug.edits)
    assert set(bug.counts()) == {1}


@pytest.mark.parametrize("bug", all_bugs(), ids=lambda bug: bug.name)
def test_the_world_that_found_a_planted_bug_exists(bug: PlantedBug) -> None:
    kind, _, name = bug.seen_by.partition(" ")
    assert kind in {"", *WORLD_KINDS}
    if kind == "scenario":
        assert name in {scenario.name for scenario in all_scenarios()}


def test_a_planted_bug_is_found() -> None:
    bug = next(bug for bug in all_bugs() if bug.name == "exit_forgets_hedge")
    (_, found), *others = hunt_all([bug], runs=60, jobs=1)
    assert not others
    assert isinstance(found, Found)
    assert not found.scenario
    assert "against position" in found.how


def test_a_planted_bug_that_does_not_fit_ends_no_hunt() -> None:
    good = next(bug for bug in all_bugs() if bug.name == "exit_forgets_hedge")
    (_, misfit), (_, found) = hunt_all([replace(good, target="gone"), good], runs=60, jobs=1)
    assert isinstance(misfit, Misfit)
    assert "stands 0 times" in misfit.text
    assert isinstance(found, Found)
