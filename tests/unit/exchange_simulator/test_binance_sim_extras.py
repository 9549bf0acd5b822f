"""Batches, changes, countdown, forced closing, the door and the trading WebSocket."""

import json
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from tests.unit.exchange_simulator.binance_desk import API_KEY, Desk, error_code, order_params, sign
from trading_platform_order.transport.clock import epoch_ms

BATCH = "/fapi/v1/batchOrders"
RESTING = {"type": "LIMIT", "price": "99000", "newOrderRespType": ""}


@pytest.fixture
def desk() -> Desk:
    found = Desk()
    found.tick()
    return found


def test_a_batch_tells_of_each_element(desk: Desk) -> None:
    good = order_params(**RESTING, newClientOrderId="a")
    bad = order_params(reduceOnly="true")
    first, second = desk.call("POST", BATCH, batchOrders=json.dumps([good, bad]))
    assert first["clientOrderId"] == "a"
    assert second["code"] == -2022
    assert desk.code("POST", BATCH, batchOrders=json.dumps([good] * 6)) == -4082
    assert desk.code("POST", BATCH, batchOrders="[") == -1102
    gone, unknown = desk.call("DELETE", BATCH, symbol="BTCUSDT", origClientOrderIdList='["a","b"]')
    assert gone["status"] == "CANCELED"
    assert unknown["code"] == -2011


def test_a_changed_order_keeps_its_id_and_may_fill(desk: Desk) -> None:
    events, _ = desk.listen()
    order = desk.order(**RESTING)
    change = {"symbol": "BTCUSDT", "side": "BUY", "orderId": str(order["orderId"])}
    put = ("PUT", "/fapi/v1/order")
    assert desk.code(*put, **change, quantity="0.01", price="99000") == -5027
    assert desk.code(*put, **change, quantity="0.01", price="99000.05") == -4014
    changed = desk.call(*put, **change, quantity="0.02", price="99100")
    assert (changed["origQty"], changed["price"]) == ("0.02", "99100")
    assert events[-1]["o"]["x"] == "AMENDMENT"
    crossing = desk.call(*put, **change, quantity="0.02", price="100100")
    assert crossing["status"] == "FILLED"


def test_the_countdown_cancels_unless_set_anew(desk: Desk) -> None:
    path = "/fapi/v1/countdownCancelAll"
    desk.order(**RESTING)
    desk.call("POST", path, symbol="BTCUSDT", countdownTime="1000")
    desk.call("POST", path, symbol="BTCUSDT", countdownTime="2000")
    (_, first), (wait_s, second) = desk.later[-2:]
    first()
    assert len(desk.call("GET", "/fapi/v1/openOrders")) == 1
    assert wait_s == 2
    second()
    assert desk.call("GET", "/fapi/v1/openOrders") == []


def test_liquidation_closes_everything_with_its_own_id() -> None:
    desk = Desk(wallet_usdt=Decimal(1_000))
    desk.tick()
    events, _ = desk.listen()
    desk.order(side="SELL", quantity="0.1")
    desk.order(**RESTING | {"quantity": "0.01"})
    desk.tick("111000")
    assert desk.call("GET", "/fapi/v3/positionRisk") == []
    forced = [e["o"] for e in events if e["e"] == "ORDER_TRADE_UPDATE"][-1]
    assert forced["x"] == "CALCULATED"
    assert forced["c"].startswith("autoclose-")
    assert [e["o"]["er"] for e in events if e.get("o", {}).get("X") == "EXPIRED"] == ["5"]


def test_auto_deleveraging_closes_one_position(desk: Desk) -> None:
    events, _ = desk.listen()
    desk.venue.deleverage("BTCUSDT")
    assert events == []
    desk.order(side="SELL")
    desk.venue.deleverage("BTCUSDT")
    assert desk.call("GET", "/fapi/v3/positionRisk") == []
    assert any(e.get("o", {}).get("c") == "adl_autoclose" for e in events)


@pytest.mark.parametrize("wrong", ["may_trade_futures", "is_ip_allowed"])
def test_a_key_that_may_not_trade_is_told_one_code_for_all(desk: Desk, wrong: str) -> None:
    setattr(desk.venue.door, wrong, False)
    assert desk.order_code() == -2015
    desk.venue.door.is_closed = True
    answer = desk.signed("GET", "/fapi/v3/balance")
    assert (answer.status, error_code(answer)) == (503, -1016)


def test_what_the_key_may_do_is_told_on_the_spot_host(desk: Desk) -> None:
    desk.venue.door.may_withdraw = True
    desk.venue.door.may_trade_futures = False
    told = desk.call("GET", "/sapi/v1/account/apiRestrictions")
    assert (told["enableWithdrawals"], told["enableFutures"]) == (True, False)
    desk.venue.door.is_expired = True
    assert desk.code("GET", "/sapi/v1/account/apiRestrictions") == -2015


def test_multi_assets_mode_forbids_isolated(desk: Desk) -> None:
    path = "/fapi/v1/multiAssetsMargin"
    assert desk.code("POST", path, multiAssetsMargin="false") == -4171
    desk.call("POST", path, multiAssetsMargin="true")
    assert desk.call("GET", path)["multiAssetsMargin"] is True
    margin = {"symbol": "BTCUSDT", "marginType": "ISOLATED"}
    assert desk.code("POST", "/fapi/v1/marginType", **margin) == -4168


@pytest.mark.parametrize(("has_order", "code"), [(True, -4047), (False, -4048)])
def test_the_margin_type_stands_while_there_is_something(
    desk: Desk, has_order: bool, code: int
) -> None:
    desk.order(**(RESTING if has_order else {}))
    margin = {"symbol": "BTCUSDT", "marginType": "ISOLATED"}
    assert desk.code("POST", "/fapi/v1/marginType", **margin) == code


def test_the_trading_websocket_places_and_refuses(desk: Desk) -> None:
    answers, session = desk.listen("/ws-fapi/v1")
    stamp = str(epoch_ms(desk.clock.now()))
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
    desk = Desk()
    statuses = [desk.raw("GET", "/fapi/v1/exchangeInfo").status for _ in range(2_400)]
    assert set(statuses) == {200}
    assert desk.raw("GET", "/fapi/v1/time").status == 429
    last = [desk.raw("GET", "/fapi/v1/time") for _ in range(20)][-1]
    assert last.status == 418
    assert int(last.headers["retry-after"]) > 60
    assert error_code(last) == -1003
