"""What operators are told about a trade, as values. Pure."""

from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.alarms.incident import NOW, OPERATOR
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.costs.fee_value import is_estimated
from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.order import Leg, Order, Purpose
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.correction.pace import in_vain
from trading_platform_order.domain.trade.orders.told_fills import is_rest
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState

_CORRECTIVE = {Purpose.COMPLETE, Purpose.UNWIND}


def of_event(  # noqa: C901, PLR0911 - one row an event
    before: PairTrade, after: PairTrade, event: te.TradeEvent
) -> Alert | None:
    """The alert an event deserves, if any."""
    match event:
        case te.OrdersPlanned() if any(o.purpose in _CORRECTIVE for o in event.orders):
            fields = _uneven(after, event.at) | _attempt(before, event)
            return _alert(
                AlertKind.ONE_LEG_FAILED, after, urgent=True, reason=event.reason, **fields
            )
        case te.OrderUnanswered():
            fields = {"client_order_id": event.client_order_id, "reason": event.reason}
            return _alert(AlertKind.ORDER_UNKNOWN, after, urgent=False, **fields)
        case te.OrderStillUnresolved():
            return _unresolved(after, event)
        case te.CancelSent() if _times_cancelled(before, event) == 1:
            reason = f"asked again to cancel it: {event.reason}"
            fields = {"client_order_id": event.client_order_id, "reason": reason}
            return _alert(AlertKind.ORDER_UNKNOWN, after, urgent=True, **fields)
        case te.FillSeen() if before.state is TradeState.HALTED:
            reason = f"{event.fill.client_order_id} was filled while the trade is halted"
            return _alert(AlertKind.LATE_ORDER, after, urgent=True, reason=reason)
        case te.OperatorCalled():
            fields = {OPERATOR: NOW, **_uneven(after, event.at)}
            return _alert(
                AlertKind.ONE_LEG_FAILED, after, urgent=True, reason=event.reason, **fields
            )
        case te.HedgePositionRead() if event.short_now != event.short_before:
            reason = f"short {event.short_before} became {event.short_now} without an order of ours"
            return _alert(AlertKind.MISMATCH, after, urgent=True, reason=reason)
        case te.TradeHalted():
            return _alert(AlertKind.TRADE_HALTED, after, urgent=True, reason=event.reason)
        case te.TradeSettled():
            return _settled(after, event)
        case _ if after.reopened and not before.reopened:
            return _alert(AlertKind.LATE_ORDER, after, urgent=True, reason=after.detail)
        case _:
            return None


def _uneven(trade: PairTrade, at: datetime) -> dict[str, str]:
    """What stands without its other leg, in money, and since when."""
    if trade.uneven_since is None:
        return {}
    naked_krw = abs(trade.gap) * trade.decision.spot_mid_krw
    since_s = max(0.0, (at - trade.uneven_since).total_seconds())
    return {"naked_krw": plain(naked_krw.quantize(Decimal(1))), "since": f"{since_s:.0f} s"}


def _attempt(before: PairTrade, event: te.OrdersPlanned) -> dict[str, str]:
    """Orders in a row of the leg that brought nothing, this one included; ``3 of 8``."""
    vain = max(in_vain(before, order.leg) for order in event.orders)
    most = before.policy.fast_attempts + before.policy.slow_attempts
    goes_on = "" if vain < most else ", and on until it is done"
    return {"attempt": f"{vain + 1} of {most}{goes_on}"}


def _times_cancelled(trade: PairTrade, event: te.CancelSent) -> int:
    return sum(1 for sent in trade.cancels if sent.client_order_id == event.client_order_id)


def _unresolved(trade: PairTrade, event: te.OrderStillUnresolved) -> Alert:
    collision = event.reason.startswith("collision")
    kind = AlertKind.ID_COLLISION if collision else AlertKind.ORDER_UNKNOWN
    order = trade.order(event.client_order_id)
    fields = {
        "client_order_id": event.client_order_id,
        "exchange": order.exchange.value,
        "side": order.side.value,
        "quantity_base": plain(order.quantity),
        "status": order.status.value,
        "since": f"{event.age_s:.0f} s",
        "call": str(event.number),
        "reason": event.reason,
    }
    return _alert(kind, trade, urgent=True, **fields)


def of_unknown(trade: PairTrade, order: Order, reason: str) -> Alert:
    """An order whose fate stays unknown: an operator should look."""
    collision = reason.startswith("collision")
    kind = AlertKind.ID_COLLISION if collision else AlertKind.ORDER_UNKNOWN
    fields = {"client_order_id": order.client_order_id, "reason": reason}
    return _alert(kind, trade, urgent=True, **fields)


def of_refusal(signal: Signal, refusal: Refusal) -> Alert:
    """A signal that was not traded."""
    conflict = refusal.code is RefusalCode.SIGNAL_CONFLICT
    fields = {
        "strategy": signal.strategy,
        "symbol": signal.symbol,
        "action": signal.action.value,
        "signal_id": signal.id,
        "code": refusal.code.value,
        "reason": refusal.message,
        **refusal.figures,
    }
    kind = AlertKind.SIGNAL_CONFLICT if conflict else AlertKind.REFUSAL
    # An exit that is not carried out leaves money exposed; a refused entry does not.
    urgent = conflict or (signal.action is Action.EXIT and refusal.code is not _NOTHING)
    return Alert(kind=kind, urgent=urgent, fields=fields)


_NOTHING = RefusalCode.NOTHING_OPEN
_EXPOSES = {te.TradeOutcome.UNWOUND, te.TradeOutcome.ONE_LEG}


def _settled(trade: PairTrade, event: te.TradeSettled) -> Alert:
    kind = AlertKind.ENTRY if trade.action is Action.ENTER else AlertKind.EXIT
    fields = {
        "outcome": event.outcome.value,
        "spot_base": plain(event.holding.spot),
        "short_base": plain(event.holding.short),
        "naked_ms": str(event.naked_ms),
    }
    for leg in Leg:
        quantity, value = _filled(trade, leg)
        if quantity > 0:
            fields[f"{leg}_filled_base"] = plain(quantity)
            fields[f"{leg}_average_price"] = plain((value / quantity).quantize(Decimal("0.0001")))
    if estimated := sum(map(is_estimated, trade.fills)):
        fields["fees_estimated"] = f"of {estimated} fills: the price of their asset was not known"
    if rests := sum(map(is_rest, trade.fills)):
        fields["trades_not_listed"] = f"of {rests} orders: they count as one at their average price"
    return _alert(kind, trade, urgent=event.outcome in _EXPOSES, **fields)


def _filled(trade: PairTrade, leg: Leg) -> tuple[Decimal, Decimal]:
    names = {order.client_order_id for order in trade.orders if order.leg is leg}
    mine = [fill for fill in trade.fills if fill.client_order_id in names]
    quantity = sum((fill.quantity for fill in mine), ZERO)
    return quantity, sum((fill.quantity * fill.price for fill in mine), ZERO)


def _alert(kind: AlertKind, trade: PairTrade, *, urgent: bool, **fields: str) -> Alert:
    common = {
        "strategy": trade.signal.strategy,
        "symbol": trade.base,
        "action": trade.action.value,
        "signal_id": trade.signal.id,
    }
    return Alert(kind=kind, urgent=urgent, fields={**common, **fields})
