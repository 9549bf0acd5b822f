"""When an account may be taken: the decision, and the watching that it needs.

At once where its holder let go of it or is provably dead. After a lapse where its holder hangs: it
has not renewed its lease for ``lapse_s`` of the candidate's own running time. A hung holder is
killed first: it may have been stopped inside a transaction, and holds the database's write lock
then. One that cannot be killed from here (another PID namespace, another user's) is paged, and its
lease is taken all the same if the database can be written: every row it would still write is
refused.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from trading_platform_order.runtime.host.holder import Ended
from trading_platform_order.storage.lease import (
    Claimable,
    Holder,
    Lease,
    LeaseTaken,
    LeaseWatch,
    claimable,
)

LOOK_S = 0.2
"""Pause between looks: shorter than what a :class:`LeaseWatch` counts as watching."""
PAGE_FIRST_S, PAGE_LAST_S = 60.0, 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TakingSettings:
    """How an account is taken.

    Attributes:
        lapse_s: a holder that has not renewed for so long has lost the account.
        lease_s: how long a holder sends after its last renewal; less than ``lapse_s``.
    """

    lapse_s: float = 6.0
    lease_s: float = 3.0


class Standing(Protocol):
    """What a candidate sees and does; a test puts another in its place."""

    def try_lock(self) -> bool:
        """Take the account's file, if nobody has it; true also if it is held already."""
        ...

    async def lease(self) -> Lease | None:
        """As it stands; ``None`` where there is none yet."""
        ...

    def is_alive(self, holder: Holder) -> bool | None:
        """Whether its process is there."""
        ...

    async def end(self, holder: Holder) -> Ended:
        """Kill it."""
        ...

    def can_write(self) -> bool:
        """Nobody holds the database's write lock."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """On which an account may be taken.

    Attributes:
        reason: for operators.
        lease: as it was judged.
        has_lock: the account's file is ours.
        is_alive: its holder may still run.
    """

    reason: str
    lease: Lease | None
    has_lock: bool = True
    is_alive: bool = False


class Candidate:
    """One process that wants an account.

    Args:
        standing: what it sees and does.
        here: this process.
        boottime: seconds since boot.
        settings: how long it waits.
        tell: told in one line what an operator should know.
        page: told what an operator must do something about, at once, and for how many seconds it
            has lasted.
    """

    def __init__(
        self,
        *,
        standing: Standing,
        here: Holder,
        boottime: Callable[[], float],
        settings: TakingSettings,
        tell: Callable[[str], None],
        page: Callable[[str, float], None],
    ) -> None:
        self._standing = standing
        self._here = here
        self._watch = LeaseWatch(boottime)
        self._boottime = boottime
        self._settings = settings
        self._tell = tell
        self._page = page
        self._told = ""
        self._page_again_s = 0.0
        self._page_pause_s = PAGE_FIRST_S

    async def grounds(self) -> Grounds:
        """Wait until the account may be taken."""
        while True:
            found = await self._look()
            if found is not None:
                return found
            await asyncio.sleep(LOOK_S)

    async def observe_on(self) -> None:
        """Look at the lease until cancelled, and take nothing: a lapse is known once it counts."""
        while True:
            self._watch.look(await self._standing.lease())
            await asyncio.sleep(LOOK_S)

    @property
    def told(self) -> str:
        """What an operator was told last; empty for nothing."""
        return self._told

    async def now(self) -> Grounds:
        """Without waiting; the account's file must be held.

        Raises:
            LeaseTaken: a living engine holds the account.
        """
        lease = await self._standing.lease()
        why = self._proof(lease, lock_is_ours=True)
        if why is None:
            raise LeaseTaken(
                f"the account is held by {named(lease)}, which holds it without its lock file "
                "since it took over from a hung engine; stop that one first, or start this one "
                "with --standby"
            )
        return Grounds(reason=why, lease=lease)

    async def _look(self) -> Grounds | None:
        lease = await self._standing.lease()
        still_s = self._watch.look(lease)
        locked = self._standing.try_lock()
        why = self._proof(lease, lock_is_ours=locked)
        if why is not None:
            # What is locked, nobody else takes; a free lease behind a lock is about to be taken.
            return Grounds(reason=why, lease=lease) if locked else None
        if lease is None:
            return None
        self._tell_once(f"standing by: the account is held by {named(lease)}")
        if still_s < self._settings.lapse_s:
            return None
        lapsed = f"{named(lease)} has not renewed its lease for {still_s:.1f} s"
        ended = await self._standing.end(lease.holder)
        if ended is Ended.GONE:
            self._tell(f"{lapsed}, and was killed")
            return None  # seen dead at the next look, with its lock let go
        if self._standing.can_write():
            self._page_of(f"{lapsed}, and cannot be ended from here ({_WHY_NOT[ended]})", still_s)
            why = f"{lapsed}, and could not be ended"
            return Grounds(reason=why, lease=lease, has_lock=locked, is_alive=True)
        self._page_of(
            f"{lapsed}, holds the database's write lock and cannot be ended from here"
            f" ({_WHY_NOT[ended]}); NOBODY TRADES UNTIL THEN",
            still_s,
        )
        return None

    def _proof(self, lease: Lease | None, *, lock_is_ours: bool) -> str | None:
        alive = None if lease is None else self._standing.is_alive(lease.holder)
        match claimable(lease, here=self._here, lock_is_ours=lock_is_ours, is_alive=alive):
            case Claimable.FREE:
                return "nobody held it"
            case Claimable.DEAD:
                return f"{named(lease)} is gone"
            case Claimable.HELD:
                return None

    def _tell_once(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self._tell(text)

    def _page_of(self, text: str, since_s: float) -> None:
        if self._boottime() < self._page_again_s:
            return
        self._page_again_s = self._boottime() + self._page_pause_s
        self._page_pause_s = min(2 * self._page_pause_s, PAGE_LAST_S)
        self._page(text, since_s)


_WHY_NOT = {
    Ended.OUT_OF_REACH: "it runs in another PID namespace: end that container by hand",
    Ended.NOT_ALLOWED: "it is another user's process: end it by hand",
    Ended.STAYS: "it was killed and does not go: its disk hangs",
}


def named(lease: Lease | None) -> str:
    """Who holds it, for operators."""
    if lease is None:
        return "nobody"
    return f"process {lease.holder.pid or '?'} (epoch {lease.epoch})"
