"""The parts that are timed are there: one that has moved would be missing from the figures."""

import pytest

from benchmarks.clients import profile


@pytest.mark.parametrize("part", profile.PARTS)
def test_every_part_that_is_timed_is_there(part: str) -> None:
    *_, function = profile._found(profile.PARTS[part])

    assert callable(function)
