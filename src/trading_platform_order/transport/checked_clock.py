"""A calendar checked against the exchanges: the machine's while it is right, theirs when it is not.

Trades time their looks, attempts and exposure by calendar times, because those are in the journal
and a restart goes on with them; orders carry them; requests are signed with them. A machine whose
calendar is set back by ten minutes would leave unequal legs alone for ten minutes, and one set
ahead would sign a request that could still arrive a minute later. The exchanges' time, as last
measured and carried on by the clock that counts suspend, does not jump.

It never hides that the calendar is wrong: that is measured on the machine's own clock.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from trading_platform_order.domain.market import TIME_APART_S_MAX, ExchangeTime
from trading_platform_order.transport.clock import Clock

OFF_S_MAX = 1.0
"""A calendar that is surely further off is not used."""
CHECKED_S = 1.0
"""So long a calendar that was right is right, unless it was set."""
SET_S = 0.05
"""A calendar that moved away from the stopwatch by more was set."""
_ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)


class CheckedClock:
    """Implements ``Clock`` over the machine's."""

    def __init__(
        self,
        clock: Clock,
        *,
        times: Callable[[], Iterable[ExchangeTime | None]],
        not_before: datetime | None = None,
    ) -> None:
        """What it goes by.

        Args:
            clock: the machine's.
            times: each exchange's time as last measured.
            not_before: until one is measured the calendar is no earlier than this moment carried
                on: what is under way has times up to it.
        """
        #: both stopwatches are the machine's
        self.monotonic, self.boottime = clock.monotonic, clock.boottime
        self._told = clock.now
        self._times = times
        self._not_before = not_before
        self._began_s = self.boottime()
        self._off_s = self._right_until_s = 0.0
        self._known: tuple[ExchangeTime | None, ...] = ()
        self._agreed: ExchangeTime | None = None

    def now(self) -> datetime:
        """Calendar time, aware, UTC."""
        told, now_s = self._told(), self.boottime()
        # Asked some twenty times in a trade: what was found right and has not been set since is.
        off_s = (told - _ORIGIN).total_seconds() - now_s
        if now_s < self._right_until_s and -SET_S < off_s - self._off_s < SET_S:
            return told
        time = self._exchange_time()
        if time is None:
            return self._carried_on(told, now_s)
        if max(time.age_and_ahead_s(told, now_s)) > OFF_S_MAX:
            return time.likely(now_s)
        self._off_s, self._right_until_s = off_s, now_s + CHECKED_S
        return told

    def _carried_on(self, told: datetime, now_s: float) -> datetime:
        if self._not_before is None:
            return told
        return max(told, self._not_before + timedelta(seconds=now_s - self._began_s))

    def _exchange_time(self) -> ExchangeTime | None:
        """The closest measurement, unless the exchanges contradict each other."""
        known = tuple(self._times())
        if known != self._known:
            self._known, self._agreed = known, _agreed(known)
        return self._agreed


def _agreed(known: Iterable[ExchangeTime | None]) -> ExchangeTime | None:
    measured = [time for time in known if time is not None]
    closest = min(measured, key=lambda time: time.width_s, default=None)
    if closest is None or not all(closest.agrees_with(t, TIME_APART_S_MAX) for t in measured):
        return None
    return closest
