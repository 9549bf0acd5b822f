"""Reading, rounding and writing amounts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_platform_order.domain.money import (
    are_prices,
    ceil_to_step,
    floor_to_step,
    is_plausible,
    parse_decimal,
    plain,
)

amounts = st.decimals(
    min_value=Decimal("-1e12"), max_value=Decimal("1e12"), places=8, allow_nan=False
)
steps = st.sampled_from([Decimal(text) for text in ("0.00000001", "0.001", "0.5", "1", "5", "100")])


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", "1"), ("0.10", "0.10"), ("1e-5", "0.00001"), (7, "7"), ("-3.5", "-3.5")],
)
def test_finite_numbers_are_read_exactly(text: str | int, value: str) -> None:
    assert parse_decimal(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["NaN", "sNaN", "Infinity", "-inf", "1e", "", "one", "1,000", "0x1"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        parse_decimal(text)


@pytest.mark.parametrize("step", ["0", "-0.001"])
def test_a_step_must_be_positive(step: str) -> None:
    with pytest.raises(ValueError, match="positive"):
        floor_to_step(Decimal(1), Decimal(step))
    with pytest.raises(ValueError, match="positive"):
        ceil_to_step(Decimal(1), Decimal(step))


@given(amounts, steps)
def test_rounding_goes_the_named_way_by_less_than_one_step(value: Decimal, step: Decimal) -> None:
    low, high = floor_to_step(value, step), ceil_to_step(value, step)
    assert low % step == high % step == 0
    assert value - step < low <= value <= high < value + step
    assert floor_to_step(low, step) == ceil_to_step(low, step) == low


def test_rounding_is_exact_beyond_the_usual_precision() -> None:
    value = Decimal("123456789012345678901234567.99999999")
    assert floor_to_step(value, Decimal("0.001")) == Decimal("123456789012345678901234567.999")


@given(amounts)
def test_plain_text_reads_back_and_has_no_exponent(value: Decimal) -> None:
    text = plain(value)
    assert Decimal(text) == value
    assert set(text) <= set("-0123456789.")
    assert text == "0" or not text.endswith(".")
    assert "." not in text or not text.endswith("0")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1E+3", "1000"),
        ("1E-8", "0.00000001"),
        ("1.20E-9", "0.0000000012"),
        ("0E-9", "0"),
        ("-0E-9", "0"),
        ("-0.00", "0"),
        ("1500.10", "1500.1"),
        ("0", "0"),
    ],
)
def test_plain_golden(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


@given(st.lists(amounts, min_size=1))
def test_prices_are_all_positive(values: list[Decimal]) -> None:
    assert are_prices(values) == all(value > 0 and is_plausible(value) for value in values)


@pytest.mark.parametrize("odd", ["1E-900", "1E+900", "Infinity", "0", "-0.01"])
@pytest.mark.parametrize("place", range(3))
def test_one_figure_that_cannot_be_spoils_them_all(odd: str, place: int) -> None:
    values = [Decimal(5), Decimal(6), Decimal(7)]
    values[place] = Decimal(odd)
    assert not are_prices(values)
