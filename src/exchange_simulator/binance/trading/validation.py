"""From request parameters to a :class:`NewOrder`: everything that does not depend on the account.

Codes: Binance error-code page and exchangeInfo filters as of 2026-11. Conditional orders moved to
another endpoint in 2025-12, hence -4120. RPI and ``priceMatch`` are refused as invalid.
"""

import re
from collections.abc import Mapping
from decimal import Decimal

from exchange_simulator.binance.errors import Rejection, missing
from exchange_simulator.binance.margin.position_key import BOTH, HEDGE_SIDES
from exchange_simulator.binance.market_data.symbols import (
    MULTIPLIER_DOWN,
    MULTIPLIER_UP,
    SymbolRules,
)
from exchange_simulator.binance.trading.order import NewOrder
from exchange_simulator.decimals import parse_decimal, plain

CONDITIONAL_TYPES = frozenset(
    {"STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"}
)
TIMES_IN_FORCE = frozenset({"GTC", "IOC", "FOK", "GTX", "GTD"})
STP_MODES = frozenset({"NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"})
CLIENT_ID_LENGTH = 36
GOOD_TILL_LEAST_MS = 600_000
GOOD_TILL_MOST_MS = 253_402_300_799_000
_CLIENT_ID = re.compile(r"[.A-Z:/a-z0-9_-]+")
_NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,20})?")


def new_order(
    params: Mapping[str, str], rules: Mapping[str, SymbolRules], *, hedge_mode: bool
) -> NewOrder:
    """Read and check the parameters of POST order.

    Raises:
        Rejection: with the exchange's code.
    """
    symbol = read_text(params, "symbol")
    if symbol not in rules:
        raise Rejection(-1121)
    if rules[symbol].status != "TRADING":
        raise Rejection(-4108)
    side = read_text(params, "side")
    if side not in {"BUY", "SELL"}:
        raise Rejection(-1117)
    kind = read_text(params, "type")
    if kind in CONDITIONAL_TYPES:
        raise Rejection(-4120)
    if kind not in {"LIMIT", "MARKET"}:
        raise Rejection(-1116)
    position_side = read_position_side(params, hedge_mode=hedge_mode)
    if params.get("priceMatch", "NONE") != "NONE":
        raise Rejection(-1130)
    is_limit = kind == "LIMIT"
    wish = NewOrder(
        symbol=symbol,
        side=side,
        type=kind,
        time_in_force=_time_in_force(params) if is_limit else "GTC",
        quantity=read_number(params, "quantity"),
        price=read_number(params, "price") if is_limit else None,
        reduce_only=read_flag(params, "reduceOnly"),
        client_order_id=read_client_id(params, "newClientOrderId"),
        position_side=position_side,
        stp_mode=read_choice(params, "selfTradePreventionMode", STP_MODES, "EXPIRE_MAKER"),
        good_till_ms=_good_till_ms(params) if is_limit else 0,
    )
    check_quantity(wish, rules[symbol])
    if wish.price is not None:
        check_price(wish.price, rules[symbol])
    return wish


def check_quantity(wish: NewOrder, rules: SymbolRules) -> None:
    """LOT_SIZE or MARKET_LOT_SIZE.

    Raises:
        Rejection: -4003, -1111, -4023, -4004, -4005.
    """
    quantity = wish.quantity
    most = rules.max_quantity if wish.type == "LIMIT" else rules.max_market_quantity
    if quantity <= 0:
        raise Rejection(-4003)
    if _decimals(quantity) > rules.quantity_precision:
        raise Rejection(-1111)
    if quantity < rules.step:
        raise Rejection(-4004)
    if quantity > most:
        raise Rejection(-4005)
    if quantity % rules.step:
        raise Rejection(-4023)


def check_price(price: Decimal, rules: SymbolRules) -> None:
    """PRICE_FILTER.

    Raises:
        Rejection: -4001, -1111, -4013, -4002, -4014.
    """
    if price <= 0:
        raise Rejection(-4001)
    if _decimals(price) > rules.price_precision:
        raise Rejection(-1111)
    if price < rules.min_price:
        raise Rejection(-4013)
    if price > rules.max_price:
        raise Rejection(-4002)
    if price % rules.tick:
        raise Rejection(-4014)


def check_against_mark(wish: NewOrder, rules: SymbolRules, mark: Decimal) -> None:
    """PERCENT_PRICE (one-sided) and MIN_NOTIONAL; a MARKET order is valued at the mark price.

    Raises:
        Rejection: -4016, -4024, -4164.
    """
    if wish.price is not None:
        most, least = mark * MULTIPLIER_UP, mark * MULTIPLIER_DOWN
        if wish.is_buy and wish.price > most:
            raise Rejection(-4016, f"Limit price can't be higher than {plain(most)}.")
        if not wish.is_buy and wish.price < least:
            raise Rejection(-4024, f"Limit price can't be lower than {plain(least)}.")
    notional = wish.quantity * (wish.price or mark)
    if notional < rules.min_notional and not wish.reduces:
        raise Rejection(
            -4164,
            f"Order's notional must be no smaller than {plain(rules.min_notional)} "
            "(unless you choose reduce only).",
        )


def check_good_till(wish: NewOrder, now_ms: int) -> None:
    """A GTD order lives for more than ten minutes, and not beyond the year 9999.

    Raises:
        Rejection: -5040.
    """
    if wish.time_in_force != "GTD":
        return
    if not now_ms + GOOD_TILL_LEAST_MS < wish.good_till_ms < GOOD_TILL_MOST_MS:
        raise Rejection(-5040, "The goodTillDate timestamp must be over 600 seconds from now.")


def read_position_side(params: Mapping[str, str], *, hedge_mode: bool) -> str:
    """BOTH in one-way mode, LONG or SHORT in hedge mode, where ``reduceOnly`` may not be sent.

    Raises:
        Rejection: -4061, -4062.
    """
    side = params.get("positionSide", BOTH)
    if side not in (HEDGE_SIDES if hedge_mode else {BOTH}):
        raise Rejection(-4061)
    if hedge_mode and "reduceOnly" in params:
        raise Rejection(-4062)
    return side


def read_text(params: Mapping[str, str], name: str) -> str:
    """A mandatory text; -1102 without it."""
    value = params.get(name, "")
    if not value:
        raise missing(name)
    return value


def read_number(params: Mapping[str, str], name: str) -> Decimal:
    """A mandatory decimal; -1102 without it, -1100 where it is none."""
    text = read_text(params, name)
    if not _NUMBER.fullmatch(text):
        raise Rejection(
            -1100,
            f"Illegal characters found in parameter '{name}'; "
            "legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.",
        )
    return parse_decimal(text)


def read_flag(params: Mapping[str, str], name: str) -> bool:
    """``true`` or ``false`` in any case, false by default; -1130 for anything else."""
    value = {name: params.get(name, "false").lower()}
    return read_choice(value, name, frozenset({"true", "false"}), "false") == "true"


def read_choice(params: Mapping[str, str], name: str, allowed: frozenset[str], default: str) -> str:
    """One of ``allowed``; -1130 for anything else."""
    value = params.get(name, default)
    if value not in allowed:
        raise Rejection(-1130, f"Data sent for parameter '{name}' is not valid.")
    return value


def _time_in_force(params: Mapping[str, str]) -> str:
    value = read_text(params, "timeInForce")
    if value not in TIMES_IN_FORCE:
        raise Rejection(-1115)
    return value


def _good_till_ms(params: Mapping[str, str]) -> int:
    """When a GTD order ends, to the second; 0 for any other."""
    if params.get("timeInForce") != "GTD":
        return 0
    text = params.get("goodTillDate", "")
    if not text.isdecimal():
        raise missing("goodTillDate")
    return int(text) // 1_000 * 1_000


def read_client_id(params: Mapping[str, str], name: str) -> str | None:
    """A client's own id, 36 characters of a small alphabet; ``None`` if not given.

    Raises:
        Rejection: -4015, -1100.
    """
    value = params.get(name)
    if value is None:
        return None
    if not 0 < len(value) <= CLIENT_ID_LENGTH:
        raise Rejection(-4015)
    if not _CLIENT_ID.fullmatch(value):
        raise Rejection(-1100, f"Illegal characters found in parameter '{name}'.")
    return value


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
