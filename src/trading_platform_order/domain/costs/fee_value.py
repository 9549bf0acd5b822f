"""What a fee is worth in the quote asset, also where it was paid in another one (``BNB``).

The exchange names a fee in the asset it took. A fee in the quote asset is its own value. One in
another asset is worth what that asset cost at the time of the fill: the exchange's adapter writes
it into the fill when it knows a price that is young enough. Where it knew none the fee must not
count as nothing, since limits and profit would look too good: it counts as a fee above any that the
exchanges take, and is told as an estimate.
"""

from decimal import Decimal

from trading_platform_order.domain.order import Fill, quote_asset

ESTIMATED_FEE_RATE = Decimal("0.001")
"""Part of the traded value. Taker fees of both exchanges are below this (Upbit 0.05 %, Binance
USDS-M 0.05 % at VIP 0, less when paid in BNB)."""


def is_in_quote(fill: Fill) -> bool:
    """The fee was taken in the quote asset itself."""
    return fill.fee_asset == quote_asset(fill.symbol)


def is_estimated(fill: Fill) -> bool:
    """The fee was paid in an asset whose price at the time of the fill is not known."""
    return not is_in_quote(fill) and fill.fee_quote is None and fill.fee != 0


def fee_in_quote(fill: Fill) -> Decimal:
    """The fee in the quote asset: KRW of the spot leg, USDT of the hedge; positive was paid."""
    if is_in_quote(fill):
        return fill.fee
    if fill.fee_quote is not None:
        return fill.fee_quote
    return fill.price * fill.quantity * ESTIMATED_FEE_RATE if fill.fee else fill.fee
