"""Real processes: which one holds a lease, whether it lives, and that nobody else is killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from trading_platform_order.runtime.host.holder import (
    Ended,
    Kernel,
    end_process,
    is_alive,
    started_at,
    this_process,
)
from trading_platform_order.storage.lease import Holder
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock

HOLDS = """
import fcntl, sys, time
from trading_platform_order.storage.sqlite.database import Database
lock = open(sys.argv[1], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
connection = Database.open(sys.argv[2])
connection.execute("BEGIN IMMEDIATE")
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture
def hung(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Stopped in the middle of a transaction, with the account's file locked."""
    lock = AccountLock(tmp_path / "s.db").path
    process = subprocess.Popen(  # noqa: S603 - our own text
        [sys.executable, "-c", HOLDS, str(lock), str(tmp_path / "s.db")],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGSTOP)
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def holder_of(process: subprocess.Popen[str]) -> Holder:
    started = started_at(process.pid)
    assert started is not None
    return replace(this_process(has_lock=True), pid=process.pid, started=started)


def test_a_process_stopped_inside_a_transaction_is_ended_with_all_that_it_had_locked(
    hung: subprocess.Popen[str], tmp_path: Path
) -> None:
    here = this_process(has_lock=False)
    holder = holder_of(hung)
    assert is_alive(holder, here)
    assert not AccountLock(tmp_path / "s.db").is_free()
    assert end_process(holder, here) is Ended.GONE
    assert hung.wait(5) == -signal.SIGKILL
    assert is_alive(holder, here) is False
    assert AccountLock(tmp_path / "s.db").is_free()
    with closing(Database.open(tmp_path / "s.db")) as database:
        database.execute("BEGIN IMMEDIATE")
    assert end_process(holder, here) is Ended.GONE


def test_a_process_with_the_same_number_and_another_start_is_never_killed(
    hung: subprocess.Popen[str],
) -> None:
    here = this_process(has_lock=False)
    reused = replace(holder_of(hung), started=1)
    assert is_alive(reused, here) is False
    assert end_process(reused, here) is Ended.GONE, "the one that was meant is gone"
    assert hung.poll() is None


def test_a_process_of_another_namespace_or_boot_is_never_killed(
    hung: subprocess.Popen[str],
) -> None:
    here = this_process(has_lock=False)
    for stranger in (
        replace(holder_of(hung), pid_namespace="pid:[1]"),
        replace(holder_of(hung), boot="another"),
        replace(holder_of(hung), pid=0),
    ):
        assert is_alive(stranger, here) is None
        assert end_process(stranger, here) is Ended.OUT_OF_REACH
    assert hung.poll() is None


def test_a_number_that_is_given_away_between_the_look_and_the_kill_kills_nobody(
    hung: subprocess.Popen[str],
) -> None:
    """The descriptor was opened first: it means the process that had the number then."""
    asked: list[str] = []
    holder = holder_of(hung)

    def opened(pid: int) -> int:
        asked.append("open")
        return os.pidfd_open(pid)

    def another(_: int) -> int:
        asked.append("started")
        return holder.started + 1

    kernel = Kernel(open=opened, started=another)
    assert end_process(holder, this_process(has_lock=False), kernel=kernel) is Ended.GONE
    assert asked == ["open", "started"]
    assert hung.poll() is None


def test_what_may_not_be_killed_and_what_does_not_go_is_told(
    hung: subprocess.Popen[str],
) -> None:
    here = this_process(has_lock=False)

    def refused(_: int) -> None:
        raise PermissionError

    not_allowed = Kernel(kill=refused)
    assert end_process(holder_of(hung), here, kernel=not_allowed) is Ended.NOT_ALLOWED
    stays = Kernel(kill=lambda _: None)
    assert end_process(holder_of(hung), here, kernel=stays, limit_s=0.01) is Ended.STAYS
