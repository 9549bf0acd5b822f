"""Projections of what happens in a pair trade: the trade, its orders and their fills.

How an order moves stands in the core's own ``ORDER_TABLE``; nothing is decided a second time here.
"""

from trading_platform_order.domain.money import parse_decimal, plain
from trading_platform_order.domain.order import OrderStatus
from trading_platform_order.domain.trade.orders.order_table import (
    ORDER_TABLE,
    OrderMove,
    is_disproved,
)
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.storage.event_body import Body
from trading_platform_order.storage.projections.fill_columns import columns_of, key_of
from trading_platform_order.storage.projections.projection import (
    Change,
    Changes,
    Event,
    Look,
    Put,
    Row,
    Value,
    Values,
)

# -- the trade ------------------------------------------------------------------------------------


def trade_opened(event: Event, _: Look) -> Changes:
    """The trade and both first orders."""
    signal = event.body.child("signal")
    values: Values = {
        "trade_id": event.row.trade_id,
        "seq": event.row.seq,
        "signal_id": signal.text("id"),
        "strategy": signal.text("strategy"),
        "action": signal.text("action"),
        "symbol": signal.text("symbol"),
        "state": TradeState.EXECUTING,
        "opened_at_us": event.row.at_us,
    }
    return [Put(table="trades", values=values), *_orders(event, signal.text("id"))]


def orders_planned(event: Event, look: Look) -> Changes:
    """Corrective orders."""
    trade = look("trades", {"trade_id": event.row.trade_id})
    return list(_orders(event, "" if trade is None else str(trade["signal_id"])))


def trade_settled(event: Event, _: Look) -> Changes:
    """Hedged or flat, and every fill known."""
    body = event.body
    holding = body.child("holding")
    return [
        _trade(
            event,
            state=TradeState.SETTLED,
            outcome=body.text("outcome"),
            settled_at_us=event.row.at_us,
            naked_ms=body.whole_or_none("naked_ms"),
            naked_krw_max=body.amount_or_none("naked_krw_max"),
            signal_to_wire_us=body.whole_or_none("signal_to_wire_us"),
            spot_base=holding.amount("spot"),
            short_base=holding.amount("short"),
        )
    ]


def trade_halted(event: Event, _: Look) -> Changes:
    """An operator decides."""
    return [_trade(event, state=TradeState.HALTED, detail=event.body.text("reason"))]


def trade_resumed(event: Event, _: Look) -> Changes:
    """An operator lifted the stop: it tries again."""
    return [_trade(event, state=TradeState.EXECUTING, detail=event.body.text("reason"))]


def operator_called(event: Event, _: Look) -> Changes:
    """Still executing, slowly, while an operator is told."""
    return [_trade(event, detail=event.body.text("reason"))]


def hedge_position_read(event: Event, look: Look) -> Changes:
    """Part of the short is gone without an order of ours."""
    if event.body.amount("short_now") == event.body.amount("short_before"):
        return []
    return _reopened(event, look, "the hedge position changed after the trade had settled")


def coins_read(event: Event, look: Look) -> Changes:
    """Part of the coins is gone without an order of ours."""
    if event.body.amount("coins_now") == event.body.amount("coins_before"):
        return []
    return _reopened(event, look, "the coins changed after the trade had settled")


def _trade(event: Event, **values: Value) -> Change:
    return Change(table="trades", key={"trade_id": event.row.trade_id}, values=values)


def _reopened(event: Event, look: Look, detail: str) -> Changes:
    """A late truth opens a settled trade again, as in the core."""
    trade = look("trades", {"trade_id": event.row.trade_id})
    if trade is None or trade["state"] != TradeState.SETTLED:
        return []
    return [_trade(event, state=TradeState.EXECUTING, detail=detail)]


# -- orders ---------------------------------------------------------------------------------------


def _orders(event: Event, signal_id: str) -> list[Put]:
    return [_order(event, order, signal_id) for order in event.body.children("orders")]


def _order(event: Event, order: Body, signal_id: str) -> Put:
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
        "signal_id": order.text_or_none("signal_id") or signal_id,
        "created_at": order.time("created_at"),
        "status": order.text_or_none("status") or OrderStatus.PENDING,
        "executed_quantity": order.amount_or_none("executed_quantity") or "0",
        "filled_quantity": "0",
        "exchange_order_id": order.text_or_none("exchange_order_id"),
        "detail": order.text_or_none("detail") or "",
        "updated_at_us": event.row.at_us,
    }
    # An order is planned once; what was told of it since stays.
    return Put(table="orders", values=values, if_absent=True)


def order_accepted(event: Event, look: Look) -> Changes:
    """Seen on the exchange."""
    return _moved(event, look, OrderMove.ACCEPTED)


def order_ended(event: Event, look: Look) -> Changes:
    """No more fills are to come."""
    return _moved(event, look, OrderMove.ENDED_SHORT)


def order_refused(event: Event, look: Look) -> Changes:
    """Proven not accepted."""
    reason = f"{event.body.text('code')}: {event.body.text('message')}"
    return _moved(event, look, OrderMove.REFUSED, detail=reason)


def order_unanswered(event: Event, look: Look) -> Changes:
    """Nobody knows."""
    return _moved(event, look, OrderMove.UNANSWERED, detail=event.body.text("reason"))


def order_proven_absent(event: Event, look: Look) -> Changes:
    """Never took effect."""
    return _moved(event, look, OrderMove.PROVEN_ABSENT, detail=event.body.text("evidence"))


def cancel_sent(event: Event, look: Look) -> Changes:
    """Its end must still be seen."""
    return _moved(event, look, OrderMove.CANCEL_SENT, detail=event.body.text("reason"))


def fill_seen(event: Event, look: Look) -> Changes:
    """One execution; counted once by its order and the exchange's trade id."""
    fill = event.body.child("fill")
    key = key_of(fill)
    order = look("orders", {"client_order_id": fill.text("client_order_id")})
    if order is None or look("fills", key) is not None:
        return []
    values = {**key, **columns_of(event, fill, leg=str(order["leg"]))}
    filled = _sum(str(order["filled_quantity"]), fill.amount("quantity"))
    changes = _change(event, look, order, OrderMove.EXECUTED, executed=filled, filled=filled)
    return [Put(table="fills", values=values), *changes]


def _moved(event: Event, look: Look, move: OrderMove, *, detail: str = "") -> Changes:
    order = look("orders", {"client_order_id": event.body.text("client_order_id")})
    if order is None:
        return []
    executed = event.body.amount_or_none("executed_quantity") or "0"
    return _change(event, look, order, move, executed=executed, detail=detail)


def _change(
    event: Event,
    look: Look,
    order: Row,
    move: OrderMove,
    *,
    executed: str,
    filled: str = "",
    detail: str = "",
) -> Changes:
    before = OrderStatus(str(order["status"]))
    if is_disproved(before, move):
        return []
    known = str(order["executed_quantity"])
    # Cumulative, so the larger of what is known and what is told.
    grew = parse_decimal(executed) > parse_decimal(known)
    total = executed if grew else known
    if move is OrderMove.ENDED_SHORT and _is_full(order, total):
        move = OrderMove.ENDED_FULL
    after = ORDER_TABLE[before, move]
    values: Values = {
        "status": after,
        "executed_quantity": total,
        "filled_quantity": filled or order["filled_quantity"],
        "exchange_order_id": event.body.text_or_none("exchange_order_id")
        or order["exchange_order_id"],
        "detail": detail or order["detail"],
        "updated_at_us": event.row.at_us,
    }
    key: Values = {"client_order_id": order["client_order_id"]}
    changes: Changes = [Change(table="orders", key=key, values=values)]
    if grew or not after.is_final:
        changes += _reopened(event, look, f"late {event.row.kind} after the trade had settled")
    return changes


def _is_full(order: Row, executed: str) -> bool:
    # As in the core: how many coins a market buy by KRW brings is not known before.
    if order["quote_amount"] is not None:
        return parse_decimal(executed) > 0
    return parse_decimal(executed) >= parse_decimal(str(order["quantity"]))


def _sum(one: str, other: str) -> str:
    return plain(parse_decimal(one) + parse_decimal(other))
