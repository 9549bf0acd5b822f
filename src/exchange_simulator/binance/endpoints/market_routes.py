"""Public endpoints: time, filters, books, mark prices. None of them needs a key."""

from typing import Any

from exchange_simulator.binance.endpoints.routes import Core, Route, Routes, Security
from exchange_simulator.binance.errors import Rejection
from exchange_simulator.binance.market_data.symbols import exchange_info_row
from exchange_simulator.binance.requests.rate_limits import limits_table
from exchange_simulator.binance.requests.request import ParsedRequest
from exchange_simulator.binance.streaming import events
from exchange_simulator.decimals import ZERO, plain

DEPTH_WEIGHTS = {5: 2, 10: 2, 20: 2, 50: 2, 100: 5, 500: 10, 1_000: 20}
DEFAULT_DEPTH = 500


def ping(_core: Core, _request: ParsedRequest) -> dict[str, Any]:
    """GET ping."""
    return {}


def server_time(core: Core, _request: ParsedRequest) -> dict[str, Any]:
    """GET time."""
    return {"serverTime": core.now_ms()}


def exchange_info(core: Core, _request: ParsedRequest) -> dict[str, Any]:
    """GET exchangeInfo."""
    return {
        "timezone": "UTC",
        "serverTime": core.now_ms(),
        "futuresType": "U_MARGINED",
        "rateLimits": limits_table(),
        "exchangeFilters": [],
        "assets": [
            {"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"},
        ],
        "symbols": [exchange_info_row(rules) for rules in core.market.rules.values()],
    }


def book_ticker(core: Core, request: ParsedRequest) -> Any:  # noqa: ANN401 - object or array
    """GET ticker/bookTicker: one object, or all without ``symbol``."""
    return one_or_all(core, request, _book_ticker)


def _book_ticker(core: Core, symbol: str) -> dict[str, Any]:
    event = events.book_ticker(symbol, core.market.book(symbol), 0, core.now_ms(), None)
    return {
        "symbol": symbol,
        "bidPrice": event["b"],
        "bidQty": event["B"],
        "askPrice": event["a"],
        "askQty": event["A"],
        "time": event["T"],
    }


def depth(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """GET depth; the invented book has 30 levels, whatever the limit."""
    symbol = core.market.rules_of(request.need("symbol")).symbol
    limit = request.integer("limit")
    limit = DEFAULT_DEPTH if limit is None else limit
    if limit not in DEPTH_WEIGHTS:
        raise Rejection(-1130, "Data sent for parameter 'limit' is not valid.")
    book, now_ms = core.market.book(symbol), core.market.book_ms(symbol)
    return {
        "lastUpdateId": core.market.update_id(),
        "E": now_ms,
        "T": now_ms,
        "bids": events.level_rows(book.bids, limit),
        "asks": events.level_rows(book.asks, limit),
    }


def premium_index(core: Core, request: ParsedRequest) -> Any:  # noqa: ANN401 - object or array
    """GET premiumIndex: one object, or all without ``symbol``."""
    return one_or_all(core, request, _premium_index)


def _premium_index(core: Core, symbol: str) -> dict[str, Any]:
    mark = plain(core.account.mark(symbol))
    return {
        "symbol": symbol,
        "markPrice": mark,
        "indexPrice": mark,
        "estimatedSettlePrice": mark,
        "lastFundingRate": plain(core.market.funding_rates.get(symbol, ZERO)),
        "interestRate": "0.00010000",
        "nextFundingTime": core.market.next_funding_ms(),
        "time": core.now_ms(),
    }


def one_or_all(core: Core, request: ParsedRequest, shape: Any) -> Any:  # noqa: ANN401 - as above
    """The row of the named symbol, or one of each; ``shape`` makes a row."""
    symbol = request.params.get("symbol")
    if symbol:
        return shape(core, core.market.rules_of(symbol).symbol)
    return [shape(core, name) for name in core.market.quoted()]


def _depth_weight(request: ParsedRequest) -> int:
    text = request.params.get("limit", str(DEFAULT_DEPTH))
    return next((w for limit, w in DEPTH_WEIGHTS.items() if str(limit) == text), 1)


ROUTES: Routes = {
    ("GET", "/fapi/v1/ping"): Route(handler=ping, security=Security.NONE),
    ("GET", "/fapi/v1/time"): Route(handler=server_time, security=Security.NONE),
    ("GET", "/fapi/v1/exchangeInfo"): Route(handler=exchange_info, security=Security.NONE),
    ("GET", "/fapi/v1/ticker/bookTicker"): Route(
        handler=book_ticker, security=Security.NONE, weight=2, weight_all=5
    ),
    ("GET", "/fapi/v1/depth"): Route(
        handler=depth, security=Security.NONE, weight=2, weigh=_depth_weight
    ),
    ("GET", "/fapi/v1/premiumIndex"): Route(
        handler=premium_index, security=Security.NONE, weight=1, weight_all=10
    ),
}
