"""Order endpoints: place, test, query, cancel, histories."""

from typing import Any

from exchange_simulator.binance.endpoints.routes import Core, Route, Routes
from exchange_simulator.binance.errors import Rejection, missing
from exchange_simulator.binance.requests.request import ParsedRequest
from exchange_simulator.binance.trading.order import (
    NewOrder,
    SimulatedOrder,
    order_shape,
    response_shape,
    trade_shape,
)
from exchange_simulator.binance.trading.validation import new_order
from exchange_simulator.decimals import ZERO

DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS
UNFILLED_KEPT_MS = 3 * DAY_MS
KEPT_MS = 90 * DAY_MS
DEFAULT_LIMIT = 500
MAX_LIMIT = 1_000


def place(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """POST order: ACK shows NEW and nothing done; RESULT shows how far it got at once."""
    style = request.params.get("newOrderRespType", "ACK")
    if style not in {"ACK", "RESULT"}:
        raise Rejection(-1130, "Data sent for parameter 'newOrderRespType' is not valid.")
    wish = _wish(core, request)
    order = core.matching.place(wish, core.market.rules[wish.symbol])
    return response_shape(order, acknowledge_only=style == "ACK")


def _wish(core: Core, request: ParsedRequest) -> NewOrder:
    wish = new_order(request.params, core.market.rules, hedge_mode=core.account.hedge_mode)
    core.door.check_load(reduces=wish.reduces)
    return wish


def test(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """POST order/test: validate and echo; nothing is created."""
    wish = _wish(core, request)
    core.matching.check(wish, core.market.rules[wish.symbol])
    now_ms = core.now_ms()
    echo = SimulatedOrder(
        order_id=0,
        client_order_id=wish.client_order_id or "testOrder",
        symbol=wish.symbol,
        side=wish.side,
        type=wish.type,
        time_in_force=wish.time_in_force,
        quantity=wish.quantity,
        price=wish.price or ZERO,
        reduce_only=wish.reduce_only,
        stp_mode=wish.stp_mode,
        position_side=wish.position_side,
        good_till_ms=wish.good_till_ms,
        time_ms=now_ms,
        update_ms=now_ms,
    )
    return {**response_shape(echo), "avgPrice": "0.00000", "cumQuote": "0"}


def query(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """GET order; unfilled ended orders are forgotten after 3 days, all others after 90."""
    order = find_order(core, request)
    if order is None or core.is_unseen(order.time_ms):
        raise Rejection(-2013)
    age_ms = core.now_ms() - order.time_ms
    unfilled = not order.is_open and not order.executed
    if age_ms > KEPT_MS or (unfilled and age_ms > UNFILLED_KEPT_MS):
        raise Rejection(-2013)
    return order_shape(order)


def cancel(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """DELETE order."""
    order = find_order(core, request)
    if order is None or not order.is_open:
        raise Rejection(-2011)
    core.matching.cancel(order)
    return response_shape(order)


def cancel_all(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """DELETE allOpenOrders of one symbol."""
    symbol = core.market.rules_of(request.need("symbol")).symbol
    for order in core.matching.open_orders(symbol):
        core.matching.cancel(order)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def open_orders(core: Core, request: ParsedRequest) -> list[dict[str, Any]]:
    """GET openOrders, of one symbol or of all."""
    symbol = request.params.get("symbol")
    if symbol:
        core.market.rules_of(symbol)
    return [
        order_shape(order)
        for order in core.matching.open_orders(symbol or None)
        if not core.is_unseen(order.time_ms)
    ]


def open_order(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """GET openOrder: one order, only while it is open."""
    order = find_order(core, request)
    if order is None or not order.is_open or core.is_unseen(order.time_ms):
        raise Rejection(-2013)
    return order_shape(order)


def all_orders(core: Core, request: ParsedRequest) -> list[dict[str, Any]]:
    """GET allOrders: the newest ``limit`` of the window, oldest first."""
    symbol = request.params.get("symbol")
    names = [core.market.rules_of(symbol).symbol] if symbol else list(core.matching.orders)
    start_ms, end_ms = window_of(core, request)
    first_id = request.integer("orderId") or 0
    rows = [
        order
        for name in names
        for order in core.matching.orders.get(name, [])
        if order.order_id >= first_id and start_ms <= order.time_ms <= end_ms
        if not core.is_unseen(order.time_ms)
    ]
    rows.sort(key=lambda order: order.time_ms)
    return [order_shape(order) for order in rows[-limit_of(request) :]]


def user_trades(core: Core, request: ParsedRequest) -> list[dict[str, Any]]:
    """GET userTrades: the oldest ``limit`` of the window, oldest first."""
    symbol = core.market.rules_of(request.need("symbol")).symbol
    from_id = request.integer("fromId")
    if from_id is not None and {"startTime", "endTime"} & request.params.keys():
        raise Rejection(-1128)
    start_ms, end_ms = window_of(core, request)
    order_id = request.integer("orderId")
    rows = [
        (order, trade)
        for order in core.matching.orders.get(symbol, [])
        if order_id in {None, order.order_id}
        for trade in order.trades
        if trade.trade_id >= (from_id or 0)
        and (from_id is not None or start_ms <= trade.time_ms <= end_ms)
        and not core.is_unseen(trade.time_ms)
    ]
    rows.sort(key=lambda row: row[1].trade_id)
    return [trade_shape(order, trade) for order, trade in rows[: limit_of(request)]]


def find_order(core: Core, request: ParsedRequest) -> SimulatedOrder | None:
    """The order a request names; -1102 if it names none."""
    symbol = core.market.rules_of(request.need("symbol")).symbol
    order_id = request.integer("orderId")
    client_order_id = request.params.get("origClientOrderId")
    if order_id is None and not client_order_id:
        raise missing("orderId")
    return core.matching.find(symbol, order_id=order_id, client_order_id=client_order_id)


def window_of(core: Core, request: ParsedRequest) -> tuple[int, int]:
    """Start and end in epoch ms; at most seven days, the last seven by default."""
    start_ms, end_ms = request.integer("startTime"), request.integer("endTime")
    if start_ms is None:
        end_ms = core.now_ms() if end_ms is None else end_ms
        return end_ms - WEEK_MS, end_ms
    if end_ms is None:
        return start_ms, start_ms + WEEK_MS
    if not 0 <= end_ms - start_ms <= WEEK_MS:
        raise Rejection(-4165)
    return start_ms, end_ms


def limit_of(request: ParsedRequest) -> int:
    """How many rows are asked for, within the exchange's bounds."""
    limit = request.integer("limit")
    return min(max(1, DEFAULT_LIMIT if limit is None else limit), MAX_LIMIT)


ROUTES: Routes = {
    ("POST", "/fapi/v1/order"): Route(handler=place, weight=0),
    ("POST", "/fapi/v1/order/test"): Route(handler=test),
    ("GET", "/fapi/v1/order"): Route(handler=query),
    ("DELETE", "/fapi/v1/order"): Route(handler=cancel),
    ("DELETE", "/fapi/v1/allOpenOrders"): Route(handler=cancel_all),
    ("GET", "/fapi/v1/openOrders"): Route(handler=open_orders, weight_all=40),
    ("GET", "/fapi/v1/openOrder"): Route(handler=open_order),
    ("GET", "/fapi/v1/allOrders"): Route(handler=all_orders, weight=5),
    ("GET", "/fapi/v1/userTrades"): Route(handler=user_trades, weight=5),
}
