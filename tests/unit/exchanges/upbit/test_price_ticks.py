"""Upbit's price steps: the published rule, held against what it answers for a market."""

from decimal import Decimal

import pytest

from trading_platform_order.domain.market import PriceBand
from trading_platform_order.exchanges.upbit.market.price_ticks import KRW_BANDS, price_bands


def step(bands: tuple[PriceBand, ...], price: str) -> Decimal:
    return next(band.tick for band in bands if Decimal(price) >= band.lowest)


@pytest.mark.parametrize(
    ("told", "prices"),
    [
        ("5", ["9985", "9990"]),
        ("1", ["386", "387"]),
        ("1", ["99.9", "100"]),  # the price crossed 100 between the answer and the book
        ("0.1", ["100", "101"]),
        ("1", []),
    ],
)
def test_an_answer_that_agrees_confirms_the_rule(told: str, prices: list[str]) -> None:
    assert price_bands(Decimal(told), map(Decimal, prices)) == KRW_BANDS


def test_an_exception_holds_where_it_was_told_and_the_coarser_step_elsewhere() -> None:
    bands = price_bands(Decimal("0.5"), [Decimal(1_390), Decimal(1_391)])
    assert step(bands, "1390") == step(bands, "4999") == Decimal("0.5")
    assert step(bands, "5000") == Decimal(5)
    assert step(bands, "99") == Decimal("0.5")


def test_a_coarser_rule_than_the_published_one_holds_everywhere_below() -> None:
    bands = price_bands(Decimal(10), [Decimal(1_390), Decimal(1_400)])
    assert [step(bands, price) for price in ("99", "1390", "6000", "60000")] == [
        Decimal(10),
        Decimal(10),
        Decimal(10),
        Decimal(50),
    ]


def test_an_unknown_step_without_a_book_is_never_too_fine() -> None:
    bands = price_bands(Decimal("0.5"), [])
    assert [step(bands, price) for price in ("99", "1390", "6000")] == [
        Decimal("0.5"),
        Decimal(1),
        Decimal(5),
    ]
