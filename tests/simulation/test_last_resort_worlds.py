"""Worlds that end with the last resort: clean, the same again, and hostile enough to mean it."""

import pytest

from trading_platform_order.simulation.failover.last_resort_run import play_last_resort
from trading_platform_order.simulation.run_kinds import World, world_of
from trading_platform_order.simulation.runner import ALL_KINDS

SEEDS = [f"planted:{number}" for number in range(4)]


def test_nothing_of_ours_is_left_and_nothing_more_was_sold() -> None:
    reports = [play_last_resort(seed) for seed in SEEDS]
    assert [report.violations for report in reports] == [[]] * len(SEEDS)
    assert any(report.outcomes["last resort closed"] for report in reports)
    assert any(report.crashes > 1 for report in reports), "it is killed and started again"


def test_a_seed_tells_the_same_story_again() -> None:
    one, other = (play_last_resort(SEEDS[0], is_told=True) for _ in range(2))
    assert any("last resort: " in line for line in one.timeline)
    assert one.timeline == other.timeline


@pytest.mark.parametrize(
    ("seed", "world"), [("1:12", World.LAST_RESORT), ("1:23", World.LAST_RESORT)]
)
def test_a_tenth_of_the_watched_worlds_end_so(seed: str, world: World) -> None:
    assert world_of(seed, ALL_KINDS) is world
