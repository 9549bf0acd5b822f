"""How far prices may be apart for an entry; the rules are in ``plausibility``."""

from decimal import Decimal

from trading_platform_order.domain.value import value

LARGE_COINS = ("BTC", "ETH", "XRP", "SOL", "DOGE")


@value
class PlausibilityLimits:
    """How far prices may be apart.

    Attributes:
        ln_max: |ln(Upbit / (Binance x rate))| of an entry: 0.5 is -39 % to +65 %.
        gap_max: premium minus the median premium of the large coins, a fraction.
        lasting_s: a gap that lasted so long, with trades on both sides, is no error.
        trade_age_s_max: the last trade on each side may be so old for that.
        coins: the large coins; at least ``known_min`` of them must have prices.
        price_age_s_max: older prices of a large coin do not count, nor does an older look.
        needs_coins: without enough of them an entry is refused (live); else the check is left out.
    """

    ln_max: float = 0.5
    gap_max: Decimal = Decimal("0.10")
    lasting_s: float = 600.0
    trade_age_s_max: float = 120.0
    coins: tuple[str, ...] = LARGE_COINS
    known_min: int = 3
    price_age_s_max: float = 30.0
    needs_coins: bool = False
