"""How much of each limit is left: by the figures that the entry rules judge."""

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.risk.test_risk_manager import account, limits
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.risk import headroom

R = RefusalCode


@pytest.mark.parametrize(
    ("code", "of_account", "of_limits", "left"),
    [
        (R.DAILY_LOSS, {"day_pnl_krw": -300, "equity_krw": 40_000}, {}, "0.75"),
        (R.DAILY_LOSS, {"day_pnl_krw": -1_200, "equity_krw": 40_000}, {}, "0"),
        (R.DAILY_LOSS, {"day_pnl_krw": 300, "equity_krw": 40_000}, {}, "1"),
        (R.HOURLY_LOSS, {"hour_pnl_krw": -150}, {"hourly_loss_krw_max": 100}, "-0.5"),
        (R.DAILY_TURNOVER, {"day_turnover_krw": 20}, {"daily_turnover_krw_max": 100}, "0.8"),
        (R.ENTRY_RATE, {"minute_entries": 3}, {"entries_per_minute_max": 6}, "0.5"),
        (R.ENTRY_RATE, {"minute_entries": 0}, {"entries_per_minute_max": 0}, "0"),
        (R.EXCHANGE_FAILING, {"api_errors": 3}, {"api_errors_max": 3}, "0"),
        (R.CLOCK, {"clock_off_s": -0.25}, {"clock_off_s_max": 1.0}, "0.75"),
        (R.POSITION_LIMIT, {"pair_value_krw": 10_000, "equity_krw": 40_000}, {}, "0.5"),
        (
            R.LEVERAGE_LIMIT,
            {"hedge_notional_usdt": 10, "margin_balance_usdt": 10},
            {"leverage_max": 2},
            "0.5",
        ),
        (
            R.MARGIN_RATIO,
            {"maintenance_usdt": 1, "hedge_notional_usdt": 0, "margin_balance_usdt": 10},
            {"margin_ratio_max": "0.5"},
            "0.8",
        ),
        (R.LEVERAGE_LIMIT, {"margin_balance_usdt": -1}, {}, "0"),
    ],
)
def test_what_is_left_of_the_accounts_limits(
    code: RefusalCode, of_account: dict[str, Any], of_limits: dict[str, Any], left: str
) -> None:
    found = headroom.of_account(account(**exact(of_account)), limits(**exact(of_limits)))
    assert found[code] == Decimal(left)


def test_what_is_left_of_a_symbols_limits() -> None:
    seen = account(
        symbol_dust_krw=Decimal(5_000),
        symbol_value_krw=Decimal(10_000),
        equity_krw=Decimal(40_000),
    )
    found = headroom.of_symbol(seen, limits(dust_krw_max=Decimal(20_000)))
    assert found == {R.DUST_LIMIT: Decimal("0.75"), R.SYMBOL_LIMIT: Decimal("0.5")}


def test_what_cannot_be_known_is_left_out() -> None:
    unknown = account(equity_krw=None)
    assert {R.DAILY_LOSS, R.POSITION_LIMIT}.isdisjoint(headroom.of_account(unknown, limits()))
    assert R.SYMBOL_LIMIT not in headroom.of_symbol(unknown, limits())


def exact(figures: dict[str, Any]) -> dict[str, Any]:
    """Money as Decimals, counts and seconds as they are."""
    plain = ("minute_entries", "entries_per_minute_max", "api_errors", "api_errors_max")
    return {
        name: value if name in plain or isinstance(value, float) else Decimal(value)
        for name, value in figures.items()
    }
