"""By how much one leg is surely longer than the other, whatever became of what is not known. Pure.

An order without a known end may have executed anything up to its quantity, so each leg lies in a
range. Where the ranges do not touch, the distance between them is naked for certain: it may be
reduced without a word from the other exchange, because nothing that one could say would make it
less. What is reduced so strips no hedge.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from trading_platform_order.domain.account.evidence.absence import LIKELY_FILL
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg, Order, OrderSide, base_asset
from trading_platform_order.watchdog.journal_snapshot import JournalSnapshot
from trading_platform_order.watchdog.reduction_plan import Sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """Base units of one leg that the other leg surely does not match."""

    leg: Leg
    quantity: Decimal


def excess_of(journal: JournalSnapshot, sent: Iterable[Sent], base: str) -> Excess | None:
    """What is naked for certain in one base asset; ``None`` if nothing is.

    Args:
        journal: the journal, with what is known of its orders.
        sent: the watchdog's own orders that no journal knows yet.
        base: base asset.
    """
    own = [one for one in sent if one.intent.base == base]
    now = journal.less(one.taken for one in own)
    unknown = [order for order in journal.unresolved if base_asset(order.symbol) == base]
    unknown += [one.intent.order for one in own if not one.is_known]
    spot = _Range.around(now.owned_coins(base))
    short = _Range.around(now.counted_short(base))
    for order in unknown:
        raises = order.side is (OrderSide.BUY if order.leg is Leg.SPOT else OrderSide.SELL)
        leg = spot if order.leg is Leg.SPOT else short
        leg.widen(_remaining(order), raises=raises)
    if short.low > spot.high:
        return Excess(leg=Leg.HEDGE, quantity=short.low - max(spot.high, ZERO))
    if spot.low > short.high:
        return Excess(leg=Leg.SPOT, quantity=spot.low - max(short.high, ZERO))
    return None


@dataclass(slots=True)
class _Range:
    low: Decimal
    high: Decimal

    @classmethod
    def around(cls, known: Decimal) -> "_Range":
        return cls(known, known)

    def widen(self, by: Decimal, *, raises: bool) -> None:
        if raises:
            self.high += by
        else:
            self.low -= by


def _remaining(order: Order) -> Decimal:
    most = order.quantity * (LIKELY_FILL if order.quote_amount is not None else 1)
    return max(most - order.executed_quantity, ZERO)
