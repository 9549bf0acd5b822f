"""The account's writers, one row each: who came before, where it ran, and how it ended.

Opening the store to write takes the account's lease (``storage/lease.py``) in the same transaction:
the number that fences every row is the number of this opening.
"""

import hashlib
from dataclasses import dataclass
from itertools import pairwise

from trading_platform_order.storage.lease import (
    ANOTHER_HOLDER,
    NOBODY,
    Holder,
    Lease,
    LeaseLost,
    LeaseTaken,
)
from trading_platform_order.storage.relational.database import RelationalDatabase

_COPY_RANGE = 1_000_000
"""A copy goes on in a range of its own, far above what the original still counts."""
_RANGES = 1 << 32
BOOT_OF_A_COPY = "a backup"

_TAKE = (
    "INSERT INTO leases (account, epoch, machine, boot, pid_namespace, pid, started,"
    " has_lock, reason, at_us, released) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
    " ON CONFLICT (account) DO UPDATE SET epoch = excluded.epoch, machine = excluded.machine,"
    " boot = excluded.boot, pid_namespace = excluded.pid_namespace, pid = excluded.pid,"
    " started = excluded.started, has_lock = excluded.has_lock, reason = excluded.reason,"
    " at_us = excluded.at_us, released = 0"
)


_READ_LEASE = (
    "SELECT epoch, machine, boot, pid_namespace, pid, started, has_lock, reason, at_us, released"
    " FROM leases WHERE account = ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a writer runs.

    Attributes:
        machine: names the machine for ever; empty if not known.
        boot: names this run of it, from power-on to power-off; empty if not known.
    """

    machine: str = ""
    boot: str = ""

    def is_other_machine(self, now: "Place") -> bool:
        """Both are known, and differ."""
        return bool(self.machine and now.machine) and self.machine != now.machine

    def is_other_boot(self, now: "Place") -> bool:
        """Another machine, or the same one started again since."""
        restarted = bool(self.boot and now.boot) and self.boot != now.boot
        return restarted or self.is_other_machine(now)


NOWHERE = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """Who opens the store to write, and what it knows of the lease.

    Attributes:
        reason: for operators.
        at_us: calendar time, microseconds since 1970 UTC; for operators.
        seen_epoch: the lease was judged at this epoch, and is not taken at another one; ``None``:
            whatever it is.
        used_epoch: the highest that was ever used beside this store, also if the store has lost it.
    """

    holder: Holder = NOBODY
    reason: str = ""
    at_us: int = 0
    seen_epoch: int | None = None
    used_epoch: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The writer before; epoch 0 and a clean end if there was none."""

    epoch: int
    ended_clean: bool
    place: Place


def rows_lost_in(database: RelationalDatabase, account: str) -> int:
    """The last writer before which rows may have been lost; 0 if there was none.

    The one before it did not end properly, and the machine was started again in between.
    """
    writers = database.execute(
        "SELECT epoch, ended_clean, machine, boot FROM epochs WHERE account = ?"
        " ORDER BY epoch DESC",
        (account,),
    )
    for (epoch, _, machine, boot), (_, ended_clean, *before) in pairwise(writers):
        last = Place(machine=before[0], boot=before[1])
        if not ended_clean and last.is_other_boot(Place(machine=machine, boot=boot)):
            return int(epoch)
    return 0


def begin_epoch(
    database: RelationalDatabase, account: str, build: str, place: Place, taking: Taking
) -> tuple[int, Before]:
    """Take the lease under the next number; returns it, and the writer before.

    Raises:
        LeaseTaken: somebody else has taken it since it was looked at.
    """
    with database.transaction(account):
        last = database.first(
            "SELECT epoch, ended_clean, machine, boot FROM epochs WHERE account = ?"
            " ORDER BY epoch DESC LIMIT 1",
            (account,),
        )
        before = Before(epoch=0, ended_clean=True, place=NOWHERE)
        if last is not None:
            number, clean, machine, boot = last
            before = Before(
                epoch=number, ended_clean=bool(clean), place=Place(machine=machine, boot=boot)
            )
        if taking.seen_epoch not in {None, before.epoch}:
            raise LeaseTaken(
                f"account {account!r} was taken by another engine at this moment (epoch"
                f" {before.epoch}); one account has one engine"
            )
        if before.epoch < taking.used_epoch:
            before = _restored(database, account, before)
        epoch = _next_epoch(before, place, taking.used_epoch)
        database.execute(
            "INSERT INTO epochs (account, epoch, build, machine, boot) VALUES (?, ?, ?, ?, ?)",
            (account, epoch, build, place.machine, place.boot),
        )
        holder = taking.holder
        database.execute(
            _TAKE,
            (
                *(account, epoch, holder.machine, holder.boot, holder.pid_namespace, holder.pid),
                *(holder.started, holder.has_lock, taking.reason, taking.at_us),
            ),
        )
    return epoch, before


def _restored(database: RelationalDatabase, account: str, before: Before) -> Before:
    """An old copy lies where a newer store lay: what was written since is not in it."""
    place = Place(machine=before.place.machine, boot=BOOT_OF_A_COPY)
    database.execute(
        "UPDATE epochs SET ended_clean = 0, boot = ? WHERE account = ? AND epoch = ?",
        (place.boot, account, before.epoch),
    )
    return Before(epoch=before.epoch, ended_clean=False, place=place)


def _next_epoch(before: Before, place: Place, used_epoch: int) -> int:
    """One that no writer ever had, whatever copies of this store are written elsewhere."""
    epoch = max(before.epoch, used_epoch) + 1
    is_copy = before.place.boot == BOOT_OF_A_COPY or before.place.is_other_machine(place)
    if not is_copy:
        return epoch
    name = f"{place.machine} {place.boot}".encode()
    number = int.from_bytes(hashlib.sha256(name).digest()[:4], "big") % _RANGES
    return epoch + _COPY_RANGE * (1 + number)


def end_epoch(database: RelationalDatabase, account: str, epoch: int) -> None:
    """This writer closed properly."""
    database.execute(
        "UPDATE epochs SET ended_clean = 1 WHERE account = ? AND epoch = ?", (account, epoch)
    )


def let_go(database: RelationalDatabase, account: str, epoch: int) -> None:
    """Whoever wants the account need not wait for a lapse."""
    database.execute(
        "UPDATE leases SET released = 1 WHERE account = ? AND epoch = ?", (account, epoch)
    )


def lease_row(database: RelationalDatabase, account: str, renewal: int) -> Lease | None:
    """The lease as it stands, with its count; ``None`` if nobody ever held the account."""
    row = database.first(_READ_LEASE, (account,))
    if row is None:
        return None
    epoch, machine, boot, namespace, pid, started, has_lock, reason, at_us, released = row
    return Lease(
        epoch=epoch,
        holder=Holder(
            machine=machine,
            boot=boot,
            pid_namespace=namespace,
            pid=pid,
            started=started,
            has_lock=bool(has_lock),
        ),
        renewal=renewal,
        reason=reason,
        at_us=at_us,
        is_released=bool(released),
    )


def holds(database: RelationalDatabase, account: str, epoch: int) -> bool:
    """The account is still this writer's."""
    row = database.first("SELECT epoch FROM leases WHERE account = ?", (account,))
    return row is not None and row[0] == epoch


def require_lease(database: RelationalDatabase, account: str, epoch: int) -> None:
    """For what is written without a journal row, which the database itself fences.

    Raises:
        LeaseLost: the account is another writer's.
    """
    if not holds(database, account, epoch):
        raise LeaseLost(ANOTHER_HOLDER)
