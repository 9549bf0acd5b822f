"""What a pair trade does next: a pure function of the trade, the market and the time.

The rows are asked from the top, and the first that holds answers (:func:`next_step`). Their order
is the argument: nothing is traded on a quantity that may still change by itself.

=====================================  ============================================================
the trade                              is answered with
=====================================  ============================================================
is settled, or halted and all known    nothing
has an order that is open or unknown   look it up (an unknown one at once, any other after
                                       ``look_up_after_s``); cancel one that stays working; call an
                                       operator when it stays unresolved. **Never a new order**: the
                                       gap it would close may be closing already
has ended orders without all fills     look them up, *and* go on below: quantities are enough to
                                       trade by. It does not settle before, since prices and fees
                                       are part of the result
is halted                              no more than that: an operator decides
had a reduce-only order refused        read Binance's position: somebody else closed a part. For
                                       ``READ_FIRST`` only; then read on *and* go on below
had a sale refused for want of coins   read Upbit's coins, for the same reason and in the same way
has no prices                          wait and ask again
has legs that can be brought together  correct them (``leg_choice``, ``closing``), at the pace below
has legs that cannot be corrected now  wait: an exchange takes no orders, or its book is empty
agrees, up to dust                     settle
=====================================  ============================================================

**Waiting** is for as long as it takes: an exchange that takes no orders uses up no attempts, and a
trade that waits holds up nobody. A close of the engine's own gives way instead (``gives_way``):
while its legs agree it settles as it stands, and whether it is still needed is judged anew.

**Pace** (``_pace``). Orders that brought nothing are counted from the last fill, so that each fill
begins anew, and by leg. One that its exchange refused because it takes none at all says nothing,
and does not count. After quick attempts an operator is called, then slow ones go on. Then an entry
whose legs agree halts: it loses nothing by giving up. A close, and legs that differ, are never
given up. Where they differ, the first correction goes at once, since exposure costs more than a
refusal. What was refused for a reason of its own is never sent again unchanged (``order_form``).
While one exchange makes us wait, the other one may still bring the legs together, never further
apart.

It must never look at a clock, and never remember: what it needs to know of earlier attempts stands
in the trade, so that a restart decides as the process before it did.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderStatus,
    Purpose,
)
from trading_platform_order.domain.outcome import NOT_ENOUGH_COINS, REDUCE_ONLY_REJECTED
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.closing import (
    ALL_OPEN,
    CLOSING_SIDE,
    Gate,
    Pressure,
    Waits,
    in_reach,
    least_tradable,
)
from trading_platform_order.domain.trade.correction.leg_choice import (
    Wish,
    enter_wishes,
    exit_wishes,
)
from trading_platform_order.domain.trade.correction.order_form import (
    correction,
    size_refused_last,
)
from trading_platform_order.domain.trade.correction.pace import earliest, in_vain, ready
from trading_platform_order.domain.trade.escalation import next_calls
from trading_platform_order.domain.trade.orders.tradable import tradable_quantity
from trading_platform_order.domain.trade.pair_trade import UNEVEN_KRW, PairTrade, TradeState
from trading_platform_order.domain.trade.trade_events import TradeOutcome
from trading_platform_order.domain.value import value

ASK_AGAIN = timedelta(milliseconds=200)
READ_FIRST = timedelta(seconds=1)
"""For so long a leg that was refused for want of it waits to be read; then it is tried again."""
NOT_SENT = "not_sent"


@value
class LookUp:
    """Find out how this order stands, and keep at it until that is known."""

    order: Order


@value
class CancelOrder:
    """Ask the exchange to end this order."""

    order: Order
    reason: str


@value
class PlanOrders:
    """Journal these corrective orders, then send them."""

    orders: tuple[Order, ...]
    reason: str


@value
class ReadHedgePosition:
    """Ask Binance what is left of the position this trade wants to reduce."""


@value
class ReadCoins:
    """Ask Upbit whether the coins that this trade wants to sell are still there."""


@value
class CallOperator:
    """The quick attempts are used up."""

    reason: str


@value
class Settle:
    """The legs agree and every fill is known."""

    outcome: TradeOutcome


@value
class Halt:
    """All attempts are used up."""

    reason: str


@value
class CallAbout:
    """An operator should know that this order stays unresolved."""

    order: Order
    number: int
    age_s: float


Command = (
    LookUp
    | CancelOrder
    | PlanOrders
    | ReadHedgePosition
    | ReadCoins
    | CallOperator
    | CallAbout
    | Settle
    | Halt
)


@value
class NextStep:
    """Commands to carry out now, and when to ask again if nothing happens before.

    Attributes:
        waits: nothing can be sent, and none of the trade's orders is open or unknown.
    """

    commands: tuple[Command, ...] = ()
    ask_again_at: datetime | None = None
    waits: Waits | None = None


def next_step(
    trade: PairTrade,
    view: PairView | None,
    now: datetime,
    gate: Gate = ALL_OPEN,
    *,
    asleep_s: float = 0.0,
) -> NextStep:
    """What to do now; without a view of the market, all that needs none.

    ``asleep_s``: for how long this process stood still while the legs differed.
    """
    if not trade.is_active:
        return NextStep()
    # Before all else: while an order may still fill, any correction could be one too many.
    if trade.unresolved:
        return _with_calls(trade, _tend(trade, now), now)
    asking = (
        _with_calls(trade, _ask_for_fills(trade, now), now) if trade.awaiting_fills else NextStep()
    )
    if trade.state is not TradeState.EXECUTING:
        return asking
    # Before the legs are compared: our own count of a leg was just contradicted.
    reads, read_first_until = _reads_of_doubt(trade)
    if reads:
        asking = replace(asking, commands=asking.commands + reads)
    if now < read_first_until:
        return _beside(asking, NextStep(ask_again_at=read_first_until))
    step = _compare(trade, view, now, gate, asleep_s)
    # Quantities are known before prices and fees: they are enough to go on, not to settle.
    return _beside(asking, step) if trade.awaiting_fills or reads else step


def _beside(asking: NextStep, step: NextStep) -> NextStep:
    if any(isinstance(command, Settle) for command in step.commands):
        return asking
    times = [at for at in (step.ask_again_at, asking.ask_again_at) if at is not None]
    return replace(
        step,
        commands=(*asking.commands, *step.commands),
        ask_again_at=min(times, default=None),
    )


def _compare(
    trade: PairTrade, view: PairView | None, now: datetime, gate: Gate, asleep_s: float
) -> NextStep:
    if view is None:
        waits = Waits(reason=f"no prices of {trade.base}")
        return NextStep(ask_again_at=now + ASK_AGAIN, waits=waits)
    pressure = _pressure(trade, view, gate, now)
    if trade.action is Action.ENTER:
        wanted = _in_reach(enter_wishes(trade, view, now, gate, asleep_s), view, pressure)
    else:
        wanted = exit_wishes(trade, view, gate, pressure)
    if isinstance(wanted, Waits):
        if trade.policy.gives_way and not trade.is_uneven:
            return NextStep(commands=(Settle(outcome=_outcome(trade)),))
        return NextStep(ask_again_at=now + ASK_AGAIN, waits=wanted)
    if not wanted:
        return NextStep(commands=(Settle(outcome=_outcome(trade)),))
    return _pace(trade, view, wanted, gate, now)


def _in_reach(
    wishes: tuple[Wish, ...] | Waits, view: PairView, pressure: Pressure
) -> tuple[Wish, ...] | Waits:
    """What takes an entry back walks no book further than any other close of uneven legs."""
    if isinstance(wishes, Waits) or not wishes or wishes[0].side is not CLOSING_SIDE[wishes[0].leg]:
        return wishes
    wish = wishes[0]
    most = in_reach(view, wish.leg, pressure, uneven=True)
    part = tradable_quantity(view, wish.leg, wish.side, min(wish.quantity, most))
    if part <= 0:
        return Waits(reason=f"the book of {view.instrument(wish.leg).symbol} is empty near its mid")
    return (replace(wish, quantity=part),)


def _pressure(trade: PairTrade, view: PairView, gate: Gate, now: datetime) -> Pressure:
    since_s = trade.policy.walked_s + (now - trade.opened_at).total_seconds()
    return Pressure(
        walk_bps=trade.policy.exit_walk_bps,
        walked_s=min(since_s, gate.steady_s),
        widens=trade.policy.walk_widens,
        at_most={leg: most for leg in Leg if (most := _at_most(trade, view, leg)) is not None},
        ahead=trade.policy.ahead,
        taken={leg: _taken_since(trade, leg, view.book(leg).at) for leg in Leg},
    )


def _taken_since(trade: PairTrade, leg: Leg, at: datetime) -> Decimal:
    """What our own orders took of a book after its image was made."""
    mine = {order.client_order_id for order in trade.orders if order.leg is leg}
    return sum((f.quantity for f in trade.fills if f.client_order_id in mine and f.at > at), ZERO)


def _at_most(trade: PairTrade, view: PairView, leg: Leg) -> Decimal | None:
    """Half of what the exchange refused last for a reason of its own; ``None`` if it did not.

    Never less than both exchanges take: there another type of order is tried (``order_form``).
    """
    refused = size_refused_last(trade, leg, CLOSING_SIDE[leg])
    if refused is None:
        return None
    return max(refused.quantity / 2, *(least_tradable(view, either) for either in Leg))


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
    calls = next_calls(trade, (*trade.unresolved, *trade.awaiting_fills))
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
    return NextStep(commands=tuple(LookUp(order=order) for order in trade.awaiting_fills))


def _reads_of_doubt(trade: PairTrade) -> tuple[tuple[Command, ...], datetime]:
    """What must be read, where an exchange says that less is there than we know, and until when.

    From then on the close goes on beside the read: nothing that only reads stands in front of an
    exit, and what is not there is refused once more.
    """
    position_at = _doubted_at(trade, Leg.HEDGE, REDUCE_ONLY_REJECTED, trade.position_reads)
    if position_at is not None:
        return (ReadHedgePosition(),), position_at + READ_FIRST
    coins_at = _doubted_at(trade, Leg.SPOT, NOT_ENOUGH_COINS, trade.coin_reads)
    if coins_at is not None:
        return (ReadCoins(),), coins_at + READ_FIRST
    return (), trade.opened_at


def _doubted_at(trade: PairTrade, leg: Leg, code: str, reads: int) -> datetime | None:
    """When the leg was refused for want of it, if neither a read nor an execution followed."""
    refusals = [refusal for refusal in trade.refusals if refusal.code == code]
    if len(refusals) <= reads:
        return None
    last = refusals[-1]
    mine = [order for order in trade.orders if order.leg is leg]
    names = [order.client_order_id for order in mine]
    later = mine[names.index(last.client_order_id) + 1 :] if last.client_order_id in names else []
    return None if any(order.executed_quantity > 0 for order in later) else last.at


# -- pacing and building --------------------------------------------------------------------------


def _pace(
    trade: PairTrade, view: PairView, wishes: tuple[Wish, ...], gate: Gate, now: datetime
) -> NextStep:
    policy = trade.policy
    vain = max(in_vain(trade, wish.leg, NOT_SENT) for wish in wishes)
    gives_up = trade.action is Action.ENTER and not trade.is_uneven
    if vain > policy.fast_attempts + policy.slow_attempts and gives_up:
        return NextStep(commands=(Halt(reason=f"{vain} orders in a row brought nothing"),))
    if vain > policy.fast_attempts and not trade.operator_called:
        reason = f"{vain} orders in a row brought nothing; going on slowly"
        return NextStep(commands=(CallOperator(reason=reason),))
    wishes = ready(trade, view, wishes, now)
    begins_at = max(earliest(trade, wish.leg, gate) for wish in wishes)
    if now < begins_at:
        return _until(trade, begins_at, vain)
    reason = "; ".join(wish.reason for wish in wishes)
    return NextStep(
        commands=(
            PlanOrders(
                orders=tuple(correction(trade, view, wish, now) for wish in wishes), reason=reason
            ),
        )
    )


def _until(trade: PairTrade, begins_at: datetime, vain: int) -> NextStep:
    """Nothing is sent before; what was even and brought nothing waits as any close does."""
    if vain and trade.policy.gives_way and not trade.is_uneven:
        return NextStep(commands=(Settle(outcome=_outcome(trade)),))
    reason = f"{vain} orders in a row brought nothing" if vain else "an order did not leave"
    return NextStep(ask_again_at=begins_at, waits=Waits(reason=reason))


def _stands_alone(trade: PairTrade) -> bool:
    """More than dust is left without a counterpart, as an operator wanted it."""
    return abs(trade.holding.gap) * trade.decision.spot_mid_krw >= UNEVEN_KRW


def _outcome(trade: PairTrade) -> TradeOutcome:
    holding = trade.holding
    if trade.signal.leg is not None and _stands_alone(trade):
        return TradeOutcome.ONE_LEG
    if trade.action is Action.EXIT:
        is_flat = trade.target.short == 0 or holding.short <= 0
        return TradeOutcome.FLAT if is_flat else TradeOutcome.HEDGED
    if holding.short > trade.start.short:
        return TradeOutcome.HEDGED
    done = any(order.executed_quantity > 0 for order in trade.orders)
    return TradeOutcome.UNWOUND if done else TradeOutcome.FLAT
