"""An exchange's time held against ours: by one measurement both clocks of this machine are judged.

The calendar may be wrong, and then operators are told; ages are told by the exchange's own time on
our clock that counts suspend, so that a wrong calendar makes nothing look old or young.
"""

from abc import ABC, abstractmethod
from datetime import datetime

from trading_platform_order.domain.market import ExchangeTime, believed_time
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.transport.clock import Clock

CLOCK_JUMP_S = 0.1


def clock_off_s(before: datetime, theirs: datetime, after: datetime) -> float:
    """Seconds that our calendar is surely ahead of theirs (negative: behind); zero if unsure.

    The exchange told its time at some moment between ``before`` and ``after``.
    """
    early_s = (before - theirs).total_seconds() - _slack_s(theirs)
    late_s = (theirs - after).total_seconds()
    if early_s > 0:
        return early_s
    return -late_s if late_s > 0 else 0.0


def _slack_s(theirs: datetime) -> float:
    """A time without microseconds may be a whole second (an HTTP date): it lies within that one."""
    return 0.0 if theirs.microsecond else 1.0


class MeasuredClock(ABC):
    """The part of the port to an exchange that is about time.

    Attributes:
        clock_off_s: how many seconds this machine's calendar is ahead of the exchange's (negative:
            behind), as last measured; ``None`` before that.
        measured_time: the exchange's time as last measured, on our clock that counts suspend;
            ``None`` before that.
    """

    clock_off_s: float | None = None
    measured_time: ExchangeTime | None = None
    _doubted_time: ExchangeTime | None = None

    @abstractmethod
    async def server_time(self) -> datetime | ReadFailed:
        """The exchange's clock."""

    async def measure_clock(self, clock: Clock) -> float | ReadFailed:
        """Measure once; a failed or useless measurement leaves what was known before."""
        before, began_s, asked_s = clock.now(), clock.monotonic(), clock.boottime()
        theirs = await self.time_to_measure()
        if isinstance(theirs, ReadFailed):
            return theirs
        after, took_s = clock.now(), clock.monotonic() - began_s
        measured = ExchangeTime(
            at=theirs, asked_s=asked_s, answered_s=clock.boottime(), slack_s=_slack_s(theirs)
        )
        self.measured_time, self._doubted_time = believed_time(
            self.measured_time, self._doubted_time, measured
        )
        if abs((after - before).total_seconds() - took_s) > CLOCK_JUMP_S:
            return ReadFailed(reason="the calendar jumped while it was measured")
        self.clock_off_s = clock_off_s(before, theirs, after)
        return self.clock_off_s

    def follow_clock(self, other: "MeasuredClock") -> None:
        """Know at once what another adapter of the same exchange has measured on this machine."""
        self.clock_off_s = other.clock_off_s
        self.measured_time = other.measured_time

    async def time_to_measure(self) -> datetime | ReadFailed:
        """As :meth:`server_time`; an adapter may put more to rights by the same answer."""
        return await self.server_time()
