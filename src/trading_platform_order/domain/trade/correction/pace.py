"""How soon a correction follows the one before: orders in vain are followed ever more slowly.

Counted from the last fill, so that each fill begins anew; an exchange that takes no orders at all
uses up no attempt, and while the legs differ nobody gives up.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from trading_platform_order.domain.hindrances.order_access import Access
from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.order import Leg, OrderStatus
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.closing import BOTH_DOUBTFUL_S, Gate
from trading_platform_order.domain.trade.correction.leg_choice import Wish, not_before
from trading_platform_order.domain.trade.orders.tradable import tradable_quantity
from trading_platform_order.domain.trade.pair_trade import PairTrade

UNEVEN_PAUSE_S = 5.0
"""Between orders that bring nothing while the legs differ; it is never given up."""


def ready(
    trade: PairTrade, view: PairView, wishes: tuple[Wish, ...], now: datetime
) -> tuple[Wish, ...]:
    """While one exchange makes us wait, the other one may bring the legs together; never apart."""
    held_back = {wish.leg for wish in wishes if not_before(trade, wish.leg) > now}
    lead = Leg.SPOT if trade.gap > 0 else Leg.HEDGE
    ahead = next((wish for wish in wishes if wish.leg is lead), None)
    if not held_back or ahead is None or ahead.leg in held_back or not trade.is_uneven:
        return wishes
    part = tradable_quantity(view, lead, ahead.side, min(ahead.quantity, abs(trade.gap)))
    return (replace(ahead, quantity=part),) if part > 0 else wishes


def in_vain(trade: PairTrade, leg: Leg, *passed_over: str) -> int:
    """The leg's last orders in a row that brought nothing.

    One that its exchange refused because it takes none at all says nothing, nor does one that
    never took effect, nor one refused with a code that is ``passed_over``.
    """
    hindered = {
        r.client_order_id
        for r in trade.refusals
        if r.hindrance is not None or r.code in passed_over
    }
    count = 0
    for order in reversed(trade.orders[trade.attempts_forgiven :]):
        if order.leg is not leg or order.client_order_id in hindered:
            continue
        if order.executed_quantity > 0:
            break
        count += order.status in {OrderStatus.REFUSED, OrderStatus.CANCELLED}
    return count


def earliest(trade: PairTrade, leg: Leg, gate: Gate) -> datetime:
    """No order in vain is followed by the next one at once, except by the first while naked."""
    since = trade.last_corrected_at or trade.opened_at
    pause = timedelta(seconds=_pause_s(trade, leg, gate))
    return max(since + pause, not_before(trade, leg))


def _was_judged(trade: PairTrade, leg: Leg) -> bool:
    """The leg's last order was refused for its own sake: the exchange does judge orders."""
    last = next((o.client_order_id for o in reversed(trade.orders) if o.leg is leg), "")
    return any(
        r.client_order_id == last and r.hindrance is None and not r.retryable
        for r in trade.refusals
    )


def _pause_s(trade: PairTrade, leg: Leg, gate: Gate) -> float:
    policy, is_uneven, vain = trade.policy, trade.is_uneven, in_vain(trade, leg)
    # The first correction after a refusal goes at once when the legs differ: exposure rules.
    if vain == 0 or (vain == 1 and is_uneven):
        return 0.0
    if gate.of(leg) is Access.DOUBTFUL and not is_uneven and not _was_judged(trade, leg):
        # Order tests go on meanwhile: one that passes makes it open.
        return BOTH_DOUBTFUL_S
    if vain > policy.fast_attempts:
        return UNEVEN_PAUSE_S if is_uneven or trade.action is Action.EXIT else policy.slow_retry_s
    first_s = policy.uneven_retry_first_s if is_uneven else policy.retry_first_s
    return first_s * 2.0 ** min(vain - 1, 2)
