"""What a pair trade does next: a pure function of the trade, the market and the time.

While an order is open or unknown nothing new is sent: it is looked up, or cancelled when a market
order stays working. Only when all is known are the legs compared:

which leg to trade then is decided in ``leg_choice``. Corrections are bounded: quick ones, then a
person is called, then slow ones, then the trade halts.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from trading_platform_order.domain.client_order_id import client_order_id, order_uuid
from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderSide,
    OrderStatus,
    OrderType,
    Purpose,
    leg_symbol,
)
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.escalation import next_calls
from trading_platform_order.domain.trade.leg_choice import (
    Wish,
    enter_wishes,
    exit_wishes,
    not_before,
)
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.trade.tradable import spot_buy_amount_krw, tradable_quantity
from trading_platform_order.domain.trade.trade_events import TradeOutcome

NO_MARKET_RETRY = timedelta(milliseconds=200)

REDUCE_ONLY_REJECTED = "binance:-2022"
NOT_ENOUGH_COINS = "insufficient_funds_ask"


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
class ReadCoins:
    """Ask Upbit whether the coins that this trade wants to sell are still there."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAbout:
    """A person should know that this order stays unresolved."""

    order: Order
    number: int
    age_s: float


Command = (
    LookUp
    | CancelOrder
    | PlanOrders
    | ReadHedgePosition
    | ReadCoins
    | CallHuman
    | CallAbout
    | Settle
    | Halt
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """Commands to carry out now, and when to ask again if nothing happens before."""

    commands: tuple[Command, ...] = ()
    ask_again_at: datetime | None = None


def next_step(trade: PairTrade, view: PairView | None, now: datetime) -> NextStep:
    """What to do now; without a view of the market, all that needs none."""
    if not trade.needs_care:
        return NextStep()
    if trade.unresolved:
        return _with_calls(trade, _tend(trade, now), now)
    if trade.untold:
        return _with_calls(trade, _ask_for_fills(trade, now), now)
    if _position_is_in_doubt(trade):
        return NextStep(commands=(ReadHedgePosition(),))
    if _coins_are_in_doubt(trade):
        return NextStep(commands=(ReadCoins(),))
    return _compare(trade, view, now)


def _compare(trade: PairTrade, view: PairView | None, now: datetime) -> NextStep:
    if view is None:
        return NextStep(ask_again_at=now + NO_MARKET_RETRY)
    entering = trade.action is Action.ENTER
    wanted = enter_wishes(trade, view, now) if entering else exit_wishes(trade, view)
    if not wanted:
        return NextStep(commands=(Settle(outcome=_outcome(trade)),))
    return _pace(trade, view, wanted, now)


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
            if _must_not_add(trade, order):
                reason = "it would still add exposure"
            commands.append(CancelOrder(order=order, reason=reason))
        else:
            times.append(cancel_at)
    return NextStep(commands=tuple(commands), ask_again_at=min(times, default=None))


def _with_calls(trade: PairTrade, step: NextStep, now: datetime) -> NextStep:
    calls = next_calls(trade, (*trade.unresolved, *trade.untold))
    due = tuple(
        CallAbout(
            order=call.order,
            number=call.number,
            age_s=(now - call.order.created_at).total_seconds(),
        )
        for call in calls
        if now >= call.at
    )
    times = [call.at for call in calls if now < call.at]
    if step.ask_again_at is not None:
        times.append(step.ask_again_at)
    return NextStep(commands=step.commands + due, ask_again_at=min(times, default=None))


def _cancel_at(trade: PairTrade, order: Order) -> datetime:
    limit = timedelta(seconds=trade.policy.working_limit_s)
    asked = [cancel for cancel in trade.cancels if cancel.client_order_id == order.client_order_id]
    if not asked:
        return order.created_at if _must_not_add(trade, order) else order.created_at + limit
    # A cancel may be lost too: ask again, ever more slowly (3, 6, 12 … 192 s by default).
    return asked[-1].at + limit * (1 << min(len(asked) - 1, 6))


def _must_not_add(trade: PairTrade, order: Order) -> bool:
    """An entry was stopped: what still works for it is called back at once."""
    return trade.completion_stopped and order.purpose in {Purpose.OPEN, Purpose.COMPLETE}


def _ask_for_fills(trade: PairTrade, now: datetime) -> NextStep:
    # The stream tells prices and fees a moment after the response told the quantity.
    ask_at = trade.last_event_at + timedelta(seconds=trade.policy.look_up_after_s)
    if now < ask_at:
        return NextStep(ask_again_at=ask_at)
    return NextStep(commands=tuple(LookUp(order=order) for order in trade.untold))


def _position_is_in_doubt(trade: PairTrade) -> bool:
    rejected = sum(1 for refusal in trade.refusals if refusal.code == REDUCE_ONLY_REJECTED)
    return rejected > trade.position_reads


def _coins_are_in_doubt(trade: PairTrade) -> bool:
    refused = sum(1 for refusal in trade.refusals if refusal.code == NOT_ENOUGH_COINS)
    return refused > trade.coin_reads


# -- pacing and building --------------------------------------------------------------------------


def _pace(trade: PairTrade, view: PairView, wishes: tuple[Wish, ...], now: datetime) -> NextStep:
    policy = trade.policy
    done = _corrections(trade)
    if done >= policy.fast_attempts + policy.slow_attempts:
        return NextStep(commands=(Halt(reason=f"{done} corrective orders did not even the legs"),))
    if done >= policy.fast_attempts and not trade.human_called:
        reason = f"{done} corrective orders did not even the legs; going on slowly"
        return NextStep(commands=(CallHuman(reason=reason),))
    wishes = _ready(trade, view, wishes, now)
    earliest = max(_earliest(trade, done), *(not_before(trade, wish.leg) for wish in wishes))
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


def _corrections(trade: PairTrade) -> int:
    first = {Purpose.OPEN, Purpose.CLOSE}
    counted = trade.orders[trade.attempts_forgiven :]
    return sum(1 for o in counted if o.attempt > 1 or o.purpose not in first)


def _was_in_vain(trade: PairTrade) -> bool:
    """An order ended without a fill: the book is empty just now, and asking at once is no help."""
    ended = OrderStatus.CANCELLED
    return any(o.status is ended and not o.executed_quantity for o in trade.orders)


def _earliest(trade: PairTrade, done: int) -> datetime:
    policy = trade.policy
    since = trade.last_corrected_at or trade.opened_at
    if trade.human_called:
        return since + timedelta(seconds=policy.slow_retry_s)
    if not trade.refusals and not _was_in_vain(trade):
        return since
    first_s = policy.uneven_retry_first_s if trade.is_uneven else policy.retry_first_s
    wait_s = first_s * 2 ** min(done, 2)
    # The first correction after a refusal goes at once when the legs differ: exposure rules.
    if done == 0 and trade.is_uneven:
        return since
    return since + timedelta(seconds=wait_s)


def _order(trade: PairTrade, view: PairView, wish: Wish, now: datetime) -> Order:
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


def _outcome(trade: PairTrade) -> TradeOutcome:
    holding = trade.holding
    if trade.action is Action.EXIT:
        is_flat = trade.target.short == 0 or holding.short <= 0
        return TradeOutcome.FLAT if is_flat else TradeOutcome.HEDGED
    if holding.short > trade.start.short:
        return TradeOutcome.HEDGED
    done = any(order.executed_quantity > 0 for order in trade.orders)
    return TradeOutcome.UNWOUND if done else TradeOutcome.FLAT
