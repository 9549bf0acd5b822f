"""API keys end on a day that is known: operators are told 30, 7 and 1 days before. Pure."""

from datetime import datetime, timedelta

WARN_DAYS = (30, 7, 1)


def due_warning(expires_at: datetime, now: datetime) -> int | None:
    """Which of the warnings is due, in days; ``None`` while there is time. 0: it has ended."""
    left = expires_at - now
    if left <= timedelta(0):
        return 0
    return min((days for days in WARN_DAYS if left <= timedelta(days=days)), default=None)
