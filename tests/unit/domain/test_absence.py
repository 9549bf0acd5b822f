"""Whether an account is explained without one order."""

from dataclasses import replace

import pytest

from tests.fakes.pair import START, D
from trading_platform_order.domain.account.absence import doubtful_coins, missing_short
from trading_platform_order.domain.order import Leg, Order, OrderSide, OrderType, Purpose
from trading_platform_order.domain.venue import Venue

BUY = Order(
    id="1",
    client_order_id="tp-aaaaaaaaaaaaaaaaaaaa-so1",
    exchange=Venue.UPBIT,
    symbol="BTC-KRW",
    side=OrderSide.BUY,
    type=OrderType.MARKET,
    quantity=D("0.010"),
    leg=Leg.SPOT,
    purpose=Purpose.OPEN,
    attempt=1,
    signal_id="s1",
    created_at=START,
)


@pytest.mark.parametrize(
    ("side", "held", "doubtful"),
    [
        (OrderSide.BUY, "1", False),
        (OrderSide.BUY, "1.00000001", True),
        (OrderSide.BUY, "1.0102", True),
        (OrderSide.BUY, "1.01020001", False),  # more than it can have bought
        (OrderSide.BUY, "0.99", False),  # the owner sold
        (OrderSide.SELL, "0.99", True),
        (OrderSide.SELL, "1.01", False),
    ],
)
def test_only_what_the_order_would_have_moved_casts_doubt(
    side: OrderSide, held: str, *, doubtful: bool
) -> None:
    order = replace(BUY, side=side)
    assert doubtful_coins(order, counted=D(1), held=D(held)) is doubtful


@pytest.mark.parametrize(
    ("counted", "position", "missing"),
    [("0.01", "-0.01", "0"), ("0.01", "0", "0.01"), ("0.01", "-0.02", "-0.01")],
)
def test_the_position_must_be_exact(counted: str, position: str, missing: str) -> None:
    found = missing_short(counted=D(counted), position_quantity=D(position))
    assert found == D(missing)
