"""What orders under way may still fill, by base asset: limits count it as if it had.

Kept by trade and changed with every event of it, so that who asks adds up the few trades of one
base asset that are under way, and no others.
"""

from decimal import Decimal

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg, Order, OrderSide
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.value import value


@value
class Coming:
    """Base units beyond the fills that are booked.

    Attributes:
        buying: coins that may still be bought; ``selling``: what may still be sold short.
        spot_sold: coins that may still be sold; ``hedge_bought``: short that may still be closed.
    """

    buying: Decimal = ZERO
    selling: Decimal = ZERO
    spot_sold: Decimal = ZERO
    hedge_bought: Decimal = ZERO


NONE = Coming()


def coming_of(trade: PairTrade) -> Coming:
    """Of all orders of one trade."""
    sums = {(leg, side): ZERO for leg in Leg for side in OrderSide}
    for order in trade.orders:
        sums[order.leg, order.side] += _may_fill(trade, order)
    return Coming(
        buying=sums[Leg.SPOT, OrderSide.BUY],
        selling=sums[Leg.HEDGE, OrderSide.SELL],
        spot_sold=sums[Leg.SPOT, OrderSide.SELL],
        hedge_bought=sums[Leg.HEDGE, OrderSide.BUY],
    )


def _may_fill(trade: PairTrade, order: Order) -> Decimal:
    most = order.executed_quantity if order.status.is_final else order.quantity
    return max(most - trade.filled(order), ZERO)


class ComingOrders:
    """Of trades with an order or a fill that is not known to its end."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, Coming]] = {}

    def note(self, trade: PairTrade) -> None:
        """A trade as it stands now."""
        trades = self._of.setdefault(trade.base, {})
        if trade.unresolved or trade.awaiting_fills:
            trades[trade.trade_id] = coming_of(trade)
            return
        trades.pop(trade.trade_id, None)
        if not trades:
            del self._of[trade.base]

    def has(self, base: str) -> bool:
        """Some trade of this base asset is not known to its end."""
        return base in self._of

    def of(self, base: str) -> Coming:
        """The sum over the trades of one base asset."""
        trades = self._of.get(base)
        if not trades:
            return NONE
        if len(trades) == 1:
            return next(iter(trades.values()))
        every = trades.values()
        return Coming(
            buying=sum((one.buying for one in every), ZERO),
            selling=sum((one.selling for one in every), ZERO),
            spot_sold=sum((one.spot_sold for one in every), ZERO),
            hedge_bought=sum((one.hedge_bought for one in every), ZERO),
        )
