"""What the execution of one pair trade cost: fees, and what fills were worse than the mids. Pure.

The same sums as in ``domain/account/profit/pnl``, of one trade alone and at the rate of its
decision.
"""

from decimal import Decimal

from trading_platform_order.domain.costs.fee_value import fee_in_quote
from trading_platform_order.domain.money import ONE, ZERO
from trading_platform_order.domain.order import Leg, OrderSide
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.value import value


@value
class TradeCost:
    """KRW; a cost is positive.

    Attributes:
        slippage_krw: negative where fills were better than the mids of the decision.
    """

    fees_krw: Decimal
    slippage_krw: Decimal


def cost_of(trade: PairTrade) -> TradeCost:
    """The cost of all fills known so far."""
    decision = trade.decision
    fees_krw = slippage_krw = ZERO
    for fill in trade.fills:
        on_spot = trade.order(fill.client_order_id).leg is Leg.SPOT
        rate = ONE if on_spot else decision.krw_per_usdt
        mid = decision.spot_mid_krw if on_spot else decision.hedge_mid_usdt
        bought = fill.quantity if fill.side is OrderSide.BUY else -fill.quantity
        slippage_krw += bought * (fill.price - mid) * rate
        fees_krw += fee_in_quote(fill) * rate
    return TradeCost(fees_krw=fees_krw, slippage_krw=slippage_krw)
