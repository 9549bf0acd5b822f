"""The account's writers, one row each: who came before, where it ran, and how it ended."""

from dataclasses import dataclass
from itertools import pairwise

from trading_platform_order.storage.sqlite.database import Database, transaction


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
class Before:
    """The writer before; epoch 0 and a clean end if there was none."""

    epoch: int
    ended_clean: bool
    place: Place


def rows_lost_in(database: Database, account: str) -> int:
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


def begin_epoch(database: Database, account: str, build: str, place: Place) -> Before:
    """Enter this writer under the next number; returns the one before."""
    with transaction(database):
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
        database.execute(
            "INSERT INTO epochs (account, epoch, build, machine, boot) VALUES (?, ?, ?, ?, ?)",
            (account, before.epoch + 1, build, place.machine, place.boot),
        )
    return before


def end_epoch(database: Database, account: str, epoch: int) -> None:
    """This writer closed properly."""
    database.execute(
        "UPDATE epochs SET ended_clean = 1 WHERE account = ? AND epoch = ?", (account, epoch)
    )
