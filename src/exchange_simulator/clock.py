"""Time: what the exchanges ask of a clock, the machine's own, and the market's in a replay."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Calendar and stopwatch of both exchanges."""

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


class MarketClock:
    """A settable calendar that creeps on between the steps of the market, never backwards.

    The exchanges and their client share it. Between two bars real (or virtual) seconds pass on the
    calendar too, so that time-outs and horizons measured on exchange time come to an end while the
    market stands still.

    Args:
        start: aware, UTC.
        monotonic: seconds from an arbitrary origin; the loop's own time in simulation.
    """

    def __init__(self, start: datetime, monotonic: Callable[[], float]) -> None:
        if start.tzinfo is None:
            raise ValueError(f"the market's clock needs an aware time, not {start}")
        self._base = self._start = start
        self._monotonic = monotonic
        self._set_at = monotonic()
        self._read_at, self._read = self._set_at, start

    def now(self) -> datetime:
        """Calendar time of the market, aware, UTC."""
        at = self._monotonic()
        if at != self._read_at:
            self._read_at, self._read = at, self._base + timedelta(seconds=at - self._set_at)
        return self._read

    def monotonic(self) -> float:
        """Seconds from an arbitrary origin; never goes back."""
        return self._monotonic()

    def set(self, at: datetime) -> None:
        """Move on to ``at``; a time that has passed already changes nothing."""
        if at > self.now():
            self._base = at
            self._set_at = self._read_at = self._monotonic()
            self._read = at

    def boottime(self) -> float:
        """The market's time in seconds: in a replay an age counts from the bar it is valid for."""
        return (self.now() - self._start).total_seconds()
