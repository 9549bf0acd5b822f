"""Prices of a simulated market that moves."""

from decimal import Decimal

from trading_platform_order.domain.money import BPS, floor_to_step


def moved(price: Decimal, bps: int) -> Decimal:
    """The price by so much higher, to four digits, which both exchanges' price steps divide."""
    step = Decimal(1).scaleb(price.adjusted() - 3)
    return floor_to_step(price + price * bps / BPS, step)
