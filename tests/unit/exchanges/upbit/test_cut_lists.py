"""GET /v1/order lists fewer trades than there were: fees stay right, totals stand for the rest."""

from decimal import Decimal

import msgspec
import pytest

from tests.unit.exchanges.upbit.fixture import wire_order, wire_trade
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import ExecutedTotals, OrderReport
from trading_platform_order.exchanges.upbit.requests import parse, wire

D = Decimal
RATE = D("0.0005")


def report(fee_rate: Decimal = ZERO, /, **changes: object) -> OrderReport:
    """A market buy of 30,000 KRW: one of three trades is listed."""
    told = wire_order(
        **{
            "state": "cancel",
            "price": "30000",
            "reserved_fee": "15",
            "executed_volume": "0.0003",
            "paid_fee": "15.015",
            "trades_count": 3,
            "trades": [wire_trade()],
            **changes,
        }
    )
    order = msgspec.convert(told, type=wire.Order, strict=False)
    return parse.order_report(order, fee_rate=fee_rate)


def test_a_bid_shows_its_rate_itself() -> None:
    told = report()
    (fill,) = told.fills
    assert fill.fee == D(5)
    assert told.totals == ExecutedTotals(quote=D(30_030), fee=D("15.015"), fee_asset="KRW")
    assert told.executed_quantity == D("0.0003")


def test_a_limit_bid_reserves_for_price_times_volume() -> None:
    told = report(ord_type="limit", price="101000000", volume="0.0004", reserved_fee="20.2")
    assert told.totals is not None
    assert told.totals.quote == D(30_030)


def test_an_ask_pays_the_rate_of_its_market() -> None:
    ask: dict[str, object] = {
        "side": "ask",
        "ord_type": "market",
        "price": None,
        "volume": "0.0003",
    }
    told = report(RATE, **ask, reserved_fee="0")
    assert told.totals is not None
    assert told.totals.quote == D(30_030)


def test_no_trade_listed_at_all() -> None:
    told = report(trades=[])
    assert told.fills == ()
    assert told.totals is not None
    assert told.totals.quote == D(30_030)
    assert report(trades=[], reserved_fee="0").totals is None


@pytest.mark.parametrize(
    "changes",
    [
        {"reserved_fee": "3"},  # another rate: five times as dear
        {"reserved_fee": "0"},
        {"paid_fee": "0"},
    ],
    ids=["not at that price", "rate not known", "free of charge"],
)
def test_where_the_fee_does_not_tell_all_trades_cost_what_the_listed_do(
    changes: dict[str, object],
) -> None:
    told = report(**changes)
    assert told.totals is not None
    assert told.totals.quote == D(30_000)
    (fill,) = told.fills
    assert abs(fill.fee - told.totals.fee / 3) < D("1e-12")


@pytest.mark.parametrize(
    "changes",
    [{"state": "wait"}, {"executed_volume": "0.00005"}],
    ids=["still open", "more listed than executed"],
)
def test_what_does_not_fit_tells_nothing(changes: dict[str, object]) -> None:
    told = report(**changes)
    assert (told.fills, told.totals) == ((), None)


def test_a_full_list_needs_no_totals() -> None:
    told = report(executed_volume="0.0001", paid_fee="5")
    assert told.totals is None
    assert [fill.fee for fill in told.fills] == [D(5)]
