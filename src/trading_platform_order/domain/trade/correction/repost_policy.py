"""Whether an order whose fate is unknown would still be placed now.

Decides how an Upbit identifier is used up: by the order itself, or by one that cannot fill. Sending
it again must bring the legs together, as they are known now, and never further than that: an order
meant to open a pair is not placed any more when its other leg was refused meanwhile.
"""

from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.order import Leg, Order, OrderSide, Purpose
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.correction.leg_choice import (
    Wish,
    adverse_bps,
    budget_left,
    left_by_exit,
)
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState

_ADDS = {Purpose.OPEN, Purpose.COMPLETE}


def still_wants(trade: PairTrade, order: Order, view: PairView | None, now: datetime) -> bool:
    """As if the order had not happened so far; without a market nothing that adds is wanted."""
    if trade.state is not TradeState.EXECUTING:
        return False
    if trade.action is Action.EXIT:
        return _fills_part_of(_rest(trade, order.leg), order)
    if order.purpose in _ADDS and not _may_add(trade, order, view, now):
        return False
    if order.purpose is Purpose.OPEN and _other_leg_is_open_question(trade, order):
        # An order of lost rows that was found again may have opened this leg already.
        return _fills_part_of(_beyond_target(trade, order.leg), order)
    return _fills_part_of(trade.gap, order)


def _rest(trade: PairTrade, leg: Leg) -> Decimal:
    """What this leg holds beyond what an EXIT leaves, base units bought."""
    left = left_by_exit(trade)
    if leg is Leg.SPOT:
        return trade.holding.spot - left.spot
    return left.short - trade.holding.short


def _beyond_target(trade: PairTrade, leg: Leg) -> Decimal:
    """What this leg holds beyond what an ENTER aims at, base units bought."""
    if leg is Leg.SPOT:
        return trade.holding.spot - trade.target.spot
    return trade.target.short - trade.holding.short


def _fills_part_of(beyond: Decimal, order: Order) -> bool:
    """Whether it lowers ``beyond`` (base units bought too many), and not further than to zero."""
    after = beyond + (order.quantity if order.side is OrderSide.BUY else -order.quantity)
    return abs(after) < abs(beyond) and (after == 0 or (after > 0) == (beyond > 0))


def _may_add(trade: PairTrade, order: Order, view: PairView | None, now: datetime) -> bool:
    age_s = (now - order.created_at).total_seconds()
    is_taken_back = any(other.purpose is Purpose.UNWIND for other in trade.orders)
    if view is None or trade.completion_stopped or is_taken_back:
        return False
    if age_s >= trade.policy.exposure_time_s:
        return False
    wish = Wish(
        leg=order.leg, side=order.side, quantity=order.quantity, purpose=order.purpose, reason=""
    )
    good_price = adverse_bps(trade, view, wish) <= trade.policy.completion_slippage_bps
    return good_price and budget_left(trade, now)


def _other_leg_is_open_question(trade: PairTrade, order: Order) -> bool:
    return any(other.leg is not order.leg for other in trade.unresolved)
