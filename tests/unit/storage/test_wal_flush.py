"""Whoever tells others that something is kept has it flushed first."""

from pathlib import Path

import pytest

from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.storage.sqlite.wal_flush import wal_flush


async def test_a_log_that_cannot_be_flushed_is_a_store_that_fails(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    (tmp_path / "t.db-wal").mkdir()
    with pytest.raises(StoreUnavailable, match=r"t\.db-wal"):
        await wal_flush(path, "normal")()
    await wal_flush(path, "full")()


async def test_without_a_log_all_is_in_the_database(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    await wal_flush(path, "normal")()
    assert not path.with_name("t.db-wal").is_file()


async def test_a_log_is_flushed_and_left_as_it_is(tmp_path: Path) -> None:
    log = tmp_path / "t.db-wal"
    log.write_bytes(b"frames")
    await wal_flush(tmp_path / "t.db", "normal")()
    assert log.read_bytes() == b"frames"
