"""What a pair trade does next: a pure function of the trade, the market and the time.

While an order is open or unknown nothing new is sent: it is looked up, or cancelled when a market
order stays working. Only when all is known are the legs compared:

* ENTER completes the shorter leg while the exposure budget lasts, the price is within tolerance and
  that costs no more than taking the longer leg back; otherwise it unwinds.
* EXIT brings both legs to the target and never re-opens; it tries quickly, calls a human, and goes
  on slowly.
* What neither exchange can trade in the needed direction is dust; it is booked and stays.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from trading_platform_order.domain.client_order_id import client_order_id, order_uuid
from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import BPS, KRW_WHOLE, ZERO, floor_to_step
from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderSide,
    OrderStatus,
    OrderType,
    Purpose,
    leg_symbol,
)
from trading_platform_order.domain.pair_trade import PairTrade, TradeState
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade_events import TradeOutcome

NOTIONAL_MARGIN = Decimal("1.02")
"""Tradable means 2 % within the exchange's minimum and maximum value: the price may move before the
order arrives."""

TRUE_UP_FRACTION = Decimal("0.05")
"""A gap below this part of the trade is a true-up, not a failed leg."""

LONGEST_RETRY_AFTER_S = 300.0

NO_MARKET_RETRY = timedelta(milliseconds=200)

REDUCE_ONLY_REJECTED = "binance:-2022"


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """Find out how this order stands, and keep at it until that is known."""

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    """Ask the exchange to end this order."""

    order: Order
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOrders:
    """Journal these corrective orders, then send them."""

    orders: tuple[Order, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadHedgePosition:
    """Ask Binance what is left of the position this trade wants to reduce."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHuman:
    """The quick attempts are used up."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """The legs agree and every fill is known."""

    outcome: TradeOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """All attempts are used up."""

    reason: str


Command = LookUp | CancelOrder | PlanOrders | ReadHedgePosition | CallHuman | Settle | Halt


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """Commands to carry out now, and when to ask again if nothing happens before."""

    commands: tuple[Command, ...] = ()
    ask_again_at: datetime | None = None


def next_step(trade: PairTrade, view: PairView | None, now: datetime) -> NextStep:
    """What to do now; without a view of the market, all that needs none."""
    if trade.state is not TradeState.EXECUTING:
        return NextStep()
    if trade.unresolved:
        return _tend(trade, now)
    if trade.untold:
        return _ask_for_fills(trade, now)
    if _position_is_in_doubt(trade):
        return NextStep(commands=(ReadHedgePosition(),))
    return _compare(trade, view, now)


def _compare(trade: PairTrade, view: PairView | None, now: datetime) -> NextStep:
    if view is None:
        return NextStep(ask_again_at=now + NO_MARKET_RETRY)
    wanted = _enter_orders(trade, view, now) if trade.action is Action.ENTER else _exit(trade, view)
    if not wanted:
        return NextStep(commands=(Settle(outcome=_outcome(trade)),))
    return _pace(trade, view, wanted, now)


def still_wants(trade: PairTrade, order: Order, now: datetime) -> bool:
    """Whether an order whose fate is unknown would still be placed now.

    Decides how an Upbit identifier is consumed: by the order itself, or by one that cannot fill.
    """
    if trade.state is not TradeState.EXECUTING:
        return False
    if trade.action is Action.EXIT or order.purpose in {Purpose.UNWIND, Purpose.WATCHDOG}:
        return True
    age_s = (now - order.created_at).total_seconds()
    fresh = age_s < trade.policy.exposure_time_s and not trade.completion_stopped
    return fresh and _budget_left(trade, now)


# -- orders that are open or unknown --------------------------------------------------------------


def _tend(trade: PairTrade, now: datetime) -> NextStep:
    commands: list[Command] = []
    times: list[datetime] = []
    for order in trade.unresolved:
        look_up_at = order.created_at + timedelta(seconds=trade.policy.look_up_after_s)
        if order.status is OrderStatus.UNKNOWN or now >= look_up_at:
            commands.append(LookUp(order=order))
        else:
            times.append(look_up_at)
        if order.status is not OrderStatus.WORKING:
            continue
        cancel_at = _cancel_at(trade, order)
        if now >= cancel_at:
            reason = f"still working after {trade.policy.working_limit_s} s"
            commands.append(CancelOrder(order=order, reason=reason))
        else:
            times.append(cancel_at)
    return NextStep(commands=tuple(commands), ask_again_at=min(times, default=None))


def _cancel_at(trade: PairTrade, order: Order) -> datetime:
    limit = timedelta(seconds=trade.policy.working_limit_s)
    asked = [cancel for cancel in trade.cancels if cancel.client_order_id == order.client_order_id]
    if not asked:
        return order.created_at + limit
    # A cancel may be lost too: ask again, ever more slowly (3, 6, 12 … 192 s by default).
    return asked[-1].at + limit * (1 << min(len(asked) - 1, 6))


def _ask_for_fills(trade: PairTrade, now: datetime) -> NextStep:
    # The stream tells prices and fees a moment after the response told the quantity.
    ask_at = trade.last_event_at + timedelta(seconds=trade.policy.look_up_after_s)
    if now < ask_at:
        return NextStep(ask_again_at=ask_at)
    return NextStep(commands=tuple(LookUp(order=order) for order in trade.untold))


def _position_is_in_doubt(trade: PairTrade) -> bool:
    rejected = sum(1 for refusal in trade.refusals if refusal.code == REDUCE_ONLY_REJECTED)
    return rejected > trade.position_reads


# -- comparing the legs ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    leg: Leg
    side: OrderSide
    quantity: Decimal
    purpose: Purpose
    reason: str


def _enter_orders(trade: PairTrade, view: PairView, now: datetime) -> tuple[_Wish, ...]:
    gap = trade.gap
    if gap == 0:
        return ()
    lead = Leg.SPOT if gap > 0 else Leg.HEDGE
    small = abs(gap) < TRUE_UP_FRACTION * abs(trade.target.spot - trade.start.spot)
    complete = _wish(trade, view, lead.other, abs(gap), Purpose.COMPLETE)
    # Only what the trade brought can be taken back. A late unwind may have taken back more than
    # that: then the other leg is below its start, and has to be brought up again.
    brought = max(_surplus(trade, lead), ZERO)
    unwind = _wish(trade, view, lead, min(abs(gap), brought), Purpose.UNWIND)
    if small and not trade.reopened:
        choice = _cheaper(trade, view, complete, unwind)
        return () if choice is None else (replace(choice, purpose=Purpose.TRUE_UP),)
    if complete is None or unwind is None:
        # Only one side can be traded at all: a tolerance must not leave the legs apart.
        only = complete or unwind
        return () if only is None else (only,)
    if not _may_complete(trade, view, complete, now):
        return (unwind,)
    if _last_refusal_is_permanent(trade, lead):
        return (complete,)
    wasted_fee = view.instrument(lead).taker_fee_rate * view.book(lead).mid * abs(gap)
    cost_unwind = _cost_krw(trade, view, unwind) + wasted_fee * view.krw_per_quote(lead)
    return (complete,) if _cost_krw(trade, view, complete) <= cost_unwind else (unwind,)


def _surplus(trade: PairTrade, leg: Leg) -> Decimal:
    now, start = trade.holding, trade.start
    return now.spot - start.spot if leg is Leg.SPOT else now.short - start.short


def _exit(trade: PairTrade, view: PairView) -> tuple[_Wish, ...]:
    holding = trade.holding
    rest = {
        Leg.SPOT: holding.spot - trade.target.spot,
        Leg.HEDGE: holding.short - trade.target.short,
    }
    wishes = []
    for leg, quantity in rest.items():
        # Below the target means that more was closed than wanted (a late order): restore it.
        purpose = Purpose.CLOSE if quantity > 0 else Purpose.UNWIND
        side = _closing_side(leg) if quantity > 0 else _closing_side(leg).opposite
        tradable = tradable_quantity(view, leg, side, abs(quantity))
        if tradable > 0:
            reason = f"{leg} still holds {quantity} beyond its target"
            wishes.append(
                _Wish(leg=leg, side=side, quantity=tradable, purpose=purpose, reason=reason)
            )
    return tuple(wishes)


def _closing_side(leg: Leg) -> OrderSide:
    return OrderSide.SELL if leg is Leg.SPOT else OrderSide.BUY


def _wish(
    trade: PairTrade, view: PairView, leg: Leg, quantity: Decimal, purpose: Purpose
) -> _Wish | None:
    side = _closing_side(leg)
    if purpose is Purpose.COMPLETE:
        side = side.opposite
    tradable = tradable_quantity(view, leg, side, quantity)
    if tradable <= 0:
        return None
    verb = "complete" if purpose is Purpose.COMPLETE else "take back"
    reason = f"legs differ by {trade.gap} {trade.base}: {verb} {tradable} on {leg}"
    return _Wish(leg=leg, side=side, quantity=tradable, purpose=purpose, reason=reason)


def tradable_quantity(
    view: PairView, leg: Leg, side: OrderSide, quantity: Decimal, *, cap: bool = True
) -> Decimal:
    """The part of ``quantity`` that the exchange takes in this direction; zero if none.

    Args:
        view: books and filters.
        leg: which exchange.
        side: direction; a hedge buy is always reduce-only, and so exempt from the minimum value.
        quantity: base units, not negative.
        cap: limit to the exchange's maximum for one order; otherwise the maximum is ignored.
    """
    instrument = view.instrument(leg)
    part = floor_to_step(quantity, instrument.quantity_step)
    price = view.book(leg).side_for(side)[0].price
    if cap and instrument.max_quantity > 0:
        part = min(part, instrument.max_quantity)
    if cap and instrument.max_notional > 0:
        most = instrument.max_notional / NOTIONAL_MARGIN / price
        part = min(part, floor_to_step(most, instrument.quantity_step))
    if part <= 0 or part < instrument.min_quantity:
        return ZERO
    reduces = leg is Leg.HEDGE and side is OrderSide.BUY
    if not reduces and part * price < instrument.min_notional * NOTIONAL_MARGIN:
        return ZERO
    return part


def _may_complete(trade: PairTrade, view: PairView, wish: _Wish, now: datetime) -> bool:
    if trade.completion_stopped or trade.reopened or trade.human_called:
        return False
    if _last_refusal_is_permanent(trade, wish.leg):
        return False
    # A leg that may not be tried again before the budget ends is as good as out of budget.
    earliest = max(now, _not_before(trade, wish.leg))
    if not _budget_left(trade, earliest):
        return False
    naked_krw = abs(trade.gap) * trade.decision.spot_mid_krw
    if naked_krw > trade.policy.exposure_krw:
        return False
    done = sum(1 for order in trade.orders if order.purpose is Purpose.COMPLETE)
    if done * 2 >= trade.policy.fast_attempts:
        return False
    return _adverse_bps(trade, view, wish) <= trade.policy.completion_slippage_bps


def _budget_left(trade: PairTrade, now: datetime) -> bool:
    naked_s = trade.naked_ms / 1_000
    if trade.uneven_since is not None:
        naked_s += (now - trade.uneven_since).total_seconds()
    return naked_s < trade.policy.exposure_time_s


def _last_refusal_is_permanent(trade: PairTrade, leg: Leg) -> bool:
    mine = {order.client_order_id for order in trade.orders if order.leg is leg}
    last = [refusal for refusal in trade.refusals if refusal.client_order_id in mine][-1:]
    return bool(last) and not last[0].retryable


def _adverse_bps(trade: PairTrade, view: PairView, wish: _Wish) -> Decimal:
    decided = _decided_mid(trade, wish.leg)
    sweep = view.book(wish.leg).sweep(wish.side, wish.quantity)
    if sweep.filled_base < wish.quantity:
        return BPS
    worse = sweep.quote / sweep.filled_base - decided
    return (worse if wish.side is OrderSide.BUY else -worse) / decided * BPS


def _cost_krw(trade: PairTrade, view: PairView, wish: _Wish) -> Decimal:
    """Fee and adverse price against the decision, KRW; negative when the market moved our way."""
    value = _decided_mid(trade, wish.leg) * wish.quantity * view.krw_per_quote(wish.leg)
    fee = value * view.instrument(wish.leg).taker_fee_rate
    return value * _adverse_bps(trade, view, wish) / BPS + fee


def _decided_mid(trade: PairTrade, leg: Leg) -> Decimal:
    decision = trade.decision
    return decision.spot_mid_krw if leg is Leg.SPOT else decision.hedge_mid_usdt


def _cheaper(
    trade: PairTrade, view: PairView, one: _Wish | None, other: _Wish | None
) -> _Wish | None:
    choices = [wish for wish in (one, other) if wish is not None]
    willing = [wish for wish in choices if not _last_refusal_is_permanent(trade, wish.leg)]

    def cost(wish: _Wish) -> Decimal:
        book, rate = view.book(wish.leg), view.krw_per_quote(wish.leg)
        best = book.side_for(wish.side)[0].price
        fee = best * view.instrument(wish.leg).taker_fee_rate
        return (abs(best - book.mid) + fee) * wish.quantity * rate

    return min(willing or choices, key=cost, default=None)


# -- pacing and building --------------------------------------------------------------------------


def _pace(trade: PairTrade, view: PairView, wishes: tuple[_Wish, ...], now: datetime) -> NextStep:
    policy = trade.policy
    done = _corrections(trade)
    if done >= policy.fast_attempts + policy.slow_attempts:
        return NextStep(commands=(Halt(reason=f"{done} corrective orders did not even the legs"),))
    if done >= policy.fast_attempts and not trade.human_called:
        reason = f"{done} corrective orders did not even the legs; going on slowly"
        return NextStep(commands=(CallHuman(reason=reason),))
    wishes = _ready(trade, view, wishes, now)
    earliest = max(_earliest(trade, done), *(_not_before(trade, wish.leg) for wish in wishes))
    if now < earliest:
        return NextStep(ask_again_at=earliest)
    reason = "; ".join(wish.reason for wish in wishes)
    return NextStep(
        commands=(
            PlanOrders(
                orders=tuple(_order(trade, view, wish, now) for wish in wishes), reason=reason
            ),
        )
    )


def _ready(
    trade: PairTrade, view: PairView, wishes: tuple[_Wish, ...], now: datetime
) -> tuple[_Wish, ...]:
    """While one exchange makes us wait, the other one may bring the legs together; never apart."""
    held_back = {wish.leg for wish in wishes if _not_before(trade, wish.leg) > now}
    lead = Leg.SPOT if trade.gap > 0 else Leg.HEDGE
    ahead = next((wish for wish in wishes if wish.leg is lead), None)
    if not held_back or ahead is None or ahead.leg in held_back or not trade.is_uneven:
        return wishes
    part = tradable_quantity(view, lead, ahead.side, min(ahead.quantity, abs(trade.gap)))
    return (replace(ahead, quantity=part),) if part > 0 else wishes


def _corrections(trade: PairTrade) -> int:
    first = {Purpose.OPEN, Purpose.CLOSE}
    counted = trade.orders[trade.attempts_forgiven :]
    return sum(1 for o in counted if o.attempt > 1 or o.purpose not in first)


def _earliest(trade: PairTrade, done: int) -> datetime:
    policy = trade.policy
    since = trade.last_corrected_at or trade.opened_at
    if trade.human_called:
        return since + timedelta(seconds=policy.slow_retry_s)
    if not trade.refusals:
        return since
    first_s = policy.uneven_retry_first_s if trade.is_uneven else policy.retry_first_s
    wait_s = first_s * 2 ** min(done, 2)
    # The first correction after a refusal goes at once when the legs differ: exposure rules.
    if done == 0 and trade.is_uneven:
        return since
    return since + timedelta(seconds=wait_s)


def _not_before(trade: PairTrade, leg: Leg) -> datetime:
    """The exchange's own word on when to try again; it binds this leg, never the other one."""
    mine = {order.client_order_id for order in trade.orders if order.leg is leg}
    told = (
        refusal.at + timedelta(seconds=min(refusal.retry_after_s, LONGEST_RETRY_AFTER_S))
        for refusal in trade.refusals
        if refusal.client_order_id in mine and refusal.retry_after_s is not None
    )
    return max(told, default=trade.opened_at)


def _order(trade: PairTrade, view: PairView, wish: _Wish, now: datetime) -> Order:
    same = [o for o in trade.orders if (o.leg, o.purpose) == (wish.leg, wish.purpose)]
    attempt = len(same) + 1
    name = client_order_id(
        mode=trade.policy.mode,
        key=trade.trade_id,
        leg=wish.leg,
        purpose=wish.purpose,
        attempt=attempt,
    )
    quote = None
    if wish.leg is Leg.SPOT and wish.side is OrderSide.BUY:
        quote = spot_buy_amount_krw(view, wish.quantity)
    return Order(
        id=order_uuid(name),
        client_order_id=name,
        exchange=wish.leg.venue,
        symbol=leg_symbol(wish.leg, trade.base),
        side=wish.side,
        type=OrderType.MARKET,
        quantity=wish.quantity,
        quote_amount=quote,
        reduce_only=wish.leg is Leg.HEDGE and wish.side is OrderSide.BUY,
        leg=wish.leg,
        purpose=wish.purpose,
        attempt=attempt,
        signal_id=trade.signal.id,
        created_at=now,
    )


def spot_buy_amount_krw(view: PairView, quantity: Decimal) -> Decimal:
    """Whole KRW that buy ``quantity`` at the present asks, rounded down (less exposure)."""
    sweep = view.spot_book.sweep(OrderSide.BUY, quantity)
    missing = quantity - sweep.filled_base
    worst = sweep.worst_price or view.spot_book.asks[0].price
    return floor_to_step(sweep.quote + missing * worst, KRW_WHOLE)


def _outcome(trade: PairTrade) -> TradeOutcome:
    holding = trade.holding
    if trade.action is Action.EXIT:
        return TradeOutcome.FLAT if trade.target.short == 0 else TradeOutcome.HEDGED
    if holding.short > trade.start.short:
        return TradeOutcome.HEDGED
    done = any(order.executed_quantity > 0 for order in trade.orders)
    return TradeOutcome.UNWOUND if done else TradeOutcome.FLAT
