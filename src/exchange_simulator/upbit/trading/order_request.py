"""Reading POST /v1/orders: what may be asked, and how this exchange says no.

Upbit docs new-order @2026-08-21. Funds and the visible depth are judged later, by the matching.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from exchange_simulator.decimals import ZERO
from exchange_simulator.upbit.errors import Refusal, sided
from exchange_simulator.upbit.numbers import (
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
    """A request that is well formed.

    Attributes:
        price: unit price of a limit order; KRW total where :attr:`takes_quote`.
        smp_type: ``None`` only before 2026-11-09.
    """

    market: str
    side: str
    ord_type: str
    price: Decimal | None
    volume: Decimal | None
    time_in_force: str | None
    smp_type: str | None

    @property
    def takes_quote(self) -> bool:
        """It spends a KRW total instead of asking for a volume."""
        return self.ord_type == "price" or (self.ord_type == "best" and self.side == "bid")


def read_identifier(body: Mapping[str, str | None], *, name: str = "identifier") -> str | None:
    """The identifier, if one is given.

    Raises:
        Refusal: longer than 64 characters or with characters outside ``[A-Za-z0-9_.-]``.
    """
    identifier = body.get(name)
    if identifier is not None and not _IDENTIFIER.fullmatch(identifier):
        raise Refusal("invalid_parameter", detail="identifier")
    return identifier


def read_order(body: Mapping[str, str | None], *, has_default_smp: bool) -> OrderRequest:
    """The order asked for; ``has_default_smp``: as from 2026-11-09 on.

    Raises:
        Refusal: with the name the exchange gives to what is wrong.
    """
    given = {name: value for name, value in body.items() if value is not None}
    if unknown := given.keys() - _FIELDS - {"identifier"}:
        raise Refusal("invalid_parameter", detail=", ".join(sorted(unknown)))
    side, ord_type = given.get("side"), given.get("ord_type")
    if side not in {"bid", "ask"} or "market" not in given:
        raise Refusal("validation_error", detail="market, side")
    if ord_type not in {"limit", "price", "market", "best"}:
        raise Refusal("validation_error", detail="ord_type")
    request = OrderRequest(
        market=given["market"],
        side=side,
        ord_type=ord_type,
        price=_read_price(given, side),
        volume=_read_volume(given, side),
        time_in_force=given.get("time_in_force"),
        smp_type=_read_smp_type(given, has_default_smp=has_default_smp),
    )
    _check_combination(request)
    return request


def read_replacement(
    body: Mapping[str, str | None],
    *,
    market: str,
    side: str,
    remaining: Decimal | None,
    has_default_smp: bool,
) -> OrderRequest:
    """The new order of POST /v1/orders/cancel_and_new (docs @2026-08-25).

    Raises:
        Refusal: as :func:`read_order`.
    """
    names = {"prev_order_uuid", "prev_order_identifier", "new_identifier"}
    fields = {"new_ord_type", "new_volume", "new_price", "new_time_in_force", "new_smp_type"}
    if unknown := body.keys() - names - fields:
        raise Refusal("invalid_parameter", detail=", ".join(sorted(unknown)))
    given = {name.removeprefix("new_"): body[name] for name in fields & body.keys()}
    if given.get("volume") == "remain_only":
        if remaining is None:
            raise Refusal("invalid_parameter", detail="new_volume")
        given["volume"] = format(remaining, "f")
    order = {**given, "market": market, "side": side}
    return read_order(order, has_default_smp=has_default_smp)


def check_size(
    request: OrderRequest,
    *,
    reference_price: Decimal,
    least_krw: Decimal = MIN_TOTAL_KRW,
    tick_at: Callable[[Decimal], Decimal] = tick_size,
) -> None:
    """The least and the largest total, and the price step.

    Args:
        request: the order asked for.
        reference_price: values a market sell, KRW.
        least_krw: the smallest total.
        tick_at: the market's price step at a price.

    Raises:
        Refusal: ``invalid_price_…``, ``under_min_total_…`` or ``over_krw_funds_…``.
    """
    if request.takes_quote:
        total = request.price or Decimal(0)
    else:
        volume = request.volume or Decimal(0)
        total = volume * (request.price or reference_price)
    price = request.price
    if request.ord_type == "limit" and price and not is_on_step(price, tick_at(price)):
        raise Refusal(sided("invalid_price", request.side))
    if total < least_krw:
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


def _read_smp_type(given: Mapping[str, str], *, has_default_smp: bool) -> str | None:
    # Planned for 2026-11-09: left out means cancel_maker, and none for a post_only order.
    is_post_only = given.get("time_in_force") == "post_only"
    default = "none" if is_post_only else "cancel_maker"
    smp_type = given.get("smp_type", default if has_default_smp else None)
    known = _SMP_TYPES if has_default_smp else _SMP_TYPES - {"none"}
    if smp_type is not None and smp_type not in known:
        raise Refusal("invalid_parameter", detail="smp_type")
    if is_post_only and smp_type not in {None, "none"}:
        raise Refusal("invalid_post_only")
    return smp_type


# Whether a price and whether a volume must be given.
_WANTS = {
    ("limit", "bid"): (True, True),
    ("limit", "ask"): (True, True),
    ("price", "bid"): (True, False),
    ("market", "ask"): (False, True),
    ("best", "bid"): (True, False),
    ("best", "ask"): (False, True),
}
_TIMES_IN_FORCE: Mapping[str, frozenset[str | None]] = {
    "limit": frozenset({None, "ioc", "fok", "post_only"}),
    "best": frozenset({"ioc", "fok"}),
    "price": frozenset({None}),
    "market": frozenset({None}),
}


def _check_combination(request: OrderRequest) -> None:
    wants = _WANTS.get((request.ord_type, request.side))
    if wants != (request.price is not None, request.volume is not None):
        raise Refusal(f"create_{request.side}_error")
    if request.time_in_force not in _TIMES_IN_FORCE[request.ord_type]:
        raise Refusal("invalid_time_in_force")


class Lock(NamedTuple):
    """What an order sets aside; ``fee`` is the part of ``amount`` reserved for the fee."""

    asset: str
    amount: Decimal
    fee: Decimal


def to_lock(request: OrderRequest, fee_rate: Decimal) -> Lock:
    """What a new order sets aside; the fee of a purchase is paid beside its money."""
    if request.side == "ask":
        asset = request.market.removeprefix("KRW-")
        return Lock(asset=asset, amount=request.volume or ZERO, fee=ZERO)
    total = request.price or ZERO
    if request.volume is not None:
        total *= request.volume
    fee = total * fee_rate
    return Lock(asset="KRW", amount=total + fee, fee=fee)
