"""What an order would meet: of the book, and of our own resting orders."""

from decimal import Decimal

from exchange_simulator.decimals import ZERO
from exchange_simulator.upbit.market_data.markets import Market
from exchange_simulator.upbit.trading.order_request import OrderRequest
from exchange_simulator.upbit.trading.orders import SimulatedOrder


def exceeds_book(request: OrderRequest, market: Market) -> bool:
    """Whether a market order is larger than all levels that are shown."""
    if request.ord_type == "price" and request.price is not None:
        return request.price > market.book.visible_quote(is_buy=True)
    if request.ord_type == "market" and request.volume is not None:
        return request.volume > market.book.visible(is_buy=False)
    return False


def fillable(order: SimulatedOrder, market: Market, limit: Decimal) -> Decimal:
    """Base quantity the book offers to the order, never worse than the limit."""
    return sum(
        (
            level.quantity
            for level in market.book.opposite(is_buy=order.is_bid)
            if (level.price <= limit if order.is_bid else level.price >= limit)
        ),
        ZERO,
    )


def reach(taker: SimulatedOrder, market: Market) -> Decimal | None:
    """The worst price the order would trade at on the book; ``None``: it takes all there is."""
    if taker.ord_type == "best":
        return market.best_ask() if taker.is_bid else market.best_bid() or None
    left = taker.volume if taker.volume is not None else taker.price or ZERO
    for level in market.book.opposite(is_buy=taker.is_bid):
        left -= level.quantity if taker.volume is not None else level.quantity * level.price
        if left <= 0:
            return level.price
    return None


def meets(taker: SimulatedOrder, maker: SimulatedOrder, *, worst: Decimal | None) -> bool:
    """Whether a resting order of ours stands within what the taker would reach."""
    if taker.market != maker.market or taker.side == maker.side or maker.price is None:
        return False
    bounds = [worst] if worst is not None else []
    if taker.ord_type == "limit" and taker.price is not None:
        bounds.append(taker.price)
    if taker.is_bid:
        return all(maker.price <= bound for bound in bounds)
    return all(maker.price >= bound for bound in bounds)
