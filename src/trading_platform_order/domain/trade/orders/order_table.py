"""The life of one order: what an event says of it, and where it stands afterwards.

A state is what we *know* of an order, not what we did with it. ``ORDER_TABLE`` has a row for each
state and each move, and rests on three arguments:

* Only evidence leads out of UNKNOWN. No lapse of time is evidence, so no move is called "timed
  out".
* What an exchange shows wins over what it said: a refusal speaks of a request, an order that stands
  is a fact. No row leads from a seen order (WORKING, FILLED, CANCELLED) to REFUSED or ABSENT; from
  those two a row leads to every seen state.
* Knowledge only grows. Executed quantity is the exchange's cumulative amount and never shrinks, and
  a fill counts once. So the same news in any order, and any number of times, gives the same trade.

The rows that look odd are these late truths: an answer that overtakes an earlier one, a fill after
a cancel, an order that was proven absent and yet arrives. The real world produces all of them. A
move that is not in the table is a bug or a broken journal: the trade halts loudly, nothing is
guessed (``pair_trade.py``).
"""

from decimal import Decimal
from enum import StrEnum

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Order, OrderStatus
from trading_platform_order.domain.trade import trade_events as ev


class OrderMove(StrEnum):
    """What an event says about one order."""

    ACCEPTED = "accepted"
    EXECUTED = "executed"
    ENDED_FULL = "ended_full"
    ENDED_SHORT = "ended_short"
    REFUSED = "refused"
    UNANSWERED = "unanswered"
    PROVEN_ABSENT = "proven_absent"
    CANCEL_SENT = "cancel_sent"


_P, _U, _W = OrderStatus.PENDING, OrderStatus.UNKNOWN, OrderStatus.WORKING
_F, _C = OrderStatus.FILLED, OrderStatus.CANCELLED
_R, _A = OrderStatus.REFUSED, OrderStatus.ABSENT
_M = OrderMove

ORDER_TABLE: dict[tuple[OrderStatus, OrderMove], OrderStatus] = {
    # the ordinary life
    (_P, _M.ACCEPTED): _W,
    (_P, _M.EXECUTED): _W,
    (_P, _M.ENDED_FULL): _F,
    (_P, _M.ENDED_SHORT): _C,
    (_P, _M.REFUSED): _R,
    (_P, _M.UNANSWERED): _U,
    (_P, _M.PROVEN_ABSENT): _A,  # a look-up in parallel was quicker than the time-out
    (_P, _M.CANCEL_SENT): _P,
    (_W, _M.ACCEPTED): _W,
    (_W, _M.EXECUTED): _W,
    (_W, _M.ENDED_FULL): _F,
    (_W, _M.ENDED_SHORT): _C,
    (_W, _M.CANCEL_SENT): _W,
    # unknown becomes known only by evidence
    (_U, _M.ACCEPTED): _W,
    (_U, _M.EXECUTED): _W,
    (_U, _M.ENDED_FULL): _F,
    (_U, _M.ENDED_SHORT): _C,
    (_U, _M.REFUSED): _R,
    (_U, _M.UNANSWERED): _U,
    (_U, _M.PROVEN_ABSENT): _A,
    (_U, _M.CANCEL_SENT): _U,
    # the stream was quicker than the response: what is seen on the exchange stays true
    (_W, _M.UNANSWERED): _W,
    (_W, _M.REFUSED): _W,
    (_W, _M.PROVEN_ABSENT): _W,
    (_F, _M.ACCEPTED): _F,
    (_F, _M.EXECUTED): _F,
    (_F, _M.ENDED_FULL): _F,
    (_F, _M.ENDED_SHORT): _F,
    (_F, _M.REFUSED): _F,
    (_F, _M.UNANSWERED): _F,
    (_F, _M.PROVEN_ABSENT): _F,
    (_F, _M.CANCEL_SENT): _F,
    (_C, _M.ACCEPTED): _C,
    (_C, _M.EXECUTED): _C,  # a fill that crossed the cancel, or one told late
    (_C, _M.ENDED_FULL): _F,
    (_C, _M.ENDED_SHORT): _C,
    (_C, _M.REFUSED): _C,
    (_C, _M.UNANSWERED): _C,
    (_C, _M.PROVEN_ABSENT): _C,
    (_C, _M.CANCEL_SENT): _C,
    # refused or absent, and yet: what the exchange shows wins over what it said
    (_R, _M.ACCEPTED): _W,
    (_R, _M.EXECUTED): _W,
    (_R, _M.ENDED_FULL): _F,
    (_R, _M.ENDED_SHORT): _C,
    (_R, _M.REFUSED): _R,
    (_R, _M.UNANSWERED): _R,
    (_R, _M.PROVEN_ABSENT): _R,
    (_R, _M.CANCEL_SENT): _R,
    (_A, _M.ACCEPTED): _W,
    (_A, _M.EXECUTED): _W,
    (_A, _M.ENDED_FULL): _F,
    (_A, _M.ENDED_SHORT): _C,
    (_A, _M.REFUSED): _A,
    (_A, _M.UNANSWERED): _A,
    (_A, _M.PROVEN_ABSENT): _A,
    (_A, _M.CANCEL_SENT): _A,
}

_SEEN = frozenset({_W, _F, _C})
_NEVER_THERE = frozenset({_M.REFUSED, _M.PROVEN_ABSENT})


def is_disproved(status: OrderStatus, move: OrderMove) -> bool:
    """An order that was seen is called refused or absent: nothing is changed by that.

    The late answer to the first request of an order that was posted again, or stood already. Not
    even its words count: a journal that calls a placed order refused would be believed.
    """
    return status in _SEEN and move in _NEVER_THERE


def order_name(event: ev.OrderEvent) -> str:
    """The client order id it is about."""
    return event.fill.client_order_id if isinstance(event, ev.FillSeen) else event.client_order_id


def executed_of(event: ev.OrderEvent) -> Decimal:
    """Base units it says were executed in all; zero if it does not say."""
    if isinstance(event, ev.OrderAccepted | ev.OrderEnded):
        return event.executed_quantity
    return ZERO


_MOVES: dict[type[ev.OrderEvent], OrderMove] = {
    ev.OrderAccepted: OrderMove.ACCEPTED,
    ev.FillSeen: OrderMove.EXECUTED,
    ev.OrderRefused: OrderMove.REFUSED,
    ev.OrderUnanswered: OrderMove.UNANSWERED,
    ev.OrderProvenAbsent: OrderMove.PROVEN_ABSENT,
    ev.CancelSent: OrderMove.CANCEL_SENT,
}


def move_of(order: Order, event: ev.OrderEvent, executed: Decimal) -> OrderMove:
    """What it says about the order, of which ``executed`` is known to be executed by then."""
    if isinstance(event, ev.OrderEnded):
        return OrderMove.ENDED_FULL if _is_full(order, executed) else OrderMove.ENDED_SHORT
    return _MOVES[type(event)]


def _is_full(order: Order, executed: Decimal) -> bool:
    # An Upbit market buy is asked for in KRW: how many coins that buys is not known before.
    # (It ends in state ``cancel`` when a remainder too small to trade is returned.)
    if order.quote_amount is not None:
        return executed > 0
    return executed >= order.quantity


def exchange_id_of(event: ev.OrderEvent) -> str:
    """The exchange's id of the order; empty if it does not say."""
    return event.exchange_order_id if isinstance(event, ev.OrderAccepted | ev.OrderEnded) else ""


def detail_of(event: ev.OrderEvent) -> str:
    """Its words, for operators."""
    match event:
        case ev.OrderRefused():
            return f"{event.code}: {event.message}"
        case ev.OrderUnanswered() | ev.CancelSent():
            return event.reason
        case ev.OrderProvenAbsent():
            return event.evidence
        case _:
            return ""
