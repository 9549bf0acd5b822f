"""The newer limits, each at its edge: pace, caps, symbol, dust, collar, free margin, runway."""

from dataclasses import replace

import pytest

from tests.fakes.pair import HEDGE_MID, SPOT_MID, VIEW, D, signal
from tests.unit.risk.test_approval import plan_of
from tests.unit.risk.test_risk_manager import ENTER, account, code, limits
from trading_platform_order.domain.market import Level
from trading_platform_order.domain.refusal import Refusal
from trading_platform_order.risk.monitors.margin import (
    notional_that_survives_usdt,
    rise_to_liquidation,
    runway_shortfall_usdt,
)
from trading_platform_order.risk.risk_manager import check


@pytest.mark.parametrize(("before", "expected"), [(5, "ok"), (6, "entry_rate")])
def test_entries_per_minute(before: int, expected: str) -> None:
    assert code(account=account(minute_entries=before)) == expected


@pytest.mark.parametrize(("before", "expected"), [(2, "ok"), (3, "repeated")])
def test_the_same_wish_again_and_again(before: int, expected: str) -> None:
    assert code(account=account(same_recently=before)) == expected


@pytest.mark.parametrize(("cap_krw", "expected"), [(28_000_000, "ok"), (27_999_999, "trade_cap")])
def test_both_legs_together(cap_krw: int, expected: str) -> None:
    assert code(limits=limits(trade_krw_max=D(cap_krw))) == expected


@pytest.mark.parametrize(("held_krw", "expected"), [(6_000_000, "ok"), (6_000_001, "symbol_limit")])
def test_the_part_of_one_symbol(held_krw: int, expected: str) -> None:
    narrow = limits(symbol_fraction=D("0.2"))
    assert code(account=account(symbol_value_krw=D(held_krw)), limits=narrow) == expected


@pytest.mark.parametrize(("dust_krw", "expected"), [(20_000, "ok"), (20_001, "dust_limit")])
def test_dust(dust_krw: int, expected: str) -> None:
    assert code(account=account(symbol_dust_krw=D(dust_krw))) == expected


@pytest.mark.parametrize(
    ("spot_krw", "hedge_usdt", "expected"),
    [
        ("138600000", None, "slippage"),
        ("141400000", None, "ok"),
        ("141400001", None, "price_collar"),
        ("138599999", None, "price_collar"),
        (None, "99000", "ok"),
        (None, "98999.99", "price_collar"),
        (None, "101000.01", "price_collar"),
    ],
)
def test_a_reference_far_from_the_market_is_a_wrong_signal(
    spot_krw: str | None, hedge_usdt: str | None, expected: str
) -> None:
    """100 bps of 140,000,000 KRW and of 100,000 USDT."""
    wish = signal(quantity="0.1", spot_price_krw=spot_krw, hedge_price_usdt=hedge_usdt)
    assert code(wish=wish) == expected


@pytest.mark.parametrize(("last", "expected"), [("98.9", "price_collar"), ("99.2", "ok")])
def test_the_last_level_an_order_would_touch(last: str, expected: str) -> None:
    """The average may look fine while the end of the order falls into a hole."""
    mid = HEDGE_MID
    bids = (
        Level(price=mid - 5, quantity=D("0.0999")),
        Level(price=mid * D(last) / 100, quantity=D(1)),
    )
    view = replace(VIEW, hedge_book=replace(VIEW.hedge_book, bids=bids))
    assert code(view=view, planned_on=VIEW) == expected


def test_a_signal_may_tighten_the_slippage_limit_but_not_widen_it() -> None:
    far = SPOT_MID * D("1.0030")
    asks = (Level(price=far, quantity=D(1)),)
    bids = (Level(price=SPOT_MID * 2 - far, quantity=D(1)),)
    view = replace(VIEW, spot_book=replace(VIEW.spot_book, asks=asks, bids=bids))
    assert code(wish=signal(quantity="0.1"), view=view) == "slippage"
    assert code(wish=signal(quantity="0.1", max_slippage_bps="50"), view=view) == "slippage"
    wide = limits(slippage_bps_max=D(31))
    assert code(wish=signal(quantity="0.1"), view=view, limits=wide) == "ok"
    assert code(wish=signal(quantity="0.1", max_slippage_bps="29"), view=view, limits=wide) == (
        "slippage"
    )


def test_the_live_mid_counts_even_if_the_reference_fits() -> None:
    """Research saw the price we would pay; the book is 50 bps wide: that is no fair price."""
    ask = SPOT_MID * D("1.005")
    view = replace(
        VIEW,
        spot_book=replace(
            VIEW.spot_book,
            asks=(Level(price=ask, quantity=D(1)),),
            bids=(Level(price=SPOT_MID * 2 - ask, quantity=D(1)),),
        ),
    )
    wish = signal(quantity="0.1", spot_price_krw=str(ask))
    assert code(wish=wish, view=view) == "slippage"


@pytest.mark.parametrize(
    ("free_usdt", "expected"),
    [
        ("5005", "ok"),
        ("5004.99", "insufficient_margin"),
        (None, "ok"),
        ("0", "insufficient_margin"),
    ],
)
def test_free_margin_as_binance_told_it(free_usdt: str | None, expected: str) -> None:
    """10,000 USDT short at 2x take 5,000 USDT, and the fee 5."""
    told = None if free_usdt is None else D(free_usdt)
    assert code(account=account(margin_available_usdt=told)) == expected


@pytest.mark.parametrize(("held", "expected"), [("49980", "ok"), ("49991", "insufficient_margin")])
def test_free_margin_by_our_own_count(held: str, expected: str) -> None:
    figures = account(hedge_notional_usdt=D(held), margin_available_usdt=None)
    loose = limits(leverage_max=D(3), runway_fraction=D(0))
    assert code(account=figures, limits=loose) == expected


def test_the_runway_and_the_usdt_to_move() -> None:
    """Notional 60,000 after the trade; +30 %: loss 18,000, maintenance 0.5 % of 78,000 = 390."""
    figures = account(hedge_notional_usdt=D(50_000), margin_available_usdt=None)
    loose = limits(leverage_max=D(10), hedge_leverage=D(10))
    enough = replace(figures, margin_balance_usdt=D(18_395))
    assert code(account=enough, limits=loose) == "ok"
    short = replace(figures, margin_balance_usdt=D("18394.991"))
    verdict = check(plan_of(ENTER), view=VIEW, account=short, limits=loose)
    assert isinstance(verdict, Refusal)
    assert (verdict.code, verdict.figures["usdt_to_move"]) == ("margin_runway", "0.01")


def test_margin_arithmetic_agrees_with_itself() -> None:
    rise = rise_to_liquidation(
        balance_usdt=D(500), notional_usdt=D(1_000), maintenance_rate=D("0.005")
    )
    assert rise is not None
    assert round(rise, 4) == D("0.4925")
    missing = runway_shortfall_usdt(
        balance_usdt=D(500), notional_usdt=D(1_000), maintenance_rate=D("0.005"), rise=rise
    )
    assert abs(missing) < D("0.0000001")
    most = notional_that_survives_usdt(balance_usdt=D(500), maintenance_rate=D("0.005"), rise=rise)
    assert abs(most - 1_000) < D("0.0000001")
    assert (
        rise_to_liquidation(balance_usdt=D(1), notional_usdt=D(0), maintenance_rate=D("0.005"))
        is None
    )
    assert (
        rise_to_liquidation(balance_usdt=D(-1), notional_usdt=D(1), maintenance_rate=D("0.005"))
        == 0
    )
