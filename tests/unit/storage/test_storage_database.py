"""The one door to SQLite: which version may be used, and the library's traps closed."""

import ast
from contextlib import closing
from pathlib import Path

import pytest

from trading_platform_order.exchanges.base import Level
from trading_platform_order.runtime.startup.doctor import sqlite_finding
from trading_platform_order.storage.base import StoreBusy, StoreUnavailable
from trading_platform_order.storage.sqlite.database import (
    READ_ONLY,
    Database,
    fault_of_version,
    sqlite_version,
    transaction,
)

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("version", ["3.7.0", "3.40.1", "3.44.5", "3.50.6", "3.51.0", "3.51.2"])
def test_an_affected_sqlite_is_refused_with_the_remedy(version: str, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=rf"SQLite {version} .*lock file"):
        Database.open(tmp_path / "store.db", version=version)
    assert not (tmp_path / "store.db").exists()


@pytest.mark.parametrize(
    "version", ["3.6.23", "3.44.6", "3.50.7", "3.51.3", "3.53.0", "3.54.1", "4.0.0"]
)
def test_a_repaired_sqlite_is_taken(version: str) -> None:
    assert fault_of_version(version) is None


def test_the_doctor_names_the_sqlite_and_faults_an_affected_one() -> None:
    assert sqlite_finding(sqlite_version()).level is Level.OK
    found = sqlite_finding("3.45.1")
    assert found.level is Level.FAULT
    assert "3.45.1 can lose committed rows" in found.text
    assert "lock file" in found.remedy


def test_what_runs_here_is_repaired() -> None:
    assert fault_of_version(sqlite_version()) is None


def test_nobody_uses_the_machines_own_sqlite() -> None:
    importing = [
        str(path.relative_to(ROOT))
        for folder in ("src", "strategies", "tests", "tools", "examples", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "sqlite3" in _imported(path)
    ]
    assert importing == []


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_every_statement_of_a_text_is_carried_out() -> None:
    with closing(Database.memory()) as database:
        database.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)")
        assert database.execute("SELECT a FROM t ORDER BY a; SELECT 9") == [(1,), (2,), (9,)]


def test_an_answer_read_in_part_holds_no_snapshot(tmp_path: Path) -> None:
    with (
        closing(Database.open(tmp_path / "a.db")) as reader,
        closing(Database.open(tmp_path / "a.db")) as writer,
    ):
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)")
        assert reader.first("SELECT a FROM t ORDER BY a") == (1,)
        assert reader.first_named("SELECT a FROM t ORDER BY a") == {"a": 1}
        writer.execute("INSERT INTO t VALUES (4)")
        # an open snapshot would keep the log from being emptied: (busy, pages, moved)
        assert writer.execute("PRAGMA wal_checkpoint(TRUNCATE)") == [(0, 0, 0)]


def test_a_change_tells_how_many_rows_it_touched() -> None:
    with closing(Database.memory()) as database:
        database.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
        assert database.change("INSERT INTO t VALUES (7)") == 1
        assert database.change("INSERT INTO t VALUES (7) ON CONFLICT DO NOTHING") == 0
        assert database.change("UPDATE t SET a = a + 1") == 1


def test_a_failed_block_leaves_nothing_and_no_open_transaction() -> None:
    with closing(Database.memory()) as database:
        database.execute("CREATE TABLE t (a UNIQUE)")
        with pytest.raises(StoreUnavailable, match="CONSTRAINT_UNIQUE"), transaction(database):
            database.execute_many("INSERT INTO t VALUES (?)", [(1,), (1,)])
        assert not database.in_transaction
        assert database.execute("SELECT * FROM t") == []


def test_a_held_lock_is_told_apart_from_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(Database.open(path)) as holder, closing(Database.open(path)) as other:
        holder.execute("CREATE TABLE t (a)")
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            other.execute("BEGIN IMMEDIATE")
        holder.execute("COMMIT")
    with closing(Database.open(path, READ_ONLY)) as reader:
        with pytest.raises(StoreUnavailable, match="SQLITE_READONLY") as failed:
            reader.execute("INSERT INTO t VALUES (1)")
        assert not isinstance(failed.value, StoreBusy)
    path.write_bytes(b"not a database" * 200)
    with closing(Database.open(path)) as broken:
        with pytest.raises(StoreUnavailable, match="SQLITE_NOTADB") as failed:
            broken.execute("SELECT * FROM t")
        assert not isinstance(failed.value, StoreBusy)
