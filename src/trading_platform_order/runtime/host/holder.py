"""Which process this is, whether the holder of a lease still lives, and how a hung one is ended.

A process number alone names nobody: the kernel gives it to the next process. Its start time beside
it does, and a file descriptor of the process (``pidfd_open``) means that very process for ever,
whatever its number is given to later. So a holder is opened first, then compared, then killed
through what was opened (pidfd_open(2), proc(5) field 22 of ``stat``).
"""

import os
import select
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from trading_platform_order.runtime.host.machine import this_place
from trading_platform_order.storage.lease import Holder
from trading_platform_order.storage.relational.epochs import Place

PROC = Path("/proc")
_STARTED = 19
"""Of the fields behind the command's name, which may hold spaces and brackets of its own."""
END_S = 5.0
"""A killed process is gone within milliseconds; one that waits for a dead disk never is."""


def this_process(*, has_lock: bool, place: Place | None = None) -> Holder:
    """This run of the program.

    Args:
        has_lock: it holds the account's file lock.
        place: which machine this is; as the operating system tells by default.
    """
    where, pid = place or this_place(), os.getpid()
    return Holder(
        machine=where.machine,
        boot=where.boot,
        pid_namespace=_namespace(),
        pid=pid,
        started=started_at(pid) or 0,
        has_lock=has_lock,
    )


def with_lock(here: Holder, *, has_lock: bool) -> Holder:
    """The same process, with or without the account's lock."""
    return replace(here, has_lock=has_lock)


def _namespace() -> str:
    try:
        return str((PROC / "self/ns/pid").readlink())
    except OSError:
        return ""


def started_at(pid: int) -> int | None:
    """When a process was started, in ticks since boot; ``None`` if there is no such process."""
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
        return int(text.rpartition(")")[2].split()[_STARTED])
    except (OSError, ValueError, IndexError):
        return None


def is_alive(
    holder: Holder, here: Holder, started: Callable[[int], int | None] = started_at
) -> bool | None:
    """Whether a holder's process is there; ``None`` where it cannot be looked at from here."""
    if not holder.is_visible(here):
        return None
    return started(holder.pid) == holder.started


def why_not_ended(holder: Holder, here: Holder) -> str:
    """What would keep this process from ending a holder that hangs; empty for nothing.

    Asked before anything hangs, so that an operator can mend it (``doctor``).
    """
    if not holder.is_visible(here):
        return "it runs in another PID namespace (container)"
    try:
        owner = (PROC / str(holder.pid)).stat().st_uid
    except OSError:
        return ""
    mine = os.geteuid()
    return "it is another user's process" if mine not in {0, owner} else ""


class Ended(StrEnum):
    """What came of ending a holder."""

    GONE = "gone"  # its process is no more
    NOT_ALLOWED = "not_allowed"  # another user's process
    OUT_OF_REACH = "out_of_reach"  # another PID namespace: its number means nothing here
    STAYS = "stays"  # killed, and still there: it waits for a device


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """The three calls; a test puts others in their place.

    Attributes:
        open: a descriptor of the process with this number, that can be read once it is gone.
        started: when the process with this number was started.
        kill: end the process of a descriptor at once.
    """

    open: Callable[[int], int] = os.pidfd_open
    started: Callable[[int], int | None] = started_at
    kill: Callable[[int], None] = lambda descriptor: signal.pidfd_send_signal(
        descriptor, signal.SIGKILL
    )


def end_process(
    holder: Holder, here: Holder, *, limit_s: float = END_S, kernel: Kernel | None = None
) -> Ended:
    """Kill a holder's process, stopped or not, and wait until it is gone.

    What it had locked, the kernel has let go of then: the account's file, and SQLite's write lock
    if it was stopped inside a transaction.
    """
    calls = kernel or Kernel()
    if not holder.is_visible(here):
        return Ended.OUT_OF_REACH
    try:
        descriptor = calls.open(holder.pid)
        try:
            return _end(descriptor, holder, calls, limit_s)
        finally:
            os.close(descriptor)
    except ProcessLookupError:
        return Ended.GONE
    except PermissionError:
        return Ended.NOT_ALLOWED


def _end(descriptor: int, holder: Holder, calls: Kernel, limit_s: float) -> Ended:
    # Compared after it was opened: from here on the descriptor cannot mean another one.
    if calls.started(holder.pid) != holder.started:
        return Ended.GONE
    calls.kill(descriptor)
    gone = select.poll()
    gone.register(descriptor, select.POLLIN)
    return Ended.GONE if gone.poll(limit_s * 1_000) else Ended.STAYS
