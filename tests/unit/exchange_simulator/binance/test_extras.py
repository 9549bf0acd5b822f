"""Batches, changes, countdown, forced closing, the door and the trading WebSocket."""

import json
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from exchange_simulator.clock import epoch_ms
from tests.unit.exchange_simulator.binance.fixture import (
    API_KEY,
    BinanceFixture,
    error_code,
    order_params,
    sign,
)

BATCH = "/fapi/v1/batchOrders"
RESTING = {"type": "LIMIT", "price": "99000", "newOrderRespType": ""}


@pytest.fixture
def fixture() -> BinanceFixture:
    found = BinanceFixture()
    found.tick()
    return found


def test_a_batch_tells_of_each_element(fixture: BinanceFixture) -> None:
    good = order_params(**RESTING, newClientOrderId="a")
    bad = order_params(reduceOnly="true")
    first, second = fixture.call("POST", BATCH, batchOrders=json.dumps([good, bad]))
    assert first["clientOrderId"] == "a"
    assert second["code"] == -2022
    assert fixture.code("POST", BATCH, batchOrders=json.dumps([good] * 6)) == -4082
    assert fixture.code("POST", BATCH, batchOrders="[") == -1102
    gone, unknown = fixture.call(
        "DELETE", BATCH, symbol="BTCUSDT", origClientOrderIdList='["a","b"]'
    )
    assert gone["status"] == "CANCELED"
    assert unknown["code"] == -2011


def test_a_changed_order_keeps_its_id_and_may_fill(fixture: BinanceFixture) -> None:
    events, _ = fixture.listen()
    order = fixture.order(**RESTING)
    change = {"symbol": "BTCUSDT", "side": "BUY", "orderId": str(order["orderId"])}
    put = ("PUT", "/fapi/v1/order")
    assert fixture.code(*put, **change, quantity="0.01", price="99000") == -5027
    assert fixture.code(*put, **change, quantity="0.01", price="99000.05") == -4014
    changed = fixture.call(*put, **change, quantity="0.02", price="99100")
    assert (changed["origQty"], changed["price"]) == ("0.02", "99100")
    assert events[-1]["o"]["x"] == "AMENDMENT"
    crossing = fixture.call(*put, **change, quantity="0.02", price="100100")
    assert crossing["status"] == "FILLED"


def test_the_countdown_cancels_unless_set_anew(fixture: BinanceFixture) -> None:
    path = "/fapi/v1/countdownCancelAll"
    fixture.order(**RESTING)
    fixture.call("POST", path, symbol="BTCUSDT", countdownTime="1000")
    fixture.call("POST", path, symbol="BTCUSDT", countdownTime="2000")
    (_, first), (wait_s, second) = fixture.later[-2:]
    first()
    assert len(fixture.call("GET", "/fapi/v1/openOrders")) == 1
    assert wait_s == 2
    second()
    assert fixture.call("GET", "/fapi/v1/openOrders") == []


def test_liquidation_closes_everything_with_its_own_id() -> None:
    fixture = BinanceFixture(wallet_usdt=Decimal(1_000))
    fixture.tick()
    events, _ = fixture.listen()
    fixture.order(side="SELL", quantity="0.1")
    fixture.order(**RESTING | {"quantity": "0.01"})
    fixture.tick("111000")
    assert fixture.call("GET", "/fapi/v3/positionRisk") == []
    forced = [e["o"] for e in events if e["e"] == "ORDER_TRADE_UPDATE"][-1]
    assert forced["x"] == "CALCULATED"
    assert forced["c"].startswith("autoclose-")
    assert [e["o"]["er"] for e in events if e.get("o", {}).get("X") == "EXPIRED"] == ["5"]


def test_auto_deleveraging_closes_one_position(fixture: BinanceFixture) -> None:
    events, _ = fixture.listen()
    fixture.venue.deleverage("BTCUSDT")
    assert events == []
    fixture.order(side="SELL")
    fixture.venue.deleverage("BTCUSDT")
    assert fixture.call("GET", "/fapi/v3/positionRisk") == []
    assert any(e.get("o", {}).get("c") == "adl_autoclose" for e in events)


@pytest.mark.parametrize("wrong", ["may_trade_futures", "is_ip_allowed"])
def test_a_key_that_may_not_trade_is_told_one_code_for_all(
    fixture: BinanceFixture, wrong: str
) -> None:
    setattr(fixture.venue.door, wrong, False)
    assert fixture.order_code() == -2015
    fixture.venue.door.is_closed = True
    answer = fixture.signed("GET", "/fapi/v3/balance")
    assert (answer.status, error_code(answer)) == (503, -1016)


def test_what_the_key_may_do_is_told_on_the_spot_host(fixture: BinanceFixture) -> None:
    fixture.venue.door.may_withdraw = True
    fixture.venue.door.may_trade_futures = False
    told = fixture.call("GET", "/sapi/v1/account/apiRestrictions")
    assert (told["enableWithdrawals"], told["enableFutures"]) == (True, False)
    fixture.venue.door.is_expired = True
    assert fixture.code("GET", "/sapi/v1/account/apiRestrictions") == -2015


def test_multi_assets_mode_forbids_isolated(fixture: BinanceFixture) -> None:
    path = "/fapi/v1/multiAssetsMargin"
    assert fixture.code("POST", path, multiAssetsMargin="false") == -4171
    fixture.call("POST", path, multiAssetsMargin="true")
    assert fixture.call("GET", path)["multiAssetsMargin"] is True
    margin = {"symbol": "BTCUSDT", "marginType": "ISOLATED"}
    assert fixture.code("POST", "/fapi/v1/marginType", **margin) == -4168


@pytest.mark.parametrize(("has_order", "code"), [(True, -4047), (False, -4048)])
def test_the_margin_type_stands_while_there_is_something(
    fixture: BinanceFixture, has_order: bool, code: int
) -> None:
    fixture.order(**(RESTING if has_order else {}))
    margin = {"symbol": "BTCUSDT", "marginType": "ISOLATED"}
    assert fixture.code("POST", "/fapi/v1/marginType", **margin) == code


def test_the_trading_websocket_places_and_refuses(fixture: BinanceFixture) -> None:
    answers, session = fixture.listen("/ws-fapi/v1")
    stamp = str(epoch_ms(fixture.clock.now()))
    params = {**order_params(), "apiKey": API_KEY, "timestamp": stamp}
    text = sign(urlencode(sorted(params.items())))
    params["signature"] = text.rpartition("=")[2]
    session.on_message(json.dumps({"id": 1, "method": "order.place", "params": params}))
    assert answers[-1]["result"]["status"] == "FILLED"
    assert {row["rateLimitType"] for row in answers[-1]["rateLimits"]} == {
        "REQUEST_WEIGHT",
        "ORDERS",
    }
    params["signature"] = "0" * 64
    session.on_message(json.dumps({"id": 2, "method": "order.place", "params": params}))
    assert answers[-1]["error"]["code"] == -1022
    session.on_message(json.dumps({"id": 3, "method": "nothing"}))
    assert answers[-1]["status"] == 400
    session.on_message("{")
    assert answers[-1]["id"] is None
    session.on_close()


def test_going_on_after_429_is_banned() -> None:
    fixture = BinanceFixture()
    statuses = [fixture.raw("GET", "/fapi/v1/exchangeInfo").status for _ in range(2_400)]
    assert set(statuses) == {200}
    assert fixture.raw("GET", "/fapi/v1/time").status == 429
    last = [fixture.raw("GET", "/fapi/v1/time") for _ in range(20)][-1]
    assert last.status == 418
    assert int(last.headers["retry-after"]) > 60
    assert error_code(last) == -1003
