"""What a new order would meet in the book, judged at its acceptance."""

from decimal import Decimal

from exchange_simulator.binance.errors import Rejection
from exchange_simulator.binance.market_data.symbols import MULTIPLIER_DOWN, MULTIPLIER_UP
from exchange_simulator.binance.trading.order import NewOrder
from exchange_simulator.decimals import ZERO
from exchange_simulator.market.book import SimulatedBook


def check_immediate(wish: NewOrder, book: SimulatedBook) -> None:
    """An order that must not take, or must fill whole.

    Raises:
        Rejection: -5022 or -5021.
    """
    if wish.time_in_force not in {"GTX", "FOK"}:
        return
    levels = [
        level
        for level in book.opposite(is_buy=wish.is_buy)
        if level.quantity > 0 and wish.price is not None
        if (level.price <= wish.price if wish.is_buy else level.price >= wish.price)
    ]
    if wish.time_in_force == "GTX" and levels:
        raise Rejection(-5022)
    reachable = sum((level.quantity for level in levels), ZERO)
    if wish.time_in_force == "FOK" and reachable < wish.quantity:
        raise Rejection(-5021)


def worst_price(mark: Decimal, *, is_buy: bool) -> Decimal:
    """Beyond this price (USDT) a market order takes nothing; what is left of it expires."""
    return mark * (MULTIPLIER_UP if is_buy else MULTIPLIER_DOWN)


def check_counterparty(wish: NewOrder, book: SimulatedBook, mark: Decimal) -> None:
    """A market order needs somebody within the bound.

    Raises:
        Rejection: -4131.
    """
    if wish.type != "MARKET":
        return
    worst = worst_price(mark, is_buy=wish.is_buy)
    best = next((row.price for row in book.opposite(is_buy=wish.is_buy) if row.quantity > 0), None)
    if best is None or (best > worst if wish.is_buy else best < worst):
        raise Rejection(-4131)
