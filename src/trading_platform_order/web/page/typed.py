"""What is ordered at the page for good must have been read: its amount is typed, and compared."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from litestar import Request

from trading_platform_order.domain.money import ZERO, parse_decimal
from trading_platform_order.web.problems import RequestRefused
from trading_platform_order.web.world import WebWorld
from trading_platform_order.words.text import Language

TOLERANCE = Decimal("0.05")
"""Prices move while somebody types."""


def value_krw(
    positions: Iterable[Mapping[str, Any]], symbol: str | None = None, strategy: str | None = None
) -> Decimal:
    """What these pairs are worth, whole KRW; 0 where a price is missing: nobody can read it."""
    total = ZERO
    for row in positions:
        is_meant = symbol in {None, row["symbol"]} and strategy in {None, row["strategy"]}
        if not is_meant:
            continue
        if row["value_krw"] is None:
            return ZERO
        total += Decimal(str(row["value_krw"]))
    return total.quantize(Decimal(1))


def fits(typed_krw: Decimal, now_krw: Decimal) -> bool:
    """It is that amount, as far as prices let one know."""
    return abs(typed_krw - now_krw) <= now_krw * TOLERANCE


async def require_typed(
    request: Request[Any, Any, Any],
    world: WebWorld,
    typed: str | None,
    symbol: str | None = None,
    strategy: str | None = None,
) -> None:
    """A login types the amount; whoever signs a request has a program of their own.

    Raises:
        RequestRefused: another amount was typed, or none.
    """
    if not request.scope["state"].get("who"):
        return
    home = await world.page.home(Language.EN)
    now_krw = value_krw(home["positions"], symbol, strategy)
    if typed is None or not fits(parse_decimal(typed), now_krw):
        raise RequestRefused(
            HTTPStatus.CONFLICT,
            "another_amount",
            f"it is {now_krw} KRW now; another amount was typed, nothing was ordered",
            "read it again, and type it",
        )
