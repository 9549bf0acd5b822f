"""The market's clock, which also tells when on the stopwatch a calendar time was."""

from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime

from exchange_simulator.clock import MarketClock


class TracedClock(MarketClock):
    """A market clock that remembers its jumps; exchanges stamp their fills with its calendar."""

    def __init__(self, start: datetime, monotonic: Callable[[], float]) -> None:
        super().__init__(start, monotonic)
        self._dates = [start]
        self._seconds = [monotonic()]

    def set(self, at: datetime) -> None:
        """Move on to ``at``, as any market clock."""
        if at > self.now():
            super().set(at)
            self._dates.append(at)
            self._seconds.append(self.monotonic())

    def monotonic_of(self, at: datetime) -> float:
        """When on the stopwatch it was this time; of a time that was jumped over, the jump."""
        index = max(bisect_right(self._dates, at) - 1, 0)
        seconds = self._seconds[index] + (at - self._dates[index]).total_seconds()
        following = self._seconds[index + 1 : index + 2]
        return min([seconds, *following])
