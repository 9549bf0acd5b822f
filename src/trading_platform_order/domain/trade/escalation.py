"""When an operator is called about an order whose fate, or whose fills, stay unknown.

Ever more rarely, and without end: an order is never dropped, whatever became of its trade. The
calls are journalled, so that a restart neither repeats nor forgets them.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from trading_platform_order.domain.order import Order
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.value import value


@value
class DueCall:
    """The next call about one order: which one it is, and when."""

    order: Order
    number: int
    at: datetime


def is_call_due(schedule: tuple[float, ...], age_s: float, told: int) -> bool:
    """Whether operators are told again of what lasts for ``age_s``, ``told`` times so far.

    After the schedule's last step that step repeats.
    """
    if told < len(schedule):
        return age_s >= schedule[told]
    return age_s >= schedule[-1] * (told - len(schedule) + 2)


def next_calls(trade: PairTrade, orders: Iterable[Order]) -> tuple[DueCall, ...]:
    """One per order.

    The schedule counts from the order's creation; after its last step that step repeats. Between
    two calls there is never less time than between two steps, also if the order is an old one that
    became a question again.
    """
    schedule = trade.policy.call_after_s
    if not schedule:
        return ()
    return tuple(_next_call(trade, order, schedule) for order in orders)


def _next_call(trade: PairTrade, order: Order, schedule: tuple[float, ...]) -> DueCall:
    name = order.client_order_id
    made = [call.at for call in trade.calls if call.client_order_id == name]
    done = len(made)
    if done >= len(schedule):
        at = made[-1] + timedelta(seconds=schedule[-1])
    else:
        at = order.created_at + timedelta(seconds=schedule[done])
        if made:
            step_s = schedule[done] - schedule[done - 1]
            at = max(at, made[-1] + timedelta(seconds=step_s))
    return DueCall(order=order, number=done + 1, at=at)
