"""Filters outlive an engine, and a file that is not ours costs nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.pair import HEDGE, SPOT
from trading_platform_order.runtime.startup.known_filters import FilterFile


def test_what_was_told_last_is_there_after_a_start(tmp_path: Path) -> None:
    path = tmp_path / "orders.filters.json"
    FilterFile(path).keep([SPOT, replace(HEDGE, is_trading=False, warning="ends soon")])
    assert FilterFile(path).load() == (SPOT, HEDGE)


@pytest.mark.parametrize("content", [b"", b"{}", b'[{"symbol":1}]', b"\x00\xff"])
def test_a_file_that_cannot_be_read_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "orders.filters.json"
    assert FilterFile(path).load() == ()
    path.write_bytes(content)
    assert FilterFile(path).load() == ()


def test_a_place_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    FilterFile(tmp_path / "gone" / "orders.filters.json").keep([SPOT])
