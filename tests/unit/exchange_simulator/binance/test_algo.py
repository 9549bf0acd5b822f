"""Conditional orders of the simulated exchange: their own store, trigger and child."""

from typing import Any

import pytest

from tests.unit.exchange_simulator.binance.fixture import BinanceFixture

PATH = "/fapi/v1/algoOrder"


@pytest.fixture
def fixture() -> BinanceFixture:
    found = BinanceFixture()
    found.tick()
    return found


def stop(**changes: str) -> dict[str, str]:
    wish = {
        "algoType": "CONDITIONAL",
        "symbol": "BTCUSDT",
        "side": "SELL",
        "type": "STOP_MARKET",
        "quantity": "0.01",
        "triggerPrice": "99000",
        "clientAlgoId": "stop-1",
        **changes,
    }
    return {name: value for name, value in wish.items() if value}


def kinds(events: list[Any]) -> list[str]:
    return [event["o"].get("X", event["e"]) if "o" in event else event["e"] for event in events]


def test_a_stop_waits_and_becomes_a_child_with_its_id(fixture: BinanceFixture) -> None:
    events, _ = fixture.listen()
    placed = fixture.call("POST", PATH, **stop())
    assert placed["algoStatus"] == "NEW"
    assert fixture.call("GET", "/fapi/v1/openOrders") == []
    assert len(fixture.call("GET", "/fapi/v1/openAlgoOrders")) == 1
    assert (
        fixture.code("GET", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="stop-1") == -2013
    )
    fixture.tick("98900")
    algo = fixture.call("GET", PATH, clientAlgoId="stop-1")
    child = fixture.call("GET", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="stop-1")
    assert algo["algoStatus"] == "FINISHED"
    assert algo["actualOrderId"] == str(child["orderId"])
    assert child["status"] == "FILLED"
    names = kinds(events)
    assert names.index("TRIGGERED") < names.index("FILLED") < names.index("FINISHED")
    assert fixture.code("DELETE", PATH, clientAlgoId="stop-1") == -2011


def test_the_child_may_be_told_before_the_trigger(fixture: BinanceFixture) -> None:
    fixture.venue.tell_children_first()
    events, _ = fixture.listen()
    fixture.call("POST", PATH, **stop())
    fixture.tick("98900")
    names = kinds(events)
    assert names.index("FILLED") < names.index("TRIGGERED") < names.index("FINISHED")


def test_the_last_price_touches_within_the_bar_and_the_mark_only_at_its_close(
    fixture: BinanceFixture,
) -> None:
    fixture.call("POST", PATH, **stop())
    fixture.call("POST", PATH, **stop(clientAlgoId="by-mark", workingType="MARK_PRICE"))
    fixture.tick("100000", low="98000")
    (left,) = fixture.call("GET", "/fapi/v1/openAlgoOrders")
    assert left["clientAlgoId"] == "by-mark"
    fixture.tick("98000")
    assert fixture.call("GET", "/fapi/v1/openAlgoOrders") == []


def test_take_profit_triggers_on_the_other_side(fixture: BinanceFixture) -> None:
    fixture.call("POST", PATH, **stop(type="TAKE_PROFIT_MARKET", triggerPrice="101000"))
    fixture.tick("99000")
    assert len(fixture.call("GET", "/fapi/v1/openAlgoOrders")) == 1
    fixture.tick("101000")
    assert fixture.call("GET", PATH, clientAlgoId="stop-1")["algoStatus"] == "FINISHED"


def test_a_trailing_stop_follows_and_triggers(fixture: BinanceFixture) -> None:
    events, _ = fixture.listen()
    trailing = {"type": "TRAILING_STOP_MARKET", "triggerPrice": "", "callbackRate": "1"}
    fixture.call("POST", PATH, **stop(**trailing, activatePrice="101000"))
    fixture.tick("99000")
    assert not events[-1]["o"]["ia"]
    fixture.tick("102000")
    assert events[-1]["o"]["ia"]
    fixture.tick("101000")
    assert fixture.call("GET", PATH, clientAlgoId="stop-1")["algoStatus"] == "NEW"
    fixture.tick("100900")
    assert fixture.call("GET", PATH, clientAlgoId="stop-1")["algoStatus"] == "FINISHED"


def test_a_child_the_engine_refuses_is_told_with_its_reason(fixture: BinanceFixture) -> None:
    events, _ = fixture.listen()
    fixture.call("POST", PATH, **stop(reduceOnly="true"))
    fixture.tick("98000")
    assert events[-1]["o"]["X"] == "REJECTED"
    assert events[-1]["o"]["rm"] == "Reduce Only reject"
    fixture.call("POST", PATH, **stop(quantity="50", triggerPrice="97000"))
    fixture.tick("96000")
    assert "Margin" in events[-1]["o"]["rm"]


def test_close_position_closes_all_or_expires(fixture: BinanceFixture) -> None:
    whole = {"quantity": "", "closePosition": "true"}
    fixture.call("POST", PATH, **stop(**whole))
    fixture.tick("98000")
    assert fixture.call("GET", PATH, clientAlgoId="stop-1")["algoStatus"] == "EXPIRED"
    fixture.order(quantity="0.02")
    fixture.call("POST", PATH, **stop(**whole, triggerPrice="97000"))
    fixture.tick("96000")
    assert fixture.call("GET", "/fapi/v3/positionRisk") == []


def test_one_stop_of_the_whole_position_stands_in_a_direction(fixture: BinanceFixture) -> None:
    whole = {"quantity": "", "closePosition": "true"}
    events, _ = fixture.listen()
    fixture.call("POST", PATH, **stop(**whole))
    second = stop(**whole, clientAlgoId="stop-2", triggerPrice="98500")
    assert fixture.code("POST", PATH, **second) == -4130
    fixture.call("POST", PATH, **stop(clientAlgoId="stop-3"))
    (waiting, *_) = events
    assert waiting["o"]["f"] == "GTE_GTC"
    assert not {"ap", "aq", "act"} & set(waiting["o"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"triggerPrice": "100000"}, -2021),
        ({"side": "BUY"}, -2021),
        ({"type": "TAKE_PROFIT_MARKET"}, -2021),
        ({"triggerPrice": ""}, -1102),
        ({"algoType": "OTHER"}, -1130),
        ({"algoType": ""}, -1102),
        ({"type": "MARKET"}, -1116),
        ({"closePosition": "true"}, -4137),
        ({"closePosition": "true", "quantity": "", "reduceOnly": "true"}, -4138),
        ({"type": "TRAILING_STOP_MARKET", "callbackRate": "20.1"}, -2007),
        ({"type": "TRAILING_STOP_MARKET", "callbackRate": "1", "activatePrice": "99000"}, -2021),
        ({"quantity": "0.00001"}, -1111),
        ({"triggerPrice": "99000.05"}, -4014),
        ({"clientAlgoId": "x" * 37}, -4015),
        ({"positionSide": "SHORT"}, -4061),
        ({"symbol": "NONE"}, -1121),
    ],
)
def test_refusals(fixture: BinanceFixture, changes: dict[str, str], code: int) -> None:
    assert fixture.code("POST", PATH, **stop(**changes)) == code


def test_ids_are_unique_among_the_waiting_and_200_may_wait(fixture: BinanceFixture) -> None:
    fixture.call("POST", PATH, **stop())
    assert fixture.code("POST", PATH, **stop()) == -4116
    cancelled = fixture.call("DELETE", PATH, clientAlgoId="stop-1")
    assert cancelled["code"] == "200"
    for number in range(200):
        fixture.call("POST", PATH, **stop(clientAlgoId=f"n{number}"))
    assert fixture.code("POST", PATH, **stop()) == -4045
    answer = fixture.call("DELETE", "/fapi/v1/algoOpenOrders", symbol="BTCUSDT")
    assert answer["code"] == 200
    assert len(fixture.call("GET", "/fapi/v1/allAlgoOrders", symbol="BTCUSDT")) == 201
