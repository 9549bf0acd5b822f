"""Upbit's price steps: its rule for every price, held against what it answers for a market.

``GET /v1/orderbook/instruments`` tells the step of the market's present price and no other. An
order may lie in another band: a limit a few basis points away, or any order a minute after the
price has crossed an edge. The rule for all prices is published, with exceptions for single markets
that only the answer knows. Steps of lower bands divide those of higher ones, so in doubt the
coarser step is a step of both.
"""

from collections.abc import Iterable
from decimal import Decimal

from trading_platform_order.domain.market import Book, PriceBand
from trading_platform_order.exchanges.port.stream_events import MarketEvent, MarketSink

#: KRW markets since 2025-07-31 (Upbit docs krw-market-info @2026-05-04)
KRW_BANDS = tuple(
    PriceBand(Decimal(lowest), Decimal(tick))
    for lowest, tick in (
        ("1000000", "1000"),
        ("500000", "500"),
        ("100000", "100"),
        ("50000", "50"),
        ("10000", "10"),
        ("5000", "5"),
        ("100", "1"),
        ("10", "0.1"),
        ("1", "0.01"),
        ("0.1", "0.001"),
        ("0.01", "0.0001"),
        ("0.001", "0.00001"),
        ("0.0001", "0.000001"),
        ("0.00001", "0.0000001"),
        ("0", "0.00000001"),
    )
)
#: how far the price may have moved between the answer and the book it is held against
_MOVED = (Decimal("0.99"), Decimal(1), Decimal("1.01"))


def price_bands(told: Decimal, prices: Iterable[Decimal]) -> tuple[PriceBand, ...]:
    """The price steps of a market.

    Args:
        told: its step by the exchange's own answer, KRW.
        prices: its best bid and ask at about that time, KRW; none if no book was seen.

    Returns:
        The published rule if the answer agrees with it. Else the answer for the band it was told
        in, and for all others whichever step is coarser.
    """
    near = [price * moved for price in prices for moved in _MOVED]
    held = [_band_of(price) for price in near] or list(KRW_BANDS)
    if any(band.tick == told for band in held):
        return KRW_BANDS
    here = {band.lowest for band in held} if near else set()
    return tuple(
        PriceBand(lowest, told if lowest in here else max(told, tick)) for lowest, tick in KRW_BANDS
    )


def _band_of(price: Decimal) -> PriceBand:
    return next(band for band in KRW_BANDS if price >= band.lowest)


class SeenPrices:
    """The best prices of each market as the stream told them last."""

    def __init__(self) -> None:
        self._books: dict[str, Book] = {}

    def noting(self, sink: MarketSink) -> MarketSink:
        """A sink that hands on to this one, and looks at the books on the way."""

        def note(event: MarketEvent) -> None:
            if isinstance(event, Book):
                self._books[event.symbol] = event
            sink(event)

        return note

    def bands(self, symbol: str, told: Decimal) -> tuple[PriceBand, ...]:
        """:func:`price_bands` of a market that answers this step now."""
        book = self._books.get(symbol)
        sides = () if book is None else (book.bids, book.asks)
        return price_bands(told, [side[0].price for side in sides if side])
