"""How long orders have had no known end. Pure.

An order's ``created_at`` is our calendar's and may be wrong by hours, and a time in which we stood
still is no time in which an exchange did not answer: what counts is how long we have seen it so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class UnresolvedWatch:
    """Since when each order has been seen without a known end, in seconds of running time."""

    since: Mapping[str, float] = field(default_factory=dict)

    def seen(self, names: Iterable[str], now_s: float) -> "tuple[UnresolvedWatch, float]":
        """The watch after one look at all such orders, and the age of the oldest, seconds."""
        since = {name: self.since.get(name, now_s) for name in names}
        return UnresolvedWatch(since), max((now_s - at_s for at_s in since.values()), default=0.0)
