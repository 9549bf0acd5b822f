"""A store that an older version of the program wrote: the engine of today brings it up to date."""

import asyncio
import signal
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.paper_engine import LIMIT_S, engine, traded
from tests.unit.cli.cli_world import as_json, tporder
from trading_platform_order.storage.sqlite.database import Database, split_statements
from trading_platform_order.storage.sqlite.migrations import scripts
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock

KEPT = ("journal", "claims", "epochs")
"""What cannot be told again from anything else; the columns that the older version had."""


def as_written_by(version: int, path: Path) -> None:
    """Put the store's journal into tables of an older version, in its place."""
    with closing(Database.open(path)) as now:
        now.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    newer = path.rename(path.with_suffix(".newer"))
    with closing(Database.open(path)) as older:
        older.execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, name TEXT)")
        for number, name, sql in scripts():
            if number <= version:
                for statement in split_statements(sql):
                    older.execute(statement)
                older.execute("INSERT INTO schema_version VALUES (?, ?)", (number, name))
        older.execute("ATTACH ? AS newer", (str(newer),))
        for table in KEPT:
            columns = ", ".join(str(row[1]) for row in older.execute(f"PRAGMA table_info({table})"))
            older.execute(
                f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}"  # noqa: S608 - ours
            )
    for name in ("-wal", "-shm"):
        Path(f"{newer}{name}").unlink(missing_ok=True)


async def _traded_by_an_engine(db: Path, name: str, action: str) -> None:
    async with asyncio.timeout(LIMIT_S), engine(db, signal.SIGTERM):
        await traded(db, name, action)


@pytest.mark.parametrize("version", [3, scripts()[-1][0] - 1])
def test_a_pair_that_an_older_version_opened_is_closed(version: int, tmp_path: Path) -> None:
    db = tmp_path / "t.db"
    asyncio.run(_traded_by_an_engine(db, "in", "ENTER"))
    as_written_by(version, db)
    refused = tporder("fills", "--db", db)
    assert refused.exit_code != 0
    assert "start the engine of this version once" in refused.output
    asyncio.run(_traded_by_an_engine(db, "out", "EXIT"))
    assert as_json(tporder("store", "verify", "--db", db, "--json"))["main"]["differing"] == []
    legs = {(fill["leg"], fill["side"]) for fill in as_json(tporder("fills", "--db", db, "--json"))}
    assert legs == {("spot", "BUY"), ("spot", "SELL"), ("hedge", "SELL"), ("hedge", "BUY")}


def test_a_store_is_brought_up_to_date_before_the_engine_starts(tmp_path: Path) -> None:
    db = tmp_path / "t.db"
    asyncio.run(_traded_by_an_engine(db, "in", "ENTER"))
    as_written_by(3, db)
    newest = scripts()[-1][0]
    done = as_json(tporder("store", "migrate", "--db", db, "--json"))
    rows = done["rows"]["main"]
    assert rows > 0
    assert done == {"store": str(db), "before": 3, "after": newest, "rows": {"main": rows}}
    assert as_json(tporder("store", "verify", "--db", db, "--json"))["main"]["differing"] == []
    assert "nothing to do" in tporder("store", "migrate", "--db", db).output
    korean = tporder("store", "migrate", "--db", db, env={"TPORDER_LANG": "ko"})
    assert "할 일이 없습니다" in korean.output


def test_a_store_of_a_running_engine_is_not_migrated(tmp_path: Path) -> None:
    db = tmp_path / "t.db"
    asyncio.run(_traded_by_an_engine(db, "in", "ENTER"))
    as_written_by(3, db)
    with AccountLock(db, "main"):
        refused = tporder("store", "migrate", "--db", db)
    assert refused.exit_code != 0
    assert "main" in refused.output
    assert as_json(tporder("store", "migrate", "--db", db, "--json"))["before"] == 3
