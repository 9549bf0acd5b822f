"""The table of all entry rules: what is just inside, at and just outside of each limit.

Complete by a test of its own: a code that a rule can refuse with must have a row here. What is
missing, stale or no number is in ``test_entry_inputs``.
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.pair import HEDGE, SPOT, START, VIEW, D, pair_view
from tests.unit.risk.test_risk_manager import ENTER, account, code, limits
from trading_platform_order.domain.market import Ages
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.risk.entry_rules import (
    capital_rules,
    data_rules,
    margin_rules,
    size_rules,
    state_rules,
)

R = RefusalCode
Change = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One limit, by its code.

    Attributes:
        name: which figure, where a code has several.
        inside, at, outside: arguments of ``code``.
        at_passes: whether the limit itself is still allowed.
    """

    code: RefusalCode
    name: str = ""
    inside: Change
    at: Change
    outside: Change
    at_passes: bool = True


def of_account(code: RefusalCode, figure: str, *values: object, at_passes: bool = True) -> Row:
    """A figure of the account against the usual limits: inside, at, outside."""
    inside, at, outside = ({"account": account(**{figure: value})} for value in values)
    return Row(code=code, name=figure, inside=inside, at=at, outside=outside, at_passes=at_passes)


def of_limit(code: RefusalCode, limit: str, *values: object, at_passes: bool = True) -> Row:
    """A limit against the usual trade (0.1 BTC: 14,000,000 KRW, 10,000 USDT)."""
    inside, at, outside = ({"limits": limits(**{limit: value})} for value in values)
    return Row(code=code, name=limit, inside=inside, at=at, outside=outside, at_passes=at_passes)


def aged(seconds: float) -> Change:
    return {"view": replace(VIEW, ages=Ages(spot_s=seconds, hedge_s=0.6))}


def apart(seconds: float) -> Change:
    return {"view": replace(VIEW, ages=Ages(spot_s=0.25, hedge_s=0.25 + seconds))}


def ahead(seconds: float) -> Change:
    return {"wish": replace(ENTER, created_at=START + timedelta(seconds=seconds))}


def spot(**changed: object) -> Change:
    made = pair_view(spot=replace(SPOT, **changed))  # type: ignore[arg-type]
    return {"view": made, "planned_on": VIEW}


def hedge(**changed: object) -> Change:
    made = pair_view(hedge=replace(HEDGE, **changed))  # type: ignore[arg-type]
    return {"view": made, "planned_on": VIEW}


def reference(krw: str) -> Change:
    return {"wish": replace(ENTER, spot_price_krw=D(krw))}


def thin(base: str) -> Change:
    return {"view": pair_view(spot_depth=D(base))}


def narrow_hour(krw: str) -> Change:
    return {
        "account": account(hour_pnl_krw=D(krw)),
        "limits": limits(hourly_loss_krw_max=D(100_000)),
    }


def margins(balance: str) -> Change:
    """The new short takes 5,000 USDT of margin at 2x, its fee 5; the leverage limit is away."""
    return {
        "account": account(margin_balance_usdt=D(balance), margin_available_usdt=None),
        "limits": limits(leverage_max=D(10), runway_fraction=D(0)),
    }


def runway(balance: str) -> Change:
    """10,000 USDT short must survive +30 %: 3,065, and the fee 5."""
    return {
        "account": account(margin_balance_usdt=D(balance)),
        "limits": limits(leverage_max=D(10), hedge_leverage=D(100)),
    }


STATES: list[tuple[RefusalCode, Change]] = [
    # A state has no figure: what is well, and what is not.
    (R.STOPPED, {"account": account(stopped_reason="why")}),
    (R.UNRESOLVED_TRADE, {"account": account(symbol_halted=True)}),
    (R.SYMBOL_NOT_ALLOWED, {"limits": limits(symbols=frozenset({"ETH"}))}),
    (R.STREAM_DOWN, {"account": account(streams_up=False)}),
    (R.NOT_TRADING, spot(is_trading=False)),
    (R.NOT_TRADING, hedge(is_trading=False)),
    (R.MARKET_WARNING, spot(warning="its trading may end")),
    (R.MARKET_WARNING, hedge(warning="it will be delisted on 2027-01-01")),
    (R.MARKET_WARNING, spot(cautions=("PRICE_FLUCTUATIONS",))),
    (R.NO_CAPITAL_FIGURE, {"account": account(equity_krw=None)}),
    (R.STALE_CAPITAL, {"account": account(prices_age_s=None)}),
    (R.BAD_FIGURE, {"account": account(equity_krw=D("NaN"))}),
]

ROWS = [
    of_account(R.EXCHANGE_FAILING, "api_errors", 1, 2, 3),
    of_account(R.RATE_BUDGET, "rate_room", 0.31, 0.3, 0.299),
    of_account(R.ENTRY_RATE, "minute_entries", 4, 5, 6),
    of_account(R.REPEATED, "same_recently", 1, 2, 3),
    of_account(R.CLOCK, "clock_off_s", 0.99, 1.0, 1.01),
    of_account(R.CLOCK, "clock_off_s", -0.99, -1.0, -1.01),
    of_account(R.STALE_CAPITAL, "prices_age_s", 59.9, 60.0, 60.1),
    Row(code=R.STALE_MARKET_DATA, inside=aged(0.9), at=aged(1.0), outside=aged(1.1)),
    Row(
        code=R.STALE_MARKET_DATA,
        name="books_apart_s",
        inside=apart(0.49),
        at=apart(0.5),
        outside=apart(0.51),
    ),
    Row(code=R.FUTURE_SIGNAL, inside=ahead(4.9), at=ahead(5.0), outside=ahead(5.1)),
    Row(
        code=R.BELOW_MINIMUM,
        inside=spot(min_notional=D(13_999_999)),
        at=spot(min_notional=D(14_000_000)),
        outside=spot(min_notional=D(14_000_001)),
    ),
    Row(
        code=R.ABOVE_MAXIMUM,
        inside=hedge(max_quantity=D("0.101")),
        at=hedge(max_quantity=D("0.100")),
        outside=hedge(max_quantity=D("0.099")),
    ),
    of_limit(R.ORDER_CAP, "order_krw_max", D(14_000_001), D(14_000_000), D(13_999_999)),
    of_limit(R.TRADE_CAP, "trade_krw_max", D(28_000_001), D(28_000_000), D(27_999_999)),
    of_limit(R.DAILY_TURNOVER, "daily_turnover_krw_max", D(28_000_001), D(28_000_000), D(1)),
    Row(code=R.THIN_BOOK, inside=thin("0.11"), at=thin("0.1"), outside=thin("0.0999")),
    Row(
        code=R.PRICE_COLLAR,
        inside=reference("141399999"),
        at=reference("141400000"),
        outside=reference("141400001"),
    ),
    of_limit(R.SLIPPAGE, "slippage_bps_max", D("0.68"), D("0.679"), D("0.678")),
    of_account(R.POSITION_LIMIT, "pair_value_krw", *map(D, (35_999_999, 36_000_000, 36_000_001))),
    of_account(R.SYMBOL_LIMIT, "symbol_value_krw", *map(D, (35_999_999, 36_000_000, 36_000_001))),
    of_account(
        R.DAILY_LOSS, "day_pnl_krw", *map(D, (-2_999_999, -3_000_000, -3_000_001)), at_passes=False
    ),
    Row(
        code=R.HOURLY_LOSS,
        inside=narrow_hour("-99999"),
        at=narrow_hour("-100000"),
        outside=narrow_hour("-100001"),
        at_passes=False,
    ),
    of_account(R.DUST_LIMIT, "symbol_dust_krw", *map(D, (19_999, 20_000, 20_001))),
    of_account(
        R.INSUFFICIENT_KRW, "krw_available", *map(D, ("14008000.6", "14008000.5", "14008000.4"))
    ),
    of_account(R.LEVERAGE_LIMIT, "margin_balance_usdt", *map(D, ("5005.01", "5005", "5004.99"))),
    of_account(R.MARGIN_RATIO, "maintenance_usdt", *map(D, ("14947.4", "14947.5", "14947.51"))),
    Row(
        code=R.INSUFFICIENT_MARGIN,
        inside=margins("5005.01"),
        at=margins("5005"),
        outside=margins("5004.99"),
    ),
    Row(
        code=R.MARGIN_RUNWAY,
        inside=runway("3070.01"),
        at=runway("3070"),
        outside=runway("3069.99"),
    ),
]


def name_of(row: Row) -> str:
    return f"{row.code}-{row.name}" if row.name else row.code.value


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_at_its_limit_just_inside_and_just_outside(row: Row) -> None:
    seen = [code(**change) for change in (row.inside, row.at, row.outside)]
    at = "ok" if row.at_passes else row.code.value
    assert seen == ["ok", at, row.code.value]


@pytest.mark.parametrize(("expected", "change"), STATES)
def test_a_state_that_forbids(expected: RefusalCode, change: Change) -> None:
    assert code(**change) == expected.value


def test_every_code_that_a_rule_can_refuse_with_has_a_row() -> None:
    modules = (capital_rules, data_rules, margin_rules, size_rules, state_rules)
    source = "\n".join(inspect.getsource(module) for module in modules)
    can = {member for member in RefusalCode if f"RefusalCode.{member.name}," in source}
    assert len(can) >= 30
    assert can == {row.code for row in ROWS} | {state for state, _ in STATES}
