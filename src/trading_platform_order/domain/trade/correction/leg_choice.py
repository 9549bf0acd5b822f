"""Which leg to trade, and how much, so that both agree again.

All rules about that choice live here; when it is carried out, and how often, is ``next_step``'s.

* ENTER completes the shorter leg while the exposure budget lasts, the price is within tolerance and
  that costs no more than taking the longer leg back; otherwise it unwinds. A leg whose exchange
  takes no orders is no choice.
* EXIT brings both legs to the target by the one rule for closes (``closing``) and never re-opens:
  what was closed beyond the target by another hand is closed on the other leg too. Only its own
  late order, which sold what was not ours, is undone.
* What neither exchange can trade in the needed direction is dust; it is booked and stays.
* An engine that only reduces takes back what it can. What another order would have to open again
  waits for an engine that may; a true-up of that kind counts as dust.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from trading_platform_order.domain.hindrances.order_access import Access
from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import BPS, ZERO
from trading_platform_order.domain.order import Leg, OrderSide, Purpose
from trading_platform_order.domain.trade.closing import (
    ALL_OPEN,
    CLOSING_SIDE,
    Gate,
    Pressure,
    Waits,
    parts_to_close,
)
from trading_platform_order.domain.trade.orders.tradable import tradable_quantity
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.trade.trade_events import Holding
from trading_platform_order.domain.value import value

TRUE_UP_FRACTION = Decimal("0.05")
"""A gap below this part of the trade is a true-up, not a failed leg."""

LONGEST_RETRY_AFTER_S = 300.0


@value
class Wish:
    """An order that would bring the legs together."""

    leg: Leg
    side: OrderSide
    quantity: Decimal
    purpose: Purpose
    reason: str


def enter_wishes(
    trade: PairTrade,
    view: PairView,
    now: datetime,
    gate: Gate = ALL_OPEN,
    asleep_s: float = 0.0,
) -> tuple[Wish, ...] | Waits:
    """Complete, unwind or true up; nothing when only dust is left.

    ``asleep_s``: for how long this process stood still while the legs differed.
    """
    gap = trade.gap
    if gap == 0:
        return ()
    lead = Leg.SPOT if gap > 0 else Leg.HEDGE
    complete = _wish(trade, view, lead.other, abs(gap), Purpose.COMPLETE)
    # Only what the trade brought can be taken back. A late unwind may have taken back more than
    # that: then the other leg is below its start, and has to be brought up again.
    brought = max(_surplus(trade, lead), ZERO)
    unwind = _wish(trade, view, lead, min(abs(gap), brought), Purpose.UNWIND)
    wanted = [wish for wish in (complete, unwind) if wish is not None]
    able = [wish for wish in wanted if gate.of(wish.leg) is not Access.CLOSED]
    small = abs(gap) < TRUE_UP_FRACTION * abs(trade.target.spot - trade.start.spot)
    if gate.reduces_only and complete is not None:
        if unwind is None and not (small and not trade.reopened):
            return _needs_opening(trade)
        wanted = [wish for wish in wanted if wish is unwind]
        able = [wish for wish in able if wish is unwind]
    if small and not trade.reopened:
        choice = _cheaper(trade, view, able)
        able = [] if choice is None else [replace(choice, purpose=Purpose.TRUE_UP)]
    elif complete is not None and unwind is not None and not gate.reduces_only:
        # Where only one side can be traded at all, a tolerance must not leave the legs apart.
        if not _may_complete(trade, view, complete, now, asleep_s):
            able = [wish for wish in able if wish is unwind]
        elif len(able) > 1:
            able = [_by_cost(trade, view, complete, unwind)]
    if able or not wanted:
        return tuple(able[:1])
    return _hindered(trade, gate, [wish.leg for wish in wanted])


def _by_cost(trade: PairTrade, view: PairView, complete: Wish, unwind: Wish) -> Wish:
    """Whichever costs less at the present books; an unwind has paid its first fee in vain."""
    lead = unwind.leg
    if _last_refusal_is_permanent(trade, lead):
        return complete
    wasted_fee = view.instrument(lead).taker_fee_rate * view.book(lead).mid * abs(trade.gap)
    cost_unwind = _cost_krw(trade, view, unwind) + wasted_fee * view.krw_per_quote(lead)
    return complete if _cost_krw(trade, view, complete) <= cost_unwind else unwind


def _hindered(trade: PairTrade, gate: Gate, wanted: Sequence[Leg]) -> Waits:
    closed = [leg for leg in wanted if gate.of(leg) is Access.CLOSED]
    why = "; ".join(gate.why.get(leg, "") or f"{leg} takes no orders" for leg in closed)
    return Waits(reason=f"legs differ by {trade.gap} {trade.base}: {why}", is_closed=True)


def _needs_opening(trade: PairTrade) -> Waits:
    return Waits(
        reason=f"legs differ by {trade.gap} {trade.base}: only an opening order would even them"
    )


def _surplus(trade: PairTrade, leg: Leg) -> Decimal:
    now, start = trade.holding, trade.start
    return now.spot - start.spot if leg is Leg.SPOT else now.short - start.short


def exit_wishes(
    trade: PairTrade, view: PairView, gate: Gate, pressure: Pressure
) -> tuple[Wish, ...] | Waits:
    """Bring each leg to what an EXIT wants to leave, by the one rule for closes."""
    holding, left = trade.holding, left_by_exit(trade)
    rest = {Leg.SPOT: holding.spot - left.spot, Leg.HEDGE: holding.short - left.short}
    restored = tuple(
        wish for leg in Leg if (wish := _restore(trade, view, leg, rest[leg])) is not None
    )
    if restored:
        return _needs_opening(trade) if gate.reduces_only else restored
    parts = parts_to_close(
        {leg: max(quantity, ZERO) for leg, quantity in rest.items()}, view, gate, pressure
    )
    if isinstance(parts, Waits):
        return parts
    return tuple(_close(trade, view, leg, part) for leg, part in parts.items() if part > 0)


def _restore(trade: PairTrade, view: PairView, leg: Leg, rest: Decimal) -> Wish | None:
    """Less than nothing is left where a late order closed what was closed already: undo it."""
    if rest >= 0:
        return None
    side = CLOSING_SIDE[leg].opposite
    tradable = tradable_quantity(view, leg, side, -rest)
    if tradable <= 0:
        return None
    reason = f"{leg} was closed by {-rest} {trade.base} too much"
    return Wish(leg=leg, side=side, quantity=tradable, purpose=Purpose.UNWIND, reason=reason)


def _close(trade: PairTrade, view: PairView, leg: Leg, part: Decimal) -> Wish:
    target, left = trade.target, left_by_exit(trade)
    beyond = target.spot - left.spot if leg is Leg.SPOT else target.short - left.short
    side = CLOSING_SIDE[leg]
    # What the other leg lost beyond the target is followed, and is no part of what was asked for.
    follows = tradable_quantity(view, leg, side, beyond) > 0
    purpose = Purpose.UNWIND if follows else Purpose.CLOSE
    reason = f"{leg} still holds {part} {trade.base} or more beyond what is to be left"
    return Wish(leg=leg, side=side, quantity=part, purpose=purpose, reason=reason)


def left_by_exit(trade: PairTrade) -> Holding:
    """What an EXIT leaves of each leg: its target, or what either leg has left if that is less.

    A trade that had settled undoes its late order instead: what is held now may be others' by then.
    """
    holding, target = trade.holding, trade.target
    if trade.signal.leg is not None:  # by hand: it only ever reduces, and the other leg is not ours
        return Holding(spot=min(target.spot, holding.spot), short=min(target.short, holding.short))
    if trade.reopened or target.spot <= 0 or target.short <= 0:
        return target
    least = max(min(holding.spot, holding.short), ZERO)
    return Holding(spot=min(target.spot, least), short=min(target.short, least))


def _wish(
    trade: PairTrade, view: PairView, leg: Leg, quantity: Decimal, purpose: Purpose
) -> Wish | None:
    side = CLOSING_SIDE[leg]
    if purpose is Purpose.COMPLETE:
        side = side.opposite
    tradable = tradable_quantity(view, leg, side, quantity)
    if tradable <= 0:
        return None
    verb = "complete" if purpose is Purpose.COMPLETE else "take back"
    reason = f"legs differ by {trade.gap} {trade.base}: {verb} {tradable} on {leg}"
    return Wish(leg=leg, side=side, quantity=tradable, purpose=purpose, reason=reason)


def _may_complete(
    trade: PairTrade, view: PairView, wish: Wish, now: datetime, asleep_s: float
) -> bool:
    if trade.completion_stopped or trade.reopened or trade.operator_called:
        return False
    if _last_refusal_is_permanent(trade, wish.leg):
        return False
    # A leg that may not be tried again before the budget ends is as good as out of budget.
    earliest = max(now, not_before(trade, wish.leg))
    if not budget_left(trade, earliest, asleep_s):
        return False
    naked_krw = abs(trade.gap) * trade.decision.spot_mid_krw
    if naked_krw > trade.policy.exposure_krw:
        return False
    done = sum(1 for order in trade.orders if order.purpose is Purpose.COMPLETE)
    if done * 2 >= trade.policy.fast_attempts:
        return False
    return adverse_bps(trade, view, wish) <= trade.policy.completion_slippage_bps


def budget_left(trade: PairTrade, now: datetime, asleep_s: float = 0.0) -> bool:
    """Whether the legs have differed for less than the exposure budget.

    Time in which this process stood still (``asleep_s``) could not be used to bring them together:
    the price is held against the decision all the same.
    """
    naked_s = trade.naked_ms / 1_000 - asleep_s
    if trade.uneven_since is not None:
        naked_s += (now - trade.uneven_since).total_seconds()
    return naked_s < trade.policy.exposure_time_s


def _last_refusal_is_permanent(trade: PairTrade, leg: Leg) -> bool:
    mine = {order.client_order_id for order in trade.orders if order.leg is leg}
    last = [refusal for refusal in trade.refusals if refusal.client_order_id in mine][-1:]
    return bool(last) and not last[0].retryable


def adverse_bps(trade: PairTrade, view: PairView, wish: Wish) -> Decimal:
    """How much worse than the decision it would fill now; all of it if the book is too thin."""
    decided = _decided_mid(trade, wish.leg)
    sweep = view.book(wish.leg).sweep(wish.side, wish.quantity)
    if sweep.filled_base < wish.quantity:
        return BPS
    worse = sweep.quote / sweep.filled_base - decided
    return (worse if wish.side is OrderSide.BUY else -worse) / decided * BPS


def _cost_krw(trade: PairTrade, view: PairView, wish: Wish) -> Decimal:
    """Fee and adverse price against the decision, KRW; negative when the market moved our way."""
    value = _decided_mid(trade, wish.leg) * wish.quantity * view.krw_per_quote(wish.leg)
    fee = value * view.instrument(wish.leg).taker_fee_rate
    return value * adverse_bps(trade, view, wish) / BPS + fee


def _decided_mid(trade: PairTrade, leg: Leg) -> Decimal:
    decision = trade.decision
    return decision.spot_mid_krw if leg is Leg.SPOT else decision.hedge_mid_usdt


def _cheaper(trade: PairTrade, view: PairView, choices: Sequence[Wish]) -> Wish | None:
    willing = [wish for wish in choices if not _last_refusal_is_permanent(trade, wish.leg)]

    def cost(wish: Wish) -> Decimal:
        book, rate = view.book(wish.leg), view.krw_per_quote(wish.leg)
        best = book.side_for(wish.side)[0].price
        fee = best * view.instrument(wish.leg).taker_fee_rate
        return (abs(best - book.mid) + fee) * wish.quantity * rate

    return min(willing or choices, key=cost, default=None)


def not_before(trade: PairTrade, leg: Leg) -> datetime:
    """The exchange's own word on when to try again; it binds this leg, never the other one."""
    mine = {order.client_order_id for order in trade.orders if order.leg is leg}
    told = (
        refusal.at + timedelta(seconds=min(refusal.retry_after_s, LONGEST_RETRY_AFTER_S))
        for refusal in trade.refusals
        if refusal.client_order_id in mine and refusal.retry_after_s is not None
    )
    return max(told, default=trade.opened_at)
