"""Which fates of all unknown orders explain one number."""

from itertools import product

import pytest

from tests.fakes.pair import D
from trading_platform_order.domain.account.evidence.joint_absence import (
    NOTHING,
    ORDERS_MAX,
    PossibleFill,
    in_words,
    is_absent,
    sets_that_explain,
)
from trading_platform_order.domain.order import OrderSide

BUY, SELL = OrderSide.BUY, OrderSide.SELL


def _order(name: str, side: OrderSide, most: str) -> PossibleFill:
    return PossibleFill(client_order_id=name, side=side, most=D(most))


def _sets(*names: str) -> set[frozenset[str]]:
    """Each as its letters."""
    return {frozenset(name) for name in names}


SELL_6, BUY_4, SELL_3 = _order("a", SELL, "6"), _order("b", BUY, "4"), _order("c", SELL, "3")


@pytest.mark.parametrize(
    ("moved", "explaining"),
    [
        ("0", _sets("", "ab")),  # as if neither had happened
        ("4", _sets("b")),  # all of it, and none of the other
        ("3.9", _sets("b", "ab")),
        ("4.1", set()),
        ("-6", _sets("a")),
        ("-5.9", _sets("a", "ab")),
        ("-6.1", set()),
    ],
)
def test_two_orders_of_opposite_sides(moved: str, explaining: set[frozenset[str]]) -> None:
    assert set(sets_that_explain([SELL_6, BUY_4], moved=D(moved))) == explaining


@pytest.mark.parametrize(
    ("moved", "explaining"),
    [
        ("0", _sets("")),
        ("-2", _sets("a", "c", "ac")),
        ("-3", _sets("a", "c", "ac")),
        ("-3.1", _sets("a", "ac")),
        ("-9", _sets("ac")),
        ("1", set()),
    ],
)
def test_two_orders_of_one_side(moved: str, explaining: set[frozenset[str]]) -> None:
    assert set(sets_that_explain([SELL_6, SELL_3], moved=D(moved))) == explaining


def test_a_wallet_that_stands_leaves_nothing_but_nothing() -> None:
    unknown = [SELL_6, BUY_4, SELL_3]
    assert sets_that_explain(unknown, moved=D("0"), cash_stands=True) == (NOTHING,)
    assert not sets_that_explain(unknown, moved=D("-1"), cash_stands=True)


def test_an_order_is_absent_only_where_the_number_is_explained_without_it() -> None:
    assert is_absent("a", sets_that_explain([SELL_6, BUY_4], moved=D("4")))
    assert not is_absent("b", sets_that_explain([SELL_6, BUY_4], moved=D("4")))
    assert not is_absent("a", sets_that_explain([SELL_6, BUY_4], moved=D("0")))
    assert not is_absent("a", sets_that_explain([SELL_6, BUY_4], moved=D("5"))), "not explained"


def test_every_outcome_is_explained_by_the_orders_that_made_it() -> None:
    """Whatever part of each filled, the set of those that filled is among the answers."""
    unknown = [SELL_6, BUY_4, SELL_3]
    for parts in product((D("0"), D("0.25"), D("1")), repeat=len(unknown)):
        moved = sum((p * o.most * o.sign for p, o in zip(parts, unknown, strict=True)), D("0"))
        filled = frozenset(o.client_order_id for p, o in zip(parts, unknown, strict=True) if p)
        assert filled in sets_that_explain(unknown, moved=moved)


def test_too_many_are_not_judged() -> None:
    crowd = [_order(str(number), SELL, "1") for number in range(ORDERS_MAX + 1)]
    assert not sets_that_explain(crowd, moved=D("0"))


@pytest.mark.parametrize(
    ("moved", "words"),
    [
        ("5", "no fates of the unknown orders explain it"),
        ("4", "filled may have: b"),
        ("3.9", "filled may have: b; or a and b"),
        ("0", "filled may have: nothing; or a and b"),
    ],
)
def test_what_may_have_filled_is_told(moved: str, words: str) -> None:
    assert in_words(sets_that_explain([SELL_6, BUY_4], moved=D(moved))) == words
