"""The order that an exchange is asked to judge without placing it."""

from decimal import Decimal

from trading_platform_order.domain.account.ledger import Ledger
from trading_platform_order.domain.market import ANY_SOURCE
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderSide,
    OrderType,
    Purpose,
    leg_symbol,
)
from trading_platform_order.domain.order_identity.client_order_id import order_uuid
from trading_platform_order.executor.ports import ExecutorPorts


def order_to_test(leg: Leg, base: str, ports: ExecutorPorts, ledger: Ledger) -> Order:
    """One that closes at the market what is held of a leg, or else the least there could be."""
    return Order(
        id=order_uuid("order-test"),
        client_order_id="order-test",
        exchange=ports.exchanges.venue(leg),
        symbol=leg_symbol(leg, base),
        side=OrderSide.SELL if leg is Leg.SPOT else OrderSide.BUY,
        type=OrderType.MARKET,
        quantity=_held(leg, base, ledger) or _least(leg, base, ports),
        reduce_only=leg is Leg.HEDGE,
        leg=leg,
        purpose=Purpose.CLOSE,
        attempt=1,
        signal_id="",
        created_at=ports.clock.now(),
    )


def _held(leg: Leg, base: str, ledger: Ledger) -> Decimal:
    if leg is Leg.SPOT:
        return max(ledger.owned_coins(base), ZERO)
    return max(ledger.shorts[base].quantity, ZERO) if base in ledger.shorts else ZERO


def _least(leg: Leg, base: str, ports: ExecutorPorts) -> Decimal:
    view = ports.market.view(base, ports.clock.now(), ANY_SOURCE)
    if view is None:
        return Decimal(1)
    return max(view.instrument(leg).min_quantity, view.instrument(leg).quantity_step)
