"""Maintenance that an exchange announced and an operator wrote down, as a durable latch.

The latch's kind holds the window, so that every process reads the same one: the exchange, its
beginning and its end in UTC.
"""

from datetime import UTC, datetime

from trading_platform_order.domain.value import value
from trading_platform_order.domain.venue import Venue

PREFIX = "maintenance:"
_FORMAT = "%Y-%m-%dT%H:%MZ"


@value
class MaintenanceWindow:
    """From when to when an exchange said that it will take no orders; whole minutes, UTC."""

    exchange: Venue
    begins_at: datetime
    ends_at: datetime

    @property
    def latch(self) -> str:
        """The kind of the latch that keeps it."""
        begins, ends = (at.astimezone(UTC).strftime(_FORMAT) for at in self._both)
        return f"{PREFIX}{self.exchange.value}:{begins}/{ends}"

    @property
    def _both(self) -> tuple[datetime, datetime]:
        return self.begins_at, self.ends_at

    @property
    def text(self) -> str:
        """For operators."""
        begins, ends = (at.astimezone(UTC).strftime(_FORMAT) for at in self._both)
        return f"{self.exchange.value} from {begins} to {ends}"


def window_of(latch: str) -> MaintenanceWindow | None:
    """The window that a latch's kind names; ``None`` if it names none."""
    if not latch.startswith(PREFIX):
        return None
    venue, _, times = latch.removeprefix(PREFIX).partition(":")
    begins, _, ends = times.partition("/")
    try:
        return MaintenanceWindow(
            exchange=Venue(venue),
            begins_at=datetime.strptime(begins, _FORMAT).replace(tzinfo=UTC),
            ends_at=datetime.strptime(ends, _FORMAT).replace(tzinfo=UTC),
        )
    except ValueError:
        return None
