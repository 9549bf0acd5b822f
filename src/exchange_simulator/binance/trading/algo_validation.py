"""From request parameters to a :class:`NewAlgo`: what does not depend on market or account.

Binance docs, new algo order, and error-code page, as of 2026-11. The callback's limit is 20 %
since 2026-10-23. GTD and ``priceMatch`` are not simulated.
"""

from collections.abc import Mapping
from decimal import Decimal

from exchange_simulator.binance.errors import Rejection
from exchange_simulator.binance.margin.position_key import BOTH
from exchange_simulator.binance.market_data.symbols import SymbolRules
from exchange_simulator.binance.trading.algo_order import NewAlgo
from exchange_simulator.binance.trading.order import NewOrder
from exchange_simulator.binance.trading.validation import (
    CONDITIONAL_TYPES,
    STP_MODES,
    check_price,
    check_quantity,
    read_choice,
    read_client_id,
    read_flag,
    read_number,
    read_position_side,
    read_text,
)
from exchange_simulator.decimals import ZERO

_WITH_PRICE = frozenset({"STOP", "TAKE_PROFIT"})
_TIMES_IN_FORCE = frozenset({"GTC", "IOC", "FOK", "GTX", "GTE_GTC"})
_WORKING_TYPES = frozenset({"CONTRACT_PRICE", "MARK_PRICE"})
_LEAST_CALLBACK = Decimal("0.1")
_MOST_CALLBACK = Decimal(20)


def new_algo(
    params: Mapping[str, str], rules: Mapping[str, SymbolRules], *, hedge_mode: bool
) -> NewAlgo:
    """Read and check the parameters of POST algoOrder.

    Raises:
        Rejection: with the exchange's code.
    """
    read_text(params, "algoType")
    read_choice(params, "algoType", frozenset({"CONDITIONAL"}), "")
    symbol = read_text(params, "symbol")
    if symbol not in rules:
        raise Rejection(-1121)
    if read_text(params, "side") not in {"BUY", "SELL"}:
        raise Rejection(-1117)
    kind = read_text(params, "type")
    if kind not in CONDITIONAL_TYPES:
        raise Rejection(-1116)
    position_side = read_position_side(params, hedge_mode=hedge_mode)
    trailing = kind == "TRAILING_STOP_MARKET"
    wish = NewAlgo(
        symbol=symbol,
        side=params["side"],
        type=kind,
        time_in_force=_time_in_force(params),
        quantity=_quantity(params, kind),
        price=read_number(params, "price") if kind in _WITH_PRICE else None,
        trigger_price=None if trailing else read_number(params, "triggerPrice"),
        activate_price=_optional(params, "activatePrice") if trailing else None,
        callback_rate=_callback(params) if trailing else None,
        by_mark=read_choice(params, "workingType", _WORKING_TYPES, "CONTRACT_PRICE")
        == "MARK_PRICE",
        close_position=read_flag(params, "closePosition"),
        price_protect=read_flag(params, "priceProtect"),
        reduce_only=read_flag(params, "reduceOnly"),
        client_algo_id=read_client_id(params, "clientAlgoId"),
        position_side=position_side,
        stp_mode=read_choice(params, "selfTradePreventionMode", STP_MODES, "EXPIRE_MAKER"),
    )
    _check_numbers(wish, rules[symbol])
    return wish


def child_order(wish: NewAlgo, quantity: Decimal, client_order_id: str) -> NewOrder:
    """The ordinary order it becomes: same client id, MARKET or LIMIT."""
    return NewOrder(
        symbol=wish.symbol,
        side=wish.side,
        type=wish.child_type,
        time_in_force="GTC" if wish.time_in_force == "GTE_GTC" else wish.time_in_force,
        quantity=quantity,
        price=wish.price,
        reduce_only=wish.reduce_only or (wish.close_position and wish.position_side == BOTH),
        client_order_id=client_order_id,
        position_side=wish.position_side,
        stp_mode=wish.stp_mode,
    )


def _check_numbers(wish: NewAlgo, rules: SymbolRules) -> None:
    if not wish.close_position:
        check_quantity(child_order(wish, wish.quantity, ""), rules)
    for price in (wish.price, wish.trigger_price, wish.activate_price):
        if price is not None:
            check_price(price, rules)


def _quantity(params: Mapping[str, str], kind: str) -> Decimal:
    if not read_flag(params, "closePosition"):
        return read_number(params, "quantity")
    if kind not in {"STOP_MARKET", "TAKE_PROFIT_MARKET"}:
        raise Rejection(-4136)
    if params.get("quantity"):
        raise Rejection(-4137)
    if params.get("reduceOnly"):
        raise Rejection(-4138)
    return ZERO


def _callback(params: Mapping[str, str]) -> Decimal:
    rate = read_number(params, "callbackRate")
    if not _LEAST_CALLBACK <= rate <= _MOST_CALLBACK:
        raise Rejection(-2007)
    return rate


def _optional(params: Mapping[str, str], name: str) -> Decimal | None:
    return read_number(params, name) if params.get(name) else None


def _time_in_force(params: Mapping[str, str]) -> str:
    value = params.get("timeInForce", "GTC")
    if value not in _TIMES_IN_FORCE:
        raise Rejection(-1115)
    return value
