"""Figures that are missing, stale, from the future or no numbers fail closed for an entry."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.fakes.pair import (
    HEDGE,
    HEDGE_MID,
    SPOT,
    SPOT_MID,
    START,
    VIEW,
    D,
    holding,
    pair_view,
    signal,
)
from tests.unit.risk.test_approval import plan_of
from tests.unit.risk.test_risk_manager import ENTER, account, code, limits
from trading_platform_order.domain.market import Ages, Book, Level, PairView, Source, Sources
from trading_platform_order.domain.refusal import Refusal
from trading_platform_order.domain.signal import Action
from trading_platform_order.risk.risk_manager import ApprovedPlan, check

NOT_NUMBERS = [D("NaN"), D("sNaN"), D("Infinity"), D("-Infinity")]
FIGURES = [
    "equity_krw",
    "krw_available",
    "margin_balance_usdt",
    "margin_available_usdt",
    "hedge_notional_usdt",
    "maintenance_usdt",
    "pair_value_krw",
    "symbol_value_krw",
    "symbol_dust_krw",
    "day_pnl_krw",
    "hour_pnl_krw",
    "day_turnover_krw",
]


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=str)
@pytest.mark.parametrize("figure", FIGURES)
def test_no_figure_of_the_account_may_be_no_number(figure: str, value: Decimal) -> None:
    assert code(account=account(**{figure: value})) == "bad_figure"


def test_what_is_no_number_is_named() -> None:
    named = {figure: account(**{figure: D("NaN")}) for figure in FIGURES}
    for figure, figures in named.items():
        verdict = check(plan_of(ENTER, VIEW), view=VIEW, account=figures, limits=limits())
        assert isinstance(verdict, Refusal)
        assert dict(verdict.figures) == {figure: "NaN"}
    spot, hedge = (replace(one, taker_fee_rate=D("NaN")) for one in (VIEW.spot, VIEW.hedge))
    for view, name in ((replace(VIEW, spot=spot), "spot"), (replace(VIEW, hedge=hedge), "hedge")):
        verdict = check(plan_of(ENTER, VIEW), view=view, account=account(), limits=limits())
        assert isinstance(verdict, Refusal)
        assert dict(verdict.figures) == {f"{name}_taker_fee_rate": "NaN"}


def changed_books(price: Decimal, quantity: Decimal) -> list[PairView]:
    def broken(book: Book) -> Book:
        level = Level(price=price, quantity=quantity)
        return replace(book, bids=(level,), asks=(level,))

    return [
        replace(VIEW, spot_book=broken(VIEW.spot_book)),
        replace(VIEW, hedge_book=broken(VIEW.hedge_book)),
    ]


@pytest.mark.parametrize("value", [*NOT_NUMBERS, D(0), D(-1)], ids=str)
def test_no_price_or_rate_may_be_no_number(value: Decimal) -> None:
    views = [replace(VIEW, fx=replace(VIEW.fx, krw_per_usdt=value)), *changed_books(value, D(1))]
    for view in views:
        assert code(view=view, planned_on=VIEW) == "bad_figure"


@pytest.mark.parametrize("value", [D("NaN"), D("sNaN")], ids=str)
def test_no_depth_may_be_no_number(value: Decimal) -> None:
    spot, _ = changed_books(SPOT_MID, value)
    _, hedge = changed_books(HEDGE_MID, value)
    assert code(view=spot, planned_on=VIEW) == "bad_figure"
    assert code(view=hedge, planned_on=VIEW) == "bad_figure"


def test_an_exit_is_not_held_back_by_broken_figures() -> None:
    held = replace(account(equity_krw=D("NaN"), day_pnl_krw=D("NaN")), prices_age_s=None)
    plan = plan_of(signal(Action.EXIT), VIEW, holding("0.1", "0.1"))
    verdict = check(plan, view=VIEW, account=held, limits=limits())
    assert isinstance(verdict, ApprovedPlan)


@pytest.mark.parametrize(
    ("age_s", "expected"),
    [
        (0.0, "ok"),
        (60.0, "ok"),
        (60.001, "stale_capital"),
        (None, "stale_capital"),
        (float("nan"), "stale_capital"),
        (float("inf"), "stale_capital"),
    ],
)
def test_the_prices_that_capital_rests_on(age_s: float | None, expected: str) -> None:
    assert code(account=account(prices_age_s=age_s)) == expected


@pytest.mark.parametrize(("ahead_s", "expected"), [(5.0, "ok"), (5.001, "clock")])
@pytest.mark.parametrize("what", ["spot", "hedge", "fx"])
def test_a_price_from_the_future(what: str, ahead_s: float, expected: str) -> None:
    ages = Ages()._replace(**{f"{what}_ahead_s": ahead_s})
    assert code(view=replace(VIEW, ages=ages)) == expected


@pytest.mark.parametrize(
    ("off_s", "expected"),
    [
        (0.0, "ok"),
        (1.0, "ok"),
        (-1.0, "ok"),
        (1.001, "clock"),
        (-1.001, "clock"),
        (float("nan"), "clock"),
    ],
)
def test_a_clock_off_the_exchanges(off_s: float, expected: str) -> None:
    assert code(account=account(clock_off_s=off_s)) == expected


@pytest.mark.parametrize(("ahead_s", "expected"), [(5.0, "ok"), (5.001, "future_signal")])
def test_a_signal_from_the_future(ahead_s: float, expected: str) -> None:
    wish = replace(ENTER, created_at=START + timedelta(seconds=ahead_s))
    assert code(wish=wish) == expected


@pytest.mark.parametrize(
    "view",
    [
        pair_view(spot=replace(SPOT, warning="trading support may end")),
        pair_view(hedge=replace(HEDGE, warning="delivering")),
    ],
)
def test_a_market_that_its_exchange_warns_of(view: PairView) -> None:
    assert code(view=view) == "market_warning"


@pytest.mark.parametrize("leg", ["spot", "hedge"])
@pytest.mark.parametrize(
    ("cautions", "expected"),
    [
        ((), "ok"),
        (("GLOBAL_PRICE_DIFFERENCES", "TRADING_VOLUME_SOARING"), "ok"),
        (("GLOBAL_PRICE_DIFFERENCES", "PRICE_FLUCTUATIONS"), "market_warning"),
        (("DEPOSIT_AMOUNT_SOARING",), "market_warning"),
        (("CONCENTRATION_OF_SMALL_ACCOUNTS",), "market_warning"),
        (("ONE_THAT_NOBODY_KNOWS_YET",), "market_warning"),
    ],
)
def test_cautions_hold_back_unless_they_are_allowed(
    leg: str, cautions: tuple[str, ...], expected: str
) -> None:
    view = (
        pair_view(spot=replace(SPOT, cautions=cautions))
        if leg == "spot"
        else pair_view(hedge=replace(HEDGE, cautions=cautions))
    )
    assert code(view=view) == expected
    strict = limits(cautions_allowed=frozenset())
    assert code(view=view, limits=strict) == ("market_warning" if cautions else "ok")


@pytest.mark.parametrize(
    ("errors", "expected"), [(0, "ok"), (2, "ok"), (3, "exchange_failing"), (4, "exchange_failing")]
)
def test_an_exchange_that_fails(errors: int, expected: str) -> None:
    assert code(account=account(api_errors=errors)) == expected


@pytest.mark.parametrize(
    ("room", "least", "expected"),
    [
        (1.0, 0.3, "ok"),
        (0.3, 0.3, "ok"),
        (0.299, 0.3, "rate_budget"),
        (0.0, 0.0, "rate_budget"),
        (0.001, 0.0, "ok"),
        (float("nan"), 0.3, "rate_budget"),
        (-1.0, 0.3, "rate_budget"),
    ],
)
def test_a_request_budget_that_is_nearly_used_up(room: float, least: float, expected: str) -> None:
    figures = account(rate_room=room)
    assert code(account=figures, limits=limits(rate_room_min=least)) == expected


FILTERS = ("min_notional", "min_quantity", "max_quantity", "max_notional", "taker_fee_rate")


@pytest.mark.parametrize("value", [D("NaN"), D("sNaN"), D("Infinity"), D("-Infinity")], ids=str)
@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("leg", ["spot", "hedge"])
def test_no_filter_of_an_exchange_may_be_no_number(leg: str, name: str, value: Decimal) -> None:
    broken = replace(SPOT if leg == "spot" else HEDGE, **{name: value})  # type: ignore[arg-type]
    view = pair_view(spot=broken) if leg == "spot" else pair_view(hedge=broken)
    assert code(view=view, planned_on=VIEW) == "bad_figure"


@pytest.mark.parametrize("value", [D("NaN"), D("sNaN"), D("Infinity"), D("-Infinity")], ids=str)
@pytest.mark.parametrize("name", ["spot_price_krw", "hedge_price_usdt", "max_slippage_bps"])
def test_no_reference_of_a_signal_may_be_no_number(name: str, value: Decimal) -> None:
    wish = replace(ENTER, **{name: value})  # type: ignore[arg-type]
    assert code(wish=wish) == "bad_figure"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize(
    ("name", "refused"),
    [("clock_off_s", "clock"), ("prices_age_s", "stale_capital"), ("rate_room", "rate_budget")],
)
def test_no_float_of_the_account_may_be_no_number(name: str, refused: str, value: float) -> None:
    assert code(account=account(**{name: value})) == refused


@pytest.mark.parametrize("part", ["spot", "hedge", "fx"])
def test_no_entry_goes_by_what_had_to_be_asked_for(part: str) -> None:
    asked = replace(VIEW, sources=Sources()._replace(**{part: Source.ASKED}))
    assert code(view=asked) == "stale_market_data"
