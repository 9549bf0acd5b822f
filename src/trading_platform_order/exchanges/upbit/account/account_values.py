"""A holding of coins, as the rest of the system sees it."""

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Position
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.upbit.requests import parse, wire


def position_of(symbol: str, rows: list[wire.Account]) -> Position:
    """Balance plus locked, with Upbit's own average buying price.

    Raises:
        ValueError: a figure is no number that could be.
    """
    held = [parse.balance(row) for row in rows]
    return Position(
        exchange=Venue.UPBIT,
        symbol=symbol,
        quantity=sum((row.total for row in held), ZERO),
        entry_price=next((r.avg_buy_price for r in rows if r.unit_currency == "KRW"), ZERO),
        mark_price=ZERO,
        liquidation_price=ZERO,
    )
