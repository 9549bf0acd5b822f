"""Trading profit as it was journalled, for the day's and the hour's figures."""

from bisect import bisect_right
from datetime import datetime, timedelta
from decimal import Decimal

from trading_platform_order.domain.money import ZERO

KEEP = timedelta(days=2)
_FORGET_AT_ONCE = 1_000
"""Old ones are dropped so many at a time: dropping the first of a long list moves all others."""


class ProfitHistory:
    """What was recorded within the last days, found by time without looking at each."""

    def __init__(self) -> None:
        self._at: list[datetime] = []
        self._trading_krw: list[Decimal] = []

    def note(self, at: datetime, trading_krw: Decimal) -> None:
        """Recorded at this time; the newest record counts where a calendar was set back."""
        later = bisect_right(self._at, at)
        del self._at[later:], self._trading_krw[later:]
        self._at.append(at)
        self._trading_krw.append(trading_krw)
        # The last one of before the time that is kept still tells of that time.
        old = bisect_right(self._at, at - KEEP) - 1
        if old >= _FORGET_AT_ONCE:
            del self._at[:old], self._trading_krw[:old]

    def trading_at(self, moment: datetime) -> Decimal:
        """Trading profit at the last record not after ``moment``; zero if there is none."""
        found = bisect_right(self._at, moment) - 1
        return self._trading_krw[found] if found >= 0 else ZERO
