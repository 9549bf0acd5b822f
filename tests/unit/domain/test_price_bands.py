"""An order's price lies on the step of its own band."""

from decimal import Decimal

import pytest

from trading_platform_order.domain.market import Instrument, PriceBand
from trading_platform_order.domain.venue import Venue

BANDS = (
    PriceBand(Decimal(10_000), Decimal(10)),
    PriceBand(Decimal(5_000), Decimal(5)),
    PriceBand(Decimal(0), Decimal(1)),
)


def instrument(*bands: PriceBand) -> Instrument:
    return Instrument(
        venue=Venue.UPBIT,
        symbol="LINK-KRW",
        price_tick=Decimal(5),
        quantity_step=Decimal("0.00000001"),
        min_quantity=Decimal("0.00000001"),
        max_quantity=Decimal(0),
        min_notional=Decimal(5_000),
        max_notional=Decimal(0),
        taker_fee_rate=Decimal("0.0005"),
        price_bands=bands,
    )


@pytest.mark.parametrize(
    ("price", "below", "above"),
    [
        ("9990", "9990", "9990"),
        ("9992.4", "9990", "9995"),
        ("9998", "9995", "10000"),
        ("10004", "10000", "10010"),
        ("4999.5", "4999", "5000"),
        ("5001", "5000", "5005"),
        ("5000", "5000", "5000"),
    ],
)
def test_prices_are_rounded_to_the_step_of_their_own_band(
    price: str, below: str, above: str
) -> None:
    market = instrument(*BANDS)
    assert market.floor_price(Decimal(price)) == Decimal(below)
    assert market.ceil_price(Decimal(price)) == Decimal(above)


def test_without_bands_one_step_holds_for_every_price() -> None:
    market = instrument()
    assert market.floor_price(Decimal(10_009)) == Decimal(10_005)
    assert market.ceil_price(Decimal(10_001)) == Decimal(10_005)
