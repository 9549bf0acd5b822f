"""What a client may set: leverage, margin type, position mode, multi-assets mode."""

from typing import Any

from exchange_simulator.binance.endpoints.routes import Core, Route, Routes
from exchange_simulator.binance.errors import Rejection
from exchange_simulator.binance.margin.brackets import MAX_LEVERAGE, max_notional
from exchange_simulator.binance.requests.request import ParsedRequest
from exchange_simulator.binance.streaming import events
from exchange_simulator.binance.trading.validation import read_flag
from exchange_simulator.decimals import ZERO

_SUCCESS = {"code": 200, "msg": "success"}


def set_leverage(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """POST leverage."""
    symbol = core.market.rules_of(request.need("symbol")).symbol
    request.need("leverage")
    leverage = request.integer("leverage") or 0
    if not 1 <= leverage <= MAX_LEVERAGE:
        raise Rejection(-4028)
    _check_leverage(core, symbol, leverage)
    core.account.leverage[symbol] = leverage
    core.emit(events.leverage_update(symbol, leverage, core.now_ms()))
    return {
        "leverage": leverage,
        "maxNotionalValue": str(max_notional(leverage)),
        "symbol": symbol,
    }


def _check_leverage(core: Core, symbol: str, leverage: int) -> None:
    """What an open position allows: -4161, -2027, -2028."""
    account = core.account
    notional = sum(
        (abs(account.standing(one).notional) for one in account.holdings_in(symbol)), ZERO
    )
    present = account.leverage_of(symbol)
    if notional and leverage < present and symbol in account.isolated:
        raise Rejection(-4161)
    if notional > max_notional(leverage):
        raise Rejection(-2027)
    more = notional / leverage - notional / present
    if more > core.matching.figures().available:
        raise Rejection(-2028)


def set_margin_type(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """POST marginType: told back by symbolConfig; not while something is open."""
    symbol = core.market.rules_of(request.need("symbol")).symbol
    wanted = request.need("marginType")
    if wanted not in {"ISOLATED", "CROSSED"}:
        raise Rejection(-1130, "Data sent for parameter 'marginType' is not valid.")
    if wanted == core.account.margin_type(symbol):
        raise Rejection(-4046)
    if wanted == "ISOLATED" and core.account.multi_assets:
        raise Rejection(-4168)
    if core.matching.open_orders(symbol) or core.algo.open(symbol):
        raise Rejection(-4047)
    if core.account.holdings_in(symbol):
        raise Rejection(-4048)
    if wanted == "ISOLATED":
        core.account.isolated.add(symbol)
    else:
        core.account.isolated.discard(symbol)
    return _SUCCESS


def position_mode(core: Core, _request: ParsedRequest) -> dict[str, Any]:
    """GET positionSide/dual."""
    return {"dualSidePosition": core.account.hedge_mode}


def set_position_mode(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """POST positionSide/dual; not while something is open."""
    request.need("dualSidePosition")
    hedge_mode = read_flag(request.params, "dualSidePosition")
    if hedge_mode == core.account.hedge_mode:
        raise Rejection(-4059)
    if core.matching.open or core.algo.open():
        raise Rejection(-4067)
    if core.account.held():
        raise Rejection(-4068)
    core.account.hedge_mode = hedge_mode
    return _SUCCESS


def multi_assets(core: Core, _request: ParsedRequest) -> dict[str, Any]:
    """GET multiAssetsMargin."""
    return {"multiAssetsMargin": core.account.multi_assets}


def set_multi_assets(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """POST multiAssetsMargin; the simulated wallet holds one asset either way."""
    request.need("multiAssetsMargin")
    wanted = read_flag(request.params, "multiAssetsMargin")
    if wanted == core.account.multi_assets:
        raise Rejection(-4171)
    if core.account.isolated:
        raise Rejection(-4168)
    core.account.multi_assets = wanted
    core.emit(events.multi_assets_update(wanted, core.now_ms()))
    return _SUCCESS


ROUTES: Routes = {
    ("POST", "/fapi/v1/leverage"): Route(handler=set_leverage),
    ("POST", "/fapi/v1/marginType"): Route(handler=set_margin_type),
    ("GET", "/fapi/v1/positionSide/dual"): Route(handler=position_mode, weight=30),
    ("POST", "/fapi/v1/positionSide/dual"): Route(handler=set_position_mode),
    ("GET", "/fapi/v1/multiAssetsMargin"): Route(handler=multi_assets, weight=30),
    ("POST", "/fapi/v1/multiAssetsMargin"): Route(handler=set_multi_assets),
}
