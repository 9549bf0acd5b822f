"""A book that stands still while the other exchange moves shows prices that do not exist. Pure.

Its time stamps may go on: an exchange, or something before it, repeats the same image. Age cannot
tell that; the other leg can.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from trading_platform_order.domain.market import Book, PairView
from trading_platform_order.domain.money import BPS
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.value import value


@value
class FrozenBookLimits:
    """When a book counts as stale though it is young.

    Attributes:
        unchanged_s: not one level of it changed for so long,
        moved_bps: while the other leg's mid moved so far.
    """

    unchanged_s: float = 10.0
    moved_bps: Decimal = Decimal(30)


@value
class _Still:
    """A book, since when it has been like that, and the other leg's mid at that moment."""

    book: Book
    since_s: float
    other_mid: Decimal


@dataclass(slots=True)
class FrozenBooks:
    """What both books of each base asset did lately; seconds of a clock that never jumps."""

    _still: dict[tuple[str, Leg], _Still] = field(default_factory=dict)

    def seen(self, view: PairView, now_s: float, limits: FrozenBookLimits) -> str | None:
        """Take one look in; which book is frozen and by what it shows, if one is."""
        found = None
        for leg, other in ((Leg.SPOT, Leg.HEDGE), (Leg.HEDGE, Leg.SPOT)):
            book, other_mid = view.book(leg), view.book(other).mid
            key = (view.base, leg)
            still = self._still.get(key)
            if still is None or not _is_same(still.book, book):
                self._still[key] = _Still(book=book, since_s=now_s, other_mid=other_mid)
                continue
            found = found or _frozen(still, other_mid, now_s, limits)
        return found

    def forget(self, base: str) -> None:
        """Its prices were away: what stood before them says nothing."""
        for leg in Leg:
            self._still.pop((base, leg), None)


def _is_same(before: Book, now: Book) -> bool:
    return before is now or (before.bids == now.bids and before.asks == now.asks)


def _frozen(
    still: _Still, other_mid: Decimal, now_s: float, limits: FrozenBookLimits
) -> str | None:
    lasted_s = now_s - still.since_s
    if lasted_s < limits.unchanged_s or still.other_mid <= 0:
        return None
    moved_bps = abs(other_mid / still.other_mid - 1) * BPS
    if moved_bps < limits.moved_bps:
        return None
    return (
        f"the book of {still.book.symbol} has not changed for "
        f"{lasted_s:.0f} s while the other leg moved {moved_bps:.0f} bp"
    )
