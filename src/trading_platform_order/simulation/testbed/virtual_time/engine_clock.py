"""The calendar of the machine the engine runs on: the market's, unless it is wrong."""

from datetime import datetime, timedelta

from trading_platform_order.transport.clock import Clock


class EngineClock:
    """Implements ``Clock``: the stopwatches are always right, the calendar may jump or drift."""

    def __init__(self, true: Clock) -> None:
        self._true = true
        self._offset_s = 0.0
        self._rate = 0.0
        self._since_s = true.monotonic()

    def now(self) -> datetime:
        """What the machine believes, aware, UTC."""
        if not self._rate and not self._offset_s:
            return self._true.now()
        return self._true.now() + timedelta(seconds=self.error_s)

    def monotonic(self) -> float:
        """Seconds from an arbitrary origin; never goes back."""
        return self._true.monotonic()

    def boottime(self) -> float:
        """The market's seconds: they go on while the calendar is wrong or the machine sleeps."""
        return self._true.boottime()

    @property
    def error_s(self) -> float:
        """How far it is ahead of the exchanges' time now."""
        return self._offset_s + self._rate * (self._true.monotonic() - self._since_s)

    @error_s.setter
    def error_s(self, seconds: float) -> None:
        self._offset_s, self._rate = seconds, 0.0

    def jump(self, seconds: float) -> None:
        """The calendar jumps."""
        self._offset_s = self.error_s + seconds
        self._since_s = self._true.monotonic()

    def drift(self, rate: float) -> None:
        """From now on the calendar runs too fast (or, negative, too slow) by this part."""
        self._offset_s, self._rate = self.error_s, rate
        self._since_s = self._true.monotonic()

    def set_right(self) -> None:
        """The calendar jumps back to what is true, and stays there."""
        self.error_s = 0.0
