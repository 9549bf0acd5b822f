"""What other processes share with the engine: inbox, latches, lock, schema version."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from trading_platform_order.storage.base import (
    MAX_RAW_BYTES,
    Claim,
    Command,
    Entry,
    InboxFull,
    Latch,
    SchemaMismatch,
    StoreUnavailable,
)
from trading_platform_order.storage.relational.inbox_table import PENDING_MAX
from trading_platform_order.storage.sqlite.database import Database, split_statements
from trading_platform_order.storage.sqlite.migrations import migrate, scripts
from trading_platform_order.storage.sqlite.store import SqliteStore, open_inbox, open_reader
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock, AccountLocked


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "store.db", build="b", durability="normal")
    yield opened
    await opened.close()


# -- inbox ------------------------------------------------------------------------------------


async def test_a_signal_goes_through_the_inbox(store: SqliteStore, tmp_path: Path) -> None:
    sender = open_inbox(tmp_path / "store.db")
    first = await sender.put_signal("one", at_us=1)
    second = await sender.put_signal("두번째", at_us=2)

    assert await store.pending_signals() == [(first, "one"), (second, "두번째")]
    assert await store.pending_signals(after_id=first) == [(second, "두번째")]
    assert await store.pending_signals(1) == [(first, "one")]
    assert await sender.signal_result(first) is None

    await store.finish_signal(first, result="refused", detail="id: bad_id")
    await store.finish_signal(first, result="duplicate", detail="too late")

    assert await sender.signal_result(first) == ("refused", "id: bad_id")
    assert await store.pending_signals() == [(second, "두번째")]
    await sender.close()


async def test_commands_go_through_the_inbox(store: SqliteStore, tmp_path: Path) -> None:
    sender = open_inbox(tmp_path / "store.db")
    number = await sender.put_command("stop", '{"reason":"drill"}', at_us=7)

    assert await store.pending_commands() == [
        Command(id=number, kind="stop", body='{"reason":"drill"}', at_us=7)
    ]
    await store.finish_command(number, result="done", detail="stopped")

    assert await sender.command_result(number) == ("done", "stopped")
    assert await store.pending_commands() == []
    assert await sender.command_result(number + 1) is None
    await sender.close()


async def test_the_inbox_is_bounded(store: SqliteStore, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="bytes"):
        await store.put_signal("x" * (MAX_RAW_BYTES + 1), at_us=1)
    filler = Database.open(tmp_path / "store.db")
    filler.execute_many(
        "INSERT INTO inbox_signals (account, at_us, raw) VALUES ('main', ?, '')",
        ((number,) for number in range(PENDING_MAX)),
    )
    filler.close()

    with pytest.raises(InboxFull, match="does the engine run"):
        await store.put_signal("one more", at_us=1)
    await store.put_command("stop", "{}", at_us=1)  # a stop still gets through


async def test_an_unknown_result_is_a_bug(store: SqliteStore) -> None:
    number = await store.put_signal("x", at_us=1)

    with pytest.raises(ValueError, match="perhaps"):
        await store.finish_signal(number, result="perhaps")


async def test_an_inbox_can_be_opened_before_any_engine_ran(tmp_path: Path) -> None:
    sender = open_inbox(tmp_path / "new" / "store.db")
    number = await sender.put_signal("early", at_us=1)
    await sender.close()

    engine = SqliteStore(tmp_path / "new" / "store.db", build="b")

    assert await engine.pending_signals() == [(number, "early")]
    await engine.close()


async def test_accounts_do_not_see_each_other(store: SqliteStore, tmp_path: Path) -> None:
    other = open_inbox(tmp_path / "store.db", account="second")
    await other.put_signal("theirs", at_us=1)
    await other.set_latch("stop", "theirs", at_us=1)

    assert await store.pending_signals() == []
    assert await store.latches() == []
    await other.close()


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


# -- latches ----------------------------------------------------------------------------------


async def test_a_latch_is_durable_and_needs_a_reason_to_clear(
    store: SqliteStore, tmp_path: Path
) -> None:
    operator = open_inbox(tmp_path / "store.db")
    assert await operator.set_latch("emergency_stop", "drill", at_us=5)
    assert not await store.set_latch("emergency_stop", "second reason", at_us=6)

    assert await store.latch("emergency_stop") == Latch(
        kind="emergency_stop", reason="drill", at_us=5
    )
    assert await store.latch("other") is None

    assert await operator.clear_latch("emergency_stop", "drill over", at_us=7)
    assert not await operator.clear_latch("emergency_stop", "again", at_us=8)
    assert await store.latches() == []
    assert await store.set_latch("emergency_stop", "real", at_us=9)
    history = await store.query("v_latches")
    assert [(row["reason"], row["cleared_reason"]) for row in history] == [
        ("real", None),
        ("drill", "drill over"),
    ]
    await operator.close()


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


async def test_a_claimed_inbox_row_of_another_account_is_left_alone(
    store: SqliteStore, tmp_path: Path
) -> None:
    other = open_inbox(tmp_path / "store.db", account="second")
    theirs = await other.put_signal("theirs", at_us=1)
    claim = Claim(
        signal_id="s",
        content_hash="h",
        strategy="k",
        symbol="BTC",
        action="ENTER",
        inbox_id=theirs,
    )

    await store.append([], at_us=1, claim=claim)

    assert await other.signal_result(theirs) is None
    await other.close()
