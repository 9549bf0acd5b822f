"""A few cuts of every kind; ``make power-cuts`` makes twenty thousand in each durability."""

from random import Random

import pytest

from tests.power_cuts.disk import Disk
from tests.power_cuts.world import LEVELS, UNSAFE, play

WORLDS = 4


@pytest.mark.parametrize("level", LEVELS)
def test_no_order_is_doubled_or_forgotten_when_the_power_goes(level: str) -> None:
    played = [play(level, f"sample:{number}") for number in range(WORLDS)]
    assert [violation for world in played for violation in world.violations] == []
    assert sum(world.cuts for world in played) >= WORLDS


def test_in_normal_rows_are_lost_and_that_is_noticed() -> None:
    assert any(play("normal", f"sample:{number}").lost_rows for number in range(WORLDS))


def test_without_any_sync_the_judges_object() -> None:
    found = (play(UNSAFE, f"sample:{number}").violations for number in range(30))
    assert next((violations for violations in found if violations), None)


def test_a_cut_takes_what_was_not_synced_and_nothing_else() -> None:
    old, new = b"o" * 4096, b"n" * 4096
    outcomes = set()
    for number in range(200):
        disk = Disk()
        file = disk.open("f")
        disk.write(file, old, 0)
        disk.sync(file)
        disk.write(file, new, 4096)
        disk.write(file, new, 8192)
        found = disk.after_cut(Random(number))["f"]  # noqa: S311 - a choice that can be repeated
        assert found[:4096] == old
        outcomes.add(found[4096:])
    assert {b"", new + new, new} <= outcomes
    assert any(0 < rest.count(b"n") < 4096 for rest in outcomes), "no write was torn"
    assert any(rest[:4096] != new and rest[4096:] == new for rest in outcomes), "none was reordered"
