"""How each kind of journal event changes the read models: one small pure function per kind.

A function takes the event and a way to look at a present row, and returns the changes to make;
:data:`PROJECTIONS` names it for its kind. Kinds that are not in the table change no read model.
Nothing here decides anything about trading: it only retells what the journal says, and everything
it tells can be thrown away and told again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from trading_platform_order.domain.money import parse_decimal
from trading_platform_order.domain.order import OrderStatus
from trading_platform_order.storage.base import JournalRow
from trading_platform_order.storage.body import Body

Value = str | int | None
Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Insert a row, or replace these columns of the row with the same key.

    Attributes:
        if_absent: leave a present row alone.
    """

    table: str
    values: Values
    if_absent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Set columns of the row with this key; nothing if there is none."""

    table: str
    key: Values
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One journal row with its body decoded."""

    row: JournalRow
    body: Body


Changes = list[Put | Change]
Look = Callable[[str, Values], Mapping[str, Value] | None]
Projection = Callable[[Event, Look], Changes]

# What a table's rows are told apart by, besides the account.
KEYS: Mapping[str, tuple[str, ...]] = {
    "signals": ("seq",),
    "trades": ("trade_id",),
    "orders": ("client_order_id",),
    "fills": ("exchange", "symbol", "exchange_trade_id"),
    "positions": ("strategy", "symbol"),
    "equity": ("seq",),
    "refusals": ("seq",),
    "funding": ("symbol", "transaction_id"),
}


def project_row(row: JournalRow, look: Look) -> Changes:
    """The changes one journal row makes.

    Raises:
        ValueError: the body does not have the shape agreed for its kind.
    """
    projection = PROJECTIONS.get(row.kind)
    if projection is None:
        return []
    return projection(Event(row=row, body=Body.parse(row.body)), look)


# -- signals --------------------------------------------------------------------------------------


def _signal_accepted(event: Event, _: Look) -> Changes:
    return [_signal(event, event.body.child("signal"), result="accepted")]


def _signal_refused(event: Event, _: Look) -> Changes:
    body = event.body
    code, message = body.text("code"), body.text("message")
    refusal = Put(
        table="refusals",
        values={
            "seq": event.row.seq,
            "signal_id": body.text_or_none("signal_id") or "",
            "strategy": body.text_or_none("strategy") or "",
            "action": body.text_or_none("action") or "",
            "symbol": body.text_or_none("symbol") or "",
            "code": code,
            "message": message,
            "figures": body.json_of("figures"),
            "at_us": event.row.at_us,
        },
    )
    return [refusal, _signal(event, body, result="refused", code=code, detail=message)]


def _signal(
    event: Event, signal: Body, *, result: str, code: str | None = None, detail: str = ""
) -> Put:
    return Put(
        table="signals",
        values={
            "seq": event.row.seq,
            "signal_id": signal.text_or_none("id") or signal.text_or_none("signal_id") or "",
            "strategy": signal.text_or_none("strategy") or "",
            "action": signal.text_or_none("action") or "",
            "symbol": signal.text_or_none("symbol") or "",
            "created_at": signal.time_or_none("created_at"),
            "received_at_us": event.row.at_us,
            "result": result,
            "code": code,
            "detail": detail,
            "trade_id": event.row.trade_id or None,
        },
    )


# -- trades ---------------------------------------------------------------------------------------


def _trade_opened(event: Event, _: Look) -> Changes:
    body = event.body
    trade = Put(
        table="trades",
        values={
            "trade_id": event.row.trade_id,
            "seq": event.row.seq,
            "signal_id": body.child("signal").text("id"),
            "strategy": body.text("strategy"),
            "action": body.text("action"),
            "symbol": body.text("base"),
            "state": "open",
            "opened_at_us": event.row.at_us,
        },
    )
    return [trade, *_orders(event)]


def _trade_settled(event: Event, _: Look) -> Changes:
    body = event.body
    values: Values = {
        "state": "settled",
        "outcome": body.text("outcome"),
        "settled_at_us": event.row.at_us,
        "naked_ms": body.whole_or_none("naked_ms"),
        "naked_krw_max": body.amount_or_none("naked_krw_max"),
        "signal_to_wire_us": body.whole_or_none("signal_to_wire_us"),
        "spot_base": body.amount_or_none("spot_base"),
        "short_base": body.amount_or_none("short_base"),
    }
    return [Change(table="trades", key={"trade_id": event.row.trade_id}, values=values)]


def _trade_halted(event: Event, _: Look) -> Changes:
    values: Values = {"state": "halted", "detail": event.body.text("reason")}
    return [Change(table="trades", key={"trade_id": event.row.trade_id}, values=values)]


# -- orders ---------------------------------------------------------------------------------------


def _orders_planned(event: Event, _: Look) -> Changes:
    return list(_orders(event))


def _orders(event: Event) -> list[Put]:
    return [_order(event, order) for order in event.body.children("orders")]


def _order(event: Event, order: Body) -> Put:
    values: Values = {
        "client_order_id": order.text("client_order_id"),
        "seq": event.row.seq,
        "id": order.text("id"),
        "trade_id": event.row.trade_id,
        "exchange": order.text("exchange"),
        "symbol": order.text("symbol"),
        "side": order.text("side"),
        "type": order.text("type"),
        "quantity": order.amount("quantity"),
        "price": order.amount_or_none("price"),
        "quote_amount": order.amount_or_none("quote_amount"),
        "time_in_force": order.text_or_none("time_in_force"),
        "reduce_only": int(order.flag("reduce_only")),
        "leg": order.text("leg"),
        "purpose": order.text("purpose"),
        "attempt": order.whole("attempt"),
        "signal_id": order.text("signal_id"),
        "created_at": order.time("created_at"),
        "status": order.text_or_none("status") or OrderStatus.PENDING,
        "executed_quantity": order.amount_or_none("executed_quantity") or "0",
        "exchange_order_id": order.text_or_none("exchange_order_id"),
        "detail": order.text_or_none("detail") or "",
        "updated_at_us": event.row.at_us,
    }
    # An order is planned once; what was told of it since stays.
    return Put(table="orders", values=values, if_absent=True)


_UNDECIDED = frozenset({OrderStatus.PENDING, OrderStatus.UNKNOWN})
_NOT_SEEN = _UNDECIDED | {OrderStatus.REFUSED, OrderStatus.ABSENT}
_ENDED = frozenset({OrderStatus.FILLED, OrderStatus.CANCELLED})


def _order_accepted(event: Event, look: Look) -> Changes:
    """Seen on the exchange; a late truth even after a refusal or a proof of absence."""
    order = _present(event, look)
    if order is None:
        return []
    executed = _executed(event, order)
    status = OrderStatus.WORKING if _status(order) in _NOT_SEEN else _settled(order, executed)
    return [
        _change(
            event,
            status=status,
            executed_quantity=executed,
            exchange_order_id=event.body.text_or_none("exchange_order_id")
            or order["exchange_order_id"],
            detail="",
        )
    ]


def _order_executed(event: Event, look: Look) -> Changes:
    order = _present(event, look)
    if order is None:
        return []
    executed = _executed(event, order)
    seen = _status(order) in _NOT_SEEN and Decimal(executed) > 0
    status = OrderStatus.WORKING if seen else _settled(order, executed)
    return [_change(event, status=status, executed_quantity=executed)]


def _order_ended(event: Event, look: Look) -> Changes:
    order = _present(event, look)
    if order is None:
        return []
    executed = _executed(event, order)
    return [_change(event, status=_end(order, executed), executed_quantity=executed)]


def _order_refused(event: Event, look: Look) -> Changes:
    reason = f"{event.body.text('code')}: {event.body.text('message')}"
    return _verdict(event, look, OrderStatus.REFUSED, reason, only_from=_UNDECIDED)


def _order_proven_absent(event: Event, look: Look) -> Changes:
    evidence = event.body.text("evidence")
    return _verdict(event, look, OrderStatus.ABSENT, evidence, only_from=_UNDECIDED)


def _order_unanswered(event: Event, look: Look) -> Changes:
    reason = event.body.text("reason")
    only_pending = frozenset({OrderStatus.PENDING})
    return _verdict(event, look, OrderStatus.UNKNOWN, reason, only_from=only_pending)


def _verdict(
    event: Event,
    look: Look,
    status: OrderStatus,
    detail: str,
    *,
    only_from: frozenset[OrderStatus],
) -> Changes:
    order = _present(event, look)
    if order is None or _status(order) not in only_from:
        return []
    return [_change(event, status=status, detail=detail)]


def _present(event: Event, look: Look) -> Mapping[str, Value] | None:
    return look("orders", {"client_order_id": event.body.text("client_order_id")})


def _change(event: Event, **values: Value) -> Change:
    return Change(
        table="orders",
        key={"client_order_id": event.body.text("client_order_id")},
        values={**values, "updated_at_us": event.row.at_us},
    )


def _status(order: Mapping[str, Value]) -> OrderStatus:
    return OrderStatus(str(order["status"]))


def _executed(event: Event, order: Mapping[str, Value]) -> str:
    """Cumulative, so the larger of what is known and what is told."""
    told, known = event.body.amount("executed_quantity"), str(order["executed_quantity"])
    return told if parse_decimal(told) > parse_decimal(known) else known


def _settled(order: Mapping[str, Value], executed: str) -> OrderStatus:
    status = _status(order)
    return _end(order, executed) if status in _ENDED else status


def _end(order: Mapping[str, Value], executed: str) -> OrderStatus:
    done = parse_decimal(executed)
    # Upbit ends a filled market buy by KRW without telling a quantity to compare with.
    by_amount = order["quote_amount"] is not None and done > 0
    filled = by_amount or done >= parse_decimal(str(order["quantity"]))
    return OrderStatus.FILLED if filled else OrderStatus.CANCELLED


# -- money ----------------------------------------------------------------------------------------


def _fill_seen(event: Event, look: Look) -> Changes:
    fill = event.body.child("fill")
    name = fill.text("client_order_id")
    order = look("orders", {"client_order_id": name})
    by_venue = "spot" if fill.text("exchange") == "upbit" else "hedge"
    values: Values = {
        "exchange": fill.text("exchange"),
        "symbol": fill.text("symbol"),
        "exchange_trade_id": fill.text("trade_id"),
        "seq": event.row.seq,
        "client_order_id": name,
        "trade_id": event.row.trade_id,
        "leg": by_venue if order is None else order["leg"],
        "side": fill.text("side"),
        "quantity": fill.amount("quantity"),
        "price": fill.amount("price"),
        "fee": fill.amount("fee"),
        "fee_asset": fill.text("fee_asset"),
        "at": fill.time("at"),
    }
    return [Put(table="fills", values=values, if_absent=True)]


def _position_changed(event: Event, _: Look) -> Changes:
    body = event.body
    values: Values = {
        "strategy": body.text("strategy"),
        "symbol": body.text("symbol"),
        "seq": event.row.seq,
        "spot_base": body.amount("spot_base"),
        "short_base": body.amount("short_base"),
        "updated_at_us": event.row.at_us,
    }
    return [Put(table="positions", values=values)]


def _funding_booked(event: Event, _: Look) -> Changes:
    body = event.body
    values: Values = {
        "symbol": body.text("symbol"),
        "transaction_id": body.text("transaction_id"),
        "seq": event.row.seq,
        "amount_usdt": body.amount("amount_usdt"),
        "at": body.time("at"),
    }
    return [Put(table="funding", values=values, if_absent=True)]


def _equity_recorded(event: Event, _: Look) -> Changes:
    values: Values = {
        "seq": event.row.seq,
        "at_us": event.row.at_us,
        "equity_krw": event.body.amount("equity_krw"),
        "figures": msgspec.json.encode(event.body.values).decode(),
    }
    return [Put(table="equity", values=values)]


PROJECTIONS: Mapping[str, Projection] = {
    "signal_accepted": _signal_accepted,
    "signal_refused": _signal_refused,
    "trade_opened": _trade_opened,
    "trade_settled": _trade_settled,
    "trade_halted": _trade_halted,
    "orders_planned": _orders_planned,
    "order_accepted": _order_accepted,
    "order_executed": _order_executed,
    "order_ended": _order_ended,
    "order_refused": _order_refused,
    "order_unanswered": _order_unanswered,
    "order_proven_absent": _order_proven_absent,
    "fill_seen": _fill_seen,
    "position_changed": _position_changed,
    "funding_booked": _funding_booked,
    "equity_recorded": _equity_recorded,
}
