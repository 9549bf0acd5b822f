"""Rows of the journal that a power failure or an old backup took, and for how long that matters."""

from datetime import datetime, timedelta

from trading_platform_order.domain.value import value

RECENTLY = timedelta(minutes=5)
"""So long after rows may have been lost, what they told may still come to light: requests of the
engine that died arrive, and lists of orders lag behind."""


@value
class RowLoss:
    """The last start before which rows of the journal may have been lost.

    It counts over every later start too: one that dies at once has not looked for what is gone.

    Attributes:
        at: calendar time of the first row after it; ``None`` if none was written yet.
        trades: opened before it and not settled then; each may have sent orders that no row tells.
        epoch: the number of that start. A settled trade was opened before it if an earlier one
            wrote its first row.
    """

    at: datetime | None
    trades: frozenset[str]
    epoch: int = 0

    def is_recent(self, now: datetime) -> bool:
        """Something may still come to light."""
        return self.at is None or now - self.at < RECENTLY

    def may_tell_of(self, asked_at: datetime, *, began_at: datetime) -> bool:
        """A signal may have been traded in rows that are gone.

        Args:
            asked_at: calendar time at which the signal was made.
            began_at: calendar time at which this engine began, for a loss at this very start.
        """
        return asked_at <= (self.at or began_at)
