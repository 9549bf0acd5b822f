"""Which fills are known already, and the one that stands for trades which nobody tells.

An exchange may list fewer trades of an order than there were, while its stream told only a part of
them or none. What all of them came to is known even so: one fill stands for those that are missing,
with their quantity, their fee and their average price. A trade of that order which is told later is
in it already.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import localcontext

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill, Order, OrderReport

_REST = "rest:"
_DIGITS = 40
"""Of an average price: what it loses lies far below what exchanges book."""


def is_rest(fill: Fill) -> bool:
    """It stands for trades that were not told one by one."""
    return fill.trade_id.startswith(_REST)


def is_told(fill: Fill, known: Iterable[Fill]) -> bool:
    """It is known, or within the fill that stands for the rest of its order."""
    return any(_same_trade(fill, one) or _covers(one, fill) for one in known)


def _same_trade(one: Fill, other: Fill) -> bool:
    # By the order, too: an exchange that gives an id twice must not make a fill disappear.
    return (one.trade_id, one.client_order_id, one.exchange, one.symbol) == (
        other.trade_id,
        other.client_order_id,
        other.exchange,
        other.symbol,
    )


def _covers(one: Fill, other: Fill) -> bool:
    return one.client_order_id == other.client_order_id and is_rest(one)


def rest_of(order: Order, known: Iterable[Fill], report: OrderReport, now: datetime) -> Fill | None:
    """The fill that stands for all trades of an ended order which are not among ``known``.

    ``None``: every trade is known, or the totals do not say what is missing.
    """
    totals = report.totals
    if totals is None or report.is_open:
        return None
    told = [fill for fill in known if fill.client_order_id == order.client_order_id]
    quantity = report.executed_quantity - sum((fill.quantity for fill in told), ZERO)
    quote = totals.quote - sum((fill.quantity * fill.price for fill in told), ZERO)
    fee = totals.fee - sum((fill.fee for fill in told), ZERO)
    if quantity <= 0 or quote <= 0 or fee < 0:
        return None
    with localcontext(prec=_DIGITS):
        price = quote / quantity
    return Fill(
        exchange=report.exchange,
        symbol=report.symbol,
        client_order_id=order.client_order_id,
        trade_id=f"{_REST}{report.exchange_order_id}",
        side=order.side,
        quantity=quantity,
        price=price,
        fee=fee,
        fee_asset=totals.fee_asset,
        at=max((fill.at for fill in told), default=report.created_at or now),
    )
