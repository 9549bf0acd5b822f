"""The fill that stands for trades which nobody tells one by one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from trading_platform_order.domain.order import (
    ExecutedTotals,
    Fill,
    Leg,
    Order,
    OrderReport,
    OrderSide,
    OrderType,
    Purpose,
)
from trading_platform_order.domain.trade.told_fills import is_rest, is_told, rest_of
from trading_platform_order.domain.venue import Venue

D = Decimal
NOW = datetime(2026, 1, 5, tzinfo=UTC)
ORDER = Order(
    id="0",
    client_order_id="tp-a",
    exchange=Venue.UPBIT,
    symbol="BTC-KRW",
    side=OrderSide.BUY,
    type=OrderType.MARKET,
    quantity=D("0.5"),
    leg=Leg.SPOT,
    purpose=Purpose.OPEN,
    attempt=1,
    signal_id="s",
    created_at=NOW,
)
REPORT = OrderReport(
    exchange=Venue.UPBIT,
    symbol="BTC-KRW",
    client_order_id="tp-a",
    exchange_order_id="uuid-1",
    side=OrderSide.BUY,
    type=OrderType.MARKET,
    quantity=None,
    price=None,
    executed_quantity=D("0.5"),
    is_open=False,
    created_at=NOW,
    totals=ExecutedTotals(quote=D(52), fee=D("0.026"), fee_asset="KRW"),
)


def fill(trade_id: str, quantity: str, price: str, fee: str, *, order: str = "tp-a") -> Fill:
    return Fill(
        exchange=Venue.UPBIT,
        symbol="BTC-KRW",
        client_order_id=order,
        trade_id=trade_id,
        side=OrderSide.BUY,
        quantity=D(quantity),
        price=D(price),
        fee=D(fee),
        fee_asset="KRW",
        at=NOW + timedelta(seconds=int(trade_id)),
    )


KNOWN = (fill("1", "0.1", "100", "0.005"), fill("2", "0.2", "100", "0.01"))


def test_it_has_what_the_known_ones_leave() -> None:
    others = (fill("3", "7", "1", "1", order="tp-b"),)
    rest = rest_of(ORDER, KNOWN + others, REPORT, NOW)
    assert rest is not None
    assert (rest.quantity, rest.price, rest.fee) == (D("0.2"), D(110), D("0.011"))
    assert (rest.trade_id, rest.fee_asset, rest.side) == ("rest:uuid-1", "KRW", OrderSide.BUY)
    assert rest.at == NOW + timedelta(seconds=2)
    assert is_rest(rest)
    assert not any(map(is_rest, KNOWN))


def test_without_any_known_one_it_is_all() -> None:
    rest = rest_of(ORDER, (), REPORT, NOW)
    assert rest is not None
    assert (rest.quantity, rest.price, rest.fee, rest.at) == (D("0.5"), D(104), D("0.026"), NOW)


@pytest.mark.parametrize(
    "report",
    [
        replace(REPORT, totals=None),
        replace(REPORT, is_open=True),
        replace(REPORT, executed_quantity=D("0.3")),
        replace(REPORT, totals=ExecutedTotals(quote=D(30), fee=D("0.026"), fee_asset="KRW")),
        replace(REPORT, totals=ExecutedTotals(quote=D(52), fee=D("0.014"), fee_asset="KRW")),
    ],
    ids=["no totals", "still open", "all is known", "known ones cost all", "paid all"],
)
def test_there_is_none(report: OrderReport) -> None:
    assert rest_of(ORDER, KNOWN, report, NOW) is None


def test_what_is_told_later_is_in_it() -> None:
    rest = rest_of(ORDER, KNOWN, REPORT, NOW)
    assert rest is not None
    late = fill("3", "0.1", "110", "0.0055")
    assert is_told(late, (*KNOWN, rest))
    assert not is_told(late, KNOWN)
    assert is_told(KNOWN[0], KNOWN)
    assert not is_told(replace(late, client_order_id="tp-b"), (*KNOWN, rest))
