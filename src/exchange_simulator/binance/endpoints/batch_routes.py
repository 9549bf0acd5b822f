"""Several orders at once, changed orders, and the countdown that cancels them."""

from collections.abc import Callable
from typing import Any

import msgspec

from exchange_simulator.binance.endpoints.order_routes import cancel, find_order, place
from exchange_simulator.binance.endpoints.routes import Core, Route, Routes
from exchange_simulator.binance.errors import Rejection, missing
from exchange_simulator.binance.requests.request import ParsedRequest
from exchange_simulator.binance.trading.order import NewOrder, SimulatedOrder, response_shape
from exchange_simulator.binance.trading.validation import (
    check_price,
    check_quantity,
    read_number,
)

MAX_PLACED = 5
MAX_CANCELLED = 10
Handler = Callable[[Core, ParsedRequest], dict[str, Any]]


def place_batch(core: Core, request: ParsedRequest) -> list[dict[str, Any]]:
    """POST batchOrders: 200 overall, each element an order or an error."""
    return _each(core, request, _elements(request), place)


def amend_batch(core: Core, request: ParsedRequest) -> list[dict[str, Any]]:
    """PUT batchOrders."""
    return _each(core, request, _elements(request), amend)


def cancel_batch(core: Core, request: ParsedRequest) -> list[dict[str, Any]]:
    """DELETE batchOrders, by the exchange's ids or by the client's."""
    symbol = core.market.rules_of(request.need("symbol")).symbol
    name, single = "orderIdList", "orderId"
    if name not in request.params:
        name, single = "origClientOrderIdList", "origClientOrderId"
    ids = _list(request.need(name), name)
    if not 0 < len(ids) <= MAX_CANCELLED:
        raise Rejection(-4082)
    elements = [{"symbol": symbol, single: str(value)} for value in ids]
    return _each(core, request, elements, cancel)


def amend(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """PUT order: LIMIT only; quantity and price are both mandatory."""
    order = find_order(core, request)
    if order is None or not order.is_open:
        raise Rejection(-2013)
    if request.need("side") != order.side:
        raise Rejection(-1130, "Data sent for parameter 'side' is not valid.")
    if order.type != "LIMIT":
        raise Rejection(-4055 if order.type == "MARKET" else -1116)
    wish = _amended(order, request)
    rules = core.market.rules_of(order.symbol)
    check_quantity(wish, rules)
    if wish.price is not None:
        check_price(wish.price, rules)
    core.matching.amend(order, wish, rules)
    echo = {"modifyId": request.params["modifyId"]} if "modifyId" in request.params else {}
    return {**response_shape(order), "pair": order.symbol, **echo}


def _amended(order: SimulatedOrder, request: ParsedRequest) -> NewOrder:
    return NewOrder(
        symbol=order.symbol,
        side=order.side,
        type=order.type,
        time_in_force=order.time_in_force,
        quantity=read_number(request.params, "quantity"),
        price=read_number(request.params, "price"),
        reduce_only=order.reduce_only,
        client_order_id=order.client_order_id,
        stp_mode=order.stp_mode,
        good_till_ms=order.good_till_ms,
    )


def countdown(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """POST countdownCancelAll: ordinary orders of one symbol; conditional ones stay."""
    symbol = core.market.rules_of(request.need("symbol")).symbol
    request.need("countdownTime")
    wait_ms = request.integer("countdownTime") or 0
    number = core.countdowns.get(symbol, 0) + 1
    core.countdowns[symbol] = number

    def strike() -> None:
        if core.countdowns[symbol] == number:
            for order in core.matching.open_orders(symbol):
                core.matching.cancel(order)

    if wait_ms:
        core.schedule(wait_ms / 1_000, strike)
    return {"symbol": symbol, "countdownTime": str(wait_ms)}


def _elements(request: ParsedRequest) -> list[dict[str, str]]:
    rows = _list(request.need("batchOrders"), "batchOrders")
    if not 0 < len(rows) <= MAX_PLACED:
        raise Rejection(-4082)
    if not all(isinstance(row, dict) for row in rows):
        raise missing("batchOrders")
    return [{name: _text(value) for name, value in row.items()} for row in rows]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _list(text: str, name: str) -> list[Any]:
    try:
        return msgspec.json.decode(text, type=list)
    except msgspec.DecodeError:
        raise missing(name) from None


def _each(
    core: Core, request: ParsedRequest, elements: list[dict[str, str]], handler: Handler
) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = []
    for element in elements:
        try:
            answers.append(handler(core, msgspec.structs.replace(request, params=element)))
        except Rejection as refusal:
            answers.append({"code": refusal.code, "msg": refusal.message})
    return answers


ROUTES: Routes = {
    ("POST", "/fapi/v1/batchOrders"): Route(handler=place_batch, weight=5),
    ("PUT", "/fapi/v1/batchOrders"): Route(handler=amend_batch, weight=5),
    ("DELETE", "/fapi/v1/batchOrders"): Route(handler=cancel_batch),
    ("PUT", "/fapi/v1/order"): Route(handler=amend, weight=0),
    ("POST", "/fapi/v1/countdownCancelAll"): Route(handler=countdown, weight=10),
}
