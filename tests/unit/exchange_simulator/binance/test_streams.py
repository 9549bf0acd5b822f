"""Streams of the simulated Binance: private events, listen keys, routed public addresses."""

import json

import pytest

from exchange_simulator.wire import HttpResponse
from tests.unit.exchange_simulator.binance.fixture import BinanceFixture, error_code


@pytest.fixture
def fixture() -> BinanceFixture:
    fixture = BinanceFixture()
    fixture.tick()
    return fixture


def test_events_of_a_fill_come_in_order_and_before_the_answer(fixture: BinanceFixture) -> None:
    events, _ = fixture.listen()
    fixture.order(side="SELL", newClientOrderId="a1")
    assert [event["e"] for event in events] == [
        "ORDER_TRADE_UPDATE",
        "TRADE_LITE",
        "ACCOUNT_UPDATE",
        "ORDER_TRADE_UPDATE",
    ]
    new, lite, account, trade = events
    assert (new["o"]["x"], new["o"]["X"], new["o"]["t"]) == ("NEW", "NEW", 0)
    assert (new["o"]["n"], new["o"]["N"]) == ("0", "USDT")
    assert (lite["c"], lite["L"], lite["l"], lite["p"]) == ("a1", "100000.0", "0.01", "0.0")
    assert trade["o"]["t"] == lite["t"] > 0
    fill = trade["o"]
    assert (fill["x"], fill["X"], fill["z"], fill["ap"]) == ("TRADE", "FILLED", "0.01", "100000")
    assert (fill["n"], fill["N"], fill["m"], fill["rp"]) == ("0.5", "USDT", False, "0")
    assert (fill["ps"], trade["st"]) == ("BOTH", 1)
    assert account["a"]["m"] == "ORDER"
    assert account["a"]["B"][0]["wb"] == "9999.5"
    assert account["a"]["B"][0]["bc"] == "0"
    (held,) = account["a"]["P"]
    assert (held["pa"], held["ma"], held["ep"]) == ("-0.01", "USDT", "100000")
    assert held["bep"] == "99950"  # what the way in cost must be won back


def test_the_orders_event_may_come_first_and_the_other_later(fixture: BinanceFixture) -> None:
    events, _ = fixture.listen()
    fixture.venue.order_of_events(order_first=True, gap_s=0.0)
    fixture.order(side="SELL")
    kinds = [event["e"] for event in events]
    assert kinds[-2:] == ["ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE"]


def test_a_resting_limit_counts_in_the_notional_of_its_side(fixture: BinanceFixture) -> None:
    events, _ = fixture.listen()
    fixture.order(type="LIMIT", price="99000", quantity="0.01")
    fixture.order(type="LIMIT", price="101000", quantity="0.01", side="SELL")
    assert [(e["o"]["b"], e["o"]["a"]) for e in events] == [("990", "0"), ("0", "1010")]


def test_closing_tells_the_realised_profit(fixture: BinanceFixture) -> None:
    fixture.order(side="SELL")
    fixture.tick("90000")
    events, _ = fixture.listen()
    fixture.order(reduceOnly="true")
    fill = events[3]["o"]
    assert (fill["rp"], fill["R"]) == ("99.999", True)
    assert events[2]["a"]["P"][0]["pa"] == "0"
    assert events[2]["a"]["P"][0]["cr"] == "99.999"


def test_cancel_and_leverage_are_told(fixture: BinanceFixture) -> None:
    events, _ = fixture.listen()
    fixture.order(type="LIMIT", price="99000", newClientOrderId="n")
    fixture.call("DELETE", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="n")
    fixture.call("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage="3")
    assert events[1]["o"]["X"] == "CANCELED"
    assert events[2]["ac"] == {"s": "BTCUSDT", "l": 3}


@pytest.mark.parametrize(
    "form",
    ["/private/ws?listenKey={}", "/private/ws/{}", "/private/stream?streams={}"],
)
def test_private_addresses(fixture: BinanceFixture, form: str) -> None:
    key = json.loads(fixture.raw("POST", "/fapi/v1/listenKey").body)["listenKey"]
    events, _ = fixture.listen(form.format(key))
    fixture.order()
    if "/stream" in form:
        assert events[0]["stream"] == key
        assert events[0]["data"]["e"] == "ORDER_TRADE_UPDATE"
    else:
        assert events[0]["e"] == "ORDER_TRADE_UPDATE"


@pytest.mark.parametrize("form", ["/ws/{}", "/private/ws/bogus{}", "/public/ws/{}"])
def test_silent_addresses_open_but_tell_nothing(fixture: BinanceFixture, form: str) -> None:
    key = json.loads(fixture.raw("POST", "/fapi/v1/listenKey").body)["listenKey"]
    events, _ = fixture.listen(form.format(key))
    fixture.order()
    assert events == []


def test_events_may_be_chosen(fixture: BinanceFixture) -> None:
    key = json.loads(fixture.raw("POST", "/fapi/v1/listenKey").body)["listenKey"]
    chosen = "events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE"
    events, _ = fixture.listen(f"/private/ws?listenKey={key}&{chosen}")
    fixture.order()
    assert {event["e"] for event in events} == {"ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE"}


def test_listen_key_expires_and_leaves_a_silent_socket(fixture: BinanceFixture) -> None:
    events, _ = fixture.listen()
    delay_s, first_end = fixture.later.pop()
    assert delay_s == 3_600
    extended = json.loads(fixture.raw("PUT", "/fapi/v1/listenKey").body)
    first_end()
    fixture.order()
    assert len(events) == 4
    fixture.later.pop()[1]()
    assert events[-1] == {
        "e": "listenKeyExpired",
        "E": events[-1]["E"],
        "listenKey": extended["listenKey"],
    }
    count = len(events)
    fixture.order()
    assert len(events) == count
    assert error_code(fixture.raw("PUT", "/fapi/v1/listenKey")) == -1125
    fresh, _ = fixture.listen()
    fixture.order()
    assert len(fresh) == 4
    assert len(events) == count


def test_listen_key_is_one_per_account_and_can_be_closed(fixture: BinanceFixture) -> None:
    def start() -> str:
        return str(json.loads(fixture.raw("POST", "/fapi/v1/listenKey").body)["listenKey"])

    first = start()
    assert start() == first
    events, _ = fixture.listen()
    assert fixture.raw("DELETE", "/fapi/v1/listenKey").body == b"{}"
    fixture.order()
    assert events == []
    assert start() != first
    fixture.venue.expire_listen_key()
    fixture.venue.expire_listen_key()
    assert start() != first


def test_books_are_pushed_on_subscribing_and_on_every_step(fixture: BinanceFixture) -> None:
    target = "/public/stream?streams=btcusdt@bookTicker/btcusdt@depth20@100ms"
    events, _ = fixture.listen(target)
    assert [event["stream"] for event in events] == [
        "btcusdt@bookTicker",
        "btcusdt@depth20@100ms",
    ]
    assert events[0]["data"]["b"] == "100000.0"
    assert (events[0]["data"]["st"], events[0]["data"]["ps"]) == (1, "BTCUSDT")
    assert len(events[1]["data"]["b"]) == 20
    fixture.tick("100500")
    assert events[2]["data"]["b"] == "100500.0"
    assert events[2]["data"]["u"] > events[0]["data"]["u"]
    fixture.tick("4000", base="ETH")
    assert len(events) == 4
    fixture.order()
    assert events[-1]["data"]["a"][0] == ["100500.1", "3.97"]


def test_subscribing_by_message(fixture: BinanceFixture) -> None:
    events, session = fixture.listen("/public/ws")
    names = ["btcusdt@depth5", "btcusdt@markPrice"]
    session.on_message(json.dumps({"method": "SUBSCRIBE", "params": names, "id": 7}))
    assert events[0] == {"result": None, "id": 7}
    assert events[1]["e"] == "depthUpdate"
    assert len(events) == 2  # mark prices are not served under /public
    session.on_message(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": 8}))
    assert events[2]["result"] == names
    session.on_message(json.dumps({"method": "UNSUBSCRIBE", "params": names, "id": 9}))
    fixture.tick()
    assert len(events) == 4
    session.on_message("not json")
    session.on_message('{"method": "DANCE", "id": 1}')
    assert events[4]["error"]["code"] == 3
    assert events[5]["error"]["code"] == 2


def test_mark_price_has_its_own_address(fixture: BinanceFixture) -> None:
    events, session = fixture.listen("/market/ws/btcusdt@markPrice@1s")
    assert events[0]["p"] == "100000"
    assert events[0]["r"] == "0.0001"
    assert events[0]["T"] == 1_756_713_600_000
    session.on_close()
    session.on_close()
    fixture.tick()
    assert len(events) == 1


def test_unknown_streams_and_addresses(fixture: BinanceFixture) -> None:
    events, _ = fixture.listen("/public/stream?streams=btcusdt@rpiDepth/nope@bookTicker")
    fixture.tick()
    assert events == []
    refused = fixture.venue.open_stream("/nowhere", {}, lambda _: None)
    assert isinstance(refused, HttpResponse)
    assert refused.status == 404
