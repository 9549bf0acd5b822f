"""Whose an account is: its lease, as every store keeps it and every program reads it.

An account belongs to whoever holds its lease. Each taking gets the next epoch, and an epoch is
never used twice, also not after a restored backup. The holder renews; an observer judges by whether
the count of renewals moves, timed by its own stopwatch, so that no calendar of anybody decides.
Every journal row carries the epoch of its writer, and the store refuses the row in the same
transaction once another epoch has been taken: who was stopped, cut off or declared dead cannot
write any more.

The holder limits itself besides: it sends nothing once its last renewal is older than ``lease_s``
by the clock that counts suspend (``runtime/lease/heartbeat.py``). An observer waits longer than
that, so that whatever is still signed by an old holder was signed before the lapse. On Binance a
successor acts on an unresolved order once what was signed until then has become too old for the
exchange; on Upbit the identifier is the fence (``exchanges/*/absence.py``).

Taking a lease is opening a :class:`~trading_platform_order.storage.base.Store`: one transaction
that enters the next epoch, so that the number that fences and the number that writes cannot differ.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.transport.running_time import RunningTime

ANOTHER_HOLDER = "the account has another holder"
"""What a store says of a row that its holder did not write."""
STILL_S = 1.0
"""Two looks further apart say nothing about what the holder did between them."""


class LeaseLost(StoreUnavailable):
    """Another program holds the account: nothing was written, and nothing may be sent any more."""


class LeaseTaken(Exception):  # noqa: N818 - a fact, named as the docs do
    """Another program holds the account, or took it first; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """One run of a program, named so that it cannot be taken for another one.

    Attributes:
        machine: names the machine for ever; empty if not known.
        boot: names this run of it, from power-on to power-off; empty if not known.
        pid_namespace: in which process numbers mean what they mean here; empty if not known.
        pid: the process's number in that namespace; 0 for none.
        started: when it was started, in the kernel's ticks since boot: with it a number that was
            given to another process is told from the one that was meant.
        has_lock: it holds the account's file lock while it lives.
    """

    machine: str = ""
    boot: str = ""
    pid_namespace: str = ""
    pid: int = 0
    started: int = 0
    has_lock: bool = False

    def is_of_another_boot(self, here: "Holder") -> bool:
        """It did not run in this boot of this machine: the kernel names each boot for itself."""
        return bool(self.boot and here.boot) and self.boot != here.boot

    def is_visible(self, here: "Holder") -> bool:
        """Its process number means the same here, so that its process can be looked at."""
        same = (self.boot, self.pid_namespace) == (here.boot, here.pid_namespace)
        return same and bool(self.boot and self.pid_namespace and self.pid)


NOBODY = Holder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """An account's lease at one moment.

    Attributes:
        epoch: of the holder; no other holder ever has it.
        renewal: grows while the holder lives; means nothing by itself.
        reason: why it was taken, for operators.
        at_us: calendar time of the taking, microseconds since 1970 UTC, for operators.
        is_released: the holder let go of it.
    """

    epoch: int
    holder: Holder
    renewal: int
    reason: str
    at_us: int
    is_released: bool


class AccountLease(Protocol):
    """The lease as its holder and its observers use it.

    Every verb raises ``StoreUnavailable`` if the store cannot be used.
    """

    async def lease(self) -> Lease | None:
        """As it stands; ``None`` if nobody ever held the account."""
        ...

    async def renew(self, epoch: int) -> bool:
        """Count one more renewal; false if the account is another holder's.

        The count is written before the epoch is read. A taker commits its epoch before it reads the
        count once more: so one of the two sees the other.
        """
        ...

    async def release(self, epoch: int) -> None:
        """Let go of it; nothing happens if it is another holder's by now."""
        ...


class Claimable(StrEnum):
    """May the lease be taken, and on what grounds."""

    FREE = "free"  # nobody holds it
    DEAD = "dead"  # its holder is provably no more
    HELD = "held"  # only a lapse, seen by one's own stopwatch, ends it


def claimable(
    lease: Lease | None, *, here: Holder, lock_is_ours: bool, is_alive: bool | None
) -> Claimable:
    """What proves that a lease has no living holder.

    Args:
        lease: as it stands.
        here: who asks.
        lock_is_ours: the asker holds the account's file lock, which the kernel takes from a process
            when it ends, and from nobody before.
        is_alive: whether the holder's process is there; ``None`` where it cannot be looked at.
    """
    if lease is None or lease.is_released or lease.holder == NOBODY:
        return Claimable.FREE
    if lease.holder.is_of_another_boot(here):
        # Another boot ended with all its processes. A holder on another machine writes another
        # file: this one is a copy, and says nothing about it.
        return Claimable.DEAD
    if is_alive is False or (lock_is_ours and lease.holder.has_lock):
        return Claimable.DEAD
    return Claimable.HELD


class LeaseWatch:
    """Times a lease by the stopwatch of whoever looks: running time, never a calendar.

    While the looker itself stood still it saw nothing, and counts nothing: after a pause of the
    whole machine holder and observer wake together.
    """

    def __init__(self, boottime: Callable[[], float]) -> None:
        self._running = RunningTime(boottime, STILL_S)
        self._seen: tuple[int, int] | None = None
        self._moved_s = 0.0

    def look(self, lease: Lease | None) -> float:
        """Seconds of watching for which the lease has not moved."""
        now_s = self._running.seconds()
        seen = None if lease is None else (lease.epoch, lease.renewal)
        if seen != self._seen:
            self._seen, self._moved_s = seen, now_s
        return now_s - self._moved_s
