"""What a pool does with its free connections: open, ping, replace or end them. Decisions only.

An exchange does not say how long it keeps a silent connection (no document of either does), and one
that it ended is noticed only by the request that is written to it. So none stays silent for long,
and there are always some more free ones than requests on their way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

_AFTER_RUSH = 0.1  # of the time that an unused one is kept otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRules:
    """How connections to one server are kept.

    Attributes:
        spare: as many are kept free for whoever is in a hurry; 0 for a server that is not hot.
        kept_max: more than so many are never opened ahead, nor kept for long after a rush.
        silent_s_max: so long a free connection may be silent; then it is pinged or replaced.
        unused_s_max: one beyond the spare ones that carried no request for so long is ended.
        age_s_max: older ones are replaced, so that a changed address is followed.
        ping_timeout_s: one that answers no ping within so long is dead.
    """

    spare: int = 0
    kept_max: int = 6
    silent_s_max: float = 15.0
    unused_s_max: float = 600.0
    age_s_max: float = 1_800.0
    ping_timeout_s: float = 3.0


WARM = PoolRules(spare=2)
"""For the exchanges: one for an order, and one more for its other leg, a cancel or a look-up."""

COLD = PoolRules(silent_s_max=30.0)
"""For servers nobody waits for: what is silent is ended."""


class FreeConnection(NamedTuple):
    """Seconds since the last byte, since the last request of somebody, since it was opened."""

    silent_s: float
    unused_s: float
    age_s: float


class Upkeep(NamedTuple):
    """What is to be done now.

    Attributes:
        opens: so many new connections.
        ends: places of free connections that are ended.
        ping: place of the free connection that is pinged.
        again_s: look again after so many seconds; ``None``: when something changes.
    """

    opens: int = 0
    ends: tuple[int, ...] = ()
    ping: int | None = None
    again_s: float | None = None


def upkeep(
    free: Sequence[FreeConnection],
    rules: PoolRules,
    *,
    opening: int,
    busy: int,
    is_pinging: bool,
    may_ping: bool,
) -> Upkeep:
    """Judge the free connections.

    Args:
        free: in the order of their places.
        rules: ``silent_s_max`` as it was learned.
        opening: connections on their way.
        busy: connections that carry a request of somebody.
        is_pinging: one more is being pinged: never two at once, so that one is always free.
        may_ping: this server can be pinged, and did not ask for quiet.
    """
    ends: list[int] = []
    old: list[int] = []
    pings: list[int] = []
    again_s: list[float] = []
    coming = opening + is_pinging
    for place, one in enumerate(free):
        left = len(free) - len(ends)
        is_silent = one.silent_s >= rules.silent_s_max
        if is_silent and _is_surplus(one, left, rules, left + coming + busy):
            ends.append(place)
        elif one.age_s >= rules.age_s_max or (is_silent and not may_ping):
            old.append(place)
        elif is_silent:
            pings.append(place)
        else:
            again_s.append(rules.silent_s_max - one.silent_s)
    kept = len(free) - len(ends) - len(old)
    if kept >= rules.spare:  # an old one serves until others are ready in its place
        ends += old
    total = len(free) - len(ends) + coming + busy
    ping = max(pings, key=lambda place: free[place].silent_s) if pings else None
    return Upkeep(
        opens=max(0, min(rules.spare - kept - coming, rules.kept_max - total)),
        ends=tuple(sorted(ends)),
        ping=None if is_pinging else ping,
        again_s=min(again_s, default=None),
    )


def _is_surplus(one: FreeConnection, left: int, rules: PoolRules, total: int) -> bool:
    if left <= rules.spare:
        return False
    if not rules.spare:
        return True
    after_s = rules.unused_s_max * (_AFTER_RUSH if total > rules.kept_max else 1)
    return one.unused_s >= after_s
