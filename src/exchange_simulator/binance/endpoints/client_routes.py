"""Further endpoints that other people's clients call: older versions and plain market facts."""

from typing import Any

from exchange_simulator.binance.endpoints.account_routes import account, balance, position_risk
from exchange_simulator.binance.endpoints.market_routes import one_or_all
from exchange_simulator.binance.endpoints.routes import Core, Route, Routes, Security
from exchange_simulator.binance.margin.account import BNB_USDT
from exchange_simulator.binance.margin.position_key import side_of, symbol_of
from exchange_simulator.binance.market_data.market_news import day_ticker
from exchange_simulator.binance.requests.request import ParsedRequest
from exchange_simulator.binance.trading.validation import read_flag
from exchange_simulator.decimals import ZERO, plain

BNB_SYMBOL = "BNBUSDT"
_EIGHT_HOURS = 8
_DAY_MS = 86_400_000


def position_risk_v2(core: Core, request: ParsedRequest) -> list[dict[str, Any]]:
    """GET v2/positionRisk: every asked symbol has a row, with leverage and margin type."""
    return [
        {
            **row,
            "leverage": str(core.account.leverage_of(row["symbol"])),
            "marginType": "isolated" if row["symbol"] in core.account.isolated else "cross",
            "isAutoAddMargin": "false",
            "maxNotionalValue": "300000000",
        }
        for row in position_risk(core, request)
    ]


def account_v2(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """GET v2/account: the totals with the account's rights."""
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": True,
        "updateTime": 0,
        "multiAssetsMargin": core.account.multi_assets,
        **account(core, request),
    }


def ticker_price(core: Core, request: ParsedRequest) -> Any:  # noqa: ANN401 - object or array
    """GET ticker/price: the last price is the mark price; BNB has one in every world."""
    if request.params.get("symbol") == BNB_SYMBOL and BNB_SYMBOL not in core.market.rules:
        return {"symbol": BNB_SYMBOL, "price": plain(BNB_USDT), "time": core.now_ms()}
    return one_or_all(core, request, _price_row)


def _price_row(core: Core, symbol: str) -> dict[str, Any]:
    return {"symbol": symbol, "price": plain(core.account.mark(symbol)), "time": core.now_ms()}


def ticker_24hr(core: Core, request: ParsedRequest) -> Any:  # noqa: ANN401 - object or array
    """GET ticker/24hr: of the trades since the process began."""
    return one_or_all(core, request, _day_row)


def _day_row(core: Core, symbol: str) -> dict[str, Any]:
    day = core.market.tape.day(symbol)
    if day is None:
        return _day_without_trades(core, symbol)
    told = day_ticker(symbol, day, core.now_ms())
    return {name: told[letter] for name, letter in _DAY_FIELDS.items()}


_DAY_FIELDS = {
    "symbol": "s",
    "priceChange": "p",
    "priceChangePercent": "P",
    "weightedAvgPrice": "w",
    "lastPrice": "c",
    "lastQty": "Q",
    "openPrice": "o",
    "highPrice": "h",
    "lowPrice": "l",
    "volume": "v",
    "quoteVolume": "q",
    "openTime": "O",
    "closeTime": "C",
    "firstId": "F",
    "lastId": "L",
    "count": "n",
}


def _day_without_trades(core: Core, symbol: str) -> dict[str, Any]:
    price, now_ms = plain(core.account.mark(symbol)), core.now_ms()
    prices = ("weightedAvgPrice", "lastPrice", "openPrice", "highPrice", "lowPrice")
    zeros = ("priceChange", "priceChangePercent", "lastQty", "volume", "quoteVolume")
    return {
        "symbol": symbol,
        **dict.fromkeys(prices, price),
        **dict.fromkeys(zeros, "0"),
        "openTime": now_ms - _DAY_MS,
        "closeTime": now_ms,
        "firstId": 0,
        "lastId": 0,
        "count": 0,
    }


def funding_rate(core: Core, request: ParsedRequest) -> list[dict[str, Any]]:
    """GET fundingRate: the present rate as the only row of history."""
    wanted = request.params.get("symbol")
    names = [core.market.rules_of(wanted).symbol] if wanted else core.market.quoted()
    return [
        {
            "symbol": name,
            "fundingTime": core.market.next_funding_ms() - _EIGHT_HOURS * 3_600_000,
            "fundingRate": plain(core.market.funding_rates.get(name, ZERO)),
            "markPrice": plain(core.account.mark(name)),
        }
        for name in names
    ]


def funding_info(_core: Core, _request: ParsedRequest) -> list[Any]:
    """GET fundingInfo: only symbols with changed intervals, of which there are none."""
    return []


def adl_quantile(core: Core, _request: ParsedRequest) -> list[dict[str, Any]]:
    """GET adlQuantile of the symbols with a position."""
    return [
        {"symbol": symbol_of(holding), "adlQuantile": {side_of(holding): 2}}
        for holding in core.account.held()
    ]


def fee_burn(core: Core, _request: ParsedRequest) -> dict[str, Any]:
    """GET feeBurn."""
    return {"feeBurn": core.account.burns_bnb}


def set_fee_burn(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """POST feeBurn: fees are paid in BNB as long as the account has any."""
    request.need("feeBurn")
    core.account.burns_bnb = read_flag(request.params, "feeBurn")
    return {"code": 200, "msg": "success"}


def trading_status(core: Core, _request: ParsedRequest) -> dict[str, Any]:
    """GET apiTradingStatus: no indicator has struck."""
    return {"indicators": {}, "updateTime": core.now_ms()}


def system_status(core: Core, _request: ParsedRequest) -> dict[str, Any]:
    """GET /sapi/v1/system/status: 1 is maintenance."""
    return {"status": int(core.door.is_closed), "msg": "normal"}


def _public(handler: Any, weight: int, weight_all: int) -> Route:  # noqa: ANN401 - a handler
    return Route(handler=handler, security=Security.NONE, weight=weight, weight_all=weight_all)


ROUTES: Routes = {
    ("GET", "/fapi/v2/account"): Route(handler=account_v2, weight=5),
    ("GET", "/fapi/v2/balance"): Route(handler=balance, weight=5),
    ("GET", "/fapi/v2/positionRisk"): Route(handler=position_risk_v2, weight=5),
    ("GET", "/fapi/v1/ticker/price"): _public(ticker_price, 1, 2),
    ("GET", "/fapi/v2/ticker/price"): _public(ticker_price, 1, 2),
    ("GET", "/fapi/v1/ticker/24hr"): _public(ticker_24hr, 1, 40),
    ("GET", "/fapi/v1/fundingRate"): _public(funding_rate, 0, 0),
    ("GET", "/fapi/v1/fundingInfo"): _public(funding_info, 0, 0),
    ("GET", "/fapi/v1/adlQuantile"): Route(handler=adl_quantile, weight=5),
    ("GET", "/fapi/v1/feeBurn"): Route(handler=fee_burn, weight=30),
    ("POST", "/fapi/v1/feeBurn"): Route(handler=set_fee_burn),
    ("GET", "/fapi/v1/apiTradingStatus"): Route(handler=trading_status),
    ("GET", "/sapi/v1/system/status"): _public(system_status, 1, 1),
}
