"""Account endpoints: totals, positions, settings, income, listen keys."""

from decimal import Decimal
from typing import Any

from exchange_simulator.binance.endpoints.routes import Core, Route, Routes, Security
from exchange_simulator.binance.errors import Rejection
from exchange_simulator.binance.margin import brackets
from exchange_simulator.binance.margin.account import break_even
from exchange_simulator.binance.margin.position_key import side_of, symbol_of
from exchange_simulator.binance.requests.rate_limits import limits_table
from exchange_simulator.binance.requests.request import ParsedRequest
from exchange_simulator.decimals import ZERO, plain

INCOME_DEFAULT_LIMIT = 100
INCOME_MAX_LIMIT = 1_000
WEEK_MS = 7 * 86_400_000
_TOTALS = {
    name: f"total{name[0].upper()}{name[1:]}"
    for name in (
        "initialMargin",
        "maintMargin",
        "marginBalance",
        "positionInitialMargin",
        "openOrderInitialMargin",
        "crossWalletBalance",
        "crossUnPnl",
    )
}


def account(core: Core, _request: ParsedRequest) -> dict[str, Any]:
    """GET v3/account."""
    figures = core.matching.figures()
    wallet, available = plain(figures.wallet), plain(figures.available)
    unrealised = plain(figures.unrealised)
    shared = {
        "initialMargin": plain(figures.initial_margin),
        "maintMargin": plain(figures.maintenance),
        "marginBalance": plain(figures.margin_balance),
        "positionInitialMargin": plain(figures.position_margin),
        "openOrderInitialMargin": plain(figures.order_margin),
        "crossWalletBalance": plain(figures.cross_wallet),
        "crossUnPnl": plain(figures.cross_unrealised),
    }
    totals = {_TOTALS[name]: value for name, value in shared.items()}
    return {
        **totals,
        "totalWalletBalance": wallet,
        "totalUnrealizedProfit": unrealised,
        "availableBalance": available,
        "maxWithdrawAmount": available,
        "assets": [
            {
                "asset": "USDT",
                "walletBalance": wallet,
                "unrealizedProfit": unrealised,
                **shared,
                "availableBalance": available,
                "maxWithdrawAmount": available,
                "updateTime": core.now_ms(),
            },
            *_bnb_asset(core),
        ],
        "positions": [_account_position(core, symbol) for symbol in _active(core)],
    }


def _bnb_asset(core: Core) -> list[dict[str, Any]]:
    """BNB for fees: of use for nothing else in single-asset mode."""
    if not core.account.bnb:
        return []
    amount, nothing = plain(core.account.bnb), dict.fromkeys(_TOTALS, "0")
    amounts = dict.fromkeys(("walletBalance", "availableBalance", "maxWithdrawAmount"), amount)
    return [
        {"asset": "BNB", "unrealizedProfit": "0", **nothing, **amounts, "updateTime": core.now_ms()}
    ]


def _account_position(core: Core, holding: str) -> dict[str, Any]:
    book, position = core.account, core.account.position(holding)
    standing = book.standing(holding)
    order_margin = core.matching.order_margin(symbol_of(holding))
    return {
        "symbol": symbol_of(holding),
        "positionSide": side_of(holding),
        "positionAmt": plain(position.quantity),
        "unrealizedProfit": plain(standing.unrealised),
        "isolatedMargin": plain(_isolated_margin(core, holding)),
        "notional": plain(standing.notional),
        "isolatedWallet": plain(book.isolated_wallet(holding)),
        "initialMargin": plain(standing.initial_margin + order_margin),
        "maintMargin": plain(standing.maintenance),
        "updateTime": position.update_ms,
    }


def _isolated_margin(core: Core, holding: str) -> Decimal:
    """An isolated position's own money with its unrealised profit."""
    if not core.account.is_isolated(holding):
        return ZERO
    return core.account.isolated_wallet(holding) + core.account.standing(holding).unrealised


def balance(core: Core, _request: ParsedRequest) -> list[dict[str, Any]]:
    """GET v3/balance."""
    figures = core.matching.figures()
    return [
        {
            "accountAlias": "SgsR",
            "asset": "USDT",
            "balance": plain(figures.wallet),
            "crossWalletBalance": plain(figures.cross_wallet),
            "crossUnPnl": plain(figures.cross_unrealised),
            "availableBalance": plain(figures.available),
            "maxWithdrawAmount": plain(figures.available),
            "marginAvailable": True,
            "updateTime": core.now_ms(),
        },
        *_bnb_balance(core),
    ]


def _bnb_balance(core: Core) -> list[dict[str, Any]]:
    if not core.account.bnb:
        return []
    names = ("balance", "crossWalletBalance", "availableBalance", "maxWithdrawAmount")
    return [
        {
            "accountAlias": "SgsR",
            "asset": "BNB",
            **dict.fromkeys(names, plain(core.account.bnb)),
            "crossUnPnl": "0",
            "marginAvailable": False,
            "updateTime": core.now_ms(),
        }
    ]


def position_risk(core: Core, request: ParsedRequest) -> list[dict[str, Any]]:
    """GET v3/positionRisk: only symbols with a position or an open order."""
    wanted = request.params.get("symbol")
    if wanted:
        core.market.rules_of(wanted)
    active = _active(core)
    return [_risk(core, one) for one in active if not wanted or symbol_of(one) == wanted]


def _risk(core: Core, holding: str) -> dict[str, Any]:
    book = core.account
    position = book.position(holding)
    entry = plain(position.entry_price)
    standing = book.standing(holding)
    order_margin = core.matching.order_margin(symbol_of(holding))
    return {
        "symbol": symbol_of(holding),
        "positionSide": side_of(holding),
        "positionAmt": plain(position.quantity),
        "entryPrice": entry,
        "breakEvenPrice": plain(break_even(position, core.taker_fee_rate)),
        "markPrice": plain(book.mark(holding)),
        "unRealizedProfit": plain(standing.unrealised),
        "liquidationPrice": plain(book.liquidation_price(holding)),
        "isolatedMargin": plain(_isolated_margin(core, holding)),
        "notional": plain(standing.notional),
        "marginAsset": "USDT",
        "isolatedWallet": plain(book.isolated_wallet(holding)),
        "initialMargin": plain(standing.initial_margin + order_margin),
        "maintMargin": plain(standing.maintenance),
        "positionInitialMargin": plain(standing.initial_margin),
        "openOrderInitialMargin": plain(order_margin),
        "adl": 2 if position.quantity else 0,
        "bidNotional": "0",
        "askNotional": "0",
        "updateTime": position.update_ms,
    }


def _active(core: Core) -> list[str]:
    held = core.account.held()
    return list(dict.fromkeys([*held, *(order.holding for order in core.matching.open_orders())]))


def symbol_config(core: Core, request: ParsedRequest) -> list[dict[str, Any]]:
    """GET symbolConfig: where leverage and margin type live."""
    wanted = request.params.get("symbol")
    names = [core.market.rules_of(wanted).symbol] if wanted else list(core.market.rules)
    return [
        {
            "symbol": symbol,
            "marginType": core.account.margin_type(symbol),
            "isAutoAddMargin": False,
            "leverage": core.account.leverage_of(symbol),
            "maxNotionalValue": str(brackets.max_notional(core.account.leverage_of(symbol))),
        }
        for symbol in names
    ]


def account_config(core: Core, _request: ParsedRequest) -> dict[str, Any]:
    """GET accountConfig."""
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": True,
        "dualSidePosition": core.account.hedge_mode,
        "updateTime": 0,
        "multiAssetsMargin": core.account.multi_assets,
        "tradeGroupId": -1,
    }


def commission_rate(core: Core, request: ParsedRequest) -> dict[str, Any]:
    """GET commissionRate."""
    return {
        "symbol": core.market.rules_of(request.need("symbol")).symbol,
        "makerCommissionRate": plain(core.maker_fee_rate),
        "takerCommissionRate": plain(core.taker_fee_rate),
        "rpiCommissionRate": "0.00005",
    }


def income(core: Core, request: ParsedRequest) -> list[dict[str, Any]]:
    """GET income: the oldest ``limit`` rows of the window; the last seven days by default."""
    end_ms = request.integer("endTime")
    start_ms = request.integer("startTime")
    end_ms = core.now_ms() if end_ms is None else end_ms
    start_ms = end_ms - WEEK_MS if start_ms is None else start_ms
    limit = min(request.integer("limit") or INCOME_DEFAULT_LIMIT, INCOME_MAX_LIMIT)
    kind, symbol = request.params.get("incomeType"), request.params.get("symbol")
    rows = [
        shape
        for row, shape in zip(core.account.income, core.account.income_shapes(), strict=True)
        if start_ms <= row.time_ms <= end_ms
        if kind in {None, row.kind} and symbol in {None, row.symbol}
    ]
    return rows[:limit]


def leverage_bracket(core: Core, request: ParsedRequest) -> list[dict[str, Any]]:
    """GET leverageBracket: the same brackets for everything."""
    wanted = request.params.get("symbol")
    names = [core.market.rules_of(wanted).symbol] if wanted else list(core.market.rules)
    return [{"symbol": name, "notionalCoef": 1, "brackets": brackets.shape()} for name in names]


def order_limits(_core: Core, _request: ParsedRequest) -> list[dict[str, object]]:
    """GET rateLimit/order."""
    return [row for row in limits_table() if row["rateLimitType"] == "ORDERS"]


def start_listen_key(core: Core, _request: ParsedRequest) -> dict[str, Any]:
    """POST listenKey: the present key with a new life, or a new one."""
    return {"listenKey": core.hub.start_key()}


def extend_listen_key(core: Core, _request: ParsedRequest) -> dict[str, Any]:
    """PUT listenKey."""
    key = core.hub.extend_key()
    if key is None:
        raise Rejection(-1125)
    return {"listenKey": key}


def close_listen_key(core: Core, _request: ParsedRequest) -> dict[str, Any]:
    """DELETE listenKey."""
    core.hub.close_key()
    return {}


ROUTES: Routes = {
    ("GET", "/fapi/v3/account"): Route(handler=account, weight=5),
    ("GET", "/fapi/v3/balance"): Route(handler=balance, weight=5),
    ("GET", "/fapi/v3/positionRisk"): Route(handler=position_risk, weight=5),
    ("GET", "/fapi/v1/symbolConfig"): Route(handler=symbol_config, weight=5),
    ("GET", "/fapi/v1/accountConfig"): Route(handler=account_config, weight=5),
    ("GET", "/fapi/v1/commissionRate"): Route(handler=commission_rate, weight=20),
    ("GET", "/fapi/v1/income"): Route(handler=income, weight=30),
    ("GET", "/fapi/v1/leverageBracket"): Route(handler=leverage_bracket),
    ("GET", "/fapi/v1/rateLimit/order"): Route(handler=order_limits),
    ("POST", "/fapi/v1/listenKey"): Route(handler=start_listen_key, security=Security.KEY),
    ("PUT", "/fapi/v1/listenKey"): Route(handler=extend_listen_key, security=Security.KEY),
    ("DELETE", "/fapi/v1/listenKey"): Route(handler=close_listen_key, security=Security.KEY),
}
