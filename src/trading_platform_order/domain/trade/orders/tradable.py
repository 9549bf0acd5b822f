"""What an exchange takes: the part of a quantity that can be traded, and what it costs in KRW."""

from decimal import Decimal

from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import KRW_WHOLE, ZERO, floor_to_step
from trading_platform_order.domain.order import Leg, OrderSide

NOTIONAL_MARGIN = Decimal("1.02")
"""Tradable means 2 % within the exchange's minimum and maximum value: the price may move before the
order arrives. What closes is offered down to the minimum itself: less than that is dust, and
nothing lies between."""

_CLOSES = {Leg.SPOT: OrderSide.SELL, Leg.HEDGE: OrderSide.BUY}


def tradable_quantity(
    view: PairView, leg: Leg, side: OrderSide, quantity: Decimal, *, cap: bool = True
) -> Decimal:
    """The part of ``quantity`` that the exchange takes in this direction; zero if none.

    Args:
        view: books and filters.
        leg: which exchange.
        side: direction; a hedge buy is always reduce-only, and so exempt from the minimum value.
        quantity: base units, not negative.
        cap: limit to the exchange's maximum for one order; otherwise the maximum is ignored.
    """
    if quantity <= 0:
        return ZERO
    instrument = view.instrument(leg)
    part = floor_to_step(quantity, instrument.quantity_step)
    price = view.book(leg).side_for(side)[0].price
    if cap and instrument.max_quantity > 0:
        part = min(part, instrument.max_quantity)
    if cap and instrument.max_notional > 0:
        most = instrument.max_notional / NOTIONAL_MARGIN / price
        part = min(part, floor_to_step(most, instrument.quantity_step))
    if part <= 0 or part < instrument.min_quantity:
        return ZERO
    if side is _CLOSES[leg]:
        # reduce-only is exempt from Binance's minimum value
        return ZERO if leg is Leg.SPOT and part * price < instrument.min_notional else part
    return ZERO if part * price < instrument.min_notional * NOTIONAL_MARGIN else part


def spot_buy_amount_krw(view: PairView, quantity: Decimal) -> Decimal:
    """Whole KRW that buy ``quantity`` at the present asks, rounded down (less exposure)."""
    sweep = view.spot_book.sweep(OrderSide.BUY, quantity)
    missing = quantity - sweep.filled_base
    worst = sweep.worst_price or view.spot_book.asks[0].price
    return floor_to_step(sweep.quote + missing * worst, KRW_WHOLE)
