"""The one rule for closes: which leg goes now, how much of it, and what it waits for."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.fakes.pair import VIEW, D
from trading_platform_order.domain.hindrances.order_access import Access
from trading_platform_order.domain.market import Book, Level, PairView
from trading_platform_order.domain.order import Leg, OrderSide
from trading_platform_order.domain.trade.closing import (
    ALL_OPEN,
    Gate,
    Pressure,
    Waits,
    parts_to_close,
    within,
)

SPOT, HEDGE = Leg.SPOT, Leg.HEDGE
OPEN, DOUBTFUL, CLOSED = Access.OPEN, Access.DOUBTFUL, Access.CLOSED
CALM = Pressure(walk_bps=D(100))


def gate(spot: Access, hedge: Access, **seconds: float) -> Gate:
    made = Gate(access={SPOT: spot, HEDGE: hedge}, why={SPOT: "a", HEDGE: "b"})
    return replace(made, **seconds)  # type: ignore[arg-type]


def rest(spot: str, hedge: str) -> dict[Leg, Decimal]:
    return {SPOT: D(spot), HEDGE: D(hedge)}


def parts(spot: str, hedge: str, at: Gate = ALL_OPEN, view: PairView = VIEW) -> dict[Leg, str]:
    found = parts_to_close(rest(spot, hedge), view, at, CALM)
    assert not isinstance(found, Waits), found
    return {leg: str(part.normalize()) for leg, part in found.items() if part}


def waits(spot: str, hedge: str, at: Gate, view: PairView = VIEW, how: Pressure = CALM) -> Waits:
    found = parts_to_close(rest(spot, hedge), view, at, how)
    assert isinstance(found, Waits), found
    return found


def depth(view: PairView, leg: Leg, *levels: tuple[str, str]) -> PairView:
    """The book of a leg: (bps from the mid, quantity) of the side that a close takes."""
    book = view.book(leg)
    mid = book.mid
    sign = -1 if leg is SPOT else 1
    rows = tuple(Level(mid * (1 + sign * D(bps) / 10_000), D(size)) for bps, size in levels)
    other = (Level(mid * 2 - rows[0].price, D(1)),)
    made = (
        Book(symbol=book.symbol, bids=rows, asks=other, at=book.at)
        if leg is SPOT
        else Book(symbol=book.symbol, bids=other, asks=rows, at=book.at)
    )
    return replace(view, spot_book=made) if leg is SPOT else replace(view, hedge_book=made)


def test_both_open_go_at_once_dust_included() -> None:
    assert parts("0.01000002", "0.010") == {SPOT: "0.01000002", HEDGE: "0.01"}


@pytest.mark.parametrize(
    ("spot", "hedge", "leg"), [(DOUBTFUL, OPEN, SPOT), (OPEN, DOUBTFUL, HEDGE)]
)
def test_the_doubtful_leg_goes_first_and_alone(spot: Access, hedge: Access, leg: Leg) -> None:
    assert parts("0.010", "0.010", gate(spot, hedge)) == {leg: "0.01"}


@pytest.mark.parametrize("other", [OPEN, DOUBTFUL])
@pytest.mark.parametrize("leg", list(Leg))
def test_a_closed_exchange_keeps_both_legs(leg: Leg, other: Access) -> None:
    access = {leg: CLOSED, leg.other: other}
    found = waits("0.010", "0.010", Gate(access=access, why={leg: "maintenance"}))
    assert found.is_closed
    assert found.reason == "maintenance"


def test_both_doubtful_wait_for_ten_seconds_and_then_the_coins_go() -> None:
    assert not waits("0.010", "0.010", gate(DOUBTFUL, DOUBTFUL, both_doubtful_s=9.9)).is_closed
    assert parts("0.010", "0.010", gate(DOUBTFUL, DOUBTFUL, both_doubtful_s=10.0)) == {SPOT: "0.01"}


@pytest.mark.parametrize("other", list(Access))
def test_of_uneven_legs_only_the_excess_goes_whatever_the_other_exchange_does(
    other: Access,
) -> None:
    view = depth(VIEW, SPOT, ("1", "0.006"))
    at = Gate(access={HEDGE: other}, why={HEDGE: "closed"})
    assert parts("0.010", "0.006", at, view) == {SPOT: "0.004"}


def test_the_excess_waits_where_its_own_exchange_is_closed() -> None:
    found = waits("0.010", "0", gate(CLOSED, OPEN))
    assert found.is_closed


def test_the_excess_does_not_wait_for_calm_books_after_a_hindrance() -> None:
    assert parts("0.010", "0", gate(OPEN, OPEN, steady_s=0.1, settle_s=5.0)) == {SPOT: "0.01"}


def test_an_even_pair_waits_until_both_books_have_been_fresh_for_a_while() -> None:
    assert not waits("0.010", "0.010", gate(OPEN, OPEN, steady_s=4.9, settle_s=5.0)).is_closed
    assert parts("0.010", "0.010", gate(OPEN, OPEN, steady_s=5.0, settle_s=5.0))


def test_no_leg_takes_more_than_both_books_hold_near_their_mids() -> None:
    view = depth(VIEW, SPOT, ("10", "0.003"), ("150", "9"))
    assert parts("0.010", "0.010", view=view) == {SPOT: "0.003", HEDGE: "0.003"}


def test_the_limit_doubles_every_ten_seconds() -> None:
    view = depth(VIEW, SPOT, ("150", "9"))
    assert waits("0.010", "0.010", ALL_OPEN, view)
    later = replace(CALM, walked_s=10.0)
    assert parts_to_close(rest("0.010", "0.010"), view, ALL_OPEN, later) == rest("0.010", "0.010")


def test_a_stop_loss_on_an_even_pair_is_not_widened_by_time_but_uneven_legs_are() -> None:
    view = depth(VIEW, SPOT, ("150", "9"))
    late = Pressure(walk_bps=D(100), walked_s=3_600.0, widens=False)
    assert waits("0.010", "0.010", ALL_OPEN, view, late)
    assert parts_to_close(rest("0.010", "0"), view, ALL_OPEN, late) == rest("0.010", "0")


def test_what_we_took_after_the_book_was_seen_is_not_counted_again() -> None:
    view = depth(VIEW, SPOT, ("10", "0.006"))
    taken = replace(CALM, taken={SPOT: D("0.004")})
    assert parts_to_close(rest("0.010", "0"), view, ALL_OPEN, taken) == rest("0.002", "0")


def test_no_part_leaves_a_crumb_that_upbit_would_not_take() -> None:
    fine = replace(VIEW, hedge=replace(VIEW.hedge, quantity_step=D("0.00001")))
    view = depth(fine, HEDGE, ("1", "0.00998"))
    found = parts_to_close(rest("0.01", "0.01"), view, ALL_OPEN, CALM)
    assert not isinstance(found, Waits)
    assert found[SPOT] == found[HEDGE]
    left = D("0.01") - found[SPOT]
    assert left * VIEW.spot_book.bids[0].price >= VIEW.spot.min_notional


def test_a_maximum_of_one_exchange_binds_both_legs() -> None:
    view = replace(VIEW, hedge=replace(VIEW.hedge, max_quantity=D("0.004")))
    assert parts("0.010", "0.010", view=view) == {SPOT: "0.004", HEDGE: "0.004"}


def test_less_than_any_exchange_takes_is_left() -> None:
    assert parts("0.00000100", "0") == {}


def test_between_dust_and_tradable_lies_nothing() -> None:
    price = VIEW.spot_book.bids[0].price
    just = (VIEW.spot.min_notional * D("1.003") / price).quantize(D("0.00000001"))
    assert parts(str(just), "0") == {SPOT: str(just.normalize())}


def test_only_levels_within_the_limit_count() -> None:
    book = depth(VIEW, SPOT, ("99", "1"), ("100", "2"), ("101", "4")).spot_book
    assert within(book, OrderSide.SELL, D(100)) == D(3)
