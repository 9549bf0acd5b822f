"""The table of order moves: complete, and true to what may follow what."""

import itertools

import pytest

from trading_platform_order.domain.order import OrderStatus
from trading_platform_order.domain.trade.orders.order_table import ORDER_TABLE, OrderMove

SEEN = {OrderStatus.WORKING, OrderStatus.FILLED, OrderStatus.CANCELLED}


def test_every_combination_has_a_row() -> None:
    assert set(ORDER_TABLE) == set(itertools.product(OrderStatus, OrderMove))


@pytest.mark.parametrize("status", list(OrderStatus))
@pytest.mark.parametrize("move", [OrderMove.REFUSED, OrderMove.UNANSWERED, OrderMove.PROVEN_ABSENT])
def test_what_was_seen_on_the_exchange_is_never_taken_back(
    status: OrderStatus, move: OrderMove
) -> None:
    if status in SEEN:
        assert ORDER_TABLE[status, move] is status


@pytest.mark.parametrize("status", list(OrderStatus))
def test_an_unanswered_order_is_neither_failure_nor_success(status: OrderStatus) -> None:
    after = ORDER_TABLE[status, OrderMove.UNANSWERED]
    assert after is (OrderStatus.UNKNOWN if status is OrderStatus.PENDING else status)


@pytest.mark.parametrize("status", list(OrderStatus))
def test_a_late_truth_wins_over_a_verdict(status: OrderStatus) -> None:
    assert ORDER_TABLE[status, OrderMove.ENDED_FULL] is OrderStatus.FILLED
    assert ORDER_TABLE[status, OrderMove.EXECUTED] in SEEN


def test_unknown_ends_only_by_evidence() -> None:
    leaving = {
        move
        for (status, move), after in ORDER_TABLE.items()
        if status is OrderStatus.UNKNOWN and after is not OrderStatus.UNKNOWN
    }
    assert leaving == {
        OrderMove.ACCEPTED,
        OrderMove.EXECUTED,
        OrderMove.ENDED_FULL,
        OrderMove.ENDED_SHORT,
        OrderMove.REFUSED,
        OrderMove.PROVEN_ABSENT,
    }
