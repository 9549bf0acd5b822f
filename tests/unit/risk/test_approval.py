"""What no rule may do: hold an exit back, be forged, or refuse without saying why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.pair import (
    ACCOUNT,
    HEDGE,
    POLICY,
    RULES,
    SPOT,
    START,
    VIEW,
    D,
    holding,
    pair_view,
    signal,
)
from trading_platform_order.domain.account.account_view import AccountView
from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade.sizing import PairPlan, plan_pair
from trading_platform_order.domain.trade.trade_events import Holding
from trading_platform_order.risk.limits import RiskLimits
from trading_platform_order.risk.risk_manager import ApprovedPlan, check

WIDE = RiskLimits(
    order_krw_max=D(10_000_000_000),
    trade_krw_max=D(10_000_000_000),
    daily_turnover_krw_max=D(10_000_000_000),
)
ENTER = signal(quantity="0.100")


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


def worst_account() -> AccountView:
    return AccountView(
        equity_krw=None,
        krw_available=D(0),
        margin_balance_usdt=D(-1),
        margin_available_usdt=D(-1),
        hedge_notional_usdt=D(10_000_000),
        maintenance_usdt=D(10_000_000),
        pair_value_krw=D(10_000_000_000),
        symbol_value_krw=D(10_000_000_000),
        symbol_dust_krw=D(10_000_000_000),
        prices_age_s=None,
        holding=holding("0.1", "0.1"),
        day_pnl_krw=D(-10_000_000_000),
        hour_pnl_krw=D(-10_000_000_000),
        day_turnover_krw=D(10_000_000_000),
        minute_entries=1_000,
        same_recently=1_000,
        stopped_reason="emergency",
        streams_up=False,
        symbol_halted=True,
        api_errors=1_000,
        rate_room=0.0,
    )


def test_no_rule_ever_holds_an_exit_back() -> None:
    dreadful = pair_view(
        spot=replace(SPOT, is_trading=False),
        hedge=replace(HEDGE, is_trading=False, warning="delisted", cautions=("X",)),
        now=START - timedelta(days=1),
    )
    late = replace(dreadful, now=START)
    wish = signal(Action.EXIT, max_slippage_bps="0", spot_price_krw="999999999")
    plan = plan_of(wish, late, holding("0.1", "0.1"))
    nothing_allowed = RiskLimits(
        position_fraction=D(0),
        leverage_max=D(0),
        daily_loss_fraction=D(0),
        margin_ratio_max=D(0),
        symbol_fraction=D(0),
        runway_fraction=D(1),
        order_krw_max=D(0),
        trade_krw_max=D(0),
        entries_per_minute_max=0,
        repeat_max=0,
        dust_krw_max=D(0),
        collar_bps=D(0),
        daily_turnover_krw_max=D(0),
        hourly_loss_krw_max=D(0),
        book_age_s_max=0,
        fx_age_s_max=0,
        slippage_bps_max=D(0),
        symbols=frozenset({"ETH"}),
    )
    verdict = check(plan, view=late, account=worst_account(), limits=nothing_allowed)
    assert isinstance(verdict, ApprovedPlan)
    same_as_entry = plan_of(signal(quantity="0.1"), late)
    assert isinstance(
        check(same_as_entry, view=late, account=worst_account(), limits=nothing_allowed), Refusal
    )


def test_an_approved_plan_cannot_be_forged() -> None:
    plan = plan_of(ENTER)
    makers: list[Callable[[], object]] = [
        lambda: ApprovedPlan(plan, object()),
        lambda: ApprovedPlan(plan, None),
        lambda: ApprovedPlan(plan),  # type: ignore[call-arg]
    ]
    for make in makers:
        with pytest.raises(TypeError):
            make()


def test_an_approved_plan_cannot_be_exchanged_for_another() -> None:
    approved = check(plan_of(ENTER), view=VIEW, account=ACCOUNT, limits=WIDE)
    assert isinstance(approved, ApprovedPlan)
    with pytest.raises(AttributeError):
        approved.plan = plan_of(signal(quantity="99"))  # type: ignore[misc]
    with pytest.raises(AttributeError):
        approved.other = 1  # type: ignore[attr-defined]


def test_every_refusal_code_has_a_meaning_for_operators() -> None:
    meanings = [code.meaning for code in RefusalCode]
    assert all(meanings)
    assert len(set(meanings)) == len(meanings)


def test_the_first_rule_that_fails_names_the_refusal_and_its_figures() -> None:
    broke = replace(ACCOUNT, stopped_reason="manual", krw_available=D(0))
    no = check(plan_of(ENTER), view=VIEW, account=broke, limits=WIDE)
    assert isinstance(no, Refusal)
    assert (no.code, no.figures) == (RefusalCode.STOPPED, {"reason": "manual"})
    poor = replace(ACCOUNT, krw_available=D(1_000))
    no = check(plan_of(ENTER), view=VIEW, account=poor, limits=WIDE)
    assert isinstance(no, Refusal)
    assert no.figures == {"needed_krw": "14008000.5", "available_krw": "1000"}
