"""Upbit's documented samples become the right domain values."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.exchanges.upbit.fixture import consuming_order, order, wire_order, wire_trade
from trading_platform_order.domain.order import OrderSide, OrderType, TimeInForce
from trading_platform_order.exchanges.upbit.requests import parse, wire

SELL_SAMPLE = b"""{"market":"KRW-USDT","uuid":"3b67e543-8ad3-48d0-8451-0dad315cae73","side":"ask",
"ord_type":"market","state":"done","created_at":"2025-08-09T16:44:00+09:00","volume":"5.377594",
"remaining_volume":"0","executed_volume":"5.377594","reserved_fee":"0","remaining_fee":"0",
"paid_fee":"3.697095875","locked":"0","prevented_volume":"0","prevented_locked":"0",
"trades_count":1,"trades":[{"market":"KRW-USDT","uuid":"795dff29-bba6-49b2-baab-63473ab7931c",
"price":"1375","volume":"5.377594","funds":"7394.19175","trend":"down",
"created_at":"2025-08-09T16:44:00.597751+09:00","side":"ask"}]}"""

MY_ORDER_SAMPLE = b"""{"type":"myOrder","code":"KRW-BTC","uuid":"ac2dc2a3","ask_bid":"BID",
"order_type":"limit","state":"trade","trade_uuid":"68315169-fba4-4175-ade3-aff14a616657",
"price":0.001453,"avg_price":0.00145372,"volume":30925891.29839369,
"remaining_volume":29968038.09235948,"executed_volume":30925891.29839369,"trades_count":1,
"reserved_fee":44.23943970238218,"remaining_fee":21.77177967409916,
"paid_fee":22.467660028283017,"locked":43565.33112787242,"executed_funds":44935.32005656603,
"time_in_force":null,"trade_fee":22.467660028283017,"is_maker":true,"identifier":"test-1",
"smp_type":"cancel_maker","prevented_volume":1.174291929,"prevented_locked":0.001706246173,
"trade_timestamp":1710751590421,"order_timestamp":1710751590000,"timestamp":1710751597500,
"stream_type":"REALTIME"}"""


def rest(text: bytes | dict[str, object]) -> wire.Order:
    raw = text if isinstance(text, bytes) else json.dumps(text).encode()
    return msgspec.json.decode(raw, type=wire.Order)


def stream(**changes: object) -> wire.MyOrder:
    event = {**json.loads(MY_ORDER_SAMPLE), **changes}
    return msgspec.json.decode(json.dumps(event), type=wire.MyOrder)


def test_the_documented_market_sell() -> None:
    report = parse.order_report(rest(SELL_SAMPLE))
    assert report.symbol == "USDT-KRW"
    assert (report.side, report.type) == (OrderSide.SELL, OrderType.MARKET)
    assert report.quantity == report.executed_quantity == Decimal("5.377594")
    assert report.price is None
    assert report.is_open is False
    assert report.created_at == datetime(2025, 8, 9, 7, 44, tzinfo=UTC)
    (fill,) = report.fills
    assert fill.fee == Decimal("3.697095875")
    assert (fill.trade_id, fill.fee_asset) == ("795dff29-bba6-49b2-baab-63473ab7931c", "KRW")
    assert fill.at == datetime(2025, 8, 9, 7, 44, 0, 597751, tzinfo=UTC)


def test_a_market_buy_that_ended_in_cancel_is_a_filled_one() -> None:
    trades = [wire_trade()]
    report = parse.order_report(
        rest(
            wire_order(
                state="cancel",
                volume=None,
                executed_volume="0.0001",
                paid_fee="5",
                trades=trades,
            )
        )
    )
    assert report.is_open is False
    assert report.executed_quantity == Decimal("0.0001")
    assert report.quantity is None
    assert report.price is None
    assert report.quote_amount == Decimal(10_000)
    assert report.fills[0].fee == Decimal(5)


@pytest.mark.parametrize(
    ("state", "is_open"),
    [("wait", True), ("watch", True), ("done", False), ("cancel", False), ("new one", True)],
)
def test_only_done_and_cancel_are_ends(state: str, is_open: bool) -> None:
    assert parse.order_report(rest(wire_order(state=state))).is_open is is_open


def test_fees_at_a_plain_rate_are_exact_per_trade() -> None:
    trades = [
        wire_trade(uuid="a", funds="3333.33333333", volume="1"),
        wire_trade(uuid="b", funds="6666.6666", volume="2"),
    ]
    paid = (Decimal("3333.33333333") + Decimal("6666.6666")) * Decimal("0.0005")
    report = parse.order_report(
        rest(wire_order(executed_volume="3", paid_fee=str(paid), trades=trades))
    )
    assert [fill.fee for fill in report.fills] == [
        Decimal("3333.33333333") * Decimal("0.0005"),
        Decimal("6666.6666") * Decimal("0.0005"),
    ]


amounts = st.decimals(min_value="0.00000001", max_value="1000000", places=8)


@given(st.lists(amounts, min_size=1, max_size=12), amounts)
def test_shares_of_a_fee_sum_up_to_it(funds: list[Decimal], paid: Decimal) -> None:
    trades = [
        wire_trade(uuid=str(index), funds=str(amount), volume="1")
        for index, amount in enumerate(funds)
    ]
    report = parse.order_report(
        rest(wire_order(executed_volume=str(len(funds)), paid_fee=str(paid), trades=trades))
    )
    assert sum(fill.fee for fill in report.fills) == paid


def test_an_incomplete_list_of_trades_gives_no_fills() -> None:
    report = parse.order_report(
        rest(wire_order(executed_volume="0.0002", paid_fee="10", trades=[wire_trade()]))
    )
    assert report.executed_quantity == Decimal("0.0002")
    assert report.fills == ()


def test_trade_funds_may_be_missing() -> None:
    trade = wire_trade()
    del trade["funds"]
    report = parse.order_report(
        rest(wire_order(executed_volume="0.0001", paid_fee="5", trades=[trade]))
    )
    assert report.fills[0].fee == Decimal(5)


@pytest.mark.parametrize(
    "changes",
    [
        {"executed_volume": "NaN"},
        {"paid_fee": "Infinity", "executed_volume": "0.0001", "trades": [wire_trade()]},
        {"price": "NaN"},
        {"side": "buy"},
        {"created_at": "2026-11-22T12:00:00"},
        {"created_at": "yesterday"},
    ],
)
def test_what_cannot_be_true_is_refused_at_the_door(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"not a|without zone|Invalid isoformat"):
        parse.order_report(rest(wire_order(**changes)))


def test_a_consuming_order_never_carries_the_intents_id() -> None:
    found = rest(consuming_order())
    assert parse.is_consuming(found, order())
    assert parse.order_report(found).client_order_id == ""
    assert parse.stream_order(stream(time_in_force="post_only")).client_order_id == ""
    assert not parse.is_consuming(rest(wire_order()), order())


def test_the_documented_stream_trade() -> None:
    report = parse.stream_order(stream())
    assert report.client_order_id == "test-1"
    assert report.executed_quantity == Decimal("30925891.29839369")
    assert report.is_open is True
    assert (report.quantity, report.price) == (None, None)
    assert report.created_at == datetime(2024, 3, 18, 8, 46, 30, tzinfo=UTC)
    (fill,) = report.fills
    assert fill.fee == Decimal("22.467660028283017")
    assert fill.price == Decimal("0.001453")
    assert fill.quantity == Decimal("30925891.29839369")
    assert fill.at == datetime(2024, 3, 18, 8, 46, 30, 421000, tzinfo=UTC)


def test_numbers_do_not_pass_through_a_float() -> None:
    raw = MY_ORDER_SAMPLE.replace(
        b'"volume":30925891.29839369', b'"volume":0.123456789012345678901'
    )
    event = msgspec.json.decode(raw, type=wire.MyOrder)
    assert parse.stream_order(event).fills[0].quantity == Decimal("0.123456789012345678901")


def test_stream_states() -> None:
    waiting = parse.stream_order(stream(state="wait", trade_uuid=None, trade_fee=None))
    assert (waiting.quantity, waiting.price) == (Decimal("30925891.29839369"), Decimal("0.001453"))
    assert (waiting.is_open, waiting.fills) == (True, ())
    buy = parse.stream_order(stream(state="cancel", order_type="price", volume=None, price=10000))
    assert (buy.is_open, buy.quantity, buy.quote_amount) == (False, None, Decimal(10000))
    assert parse.stream_order(stream(state="done")).is_open is False
    assert parse.stream_order(stream(state="prevented")).is_open is True


@pytest.mark.parametrize("name", ["trade_uuid", "trade_fee", "trade_timestamp", "price", "volume"])
def test_a_trade_without_its_facts_is_unreadable(name: str) -> None:
    with pytest.raises(ValueError, match="a trade event without"):
        parse.stream_order(stream(**{name: None}))


def test_books_and_the_dollar() -> None:
    event = wire.StreamBook(
        code="KRW-USDT.15",
        timestamp=1710751590421,
        orderbook_units=[
            wire.BookUnit(Decimal(1392), Decimal(1391), Decimal(5), Decimal(7)),
            wire.BookUnit(Decimal(1393), Decimal(1390), Decimal(0), Decimal(8)),
        ],
    )
    book = parse.stream_book(event)
    assert book is not None
    assert book.symbol == "USDT-KRW"
    assert [level.price for level in book.bids] == [1391, 1390]
    assert [level.price for level in book.asks] == [1392]
    rate = parse.fx_rate(book)
    assert (rate.krw_per_usdt, rate.source) == (Decimal("1391.5"), "upbit:KRW-USDT")
    assert rate.at == book.at
    assert parse.stream_book(wire.StreamBook(code="KRW-BTC", timestamp=1)) is None


@pytest.mark.parametrize("figure", ["NaN", "Infinity", "1E-900", "1E+900"])
@pytest.mark.parametrize("place", range(4))
def test_a_book_with_a_figure_that_cannot_be_is_unreadable(figure: str, place: int) -> None:
    bad = [Decimal(1392), Decimal(1391), Decimal(5), Decimal(7)]
    bad[place] = Decimal(figure)
    units = [
        wire.BookUnit(Decimal(1391), Decimal(1392), Decimal(5), Decimal(7)),
        wire.BookUnit(*bad),
        wire.BookUnit(Decimal(1393), Decimal(1390), Decimal(6), Decimal(8)),
    ]
    event = wire.StreamBook(code="KRW-BTC", timestamp=1, orderbook_units=units)
    with pytest.raises((ValueError, ArithmeticError)):
        parse.stream_book(event)


def test_bodies_carry_plain_text_in_hash_order() -> None:
    assert list(parse.order_body(order()).items()) == [
        ("market", "KRW-BTC"),
        ("side", "bid"),
        ("ord_type", "price"),
        ("price", "10000"),
        ("identifier", "tp-abcdefghijklmnopqrst-so1"),
    ]
    sell = parse.order_body(order(side=OrderSide.SELL, quantity="1E-8", quote=None))
    assert (sell["ord_type"], sell["volume"]) == ("market", "0.00000001")
    assert "price" not in sell
    assert "smp_type" not in sell
    limit = order(kind=OrderType.LIMIT, price="1E+8", quote=None, time_in_force=TimeInForce.IOC)
    body = parse.order_body(limit)
    assert (body["price"], body["volume"]) == ("100000000", "0.0001")
    assert (body["time_in_force"], body["smp_type"]) == ("ioc", "cancel_maker")
    resting = parse.order_body(
        order(kind=OrderType.LIMIT, price="5", quote=None, time_in_force=TimeInForce.GTC)
    )
    assert "time_in_force" not in resting


def test_an_intent_without_its_amount_is_a_bug() -> None:
    with pytest.raises(ValueError, match="quote_amount"):
        parse.order_body(order(quote=None))
    with pytest.raises(ValueError, match="price"):
        parse.order_body(order(kind=OrderType.LIMIT))
