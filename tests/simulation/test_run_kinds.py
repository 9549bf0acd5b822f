"""Kinds of worlds: drawn apart from the plan, and each only with faults that belong to it."""

from collections import Counter

from trading_platform_order.simulation.faults.fault_kinds import (
    DEATHS,
    FAULT_KINDS,
    ORDINARY_KINDS,
    STANDBY_FAULTS,
    STRESS_FAULTS,
)
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.run_kinds import World, make_run, world_of
from trading_platform_order.simulation.runner import SimulationSummary

ALL = tuple(FAULT_KINDS)

WATCHED = {World.WATCHED, World.LAST_RESORT}


def test_most_worlds_are_ordinary_and_every_kind_is_drawn() -> None:
    drawn = Counter(world_of(f"1:{number}", ALL) for number in range(3_000))
    assert set(drawn) == set(World)
    assert drawn[World.ORDINARY] > 2_400
    assert 150 < drawn[World.STRESS] < 350
    assert 30 < drawn[World.WATCHED] < 100
    assert 30 < drawn[World.STANDBY] < 100


def test_a_world_is_not_drawn_without_its_faults() -> None:
    for number in range(500):
        assert world_of(f"1:{number}", ORDINARY_KINDS) is World.ORDINARY
        assert world_of(f"1:{number}", ()) is World.ORDINARY
        assert world_of(f"1:{number}", ("engine_dead",)) in WATCHED
        assert world_of(f"1:{number}", ("price_falls",)) is World.STRESS
        assert world_of(f"1:{number}", ("engine_stopped",)) is World.STANDBY


def test_the_summary_counts_the_worlds() -> None:
    summary = SimulationSummary(seed=1)
    for kinds in (("watchdog_dead",), ("refusal",), ("refusal",)):
        summary.add(make_run("1:1", kinds).report)
    assert summary.to_json()["worlds"] == {"ordinary": 2, "watched": 1}
    assert "watched 1" in summary.lines()[0]
    assert RunReport(seed="1:1").world == World.ORDINARY


def test_deaths_and_ordeals_are_no_ordinary_faults() -> None:
    of_their_own = DEATHS | STANDBY_FAULTS | STRESS_FAULTS
    assert not of_their_own & set(ORDINARY_KINDS)
    assert set(ALL) == of_their_own | set(ORDINARY_KINDS)
