"""What other processes share with the engine: the file, its lock, its schema version."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from trading_platform_order.storage.base import (
    Entry,
    SchemaMismatch,
    StoreUnavailable,
)
from trading_platform_order.storage.sqlite.database import Database, split_statements
from trading_platform_order.storage.sqlite.migrations import migrate, scripts
from trading_platform_order.storage.sqlite.store import SqliteStore, open_inbox, open_reader
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock, AccountLocked


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "store.db", build="b", durability="normal")
    yield opened
    await opened.close()


async def test_an_inbox_can_be_opened_before_any_engine_ran(tmp_path: Path) -> None:
    sender = open_inbox(tmp_path / "new" / "store.db")
    number = await sender.put_signal("early", at_us=1)
    await sender.close()

    engine = SqliteStore(tmp_path / "new" / "store.db", build="b")

    assert await engine.pending_signals() == [(number, "early")]
    await engine.close()


async def test_a_reader_cannot_write_and_a_missing_store_is_named(
    store: SqliteStore, tmp_path: Path
) -> None:
    reader = open_reader(tmp_path / "store.db")
    with pytest.raises(StoreUnavailable, match="readonly"):
        reader._database.execute("DELETE FROM claims")
    await reader.close()

    with pytest.raises(StoreUnavailable, match=r"no store at .*absent\.db"):
        open_reader(tmp_path / "absent.db")


async def test_a_lock_held_by_another_process_is_waited_for(
    store: SqliteStore, tmp_path: Path
) -> None:
    holder = Database.open(tmp_path / "store.db")
    holder.execute("BEGIN IMMEDIATE")
    release = asyncio.get_running_loop().run_in_executor(None, _release_soon, holder)

    await store.append([Entry(trade_id="", kind="k", version=1, body="{}")], at_us=1)

    await release
    holder.close()
    assert await store.verify_chain() == 1


def _release_soon(holder: Database) -> None:
    time.sleep(0.02)
    holder.execute("COMMIT")


# -- one engine per account -------------------------------------------------------------------

_HOLD = """
import sys, time
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock
AccountLock(sys.argv[1]).acquire()
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_engine_is_refused_until_the_first_process_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", _HOLD, str(path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(AccountLocked, match=rf"'main' .*process {holder.pid}\)"):
            AccountLock(path).acquire()
        with AccountLock(path, "second"):
            pass  # another account is another lock
        holder.kill()

    with AccountLock(path) as lock:
        assert lock.path.read_text() == f"{os.getpid()}\n"
        with pytest.raises(AccountLocked):
            AccountLock(path).acquire()
    with AccountLock(path):
        pass


def test_a_store_under_two_names_has_one_lock(tmp_path: Path) -> None:
    path, other = tmp_path / "store.db", tmp_path / "elsewhere" / "link.db"
    path.touch()
    other.parent.mkdir()
    other.symlink_to(path)
    watching = AccountLock(other)
    with AccountLock(path):
        with pytest.raises(AccountLocked):
            AccountLock(other, attempts=1).acquire()
        assert not watching.is_free()
    assert watching.is_free()


@pytest.mark.parametrize("account", ["", "../x", "a/b", "Ä", "x" * 65, "-x"])
def test_account_names_stay_in_the_folder(tmp_path: Path, account: str) -> None:
    with pytest.raises(ValueError, match="account name"):
        AccountLock(tmp_path / "store.db", account)


# -- migrations -------------------------------------------------------------------------------


def test_scripts_are_numbered_without_gaps() -> None:
    assert [number for number, _, _ in scripts()] == list(range(1, len(scripts()) + 1))


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    connection = Database.open(tmp_path / "x.db")
    reached = migrate(connection)
    before = connection.execute("SELECT name, sql FROM sqlite_master")

    assert migrate(connection) == reached
    assert connection.execute("SELECT name, sql FROM sqlite_master") == before
    connection.close()


def test_a_newer_store_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    connection = Database.open(path)
    migrate(connection)
    connection.execute("INSERT INTO schema_version VALUES (999, 'future')")
    connection.close()

    with pytest.raises(SchemaMismatch, match=r"version 999.*newer program"):
        SqliteStore(path, build="b")
    with pytest.raises(SchemaMismatch, match=r"version 999.*newer program"):
        open_reader(path)


def test_an_older_store_is_left_to_the_engine(tmp_path: Path) -> None:
    (tmp_path / "store.db").touch()

    with pytest.raises(SchemaMismatch, match="start the engine"):
        open_reader(tmp_path / "store.db")


async def test_a_file_that_a_sender_only_began_is_finished(tmp_path: Path) -> None:
    (tmp_path / "store.db").touch()

    sender = open_inbox(tmp_path / "store.db")
    number = await sender.put_signal("early", at_us=1)
    await sender.close()

    engine = SqliteStore(tmp_path / "store.db", build="b")
    assert await engine.pending_signals() == [(number, "early")]
    await engine.close()


def test_statements_are_split_around_triggers() -> None:
    script = (
        "-- c\nCREATE TABLE a (b);\n\nCREATE TRIGGER t BEFORE UPDATE ON a\nBEGIN SELECT 1; END;\n"
    )

    assert [statement.split()[1] for statement in split_statements(script)] == ["TABLE", "TRIGGER"]
    with pytest.raises(ValueError, match="incomplete"):
        split_statements("CREATE TABLE a (b)")
