"""Public history that other people's clients ask for: candles, trades, open interest."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from exchange_simulator.binance.endpoints.routes import Core, Route, Routes, Security
from exchange_simulator.binance.errors import Rejection
from exchange_simulator.binance.market_data.tape import Candle, PublicTrade
from exchange_simulator.binance.requests.request import ParsedRequest
from exchange_simulator.decimals import plain

CANDLES_DEFAULT, CANDLES_MAX = 500, 1_500
TRADES_DEFAULT, TRADES_MAX = 500, 1_000
OPEN_INTEREST_BASE = Decimal(10_659)
"""What others hold of every contract; invented."""
_WEIGHTS = ((100, 1), (500, 2), (1_001, 5))
_MOST_WEIGHT = 10


def klines(core: Core, request: ParsedRequest) -> list[list[Any]]:
    """GET klines: oldest first, by time of opening."""
    symbol = core.market.rules_of(request.need("symbol")).symbol
    found = core.market.tape.candles(symbol, request.need("interval"))
    start_ms, end_ms = request.integer("startTime"), request.integer("endTime")
    chosen = [
        one
        for one in found
        if (start_ms is None or one.open_ms >= start_ms)
        and (end_ms is None or one.open_ms <= end_ms)
    ]
    limit = _limit(request, CANDLES_DEFAULT, CANDLES_MAX)
    return [_row(one) for one in (chosen[-limit:] if start_ms is None else chosen[:limit])]


def mark_price_klines(core: Core, request: ParsedRequest) -> list[list[Any]]:
    """GET markPriceKlines: the mark price is the last price here; it has no volume."""
    return [[*row[:5], "0", row[6], "0", row[8], "0", "0", "0"] for row in klines(core, request)]


def _row(candle: Candle) -> list[Any]:
    return [
        candle.open_ms,
        plain(candle.open),
        plain(candle.high),
        plain(candle.low),
        plain(candle.close),
        plain(candle.volume()),
        candle.close_ms,
        plain(candle.quote()),
        len(candle.trades),
        plain(candle.volume(taker_buys=True)),
        plain(candle.quote(taker_buys=True)),
        "0",
    ]


def trades(core: Core, request: ParsedRequest) -> list[dict[str, Any]]:
    """GET trades: the newest, oldest first."""
    found = _trades(core, request)
    return [
        {
            "id": one.id,
            "price": plain(one.price),
            "qty": plain(one.quantity),
            "quoteQty": plain(one.price * one.quantity),
            "time": one.time_ms,
            "isBuyerMaker": one.is_buyer_maker,
        }
        for one in list(found)[-_limit(request, TRADES_DEFAULT, TRADES_MAX) :]
    ]


def agg_trades(core: Core, request: ParsedRequest) -> list[dict[str, Any]]:
    """GET aggTrades: from an id, of a time, or the newest."""
    from_id = request.integer("fromId")
    start_ms, end_ms = request.integer("startTime"), request.integer("endTime")
    if from_id is not None and (start_ms is not None or end_ms is not None):
        raise Rejection(-1128)
    chosen = [
        one
        for one in _trades(core, request)
        if (from_id is None or one.id >= from_id)
        and (start_ms is None or one.time_ms >= start_ms)
        and (end_ms is None or one.time_ms <= end_ms)
    ]
    limit = _limit(request, TRADES_DEFAULT, TRADES_MAX)
    is_newest = from_id is None and start_ms is None
    return [
        {
            "a": one.id,
            "p": plain(one.price),
            "q": plain(one.quantity),
            "nq": plain(one.quantity),
            "f": one.id,
            "l": one.id,
            "T": one.time_ms,
            "m": one.is_buyer_maker,
        }
        for one in (chosen[-limit:] if is_newest else chosen[:limit])
    ]


def open_interest(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """GET openInterest: what others hold, and this account."""
    symbol = core.market.rules_of(request.need("symbol")).symbol
    ours = sum(
        (abs(core.account.position(one).quantity) for one in core.account.holdings_in(symbol)),
        OPEN_INTEREST_BASE,
    )
    return {"symbol": symbol, "openInterest": plain(ours), "time": core.now_ms()}


def _trades(core: Core, request: ParsedRequest) -> Sequence[PublicTrade]:
    return core.market.tape.trades(core.market.rules_of(request.need("symbol")).symbol)


def _limit(request: ParsedRequest, default: int, most: int) -> int:
    limit = request.integer("limit")
    if limit is not None and not 0 < limit <= most:
        raise Rejection(-1130, "Data sent for parameter 'limit' is not valid.")
    return default if limit is None else limit


def _candles_weight(request: ParsedRequest) -> int:
    text = request.params.get("limit", str(CANDLES_DEFAULT))
    limit = int(text) if text.isdecimal() else CANDLES_DEFAULT
    return next((weight for below, weight in _WEIGHTS if limit < below), _MOST_WEIGHT)


def _public(handler: Any, weight: int, **more: Any) -> Route:  # noqa: ANN401 - a handler
    return Route(handler=handler, security=Security.NONE, weight=weight, **more)


ROUTES: Routes = {
    ("GET", "/fapi/v1/klines"): _public(klines, 5, weigh=_candles_weight),
    ("GET", "/fapi/v1/markPriceKlines"): _public(mark_price_klines, 5, weigh=_candles_weight),
    ("GET", "/fapi/v1/trades"): _public(trades, 5),
    ("GET", "/fapi/v1/aggTrades"): _public(agg_trades, 20),
    ("GET", "/fapi/v1/openInterest"): _public(open_interest, 1),
}
