"""Announced maintenance: written down, listed, taken back; durable, and read by the engine."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.cli.cli_world import as_json, story_db, tporder
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.domain.hindrances.maintenance import MaintenanceWindow, window_of
from trading_platform_order.storage.sqlite.store import open_reader
from trading_platform_order.transport.clock import SystemClock

DAY = timedelta(days=1)


def times() -> tuple[str, str]:
    """Tomorrow for two hours, in Korean time."""
    begins = (SystemClock().now() + DAY).replace(second=0, microsecond=0)
    return begins.isoformat(), (begins + timedelta(hours=2)).isoformat()


def windows(db: Path) -> list[MaintenanceWindow]:
    async def read() -> list[MaintenanceWindow]:
        reader = open_reader(db)
        try:
            found = [window_of(latch.kind) for latch in await reader.latches()]
            return [window for window in found if window is not None]
        finally:
            await reader.close()

    return asyncio.run(read())


def call(db: Path, verb: str, *more: str) -> list[str]:
    return ["maintenance", verb, *more, "--db", str(db)]


def test_a_window_is_added_once_listed_and_removed(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    begins, ends = times()
    named = ("--exchange", "upbit", "--from", begins, "--to", ends)
    added = tporder(*call(db, "add", *named))
    assert (added.exit_code, "written down" in added.stdout) == (0, True)
    assert "already" in tporder(*call(db, "add", *named)).stdout
    (window,) = windows(db)
    (row,) = as_json(tporder(*call(db, "list", "--json")))
    assert row == {
        "exchange": "upbit",
        "from": window.begins_at.isoformat(),
        "to": window.ends_at.isoformat(),
    }
    assert window.latch in tporder("status", "--db", db).stdout
    assert tporder(*call(db, "remove", *named)).exit_code == 0
    assert windows(db) == []
    assert tporder(*call(db, "remove", *named)).exit_code == ExitCode.NOT_FOUND


@pytest.mark.parametrize(
    ("exchange", "begins", "ends"),
    [
        ("kraken", "2099-01-01T00:00Z", "2099-01-01T01:00Z"),
        ("upbit", "2099-01-01T00:00", "2099-01-01T01:00Z"),
        ("upbit", "tomorrow", "2099-01-01T01:00Z"),
        ("upbit", "2099-01-01T02:00Z", "2099-01-01T01:00Z"),
        ("upbit", "2020-01-01T00:00Z", "2020-01-01T01:00Z"),
    ],
)
def test_what_cannot_be_is_refused(exchange: str, begins: str, ends: str, tmp_path: Path) -> None:
    db = story_db(tmp_path)
    named = ("--exchange", exchange, "--from", begins, "--to", ends)
    assert tporder(*call(db, "add", *named)).exit_code == ExitCode.USAGE
    assert windows(db) == []


def test_korean_time_is_kept_in_utc(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    named = ("--from", "2099-01-01T02:00+09:00", "--to", "2099-01-01T04:00+09:00")
    tporder(*call(db, "add", "--exchange", "binance", *named))
    (window,) = windows(db)
    assert window.latch == "maintenance:binance:2098-12-31T17:00Z/2098-12-31T19:00Z"
