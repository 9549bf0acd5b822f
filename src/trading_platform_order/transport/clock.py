"""Time as a port: the calendar and the stopwatch are injected, never asked of the machine.

``now`` is the calendar (in a replay, the market's); ``monotonic`` measures waits and latencies.
Waiting itself is the event loop's: in simulation the loop is virtual, so no wait is real.
"""

import time
from datetime import UTC, datetime
from typing import Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Calendar and stopwatch."""

    def now(self) -> datetime:
        """Calendar time, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary origin; never goes back."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Calendar time, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds from an arbitrary origin; never goes back."""
        return time.monotonic()


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC, exact."""
    delta = moment - _EPOCH
    return delta.days * 86_400_000 + delta.seconds * 1_000 + delta.microseconds // 1_000


def epoch_us(moment: datetime) -> int:
    """Microseconds since 1970-01-01 UTC, exact."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
