"""Deaths at the points of fixed scripts; ``tporder simulate --crash-points`` plays all of them."""

import pytest

from trading_platform_order.simulation.random_runs.crash_sweep import (
    SCRIPTS,
    Point,
    die_at,
    points_of,
    sweep,
)


def test_every_point_of_a_plain_entry_may_be_the_last() -> None:
    summary = sweep(scripts=["enter"])
    assert summary.failed == []
    assert summary.crashes == summary.runs
    assert summary.points["enter"]["call"] >= 8
    assert summary.points["enter"]["timer"] >= 8


@pytest.mark.parametrize("script", [name for name in SCRIPTS if name != "enter"])
def test_some_points_of_every_script_may_be_the_last(script: str) -> None:
    summary = sweep(scripts=[script], every=11)
    assert summary.failed == []
    assert summary.crashes > 0


def test_a_script_has_the_same_points_every_time() -> None:
    assert points_of("exit", every=5) == points_of("exit", every=5)


def test_an_engine_dies_once_and_only_at_its_point() -> None:
    report = die_at(Point(script="enter", row="call", number=3))
    assert report.violations == []
    assert report.crashes == 1
