"""What the doctor says of owned.json: there, whole, and of this journal."""

import os
from pathlib import Path

import pytest

from trading_platform_order.exchanges.base import Level
from trading_platform_order.runtime.followers.owned_file import encoded, write_owned
from trading_platform_order.runtime.startup.owned_state import (
    OwnedState,
    owned_finding,
    owned_state,
)

OWNED = {
    "at": "2026-11-30T05:00:00+00:00",
    "head": 40,
    "coins": [
        {"base": "BTC", "spot": "0.02", "short": "0.02"},
        {"base": "ETH", "spot": "0", "short": "0.1"},
        {"base": "XRP", "spot": "0", "short": "0"},
    ],
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "store.db.main.owned.json"
    write_owned(path, encoded(OWNED))
    return path


def test_a_whole_file_tells_what_is_owned_and_since_when(file: Path) -> None:
    state = owned_state(file)
    assert isinstance(state, OwnedState)
    assert (state.head, state.held) == (40, ("BTC", "ETH"))
    found = owned_finding(file, last_row=45)
    assert found.level is Level.OK
    assert found.text == "of 2026-11-30 05:00:00 UTC, row 40 of 45: BTC, ETH owned"


@pytest.mark.parametrize("last_row", [39, 1_041])
def test_one_of_another_journal_or_long_ago_is_told(file: Path, last_row: int) -> None:
    found = owned_finding(file, last_row=last_row)
    assert found.level is Level.WARNING
    assert "does not fit this journal" in found.text
    assert "start the engine" in found.remedy


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is not whole"),
        (b'{"owned": {}, "sha256": "0"}', "its checksum does not fit"),
        (b"[]", "it is not whole"),
        (encoded({"at": "yesterday", "head": 1, "coins": []}), "it is not whole"),
        (
            encoded({**OWNED, "coins": [{"base": "BTC", "spot": "x", "short": "0"}]}),
            "it is not whole",
        ),
    ],
)
def test_a_damaged_one_is_told(file: Path, content: bytes, says: str) -> None:
    file.write_bytes(content)
    found = owned_finding(file, last_row=40)
    assert found.level is Level.WARNING
    assert found.text.startswith(says)


def test_one_that_is_cut_short_is_told(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-9])
    assert owned_state(file) == "it is not whole"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_one_that_may_not_be_read_is_told(file: Path) -> None:
    file.chmod(0)
    assert "cannot be read" in str(owned_state(file))


def test_none_is_told_once_the_journal_has_rows(tmp_path: Path) -> None:
    missing = tmp_path / "owned.json"
    assert owned_finding(missing, last_row=0).level is Level.OK
    found = owned_finding(missing, last_row=1)
    assert (found.level, found.text.split(";")[0]) == (Level.WARNING, "there is none")
