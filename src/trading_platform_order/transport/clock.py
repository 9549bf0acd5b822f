"""Time as a port: the calendar and the stopwatches are injected, never asked of the machine.

``now`` is the calendar (in a replay, the market's); ``monotonic`` measures waits and latencies;
``boottime`` measures ages, because it goes on while the machine is suspended.
Waiting itself is the event loop's: in simulation the loop is virtual, so no wait is real.

What the operator's calendar says must never decide how old a price is: it may be wrong by hours.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Calendar and stopwatches."""

    def now(self) -> datetime:
        """Calendar time, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary origin; never goes back."""
        ...

    def boottime(self) -> float:
        """As ``monotonic``, time in suspend included; in a replay, the market's time."""
        ...


def _suspend_counting_clock() -> Callable[[], float]:
    """CLOCK_BOOTTIME on Linux; elsewhere the stopwatch (macOS' counts no suspend either)."""
    number: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic if number is None else partial(time.clock_gettime, number)


class SystemClock:
    """The machine's own time. Stopwatches are asked dozens of times for each signal."""

    #: seconds from an arbitrary origin; never goes back
    monotonic = staticmethod(time.monotonic)
    #: as ``monotonic``, time in suspend included
    boottime = staticmethod(_suspend_counting_clock())

    def now(self) -> datetime:
        """Calendar time, aware, UTC."""
        return datetime.now(UTC)


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC, exact."""
    delta = moment - _EPOCH
    return delta.days * 86_400_000 + delta.seconds * 1_000 + delta.microseconds // 1_000


def epoch_us(moment: datetime) -> int:
    """Microseconds since 1970-01-01 UTC, exact."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def moment_of(at_us: int) -> datetime:
    """The moment so many microseconds after 1970-01-01 UTC, exact."""
    return _EPOCH + timedelta(microseconds=at_us)
