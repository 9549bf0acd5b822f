"""Prices of a simulated market that moves."""

from dataclasses import replace
from decimal import Decimal
from functools import cache

from trading_platform_order.domain.money import BPS, floor_to_step
from trading_platform_order.market.candles import Bar
from trading_platform_order.market.generated import SYMBOLS, generate_bars

BARS = 24
BASE = "BTC"

_PARTS_OF_BITCOIN = {
    "SOL": Decimal("0.002"),
    "DOGE": Decimal("0.000002"),
    "SHIB": Decimal("0.0000000006"),
    "TON": Decimal("0.00003"),
}
"""Coins that no market is generated for move as Bitcoin does, at this part of its price."""


@cache
def market_bars(base: str = BASE) -> tuple[Bar, ...]:
    """The market of one base asset that every run walks through."""
    if base in SYMBOLS:
        return tuple(generate_bars(seed=7, bars=BARS, symbol=base))
    part = _PARTS_OF_BITCOIN[base]
    names = ("up_open", "up_high", "up_low", "up_close", "bn_open", "bn_high", "bn_low", "bn_close")
    return tuple(
        replace(bar, **{name: getattr(bar, name) * part for name in names})
        for bar in generate_bars(seed=7, bars=BARS)
    )


def moved(price: Decimal, bps: int) -> Decimal:
    """The price by so much higher, to four digits, which both exchanges' price steps divide."""
    step = Decimal(1).scaleb(price.adjusted() - 3)
    return floor_to_step(price + price * bps / BPS, step)
