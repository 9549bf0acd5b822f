"""Every condition of the emergency stop at its limit, just over it, and with figures missing."""

from dataclasses import replace

import pytest

from tests.fakes.pair import D
from trading_platform_order.risk.monitors.emergency_stop import (
    EMERGENCY_STOP_CONDITIONS,
    Condition,
    StopLimits,
    StopReading,
    holding,
)

LIMITS = StopLimits()
CALM = StopReading(equity_krw=D(100_000_000), day_pnl_krw=D(0))


def names(**changes: object) -> list[str]:
    found = holding(replace(CALM, **changes), LIMITS)  # type: ignore[arg-type]
    assert all(words.startswith(name) for name, words in found.items())
    return [name.value for name in found]


def test_the_conditions_of_the_specification_are_data() -> None:
    spec = ["daily_loss", "api_error_count", "position_mismatch", "manual_stop_flag"]
    assert [c.value for c in EMERGENCY_STOP_CONDITIONS][:4] == spec
    assert all(condition.meaning for condition in Condition)
    assert names() == []


@pytest.mark.parametrize(
    ("pnl", "expected"),
    [
        ("3000001", []),
        ("-3000000", []),
        ("-3000000.01", ["daily_loss"]),
        ("NaN", ["daily_loss"]),
        ("-Infinity", ["daily_loss"]),
    ],
)
def test_the_daily_loss(pnl: str, expected: list[str]) -> None:
    assert names(day_pnl_krw=D(pnl)) == expected


@pytest.mark.parametrize(
    ("equity", "expected"),
    [(None, []), ("NaN", ["daily_loss"]), ("0", ["daily_loss"]), ("-5", ["daily_loss"])],
)
def test_the_daily_loss_of_a_doubtful_capital(equity: str | None, expected: list[str]) -> None:
    known = None if equity is None else D(equity)
    assert names(day_pnl_krw=D(-1), equity_krw=known) == expected


@pytest.mark.parametrize(("count", "expected"), [(10, []), (11, ["api_error_count"])])
@pytest.mark.parametrize("venue", ["upbit", "binance"])
def test_api_errors_count_by_exchange(venue: str, count: int, expected: list[str]) -> None:
    assert names(api_errors={"upbit": 0, "binance": 0} | {venue: count}) == expected
    assert names(api_errors={"upbit": 6, "binance": 6}) == []


def test_flags_and_differences() -> None:
    assert names(mismatches=("BTC short: 0 on Binance, ours is 1",)) == ["position_mismatch"]
    assert names(manual_flag="the file exists") == ["manual_stop_flag"]
    assert names(journal_problem="disk full") == ["journal_not_writable"]


@pytest.mark.parametrize(("age_s", "expected"), [(120.0, []), (120.1, ["unresolved_order"])])
def test_an_order_without_an_end(age_s: float, expected: list[str]) -> None:
    assert names(unresolved_s=age_s) == expected


@pytest.mark.parametrize(
    ("age_s", "expected"),
    [(30.0, []), (30.1, ["stale_market_data"]), (None, ["stale_market_data"])],
)
def test_stale_prices_matter_while_something_is_held(
    age_s: float | None, expected: list[str]
) -> None:
    assert names(prices_age_s=age_s, is_exposed=True) == expected
    assert names(prices_age_s=age_s, is_exposed=False) == []


@pytest.mark.parametrize("age_s", [float("nan"), float("inf")])
def test_an_age_that_is_no_number_counts_as_too_old(age_s: float) -> None:
    assert names(unresolved_s=age_s) == ["unresolved_order"]
    assert names(prices_age_s=age_s, is_exposed=True) == ["stale_market_data"]


@pytest.mark.parametrize("value", ["sNaN", "Infinity", "-Infinity"])
def test_a_capital_that_is_no_number_holds(value: str) -> None:
    assert names(equity_krw=D(value), day_pnl_krw=D(-1)) == ["daily_loss"]
    assert names(day_pnl_krw=D(value)) == ["daily_loss"]


def test_all_at_once_are_all_told() -> None:
    found = names(
        day_pnl_krw=D(-9_000_000),
        api_errors={"upbit": 11},
        mismatches=("x",),
        manual_flag="x",
        unresolved_s=121.0,
        is_exposed=True,
        prices_age_s=31.0,
        journal_problem="x",
        taken_back="x",
    )
    assert found == [condition.value for condition in Condition]
