"""``tporder store``: what an operator may do with the file, also under a running engine."""

import asyncio
import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from pyarrow import parquet  # type: ignore[import-untyped]

from tests.unit.cli.cli_world import as_json, story_db, tporder
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.storage.projections.views import VIEWS
from trading_platform_order.storage.relational.epochs import Place
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.store import SqliteStore, open_reader
from trading_platform_order.storage.sqlite.upkeep.by_hand import back_up
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock


def test_a_view_is_asked(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    query = "SELECT seq, kind FROM journal ORDER BY seq"
    text = tporder("store", "sql", query, "--db", db)
    rows = json.loads(tporder("store", "sql", query, "--db", db, "--json").stdout)

    assert text.exit_code == ExitCode.OK
    assert text.stdout.splitlines()[0].split() == ["seq", "kind"]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert len(text.stdout.splitlines()) == len(rows) + 1


def test_rows_that_are_left_out_are_told(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    result = tporder("store", "sql", "SELECT seq FROM journal", "--db", db, "--limit", "2")
    assert len(result.stdout.splitlines()) == 3
    assert "more than 2 rows" in result.stderr


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM claims",
        "SELECT 1; DELETE FROM claims",
        "UPDATE inbox_signals SET result = 'done'",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA user_version = 7",
        "ATTACH 'other.db' AS other",
        "VACUUM INTO 'other.db'",
        "BEGIN IMMEDIATE",
        "SELEKT",
        "SELECT nothing FROM nowhere",
    ],
)
def test_nothing_else_is_carried_out(query: str, tmp_path: Path) -> None:
    db = story_db(tmp_path)
    before = db.read_bytes()
    result = tporder("store", "sql", query, "--db", db)
    assert result.exit_code == ExitCode.BAD_INPUT
    assert "not carried out" in result.stderr
    assert db.read_bytes() == before
    assert not Path("other.db").exists()


def test_a_query_without_end_is_broken_off(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    endless = "WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n) SELECT max(a) FROM n"
    result = tporder("store", "sql", endless, "--db", db, "--limit-s", "0.1")
    assert result.exit_code == ExitCode.BAD_INPUT
    assert "longer than 0.1 s" in result.stderr


def test_a_backup_holds_what_only_the_log_held(tmp_path: Path) -> None:
    db, copy = story_db(tmp_path), tmp_path / "copy.db"

    async def under_a_running_engine() -> int:
        store = SqliteStore(db, build="b", durability="full")
        await store.put_signal("in the log only", at_us=1)
        rows = len(await store.journal())
        await asyncio.to_thread(backed_up)
        await store.close()
        return rows

    def backed_up() -> None:
        result = tporder("store", "backup", str(copy), "--db", db)
        assert result.exit_code == ExitCode.OK, result.stderr
        assert "rows of main; every hash chain fits" in result.stdout

    rows = asyncio.run(under_a_running_engine())
    assert copy.stat().st_mode & 0o077 == 0
    assert not copy.with_name("copy.db-wal").exists()
    reader = open_reader(copy)
    assert asyncio.run(reader.verify_chain()) == rows
    asyncio.run(reader.close())
    with closing(Database.open(copy)) as database:
        assert database.first("SELECT raw FROM inbox_signals WHERE raw LIKE 'in the log%'")


@pytest.mark.parametrize("ended", [True, False])
def test_an_engine_on_a_restored_backup_knows_that_rows_may_be_lost(
    ended: bool, tmp_path: Path
) -> None:
    db, copy = tmp_path / "s.db", tmp_path / "copy.db"
    here = Place(machine="m", boot="b")

    async def rows_may_be_lost() -> tuple[bool, bool]:
        store = SqliteStore(db, build="b", place=here)
        if ended:
            await store.close()
        back_up(db, copy)
        if not ended:
            await store.close()
        original, restored = (SqliteStore(path, build="b", place=here) for path in (db, copy))
        found = original.rows_may_be_lost, restored.rows_may_be_lost
        await original.close()
        await restored.close()
        return found

    assert asyncio.run(rows_may_be_lost()) == (False, True)


def test_a_stop_waits_for_a_lock_that_another_program_holds(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    with closing(Database.open(db)) as other:
        other.execute("BEGIN IMMEDIATE")
        command = [sys.executable, "-m", "trading_platform_order.cli.main", "stop"]
        with subprocess.Popen(  # noqa: S603 - our own program
            [*command, "--reason", "drill", "--db", str(db)], stderr=subprocess.PIPE, text=True
        ) as stopping:
            assert stopping.stderr is not None
            told = stopping.stderr.readline()  # it says so while it waits
            assert stopping.poll() is None
            other.execute("COMMIT")
            stopping.communicate()
    assert "another process holds the store's write lock" in told
    assert stopping.returncode == ExitCode.OK
    with closing(Database.open(db)) as database:
        assert database.first("SELECT reason FROM latches WHERE kind = 'stop'")


def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    db, copy = story_db(tmp_path), tmp_path / "copy.db"
    copy.write_text("precious")
    result = tporder("store", "backup", str(copy), "--db", db)
    assert result.exit_code == ExitCode.BAD_INPUT
    assert "exists already" in result.stderr
    assert copy.read_text() == "precious"


def test_a_damaged_journal_leaves_no_backup(tmp_path: Path) -> None:
    db, copy = story_db(tmp_path), tmp_path / "copy.db"
    with closing(Database.open(db)) as database:
        database.execute("DROP TRIGGER journal_no_update")
        database.execute("UPDATE journal SET at_us = at_us + 1 WHERE seq = 2")
    result = tporder("store", "backup", str(copy), "--db", db)
    assert result.exit_code == ExitCode.JOURNAL_BROKEN
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("copy")] == []


def test_damaged_views_are_retold_from_the_journal(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    before = tporder("fills", "--db", db, "--json").stdout
    with closing(Database.open(db)) as opened:
        opened.execute("DELETE FROM fills")
        opened.execute("UPDATE orders SET filled_quantity = '7'")
    assert tporder("fills", "--db", db, "--json").stdout != before

    result = tporder("store", "rebuild", "--db", db)

    assert result.exit_code == ExitCode.OK
    assert tporder("fills", "--db", db, "--json").stdout == before
    with closing(Database.open(db)) as opened:
        assert opened.first("SELECT count(*) FROM orders WHERE filled_quantity = '7'") == (0,)


def test_views_are_not_retold_under_an_engine(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    with AccountLock(db, "main"):
        assert tporder("store", "rebuild", "--db", db).exit_code == ExitCode.ACCOUNT_TAKEN


def test_a_folder_of_backups_keeps_the_newest(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    folder = tmp_path / "backups"
    folder.mkdir()
    mine = folder / "notes-20260101T000000Z.db"
    for name in ("20260101T000000Z", "20260101T060000Z", "20260102T000000Z"):
        (folder / f"{db.stem}-{name}.db").write_bytes(b"old")
    mine.write_bytes(b"another's")

    told = as_json(tporder("store", "backup", folder, "--keep", "2", "--db", db, "--json"))

    kept = sorted(folder.iterdir())
    assert kept == sorted([mine, folder / f"{db.stem}-20260102T000000Z.db", Path(told["file"])])
    assert len(told["removed"]) == 2
    assert as_json(tporder("orders", "--db", told["file"], "--json"))


def test_nothing_is_removed_where_the_copy_fails(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    with closing(Database.open(db)) as database:
        database.execute("DROP TRIGGER journal_no_update")
        database.execute("UPDATE journal SET at_us = at_us + 1 WHERE seq = 2")
    folder = tmp_path / "backups"
    folder.mkdir()
    old = folder / f"{db.stem}-20260101T000000Z.db"
    old.write_bytes(b"old")

    result = tporder("store", "backup", folder, "--keep", "1", "--db", db)

    assert result.exit_code == ExitCode.JOURNAL_BROKEN
    assert list(folder.iterdir()) == [old]


def test_keep_wants_a_folder(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    result = tporder("store", "backup", tmp_path / "one.db", "--keep", "2", "--db", db)
    assert result.exit_code == ExitCode.BAD_INPUT
    assert "--keep" in result.stderr


def test_verify_compares_the_views_with_the_journal_under_a_running_engine(tmp_path: Path) -> None:
    db = story_db(tmp_path)

    async def checked() -> None:
        store = SqliteStore(db, build="b", durability="normal")
        await asyncio.to_thread(verified)
        await store.close()

    def verified() -> None:
        before = sorted(path.name for path in tmp_path.iterdir())
        result = tporder("store", "verify", "--db", db)
        assert result.exit_code == ExitCode.OK, result.stderr
        assert "the hash chain fits, every view is what the journal tells" in result.stdout
        assert sorted(path.name for path in tmp_path.iterdir()) == before

    asyncio.run(checked())


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE fills SET quantity = '9' WHERE seq = (SELECT min(seq) FROM fills)", "1 rows of"),
        ("DELETE FROM trades", "rows of trades are not what the journal tells"),
        ("UPDATE positions SET account = 'other'", "rows of positions"),
    ],
)
def test_verify_names_rows_that_the_journal_does_not_tell(
    damage: str, told: str, tmp_path: Path
) -> None:
    db = story_db(tmp_path)
    tporder("store", "rebuild", "--db", db)
    with closing(Database.open(db)) as database:
        assert database.change(damage)
    result = tporder("store", "verify", "--db", db)
    assert result.exit_code == ExitCode.DATABASE_PROBLEM
    assert told in result.stderr
    assert "tporder store rebuild" in result.stderr
    tporder("store", "rebuild", "--db", db)
    assert tporder("store", "verify", "--db", db).exit_code == ExitCode.OK


def test_verify_and_restore_refuse_a_journal_that_was_changed(tmp_path: Path) -> None:
    db, backup = story_db(tmp_path), tmp_path / "backup.db"
    back_up(db, backup)
    with closing(Database.open(backup)) as database:
        database.execute("DROP TRIGGER journal_no_update")
        assert database.change("UPDATE journal SET at_us = at_us + 1 WHERE seq = 2")
    before = db.read_bytes()
    assert tporder("store", "verify", "--db", backup).exit_code == ExitCode.JOURNAL_BROKEN
    result = tporder("store", "restore", backup, "--db", db)
    assert result.exit_code == ExitCode.JOURNAL_BROKEN
    assert db.read_bytes() == before
    assert not list(tmp_path.glob("*.restoring"))
    assert not list(tmp_path.glob("*replaced*"))


def test_a_backup_takes_the_place_of_the_store_and_nothing_is_lost(tmp_path: Path) -> None:
    db, backup = story_db(tmp_path), tmp_path / "backup.db"
    back_up(db, backup)

    async def goes_on() -> None:
        store = SqliteStore(db, build="b", durability="normal")
        await store.put_signal("after the backup", at_us=1)
        await store.close()

    asyncio.run(goes_on())
    told = as_json(tporder("store", "restore", backup, "--db", db, "--json"))
    replaced = Path(str(told["replaced"]))
    with closing(Database.open(replaced)) as database:
        assert database.first("SELECT raw FROM inbox_signals WHERE raw = 'after the backup'")
    with closing(Database.open(db)) as database:
        assert not database.first("SELECT raw FROM inbox_signals WHERE raw = 'after the backup'")
    assert db.stat().st_mode & 0o077 == 0
    assert backup.exists()

    async def next_start() -> bool:
        store = SqliteStore(db, build="b", place=Place(machine="m", boot="b"))
        lost = store.rows_may_be_lost
        await store.close()
        return lost

    assert asyncio.run(next_start())


def test_nothing_is_restored_under_an_engine(tmp_path: Path) -> None:
    db, backup = story_db(tmp_path), tmp_path / "backup.db"
    back_up(db, backup)
    before = db.read_bytes()
    with AccountLock(db, "main"):
        result = tporder("store", "restore", backup, "--db", db)
    assert result.exit_code == ExitCode.ACCOUNT_TAKEN
    assert db.read_bytes() == before
    assert tporder("store", "restore", backup, "--db", tmp_path / "new.db").exit_code == ExitCode.OK


def asked(db: Path, query: str) -> object:
    return json.loads(tporder("store", "sql", query, "--db", db, "--json").stdout)


def test_the_journal_and_the_views_are_written_as_parquet(tmp_path: Path) -> None:
    db, folder = story_db(tmp_path), tmp_path / "files"
    tporder("store", "rebuild", "--db", db)
    told = as_json(tporder("store", "export", folder, "--db", db, "--json"))

    files = {Path(name).stem: parquet.read_table(name).to_pylist() for name in told["files"]}
    assert {Path(name).stem: rows for name, rows in told["files"].items()} == {
        name: len(rows) for name, rows in files.items()
    }
    journal = asked(db, "SELECT seq, unpacked(body) AS body FROM journal ORDER BY seq")
    assert [{"seq": row["seq"], "body": row["body"]} for row in files.pop("journal")] == journal
    assert len(journal) > 10
    assert set(files) == set(VIEWS)
    for name, rows in files.items():
        columns = ", ".join(column.name for column in VIEWS[name].columns)
        assert rows == asked(db, f"SELECT {columns} FROM {name} ORDER BY seq")  # noqa: S608 - our names
    result = tporder("store", "export", folder, "--db", db)
    assert result.exit_code == ExitCode.BAD_INPUT
