"""Placing and ending orders on the simulated Binance: shapes, fills, filters, refusals."""

import json
from decimal import Decimal

import pytest

from exchange_simulator.binance.errors import Rejection
from exchange_simulator.binance.market_data.symbols import SymbolRules, derived_rules
from exchange_simulator.binance.trading.order import NewOrder
from exchange_simulator.binance.trading.validation import check_quantity
from exchange_simulator.wire import HttpRequest
from tests.unit.exchange_simulator.binance.fixture import BinanceFixture, order_params


@pytest.fixture
def fixture() -> BinanceFixture:
    fixture = BinanceFixture()
    fixture.tick()
    return fixture


def test_market_order_result_has_quantity_but_no_price(fixture: BinanceFixture) -> None:
    answer = fixture.order(newClientOrderId="a1")
    assert answer["status"] == "FILLED"
    assert answer["executedQty"] == "0.01"
    assert answer["price"] == "0"
    assert answer["timeInForce"] == "GTC"
    assert not {"avgPrice", "cumQuote", "time"} & answer.keys()
    seen = fixture.call("GET", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="a1")
    assert seen["avgPrice"] == "100000.1"
    assert seen["cumQuote"] == "1000.001"
    assert seen["time"] == seen["updateTime"]


def test_acknowledgement_says_new_though_filled(fixture: BinanceFixture) -> None:
    answer = fixture.order(newOrderRespType="", newClientOrderId="a1")
    assert (answer["status"], answer["executedQty"]) == ("NEW", "0")
    seen = fixture.call("GET", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="a1")
    assert seen["status"] == "FILLED"


def test_large_order_walks_the_book_one_trade_per_level(fixture: BinanceFixture) -> None:
    rich = BinanceFixture(wallet_usdt=Decimal(10_000_000))
    rich.tick()
    rich.order(quantity="6")
    trades = rich.call("GET", "/fapi/v1/userTrades", symbol="BTCUSDT")
    assert [(row["price"], row["qty"]) for row in trades] == [
        ("100000.1", "3.999"),
        ("100000.2", "2.001"),
    ]
    total = sum(Decimal(row["commission"]) for row in trades)
    assert total == (
        Decimal("3.999") * Decimal("100000.1") + Decimal("2.001") * Decimal("100000.2")
    ) * Decimal("0.0005")
    assert trades[1]["id"] == trades[0]["id"] + 1
    assert "clientOrderId" not in trades[0]


def test_market_order_beyond_the_book_expires_its_rest() -> None:
    rich = BinanceFixture(wallet_usdt=Decimal(100_000_000))
    rich.tick("100000")
    events, _ = rich.listen()
    answer = rich.order(quantity="120")
    assert answer["status"] == "FILLED"
    answer = rich.order(quantity="120")
    assert answer["status"] == "EXPIRED"
    assert Decimal(0) < Decimal(answer["executedQty"]) < 120
    assert events[-1]["o"]["x"] == "EXPIRED"
    assert events[-1]["o"]["er"] == "9"


def test_limit_ioc_takes_what_it_may_and_expires(fixture: BinanceFixture) -> None:
    rich = BinanceFixture(wallet_usdt=Decimal(10_000_000))
    rich.tick()
    answer = rich.order(type="LIMIT", timeInForce="IOC", quantity="6", price="100000.1")
    assert (answer["status"], answer["executedQty"]) == ("EXPIRED", "3.999")
    answer = rich.order(type="LIMIT", timeInForce="IOC", quantity="1", price="99999")
    assert (answer["status"], answer["executedQty"]) == ("EXPIRED", "0")


def test_limit_rests_and_is_filled_as_maker_when_the_bar_reaches_it(
    fixture: BinanceFixture,
) -> None:
    answer = fixture.order(type="LIMIT", quantity="0.01", price="99000", newClientOrderId="rest")
    assert answer["status"] == "NEW"
    assert [row["clientOrderId"] for row in fixture.call("GET", "/fapi/v1/openOrders")] == ["rest"]
    fixture.tick("99500", low="99000.1")
    assert len(fixture.call("GET", "/fapi/v1/openOrders", symbol="BTCUSDT")) == 1
    fixture.tick("99500", low="98900")
    assert fixture.call("GET", "/fapi/v1/openOrders") == []
    trade = fixture.call("GET", "/fapi/v1/userTrades", symbol="BTCUSDT")[0]
    assert trade["maker"] is True
    assert trade["commission"] == "0.198"


def test_sell_limit_is_filled_when_the_high_reaches_it(fixture: BinanceFixture) -> None:
    fixture.order(type="LIMIT", side="SELL", quantity="0.01", price="101000")
    fixture.tick("100500", high="101000")
    state = fixture.venue.state()
    assert state["positions"]["BTCUSDT"]["quantity"] == "-0.01"


def test_post_only_and_fill_or_kill_are_refused_rather_than_taken(fixture: BinanceFixture) -> None:
    assert fixture.order_code(type="LIMIT", timeInForce="GTX", price="100001") == -5022
    assert fixture.order(type="LIMIT", timeInForce="GTX", price="99000")["status"] == "NEW"
    rich = BinanceFixture(wallet_usdt=Decimal(10_000_000))
    rich.tick()
    assert rich.order_code(type="LIMIT", timeInForce="FOK", quantity="6", price="100000.1") == -5021
    answer = rich.order(type="LIMIT", timeInForce="FOK", quantity="3", price="100000.1")
    assert answer["status"] == "FILLED"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"symbol": ""}, -1102),
        ({"symbol": "NOPEUSDT"}, -1121),
        ({"side": ""}, -1102),
        ({"side": "LONG"}, -1117),
        ({"type": "STOP_MARKET"}, -4120),
        ({"type": "TRAILING_STOP_MARKET"}, -4120),
        ({"type": "ICEBERG"}, -1116),
        ({"quantity": ""}, -1102),
        ({"quantity": "1e-2"}, -1100),
        ({"quantity": "NaN"}, -1100),
        ({"quantity": "0"}, -4003),
        ({"quantity": "-1"}, -4003),
        ({"quantity": "0.0015"}, -1111),
        ({"quantity": "121"}, -4005),
        ({"quantity": "0.0004"}, -1111),
        ({"type": "LIMIT", "price": ""}, -1102),
        ({"type": "LIMIT", "price": "99000", "timeInForce": "RPI"}, -1115),
        ({"type": "LIMIT", "price": "99000", "timeInForce": "GTD"}, -1102),
        ({"type": "LIMIT", "price": "99000", "timeInForce": "GTD", "goodTillDate": "1"}, -5040),
        ({"type": "LIMIT", "price": "0"}, -4001),
        ({"type": "LIMIT", "price": "99000.05"}, -4014),
        ({"type": "LIMIT", "price": "99000.005"}, -1111),
        ({"type": "LIMIT", "price": "105000.1"}, -4016),
        ({"type": "LIMIT", "side": "SELL", "price": "94999.9"}, -4024),
        ({"type": "LIMIT", "price": "99000", "quantity": "1001"}, -4005),
        ({"type": "LIMIT", "price": "0.01"}, -4013),
        ({"type": "LIMIT", "price": "99999999"}, -4002),
        ({"type": "LIMIT", "price": "45000", "quantity": "0.001"}, -4164),
        ({"quantity": "10"}, -2019),
        ({"reduceOnly": "true"}, -2022),
        ({"reduceOnly": "perhaps"}, -1130),
        ({"positionSide": "SHORT"}, -4061),
        ({"newClientOrderId": "x" * 37}, -4015),
        ({"newClientOrderId": "with space"}, -1100),
        ({"priceMatch": "QUEUE"}, -1130),
        ({"selfTradePreventionMode": "MAYBE"}, -1130),
        ({"newOrderRespType": "FULL"}, -1130),
    ],
)
def test_refused_with_the_documented_code(
    fixture: BinanceFixture, params: dict[str, str], code: int
) -> None:
    assert fixture.order_code(**params) == code
    assert fixture.venue.state()["orders"] == []


def test_percent_price_is_one_sided(fixture: BinanceFixture) -> None:
    assert fixture.order(type="LIMIT", side="BUY", price="50000")["status"] == "NEW"
    assert fixture.order(type="LIMIT", side="SELL", price="150000")["status"] == "NEW"


def test_limit_needs_its_time_in_force(fixture: BinanceFixture) -> None:
    params = order_params(type="LIMIT", price="99000")
    del params["timeInForce"]
    assert fixture.code("POST", "/fapi/v1/order", **params) == -1102


def test_quantity_off_the_step_where_precision_is_finer() -> None:
    rules = SymbolRules(
        base="X",
        tick=Decimal("0.1"),
        step=Decimal("0.05"),
        price_precision=1,
        quantity_precision=2,
        min_notional=Decimal(5),
        max_quantity=Decimal(100),
        max_market_quantity=Decimal(100),
    )
    wish = NewOrder(
        symbol="XUSDT",
        side="BUY",
        type="MARKET",
        time_in_force="GTC",
        quantity=Decimal("0.07"),
        price=None,
        reduce_only=False,
        client_order_id=None,
        stp_mode="NONE",
    )
    with pytest.raises(Rejection) as refusal:
        check_quantity(wish, rules)
    assert refusal.value.code == -4023


def test_small_orders_are_allowed_only_to_reduce(fixture: BinanceFixture) -> None:
    fixture.tick("40000")
    assert fixture.order_code(quantity="0.001") == -4164
    fixture.order(side="SELL", quantity="0.002")
    answer = fixture.order(quantity="0.001", reduceOnly="true")
    assert answer["status"] == "FILLED"
    assert answer["reduceOnly"] is True


def test_reduce_only_never_turns_the_position(fixture: BinanceFixture) -> None:
    fixture.order(side="SELL", quantity="0.01")
    assert fixture.order_code(side="SELL", quantity="0.01", reduceOnly="true") == -2022
    events, _ = fixture.listen()
    answer = fixture.order(quantity="0.05", reduceOnly="true")
    assert (answer["status"], answer["executedQty"], answer["origQty"]) == (
        "EXPIRED",
        "0.01",
        "0.05",
    )
    assert events[-1]["o"]["er"] == "4"
    assert fixture.venue.state()["positions"] == {}
    assert fixture.order_code(quantity="0.01", reduceOnly="true") == -2022


def test_resting_reduce_only_ends_with_the_position(fixture: BinanceFixture) -> None:
    fixture.order(side="SELL", quantity="0.01")
    fixture.order(
        type="LIMIT", quantity="0.01", price="99000", reduceOnly="true", newClientOrderId="r"
    )
    fixture.order(quantity="0.01", reduceOnly="true")
    seen = fixture.call("GET", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="r")
    assert seen["status"] == "EXPIRED"


def test_client_id_is_unique_among_open_orders_only(fixture: BinanceFixture) -> None:
    fixture.order(type="LIMIT", price="99000", newClientOrderId="same")
    assert fixture.order_code(newClientOrderId="same") == -4116
    fixture.call("DELETE", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="same")
    first = fixture.order(newClientOrderId="same")
    second = fixture.order(newClientOrderId="same")
    assert second["orderId"] == first["orderId"] + 1
    assert fixture.venue.state()["positions"]["BTCUSDT"]["quantity"] == "0.02"
    seen = fixture.call("GET", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="same")
    assert seen["orderId"] == second["orderId"]


def test_cancel_and_what_is_left_to_find(fixture: BinanceFixture) -> None:
    assert (
        fixture.code("DELETE", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="n") == -2011
    )
    assert fixture.code("GET", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="n") == -2013
    assert fixture.code("GET", "/fapi/v1/order", symbol="BTCUSDT") == -1102
    answer = fixture.order(type="LIMIT", price="99000", newClientOrderId="n")
    same = fixture.call(
        "GET", "/fapi/v1/openOrder", symbol="BTCUSDT", orderId=str(answer["orderId"])
    )
    assert same["clientOrderId"] == "n"
    ended = fixture.call("DELETE", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="n")
    assert ended["status"] == "CANCELED"
    assert (
        fixture.code("DELETE", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="n") == -2011
    )
    assert (
        fixture.code("GET", "/fapi/v1/openOrder", symbol="BTCUSDT", origClientOrderId="n") == -2013
    )
    fixture.clock.passed_s += 3 * 86_400 + 1
    assert fixture.code("GET", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="n") == -2013


def test_cancel_all_of_a_symbol(fixture: BinanceFixture) -> None:
    fixture.order(type="LIMIT", price="99000")
    fixture.order(type="LIMIT", price="98000")
    answer = fixture.call("DELETE", "/fapi/v1/allOpenOrders", symbol="BTCUSDT")
    assert answer["code"] == 200
    assert fixture.call("GET", "/fapi/v1/openOrders") == []


def test_test_order_validates_and_creates_nothing(fixture: BinanceFixture) -> None:
    answer = fixture.call("POST", "/fapi/v1/order/test", **order_params())
    assert answer["avgPrice"] == "0.00000"
    assert fixture.venue.state()["orders"] == []
    assert fixture.code("POST", "/fapi/v1/order/test", **order_params(quantity="0")) == -4003


def test_histories_keep_opposite_ends_of_the_window(fixture: BinanceFixture) -> None:
    for _ in range(3):
        fixture.order()
        fixture.clock.passed_s += 1
    orders = fixture.call("GET", "/fapi/v1/allOrders", symbol="BTCUSDT", limit="2")
    trades = fixture.call("GET", "/fapi/v1/userTrades", symbol="BTCUSDT", limit="2")
    everything = fixture.call("GET", "/fapi/v1/allOrders")
    assert [row["orderId"] for row in orders] == [row["orderId"] for row in everything[1:]]
    assert [row["orderId"] for row in trades] == [row["orderId"] for row in everything[:2]]
    later = fixture.call(
        "GET", "/fapi/v1/userTrades", symbol="BTCUSDT", fromId=str(trades[1]["id"])
    )
    assert len(later) == 2
    only = fixture.call(
        "GET", "/fapi/v1/userTrades", symbol="BTCUSDT", orderId=str(everything[0]["orderId"])
    )
    assert len(only) == 1
    assert (
        fixture.code("GET", "/fapi/v1/userTrades", symbol="BTCUSDT", fromId="1", startTime="1")
        == -1128
    )
    assert (
        fixture.code(
            "GET", "/fapi/v1/allOrders", symbol="BTCUSDT", startTime="1", endTime="604800002"
        )
        == -4165
    )


def test_refuse_next_order_once(fixture: BinanceFixture) -> None:
    fixture.venue.refuse_next_order(None)
    assert fixture.order_code() == -2019
    assert fixture.order()["status"] == "FILLED"
    fixture.venue.refuse_next_order("-1008")
    answer = fixture.signed("POST", "/fapi/v1/order", **order_params())
    assert (answer.status, json.loads(answer.body)["code"]) == (503, -1008)
    with pytest.raises(ValueError, match="invalid literal"):
        fixture.venue.refuse_next_order("insufficient")


def test_no_price_yet_no_order() -> None:
    assert BinanceFixture().order_code() == -4131


def test_too_many_open_orders(fixture: BinanceFixture) -> None:
    for _ in range(200):
        fixture.order(type="LIMIT", price="30000", quantity="0.002")
    assert fixture.order_code(type="LIMIT", price="30000", quantity="0.002") == -2025


def test_any_base_asset_with_ticks_is_listed(fixture: BinanceFixture) -> None:
    fixture.tick("0.23456", base="DOGE")
    answer = fixture.order(symbol="DOGEUSDT", quantity="100")
    assert answer["status"] == "FILLED"
    assert fixture.order_code(symbol="DOGEUSDT", quantity="100.5") == -1111
    rules = derived_rules("BNB", Decimal("871.25"))
    assert (rules.tick, rules.step) == (Decimal("0.01"), Decimal("0.001"))


def test_only_placing_is_an_order_request(fixture: BinanceFixture) -> None:
    def asks(method: str, path: str) -> bool:
        return fixture.venue.is_order_request(HttpRequest(method=method, url=f"http://x{path}?a=1"))

    assert asks("POST", "/fapi/v1/order")
    assert not asks("POST", "/fapi/v1/order/test")
    assert not asks("DELETE", "/fapi/v1/order")
    assert not asks("GET", "/fapi/v1/order")
