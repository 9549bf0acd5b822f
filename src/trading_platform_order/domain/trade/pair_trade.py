"""The life of one pair trade: everything that affects its state lives here.

A trade is a fold of events (:func:`apply`), and what to do next is a function of the trade, the
market and the time (``next_step``). Both are pure; the executor journals and carries out. It must
never ask for the time, read a setting or guess: an old journal has to lead to the same trade for
ever, so each event carries all that it needs.

**Orders** move through the table in ``order_table.py``, which opens with its own arguments. A move
that is not in it is a bug or a broken journal: :class:`IllegalTransition`, the trade halts loudly,
nothing is guessed.

**The trade** is in one of three states:

=========  =============================================  ========================================
state      means                                          leads to
=========  =============================================  ========================================
EXECUTING  an order is open or unknown, a fill is         SETTLED, by ``TradeSettled``; HALTED, by
           missing, or the legs have to be corrected      ``TradeHalted``
SETTLED    hedged, flat or unwound, every fill known      EXECUTING, by a late truth that changes
                                                          a quantity or shows an order open; HALTED
HALTED     an operator decides; it sends nothing, but     EXECUTING, by ``TradeResumed``, with all
           asks until every order and fill is known       its attempts
=========  =============================================  ========================================

A settled trade that opens again is no special case: the code that completes a trade brings the legs
together once more.

**What each event may do.** One that tells of an order (``OrderAccepted``, ``FillSeen``,
``OrderEnded``, ``OrderRefused``, ``OrderUnanswered``, ``OrderProvenAbsent``, ``CancelSent``) is
taken in every state, since an exchange does not ask in which state we are; it moves that order by
the table. The others are taken in every state too, but for the first two:

==========================  ====================================================================
``OrdersPlanned``           adds orders; only while EXECUTING, or a settled trade would trade
``TradeSettled``            only while EXECUTING, for the same reason
``CompletionStopped``       an EXIT or the emergency stop came: nothing more is added. The rest of a
                            close (``withdrawn``) is taken back by raising its target to what both
                            legs still hold alike; not while one of its orders may yet fill, since
                            what was aimed at then would be bought back
``HedgePositionRead``,      a leg changed without an order of ours; the difference is kept apart
``CoinsRead``               from the orders, so that fills stay what the exchange told. It answers
                            every refusal before it that said so
``HoldingFollowed``         while the trade waited its strategy's holding changed: the trade follows
                            the ledger, not the other way round
``OperatorCalled``,            remembered, so that a restart calls nobody twice
``OrderStillUnresolved``
``TradeResumed``            nothing if it is not HALTED: halting it for that would undo what an
                            operator asked for
==========================  ====================================================================

An event that changes nothing returns the very same trade, so that the caller sees that there is
nothing to journal.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import (
    Fill,
    Leg,
    Order,
    OrderSide,
    OrderStatus,
)
from trading_platform_order.domain.outcome import NOT_ENOUGH_COINS, REDUCE_ONLY_REJECTED
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade import trade_events as ev
from trading_platform_order.domain.trade.orders.order_table import (
    ORDER_TABLE,
    detail_of,
    exchange_id_of,
    executed_of,
    is_disproved,
    move_of,
    order_name,
)
from trading_platform_order.domain.trade.orders.told_fills import is_told
from trading_platform_order.domain.trade.trade_events import (
    DecisionPrices,
    Holding,
    TradeEvent,
    TradeOutcome,
    TradePolicy,
)
from trading_platform_order.domain.value import value


class IllegalTransition(Exception):  # noqa: N818 - a bug or a broken journal, named by what happened
    """An event that cannot follow: the trade is stopped, nothing is guessed."""


class TradeState(StrEnum):
    """Where a trade stands."""

    EXECUTING = "executing"
    SETTLED = "settled"
    HALTED = "halted"


@value
class PairTrade:
    """One accepted signal and all that came of it.

    Attributes:
        start: what the strategy held when the trade opened; ``target``: what it should hold.
        refusals: of orders that were really refused; not of those seen on the exchange before.
            One under a name that we do not know is here once its order is proven absent.
        refused_as: answers with such a name.
        hedge_adjustment: base quantity by which the short changed without an order of ours.
        spot_adjustment: the same of the coins.
        uneven_since: since when the legs differ by more than dust; ``None`` while they agree.
        naked_ms: how long they differed in all, up to the last event.
        last_corrected_at: when the last corrective orders were planned.
        operator_called: the quick attempts are used up.
        attempts_forgiven: how many of the orders do not count as attempts any more.
        calls: an operator was called about orders that stay unresolved.
    """

    trade_id: str
    signal: Signal
    start: Holding
    target: Holding
    decision: DecisionPrices
    policy: TradePolicy
    opened_at: datetime
    state: TradeState
    orders: tuple[Order, ...]
    fills: tuple[Fill, ...] = ()
    refusals: tuple[ev.OrderRefused, ...] = ()
    refused_as: tuple[ev.OrderUnanswered, ...] = ()
    cancels: tuple[ev.CancelSent, ...] = ()
    outcome: TradeOutcome | None = None
    completion_stopped: bool = False
    hedge_adjustment: Decimal = ZERO
    spot_adjustment: Decimal = ZERO
    position_reads: int = 0
    coin_reads: int = 0
    uneven_since: datetime | None = None
    naked_ms: int = 0
    naked_krw_max: Decimal = ZERO
    last_corrected_at: datetime | None = None
    operator_called: bool = False
    attempts_forgiven: int = 0
    reopened: bool = False
    calls: tuple[ev.OrderStillUnresolved, ...] = ()
    last_event_at: datetime
    detail: str = ""

    @property
    def action(self) -> Action:
        """ENTER or EXIT."""
        return self.signal.action

    @property
    def base(self) -> str:
        """Base asset."""
        return self.signal.symbol

    @property
    def holding(self) -> Holding:
        """What the strategy holds now, as far as is known."""
        spot = self.start.spot + self.spot_adjustment
        short = self.start.short + self.hedge_adjustment
        for order in self.orders:
            signed = order.executed_quantity
            if order.leg is Leg.SPOT:
                spot += signed if order.side is OrderSide.BUY else -signed
            else:
                short += signed if order.side is OrderSide.SELL else -signed
        return Holding(spot=spot, short=short)

    @property
    def gap(self) -> Decimal:
        """How far the legs are from agreeing: base units of spot beyond the short."""
        now = self.holding
        return (now.spot - self.target.spot) - (now.short - self.target.short)

    def refusals_of(self, code: str) -> int:
        """How often an order of the trade was refused for this reason."""
        return sum(1 for refusal in self.refusals if refusal.code == code)

    @property
    def unresolved(self) -> tuple[Order, ...]:
        """Orders whose end is not known."""
        return tuple(order for order in self.orders if not order.status.is_final)

    @property
    def awaiting_fills(self) -> tuple[Order, ...]:
        """Ended orders of which not every fill has been told."""
        return tuple(
            order
            for order in self.orders
            if order.status.is_final and self.filled(order) < order.executed_quantity
        )

    @property
    def is_active(self) -> bool:
        """Not at its end; a halted trade is asked about until every order and fill is known."""
        if self.state is TradeState.HALTED:
            return bool(self.unresolved or self.awaiting_fills)
        return self.state is TradeState.EXECUTING

    def filled(self, order: Order) -> Decimal:
        """Sum of the known fills of an order, base units."""
        name = order.client_order_id
        return sum((f.quantity for f in self.fills if f.client_order_id == name), ZERO)

    def order(self, client_order_id: str) -> Order:
        """One of this trade's orders.

        Raises:
            IllegalTransition: not one of them.
        """
        for order in self.orders:
            if order.client_order_id == client_order_id:
                return order
        raise IllegalTransition(f"{client_order_id} is not an order of trade {self.trade_id}")

    @property
    def is_uneven(self) -> bool:
        """The legs differ by more than dust, that is by more than the spot minimum."""
        return abs(self.gap) * self.decision.spot_mid_krw >= UNEVEN_KRW


UNEVEN_KRW = Decimal(5_000)
"""Value from which unmatched quantity counts as exposure: Upbit's smallest order (5,000 KRW)."""


def apply(trade: PairTrade | None, event: TradeEvent) -> PairTrade:
    """The trade after one more event.

    Raises:
        IllegalTransition: the event cannot follow; the caller stops this trade.
    """
    if trade is None:
        if isinstance(event, ev.TradeOpened):
            return _opened(event)
        raise IllegalTransition(f"{type(event).__name__} before the trade opened")
    changes = _changes(trade, event)
    # Repeated news must not move ``last_event_at``: the waits in ``next_step`` count from it.
    if all(getattr(trade, name) == value for name, value in changes.items()):
        return trade
    changed = replace(trade, last_event_at=event.at, **changes)
    # The exposure clock is judged on the trade after the event, and stops at the event's own time.
    exposure = _exposure(trade, changed, event.at)
    if exposure:
        changed = replace(changed, **exposure)
    # Last, on all changes together: only now it shows whether a quantity changed.
    return _reopen_if_late(trade, changed, event)


def _opened(event: ev.TradeOpened) -> PairTrade:
    return PairTrade(
        trade_id=event.trade_id,
        signal=event.signal,
        start=event.start,
        target=event.target,
        decision=event.decision,
        policy=event.policy,
        opened_at=event.at,
        state=TradeState.EXECUTING,
        orders=event.orders,
        last_event_at=event.at,
    )


def _changes(trade: PairTrade, event: TradeEvent) -> dict[str, Any]:  # noqa: C901, PLR0911, PLR0912 - one a row
    """The fields of the trade that the event gives another value, or the same again."""
    match event:
        case ev.OrdersPlanned():
            _must_execute(trade, event)
            known = {order.client_order_id for order in trade.orders}
            new = tuple(order for order in event.orders if order.client_order_id not in known)
            # A lost order may be found by two looks at once; planned twice it would never end.
            return {"orders": trade.orders + new, "last_corrected_at": event.at} if new else {}
        case ev.CompletionStopped() if event.withdrawn:
            return _withdrawn(trade)
        case ev.CompletionStopped():
            return {"completion_stopped": True}
        case ev.HedgePositionRead():
            delta = event.short_now - event.short_before
            return {
                "hedge_adjustment": trade.hedge_adjustment + delta,
                "position_reads": trade.refusals_of(REDUCE_ONLY_REJECTED),
            }
        case ev.CoinsRead():
            delta = event.coins_now - event.coins_before
            return {
                "spot_adjustment": trade.spot_adjustment + delta,
                "coin_reads": trade.refusals_of(NOT_ENOUGH_COINS),
            }
        case ev.HoldingFollowed():
            held = trade.holding
            return {
                "spot_adjustment": trade.spot_adjustment + event.spot - held.spot,
                "hedge_adjustment": trade.hedge_adjustment + event.short - held.short,
            }
        case ev.OperatorCalled():
            return {"operator_called": True, "detail": event.reason}
        case ev.OrderStillUnresolved():
            return {"calls": (*trade.calls, event)}
        case ev.TradeSettled():
            _must_execute(trade, event)
            return {"state": TradeState.SETTLED, "outcome": event.outcome, "reopened": False}
        case ev.TradeHalted():
            return {"state": TradeState.HALTED, "detail": event.reason}
        case ev.TradeResumed():
            if trade.state is not TradeState.HALTED:
                return {}  # resumed before; halting it for that would undo what was asked
            return {
                "state": TradeState.EXECUTING,
                "operator_called": False,
                "attempts_forgiven": len(trade.orders),
                "detail": event.reason,
            }
        case ev.TradeOpened():
            raise IllegalTransition(f"trade {trade.trade_id} opened twice")
        case _:
            return _order_changes(trade, event)


def _withdrawn(trade: PairTrade) -> dict[str, Any]:
    """A close aims no lower than what both legs still hold alike; the excess is still closed.

    Not while an order of it may yet fill: what was aimed at then would be bought back.
    """
    if trade.unresolved or trade.state is not TradeState.EXECUTING:
        return {}
    held = trade.holding
    if trade.signal.leg is not None:
        return {"completion_stopped": True, "target": held}
    even = max(min(held.spot, held.short), ZERO)
    target = ev.Holding(spot=max(trade.target.spot, even), short=max(trade.target.short, even))
    return {"completion_stopped": True, "target": target}


def _must_execute(trade: PairTrade, event: TradeEvent) -> None:
    if trade.state is not TradeState.EXECUTING:
        raise IllegalTransition(f"{type(event).__name__} in a trade that is {trade.state}")


def _order_changes(trade: PairTrade, event: ev.OrderEvent) -> dict[str, Any]:
    fill = event.fill if isinstance(event, ev.FillSeen) else None
    name = fill.client_order_id if fill is not None else order_name(event)
    order, filled = trade.order(name), ZERO
    changes: dict[str, Any] = {}
    if fill is not None:
        if is_told(fill, trade.fills):
            return {}
        changes["fills"], filled = (*trade.fills, fill), fill.quantity
    # Three counts of one quantity, each of which may lag: known before, told now, sum of the fills.
    executed = max(order.executed_quantity, executed_of(event), trade.filled(order) + filled)
    move = move_of(order, event, executed)
    if is_disproved(order.status, move):
        return {}
    key = (order.status, move)
    if key not in ORDER_TABLE:
        raise IllegalTransition(f"{name}: {move} while {order.status}")
    status = ORDER_TABLE[key]
    changed = replace(
        order,
        status=status,
        executed_quantity=executed,
        exchange_order_id=exchange_id_of(event) or order.exchange_order_id,
        detail=detail_of(event) or order.detail,
    )
    changes["orders"] = tuple([changed if o is order else o for o in trade.orders])
    newly_refused = status is OrderStatus.REFUSED and order.status is not status
    if isinstance(event, ev.OrderRefused) and newly_refused:
        changes["refusals"] = (*trade.refusals, event)
    if isinstance(event, ev.OrderUnanswered) and event.refused_as:
        changes["refused_as"] = (*trade.refused_as, event)
    if status is OrderStatus.ABSENT and order.status is not status:
        changes["refusals"] = (*trade.refusals, *_refusals_of(trade, order, event))
    if isinstance(event, ev.CancelSent) and event not in trade.cancels:
        changes["cancels"] = (*trade.cancels, event)
    return changes


def _refusals_of(
    trade: PairTrade, order: Order, proven: ev.OrderEvent
) -> Iterator[ev.OrderRefused]:
    """What an order that is proven absent was refused for, as far as it was told."""
    told = [one for one in trade.refused_as if one.client_order_id == order.client_order_id]
    for one in told[-1:]:
        yield ev.OrderRefused(
            client_order_id=order.client_order_id,
            code=one.refused_as,
            message=one.reason,
            retryable=False,
            retry_after_s=None,
            at=proven.at,
        )


def _exposure(before: PairTrade, after: PairTrade, at: datetime) -> dict[str, Any]:
    """What changes about how long and how far the legs differ."""
    is_uneven = after.is_uneven
    if before.uneven_since is None and not is_uneven:
        return {}
    naked_ms = after.naked_ms
    if before.uneven_since is not None:
        naked_ms += max(0, round((at - before.uneven_since).total_seconds() * 1_000))
    if not is_uneven:
        return {"uneven_since": None, "naked_ms": naked_ms}
    naked_krw = abs(after.gap) * after.decision.spot_mid_krw
    return {
        "uneven_since": at,
        "naked_ms": naked_ms,
        "naked_krw_max": max(after.naked_krw_max, naked_krw),
    }


def _reopen_if_late(before: PairTrade, after: PairTrade, event: TradeEvent) -> PairTrade:
    if before.state is not TradeState.SETTLED or after.state is not TradeState.SETTLED:
        return after
    if after.holding == before.holding and not after.unresolved:
        return after
    detail = f"late {type(event).__name__} after the trade had settled"
    return replace(after, state=TradeState.EXECUTING, reopened=True, detail=detail)
