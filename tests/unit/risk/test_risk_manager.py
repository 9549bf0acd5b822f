"""Every entry rule at its limit, just inside and just outside; an exit passes them all."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.fakes.pair import (
    ACCOUNT,
    HEDGE,
    POLICY,
    RULES,
    SPOT,
    VIEW,
    D,
    pair_view,
    signal,
)
from trading_platform_order.domain.account.account_view import AccountView
from trading_platform_order.domain.market import Ages, PairView
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.signal import Signal
from trading_platform_order.domain.trade.sizing import PairPlan, plan_pair
from trading_platform_order.domain.trade.trade_events import ExecutionStyle, Holding
from trading_platform_order.risk.limits import RiskLimits
from trading_platform_order.risk.risk_manager import ApprovedPlan, check

WIDE = RiskLimits(
    order_krw_max=D(10_000_000_000),
    trade_krw_max=D(10_000_000_000),
    daily_turnover_krw_max=D(10_000_000_000),
    hourly_loss_krw_max=D(10_000_000_000),
    symbols=frozenset({"BTC"}),
)
ENTER = signal(quantity="0.100")
"""Spot 14,000,000 KRW at the mid (14,001,000 at the ask), hedge 10,000 USDT."""


def plan_of(wish: Signal, view: PairView = VIEW, held: Holding | None = None) -> PairPlan:
    made = plan_pair(
        wish,
        view=view,
        holding=held or Holding(),
        equity_krw=ACCOUNT.equity_krw,
        rules=RULES,
        policy=POLICY,
    )
    assert isinstance(made, PairPlan), made
    return made


def refusal(
    *,
    wish: Signal = ENTER,
    view: PairView = VIEW,
    account: AccountView = ACCOUNT,
    limits: RiskLimits = WIDE,
    planned_on: PairView | None = None,
) -> Refusal | None:
    """``None`` if the plan is approved."""
    plan = plan_of(wish, planned_on or view)
    verdict = check(plan, view=view, account=account, limits=limits)
    if isinstance(verdict, ApprovedPlan):
        assert verdict.plan is plan
        return None
    return verdict


def code(**given: Any) -> str:  # noqa: ANN401 - what ``refusal`` takes
    """``ok`` or the code of the refusal; what it says is in ``tests/data/refusals.txt``."""
    refused = refusal(**given)
    if refused is None:
        return "ok"
    assert refused.message
    return refused.code.value


def account(**changes: object) -> AccountView:
    return replace(ACCOUNT, **changes)  # type: ignore[arg-type]


def limits(**changes: object) -> RiskLimits:
    return replace(WIDE, **changes)  # type: ignore[arg-type]


def test_a_sound_entry_passes() -> None:
    assert code() == "ok"
    assert code(limits=limits(symbols=frozenset())) == "ok"


# -- state ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"stopped_reason": "daily loss"}, "stopped"),
        ({"stopped_reason": ""}, "stopped"),
        ({"symbol_halted": True}, "unresolved_trade"),
        ({"streams_up": False}, "stream_down"),
    ],
)
def test_the_state_of_the_account(changed: dict[str, object], expected: str) -> None:
    assert code(account=account(**changed)) == expected


def test_only_allowed_symbols() -> None:
    assert code(limits=limits(symbols=frozenset({"ETH", "XRP"}))) == "symbol_not_allowed"


@pytest.mark.parametrize(
    "view",
    [
        pair_view(spot=replace(SPOT, is_trading=False)),
        pair_view(hedge=replace(HEDGE, is_trading=False)),
    ],
)
def test_both_exchanges_must_trade_it(view: PairView) -> None:
    assert code(view=view) == "not_trading"


# -- data -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age_s", "expected"), [(1.0, "ok"), (1.001, "stale_market_data")])
@pytest.mark.parametrize("leg", ["spot", "hedge"])
def test_the_age_of_the_books(leg: str, age_s: float, expected: str) -> None:
    ages = Ages(spot_s=0.6, hedge_s=0.6)._replace(**{f"{leg}_s": age_s})
    assert code(view=replace(VIEW, ages=ages)) == expected


@pytest.mark.parametrize(("age_s", "expected"), [(60.0, "ok"), (60.001, "stale_market_data")])
def test_the_age_of_the_rate(age_s: float, expected: str) -> None:
    assert code(view=replace(VIEW, ages=Ages(fx_s=age_s))) == expected


# -- sizes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (pair_view(spot=replace(SPOT, min_notional=D(14_000_000))), "ok"),
        (pair_view(spot=replace(SPOT, min_notional=D(14_000_001))), "below_minimum"),
        (pair_view(hedge=replace(HEDGE, min_notional=D(10_000))), "ok"),
        (pair_view(hedge=replace(HEDGE, min_notional=D("10000.1"))), "below_minimum"),
        (pair_view(hedge=replace(HEDGE, min_quantity=D("0.100"))), "ok"),
        (pair_view(hedge=replace(HEDGE, min_quantity=D("0.101"))), "below_minimum"),
        (pair_view(hedge=replace(HEDGE, max_quantity=D("0.100"))), "ok"),
        (pair_view(hedge=replace(HEDGE, max_quantity=D("0.099"))), "above_maximum"),
        (pair_view(spot=replace(SPOT, max_notional=D(14_000_000))), "ok"),
        (pair_view(spot=replace(SPOT, max_notional=D(13_999_999))), "above_maximum"),
        (pair_view(hedge=replace(HEDGE, max_notional=D(10_000))), "ok"),
        (pair_view(hedge=replace(HEDGE, max_notional=D(9_999))), "above_maximum"),
    ],
)
def test_the_exchanges_minimum_and_maximum(view: PairView, expected: str) -> None:
    assert code(view=view, planned_on=VIEW) == expected


@pytest.mark.parametrize(("cap_krw", "expected"), [(14_000_000, "ok"), (13_999_999, "order_cap")])
def test_the_absolute_cap_of_one_order(cap_krw: int, expected: str) -> None:
    assert code(limits=limits(order_krw_max=D(cap_krw))) == expected


@pytest.mark.parametrize(("fx", "expected"), [(1_400, "ok"), (1_401, "order_cap")])
def test_the_absolute_cap_counts_the_hedge_in_krw(fx: int, expected: str) -> None:
    view = replace(VIEW, fx=replace(VIEW.fx, krw_per_usdt=D(fx)))
    assert code(view=view, limits=limits(order_krw_max=D(14_000_000))) == expected


# -- the book -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (pair_view(spot_depth=D("0.1")), "ok"),
        (pair_view(spot_depth=D("0.09999999")), "thin_book"),
        (pair_view(hedge_depth=D("0.1")), "ok"),
        (pair_view(hedge_depth=D("0.0999")), "thin_book"),
    ],
)
def test_the_visible_book_must_hold_the_order(view: PairView, expected: str) -> None:
    assert code(view=view) == expected


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        # the spot ask is 140,010,000: 0.643 bps and a tick worse than 140,000,000
        (signal(quantity="0.1", spot_price_krw="140000000", max_slippage_bps="0.65"), "ok"),
        (signal(quantity="0.1", spot_price_krw="140000000", max_slippage_bps="0.64"), "slippage"),
        (signal(quantity="0.1", spot_price_krw="140010000", max_slippage_bps="0.51"), "ok"),
        # the hedge bid is 99,995: 0.495 bps and half a tick under the mid
        (signal(quantity="0.1", spot_price_krw="140010000", max_slippage_bps="0.495"), "ok"),
        (signal(quantity="0.1", spot_price_krw="140010000", max_slippage_bps="0.49"), "slippage"),
        (
            signal(
                quantity="0.1",
                spot_price_krw="140010000",
                hedge_price_usdt="99995",
                max_slippage_bps="0",
            ),
            "ok",
        ),
        (signal(quantity="0.1", hedge_price_usdt="100300"), "slippage"),
    ],
)
def test_slippage_against_the_reference_or_else_the_mid(wish: Signal, expected: str) -> None:
    assert code(wish=wish) == expected


@pytest.mark.parametrize(("limit", "expected"), [("0.68", "ok"), ("0.67", "slippage")])
def test_slippage_where_the_signal_says_nothing(limit: str, expected: str) -> None:
    assert code(limits=limits(slippage_bps_max=D(limit))) == expected


@pytest.mark.parametrize(
    ("tick_krw", "reference_krw", "expected"),
    [
        # one tick is 1.4 bps, and the book is one tick wide: no order could cost less
        (20_000, None, "ok"),
        (20_000, "139990000", "ok"),
        (20_000, "139989999", "slippage"),
        (19_998, None, "slippage"),
    ],
)
def test_slippage_is_what_goes_beyond_the_tick(
    tick_krw: int, reference_krw: str | None, expected: str
) -> None:
    view = pair_view(spot=replace(SPOT, price_tick=D(tick_krw)))
    wish = signal(quantity="0.1", spot_price_krw=reference_krw, hedge_price_usdt="99995")
    strict = limits(slippage_bps_max=D("0.496"))
    assert code(wish=wish, view=view, limits=strict) == "ok"
    tight = replace(wish, max_slippage_bps=D(0))
    assert code(wish=tight, view=view, limits=strict) == expected


# -- capital --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("equity_krw", "expected"),
    [
        (None, "no_capital_figure"),
        (D(0), "no_capital_figure"),
        (D(-1), "no_capital_figure"),
        (D(28_000_000), "ok"),
        (D(27_999_999), "position_limit"),
    ],
)
def test_the_position_is_at_most_half_of_known_capital(
    equity_krw: Decimal | None, expected: str
) -> None:
    assert code(account=account(equity_krw=equity_krw)) == expected


@pytest.mark.parametrize(
    ("held_krw", "expected"), [(36_000_000, "ok"), (36_000_001, "position_limit")]
)
def test_open_pairs_count(held_krw: int, expected: str) -> None:
    assert code(account=account(pair_value_krw=D(held_krw))) == expected


def test_the_larger_leg_counts() -> None:
    view = replace(VIEW, fx=replace(VIEW.fx, krw_per_usdt=D(1_500)))
    assert code(view=view, account=account(equity_krw=D(29_999_999))) == "position_limit"
    assert code(view=view, account=account(equity_krw=D(30_000_000))) == "ok"


@pytest.mark.parametrize(
    ("day_krw", "expected"), [(-2_999_999, "ok"), (-3_000_000, "daily_loss"), (3_000_000, "ok")]
)
def test_the_daily_loss(day_krw: int, expected: str) -> None:
    assert code(account=account(day_pnl_krw=D(day_krw))) == expected


@pytest.mark.parametrize(("hour_krw", "expected"), [(-499_999, "ok"), (-500_000, "hourly_loss")])
def test_the_hourly_loss(hour_krw: int, expected: str) -> None:
    narrow = limits(hourly_loss_krw_max=D(500_000))
    assert code(account=account(hour_pnl_krw=D(hour_krw)), limits=narrow) == expected


@pytest.mark.parametrize(
    ("cap_krw", "expected"), [(38_000_000, "ok"), (37_999_999, "daily_turnover")]
)
def test_the_turnover_of_the_day_counts_both_legs(cap_krw: int, expected: str) -> None:
    spent = account(day_turnover_krw=D(10_000_000))
    assert code(account=spent, limits=limits(daily_turnover_krw_max=D(cap_krw))) == expected


# -- funds and margin -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("free_krw", "expected"), [("14008000.5", "ok"), ("14008000.4", "insufficient_krw")]
)
def test_free_krw_with_the_fee(free_krw: str, expected: str) -> None:
    assert code(account=account(krw_available=D(free_krw))) == expected


def test_a_limit_order_needs_its_collar_and_the_fee() -> None:
    plan = plan_pair(
        ENTER,
        view=VIEW,
        holding=Holding(),
        equity_krw=ACCOUNT.equity_krw,
        rules=RULES,
        policy=replace(POLICY, style=ExecutionStyle.LIMIT_IOC),
    )
    assert isinstance(plan, PairPlan)
    needed = D("0.1") * D(140_210_000) * D("1.0005")
    enough, short = account(krw_available=needed), account(krw_available=needed - D("0.01"))
    assert isinstance(check(plan, view=VIEW, account=enough, limits=WIDE), ApprovedPlan)
    no = check(plan, view=VIEW, account=short, limits=WIDE)
    assert isinstance(no, Refusal)
    assert no.code is RefusalCode.INSUFFICIENT_KRW


@pytest.mark.parametrize(
    ("margin_usdt", "notional_usdt", "expected"),
    [
        ("5005", "0", "ok"),  # the fee of 5 USDT leaves 5,000: exactly 2x
        ("5004.99", "0", "leverage_limit"),
        ("10005", "10000", "ok"),
        ("10005", "10000.01", "leverage_limit"),
        ("5", "0", "insufficient_margin"),
        ("-1", "0", "insufficient_margin"),
    ],
)
def test_leverage_after_the_trade(margin_usdt: str, notional_usdt: str, expected: str) -> None:
    figures = account(margin_balance_usdt=D(margin_usdt), hedge_notional_usdt=D(notional_usdt))
    assert code(account=figures) == expected


@pytest.mark.parametrize(
    ("maintenance_usdt", "expected"), [("14950", "ok"), ("14950.01", "margin_ratio")]
)
def test_the_margin_ratio_after_the_trade(maintenance_usdt: str, expected: str) -> None:
    # balance 30,005 less the fee of 5; the new short adds 50: exactly half
    figures = account(margin_balance_usdt=D(30_005), maintenance_usdt=D(maintenance_usdt))
    assert code(account=figures) == expected


def test_a_margin_figure_older_than_our_shorts_does_not_hide_them() -> None:
    """The exchange's figure is read when a stream comes up; shorts opened since are not in it."""
    figures = account(
        margin_balance_usdt=D(30_005), maintenance_usdt=D(0), hedge_notional_usdt=D(50_000)
    )
    strict = limits(maintenance_rate=D("0.251"), runway_fraction=D(0))
    assert code(account=figures, limits=strict) == "margin_ratio"
    at_limit = limits(maintenance_rate=D("0.250"), runway_fraction=D(0))
    assert code(account=figures, limits=at_limit) == "ok"
