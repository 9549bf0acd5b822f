"""What closing a pair now would cost. Pure; refuses nothing.

What the visible books take beyond the mids, and the taker fees of both exchanges. What a book does
not show is reckoned at its last level, as the stop-loss does.
"""

from decimal import Decimal

from trading_platform_order.domain.account.recent_activity import OpenPair
from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg, OrderSide
from trading_platform_order.risk.monitors.stop_loss import closing_value


def exit_cost_krw(pair: OpenPair, view: PairView) -> Decimal:
    """KRW, a cost is positive: spreads, depth and fees of both legs, at the rate of the view."""
    total = ZERO
    for leg, side, quantity in (
        (Leg.SPOT, OrderSide.SELL, pair.spot),
        (Leg.HEDGE, OrderSide.BUY, pair.short),
    ):
        book = view.book(leg)
        value = closing_value(book, side, quantity)
        worse = abs(value - quantity * book.mid)
        fee = abs(value) * view.instrument(leg).taker_fee_rate
        total += (worse + fee) * view.krw_per_quote(leg)
    return total
