"""Whether an account is explained without one order: the last part of its proof of absence.

An exchange's lists may lag behind its matching engine for longer than a proof takes; position and
balance do not lie about a fill. Whoever proves an order absent (the engine, and the watchdog in
its place) compares what the exchange holds with what must be there without the order. Pure: who
asks knows its own count, and how to read the exchange.
"""

from decimal import Decimal

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Order, OrderSide

LIKELY_FILL = Decimal("1.02")
"""An Upbit market buy fills a little more or less than aimed at."""


def missing_short(*, counted: Decimal, position_quantity: Decimal) -> Decimal:
    """Base units of the counted short that the position does not show; negative: it shows more.

    The symbol on Binance is ours alone, so the position must be exact: zero explains it.
    """
    return counted + position_quantity


def doubtful_coins(order: Order, *, counted: Decimal, held: Decimal) -> bool:
    """Whether this order may have moved the coins on Upbit from ``counted`` to ``held``.

    The owner may trade on Upbit too, so only what the order itself would have moved casts doubt.
    """
    off = held - counted
    sign = 1 if order.side is OrderSide.BUY else -1
    return ZERO < off * sign <= order.quantity * LIKELY_FILL
