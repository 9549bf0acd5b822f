"""Reading POST /v1/orders: what may be asked, and how this exchange says no.

Upbit docs new-order @2026-08-21. Funds and the visible depth are judged later, by the matching.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from trading_platform_order.simulator.upbit.errors import Refusal, sided
from trading_platform_order.simulator.upbit.numbers import (
    MAX_TOTAL_KRW,
    MIN_TOTAL_KRW,
    VOLUME_STEP,
    is_on_step,
    read_amount,
    tick_size,
)

# Only the length is documented for orders; the characters are those documented for transfers.
_IDENTIFIER = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SMP_TYPES = {"cancel_maker", "cancel_taker", "reduce", "none"}
_FIELDS = {"market", "side", "ord_type", "volume", "price", "time_in_force", "smp_type"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """A request that is well formed; ``price`` is the KRW total for ``ord_type`` price."""

    market: str
    side: str
    ord_type: str
    price: Decimal | None
    volume: Decimal | None
    time_in_force: str | None
    smp_type: str


def read_identifier(body: Mapping[str, str | None]) -> str | None:
    """The identifier, if one is given.

    Raises:
        Refusal: longer than 64 characters or with characters outside ``[A-Za-z0-9_.-]``.
    """
    identifier = body.get("identifier")
    if identifier is not None and not _IDENTIFIER.fullmatch(identifier):
        raise Refusal("invalid_parameter", detail="identifier")
    return identifier


def read_order(body: Mapping[str, str | None]) -> OrderRequest:
    """The order asked for.

    Raises:
        Refusal: with the name the exchange gives to what is wrong.
    """
    given = {name: value for name, value in body.items() if value is not None}
    if unknown := given.keys() - _FIELDS - {"identifier"}:
        raise Refusal("invalid_parameter", detail=", ".join(sorted(unknown)))
    side, ord_type = given.get("side"), given.get("ord_type")
    if side not in {"bid", "ask"} or "market" not in given:
        raise Refusal("validation_error", detail="market, side")
    if ord_type not in {"limit", "price", "market"}:
        raise Refusal("validation_error", detail="ord_type")
    request = OrderRequest(
        market=given["market"],
        side=side,
        ord_type=ord_type,
        price=_read_price(given, side),
        volume=_read_volume(given, side),
        time_in_force=given.get("time_in_force"),
        smp_type=_read_smp_type(given),
    )
    _check_combination(request)
    return request


def check_size(request: OrderRequest, *, reference_price: Decimal) -> None:
    """The least and the largest total, and the price step.

    Args:
        request: the order asked for.
        reference_price: values a market sell, KRW.

    Raises:
        Refusal: ``invalid_price_…``, ``under_min_total_…`` or ``over_krw_funds_…``.
    """
    if request.ord_type == "price":
        total = request.price or Decimal(0)
    else:
        volume = request.volume or Decimal(0)
        total = volume * (request.price or reference_price)
    price = request.price
    if request.ord_type == "limit" and price and not is_on_step(price, tick_size(price)):
        raise Refusal(sided("invalid_price", request.side))
    if total < MIN_TOTAL_KRW:
        raise Refusal(sided("under_min_total", request.side))
    if total > MAX_TOTAL_KRW:
        raise Refusal(sided("over_krw_funds", request.side))


def _read_price(given: Mapping[str, str], side: str) -> Decimal | None:
    if "price" not in given:
        return None
    price = read_amount(given["price"])
    if price is None:
        raise Refusal(sided("invalid_price", side))
    return price


def _read_volume(given: Mapping[str, str], side: str) -> Decimal | None:
    if "volume" not in given:
        return None
    volume = read_amount(given["volume"])
    if volume is None or not is_on_step(volume, VOLUME_STEP):
        raise Refusal(sided("invalid_volume", side))
    return volume


def _read_smp_type(given: Mapping[str, str]) -> str:
    # Planned for 2026-11-09: left out means cancel_maker, and none for a post_only order.
    is_post_only = given.get("time_in_force") == "post_only"
    smp_type = given.get("smp_type", "none" if is_post_only else "cancel_maker")
    if smp_type not in _SMP_TYPES:
        raise Refusal("invalid_parameter", detail="smp_type")
    if is_post_only and smp_type != "none":
        raise Refusal("invalid_post_only")
    return smp_type


def _check_combination(request: OrderRequest) -> None:
    wants = {
        ("limit", "bid"): (True, True),
        ("limit", "ask"): (True, True),
        ("price", "bid"): (True, False),
        ("market", "ask"): (False, True),
    }.get((request.ord_type, request.side))
    if wants != (request.price is not None, request.volume is not None):
        raise Refusal(f"create_{request.side}_error")
    allowed = {None, "ioc", "fok", "post_only"} if request.ord_type == "limit" else {None}
    if request.time_in_force not in allowed:
        raise Refusal("invalid_time_in_force")
