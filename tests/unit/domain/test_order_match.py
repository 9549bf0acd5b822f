"""An order that carries our id is ours only if all that it tells fits what we meant."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.pair import START, D, signal
from tests.fakes.script import Script
from trading_platform_order.domain.order import Leg, Order, OrderReport, OrderSide, OrderType
from trading_platform_order.domain.order_identity.order_match import fits

HEDGE = Script(signal(quantity="0.010")).of(Leg.HEDGE)
"""A market order of 0.010 BTC."""
SPOT = replace(Script(signal(quantity="0.010")).of(Leg.SPOT), quote_amount=D(1_400_100))
LIMIT = replace(HEDGE, type=OrderType.LIMIT, price=D(99_850))


def told(order: Order, **changed: object) -> OrderReport:
    report = OrderReport(
        exchange=order.exchange,
        symbol=order.symbol,
        client_order_id=order.client_order_id,
        exchange_order_id="x",
        side=order.side,
        type=order.type,
        quantity=None if order.quote_amount else order.quantity,
        price=order.price,
        quote_amount=order.quote_amount,
        executed_quantity=D(0),
        is_open=True,
        created_at=order.created_at,
    )
    return replace(report, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("order", [HEDGE, SPOT, LIMIT], ids=["hedge", "spot", "limit"])
def test_the_order_itself_fits(order: Order) -> None:
    assert fits(order, told(order)) is None


@pytest.mark.parametrize(
    ("order", "changed", "differs"),
    [
        (HEDGE, {"symbol": "ETHUSDT"}, "symbol ETHUSDT, expected BTCUSDT"),
        (HEDGE, {"side": OrderSide.BUY}, "side BUY, expected SELL"),
        (HEDGE, {"type": OrderType.LIMIT}, "type LIMIT, expected MARKET"),
        (HEDGE, {"quantity": D("0.011")}, "quantity 0.011, expected 0.010"),
        (SPOT, {"quote_amount": D(1_400_101)}, "amount 1400101, expected 1400100"),
        (LIMIT, {"price": D(99_851)}, "price 99851, expected 99850"),
    ],
)
def test_whatever_differs_is_named(order: Order, changed: dict[str, object], differs: str) -> None:
    assert fits(order, told(order, **changed)) == differs


@pytest.mark.parametrize(
    ("order", "changed"),
    [
        (HEDGE, {"quantity": None}),
        (SPOT, {"quote_amount": None}),
        (SPOT, {"quantity": D(7)}),  # of a market buy by amount it says nothing
        (LIMIT, {"price": None}),
        (HEDGE, {"price": D(1)}),  # an average price on a market order is no limit
        (HEDGE, {"created_at": None}),
    ],
)
def test_what_is_not_told_or_not_meant_is_no_difference(
    order: Order, changed: dict[str, object]
) -> None:
    assert fits(order, told(order, **changed)) is None


@pytest.mark.parametrize(
    ("early_s", "differs"),
    [(301.0, None), (301.6, "created 302 s before the intent"), (-86_400.0, None)],
)
def test_an_id_that_came_round_again_is_older_than_any_wrong_clock(
    early_s: float, differs: str | None
) -> None:
    created_at = START - timedelta(seconds=early_s)
    assert fits(HEDGE, told(HEDGE, created_at=created_at)) == differs
    tight = fits(HEDGE, told(HEDGE, created_at=START - timedelta(seconds=12)), clock_margin_s=10.0)
    assert tight == "created 12 s before the intent"
