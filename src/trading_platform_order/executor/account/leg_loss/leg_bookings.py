"""Who books what is gone from a leg: one at a time, and never by a count that is no longer true.

What somebody else closed can be found by several at once: by the comparison of the holdings, and by
each trade whose closing order the exchange refused. All read the same, and each would book it.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import attrs


@attrs.define(kw_only=True, eq=False, repr=False)
class LegBookings:
    """Of one engine."""

    _counts: Counter[str] = attrs.field(factory=Counter, init=False)
    _under_way: set[str] = attrs.field(factory=set, init=False)

    def count(self, base: str) -> int:
        """How often something of this asset was booked; asked before anything is read."""
        return self._counts[base]

    @contextmanager
    def booking(self, base: str, count: int) -> Iterator[bool]:
        """Whether what was read after ``count`` may be booked now.

        Not if somebody has booked since, or is about to. Nobody is waited for: whoever may not book
        reads again, and finds what is left.
        """
        if base in self._under_way or self._counts[base] != count:
            yield False
            return
        self._under_way.add(base)
        try:
            yield True
        finally:
            self._under_way.discard(base)
            self._counts[base] += 1
