"""Endpoints of conditional orders (their own store since 2025-12-09)."""

from typing import Any

from exchange_simulator.binance.endpoints.order_routes import limit_of, window_of
from exchange_simulator.binance.endpoints.routes import Core, Route, Routes
from exchange_simulator.binance.errors import Rejection, missing
from exchange_simulator.binance.requests.request import ParsedRequest
from exchange_simulator.binance.trading.algo_order import (
    SimulatedAlgo,
    cancel_shape,
    query_shape,
    response_shape,
)
from exchange_simulator.binance.trading.algo_validation import new_algo

_DAY_MS = 86_400_000
_UNFILLED_KEPT_MS = 3 * _DAY_MS


def place(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """POST algoOrder."""
    wish = new_algo(request.params, core.market.rules, hedge_mode=core.account.hedge_mode)
    return response_shape(core.algo.place(wish))


def query(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """GET algoOrder; ended ones without a fill are forgotten after 3 days."""
    algo = _find(core, request)
    if algo is None:
        raise Rejection(-2013)
    unfilled = not algo.is_open and (algo.child is None or not algo.child.executed)
    if unfilled and core.now_ms() - algo.create_ms > _UNFILLED_KEPT_MS:
        raise Rejection(-2013)
    return query_shape(algo)


def cancel(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """DELETE algoOrder: only before the trigger."""
    algo = _find(core, request)
    if algo is None or not algo.is_open:
        raise Rejection(-2011)
    core.algo.cancel(algo)
    return cancel_shape(algo)


def cancel_all(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """DELETE algoOpenOrders of one symbol."""
    symbol = core.market.rules_of(request.need("symbol")).symbol
    for algo in core.algo.open(symbol):
        core.algo.cancel(algo)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def open_algos(core: Core, request: ParsedRequest) -> list[dict[str, Any]]:
    """GET openAlgoOrders: a bare array."""
    symbol = request.params.get("symbol")
    if symbol:
        core.market.rules_of(symbol)
    algo_id = request.integer("algoId")
    return [
        query_shape(algo)
        for algo in core.algo.open(symbol or None)
        if algo_id in {None, algo.algo_id}
    ]


def all_algos(core: Core, request: ParsedRequest) -> list[dict[str, Any]]:
    """GET allAlgoOrders: the newest ``limit`` of the window, oldest first."""
    symbol = core.market.rules_of(request.need("symbol")).symbol
    start_ms, end_ms = window_of(core, request)
    first_id = request.integer("algoId") or 0
    rows = [
        query_shape(algo)
        for algo in core.algo.all
        if algo.wish.symbol == symbol
        and algo.algo_id >= first_id
        and start_ms <= algo.create_ms <= end_ms
    ]
    return rows[-limit_of(request) :]


def _find(core: Core, request: ParsedRequest) -> SimulatedAlgo | None:
    algo_id = request.integer("algoId")
    client_algo_id = request.params.get("clientAlgoId")
    if algo_id is None and not client_algo_id:
        raise missing("algoId")
    return core.algo.find(algo_id=algo_id, client_algo_id=client_algo_id)


ROUTES: Routes = {
    ("POST", "/fapi/v1/algoOrder"): Route(handler=place, weight=0),
    ("GET", "/fapi/v1/algoOrder"): Route(handler=query),
    ("DELETE", "/fapi/v1/algoOrder"): Route(handler=cancel),
    ("DELETE", "/fapi/v1/algoOpenOrders"): Route(handler=cancel_all),
    ("GET", "/fapi/v1/openAlgoOrders"): Route(handler=open_algos, weight_all=40),
    ("GET", "/fapi/v1/allAlgoOrders"): Route(handler=all_algos, weight=5),
}
