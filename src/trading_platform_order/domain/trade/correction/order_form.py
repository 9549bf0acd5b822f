"""In which form a correcting order goes: at the market, unless the exchange refused that form.

An exchange that refused an order for a reason of its own would refuse an equal one again. What was
refused for its price goes as ``best`` with ioc: a limit at whatever price stands opposite, which
the exchange itself puts on the step. What was refused at the market goes as a limit at the farthest
price that is visible. Only Upbit has ``best``.
"""

from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderSide,
    OrderStatus,
    OrderType,
    Purpose,
    TimeInForce,
    leg_symbol,
)
from trading_platform_order.domain.order_identity.client_order_id import client_order_id, order_uuid
from trading_platform_order.domain.outcome import (
    NOT_ENOUGH_COINS,
    PRICE_OFF_STEP,
    REDUCE_ONLY_REJECTED,
)
from trading_platform_order.domain.trade.correction.leg_choice import Wish
from trading_platform_order.domain.trade.orders.tradable import spot_buy_amount_krw
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.trade.trade_events import OrderRefused

_READ_FIRST = frozenset({REDUCE_ONLY_REJECTED, NOT_ENOUGH_COINS})


def size_refused_last(trade: PairTrade, leg: Leg, side: OrderSide) -> Order | None:
    """The leg's last order to this side, if it was refused and would be refused again.

    Not if the exchange named another reason than the size.
    """
    found = _last_refusal(trade, leg, side)
    return None if found is None or found[1].code == PRICE_OFF_STEP else found[0]


def _last_refusal(trade: PairTrade, leg: Leg, side: OrderSide) -> tuple[Order, OrderRefused] | None:
    mine = [order for order in trade.orders if (order.leg, order.side) == (leg, side)]
    if not mine or mine[-1].status not in {OrderStatus.REFUSED, OrderStatus.ABSENT}:
        return None
    name = mine[-1].client_order_id
    why = next((r for r in reversed(trade.refusals) if r.client_order_id == name), None)
    if why is None or why.retryable or why.hindrance is not None or why.code in _READ_FIRST:
        return None
    return mine[-1], why


def next_attempt(trade: PairTrade, leg: Leg, purpose: Purpose) -> int:
    """One more than any order of the leg and purpose: rows of earlier ones may have been lost."""
    same = (o.attempt for o in trade.orders if (o.leg, o.purpose) == (leg, purpose))
    return max(same, default=0) + 1


def correction(trade: PairTrade, view: PairView, wish: Wish, now: datetime) -> Order:
    """The order that a wish becomes."""
    attempt = next_attempt(trade, wish.leg, wish.purpose)
    name = client_order_id(
        mode=trade.policy.mode,
        key=trade.trade_id,
        leg=wish.leg,
        purpose=wish.purpose,
        attempt=attempt,
    )
    form = _form(trade, wish)
    is_limit = form is OrderType.LIMIT
    takes_quote = wish.leg is Leg.SPOT and wish.side is OrderSide.BUY and not is_limit
    return Order(
        id=order_uuid(name),
        client_order_id=name,
        exchange=view.instrument(wish.leg).venue,
        symbol=leg_symbol(wish.leg, trade.base),
        side=wish.side,
        type=form,
        quantity=wish.quantity,
        price=_farthest(view, wish) if is_limit else None,
        quote_amount=spot_buy_amount_krw(view, wish.quantity) if takes_quote else None,
        time_in_force=None if form is OrderType.MARKET else TimeInForce.IOC,
        reduce_only=wish.leg is Leg.HEDGE and wish.side is OrderSide.BUY,
        leg=wish.leg,
        purpose=wish.purpose,
        attempt=attempt,
        signal_id=trade.signal.id,
        created_at=now,
    )


def _form(trade: PairTrade, wish: Wish) -> OrderType:
    found = _last_refusal(trade, wish.leg, wish.side)
    if found is None:
        return OrderType.MARKET
    refused, why = found
    if why.code == PRICE_OFF_STEP and wish.leg is Leg.SPOT:
        return OrderType.BEST
    # The smallest market order was refused: a smaller one will be, too.
    is_smallest = refused.type is OrderType.MARKET and wish.quantity >= refused.quantity
    return OrderType.LIMIT if is_smallest else OrderType.MARKET


def _farthest(view: PairView, wish: Wish) -> Decimal:
    worst = view.book(wish.leg).side_for(wish.side)[-1].price
    instrument = view.instrument(wish.leg)
    if wish.side is OrderSide.SELL:
        return instrument.ceil_price(worst)
    return instrument.floor_price(worst)
