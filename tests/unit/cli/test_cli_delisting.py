"""The end of a coin: written down, listed, taken back; durable, and read by the engine."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.cli.cli_world import as_json, story_db, tporder
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.domain.hindrances.deadline import Deadline, deadline_of
from trading_platform_order.storage.sqlite.store import open_reader
from trading_platform_order.transport.clock import SystemClock


def known(db: Path) -> list[Deadline]:
    async def read() -> list[Deadline]:
        reader = open_reader(db)
        try:
            found = [deadline_of(latch.kind) for latch in await reader.latches()]
            return [end for end in found if end is not None]
        finally:
            await reader.close()

    return asyncio.run(read())


def call(db: Path, verb: str, *more: str) -> list[str]:
    return ["delisting", verb, *more, "--db", str(db)]


def test_an_end_is_added_once_listed_and_removed(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    at = (SystemClock().now() + timedelta(days=9)).replace(second=0, microsecond=0)
    named = ("--exchange", "upbit", "--symbol", "BTC", "--at", at.isoformat())
    added = tporder(*call(db, "add", *named))
    assert (added.exit_code, "written down" in added.stdout) == (0, True)
    assert "already" in tporder(*call(db, "add", *named)).stdout
    (end,) = known(db)
    (row,) = as_json(tporder(*call(db, "list", "--json")))
    assert row == {"exchange": "upbit", "symbol": "BTC", "at": end.at.isoformat()}
    assert tporder(*call(db, "remove", *named)).exit_code == 0
    assert known(db) == []
    assert tporder(*call(db, "remove", *named)).exit_code == ExitCode.NOT_FOUND


@pytest.mark.parametrize(
    ("exchange", "symbol", "at"),
    [
        ("kraken", "BTC", "2099-01-01T00:00Z"),
        ("upbit", "btc", "2099-01-01T00:00Z"),
        ("upbit", "KRW-BTC", "2099-01-01T00:00Z"),
        ("upbit", "BTC", "2099-01-01T00:00"),
        ("upbit", "BTC", "2020-01-01T00:00Z"),
    ],
)
def test_what_cannot_be_is_refused(exchange: str, symbol: str, at: str, tmp_path: Path) -> None:
    db = story_db(tmp_path)
    named = ("--exchange", exchange, "--symbol", symbol, "--at", at)
    assert tporder(*call(db, "add", *named)).exit_code == ExitCode.USAGE
    assert known(db) == []
