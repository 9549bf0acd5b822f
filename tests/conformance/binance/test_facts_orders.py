"""Filters, ids, reduce-only and conditional orders: what the exchange takes and how it says no."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.conformance.binance.bench import Bench, S, in_virtual_time
from tests.conformance.binance.cards import card
from tests.conformance.binance.our_side import our_stop
from trading_platform_order.domain.order import OrderSide, OrderType, Purpose
from trading_platform_order.domain.outcome import (
    Accepted,
    AlreadyGone,
    CancelRequested,
    NotFound,
    ReadFailed,
    Refused,
    Unknown,
)
from trading_platform_order.exchanges.binance.orders.algo import AlgoKind, AlgoReport

ORDER = "/fapi/v1/order"


@card("B-017")
@pytest.mark.parametrize(
    ("price", "code"),
    [
        ("0", -4001),
        ("0.05", -4013),
        ("99999999", -4002),
        ("99000.05", -4014),
        ("99000.001", -1111),
    ],
)
@in_virtual_time
async def test_a_price_must_be_on_the_tick_and_within_bounds(
    bench: Bench, price: str, code: int
) -> None:
    told = await bench.order("BUY", price=price)
    assert (told.status, told.code) == (400, code)
    ours = bench.ours("tp-1", side=OrderSide.BUY, type=OrderType.LIMIT, price=Decimal(price or "0"))
    refused = await bench.exchange.send(ours)
    assert isinstance(refused, Refused)
    assert refused.code == f"binance:{code}"


@card("B-018")
@pytest.mark.parametrize(
    ("quantity", "code"),
    [("0", -4003), ("0.0005", -1111), ("0.0001", -1111), ("121", -4005), ("1.0005", -1111)],
)
@in_virtual_time
async def test_a_quantity_must_be_on_the_step_and_within_bounds(
    bench: Bench, quantity: str, code: int
) -> None:
    assert (await bench.order(quantity=quantity)).code == code
    refused = await bench.exchange.send(bench.ours("tp-1", quantity=Decimal(quantity)))
    assert isinstance(refused, Refused)
    assert refused.code == f"binance:{code}"


@card("B-019")
@in_virtual_time
async def test_a_limit_order_may_be_larger_than_a_market_order(bench: Bench) -> None:
    """120 BTC at market, 1000 with a limit: two filters, LOT_SIZE and MARKET_LOT_SIZE."""
    assert (await bench.order("BUY", "121")).code == -4005
    assert (await bench.order("BUY", "121", price="99000")).code == -2019
    assert (await bench.order("BUY", "1001", price="99000")).code == -4005
    found = await bench.exchange.instrument(S)
    assert not isinstance(found, ReadFailed)
    assert found.max_quantity == 120


@card("B-020")
@in_virtual_time
async def test_the_minimum_value_holds_but_for_reduce_only(bench: Bench) -> None:
    bench.tick("40000")
    assert (await bench.order("SELL", "0.001")).code == -4164  # 40 USDT at the mark price
    assert (await bench.order("BUY", "0.001", price="39000")).code == -4164
    await bench.order("SELL", "0.002")
    assert (await bench.order("BUY", "0.001", reduceOnly="true")).status == 200
    closing = bench.ours("tp-1", side=OrderSide.BUY, quantity=Decimal("0.001"), reduce_only=True)
    assert isinstance(await bench.exchange.send(closing), Accepted)
    assert await bench.position() is None


@card("B-021")
@in_virtual_time
async def test_percent_price_binds_one_side_only(bench: Bench) -> None:
    assert (await bench.order("BUY", price="105001")).code == -4016
    assert (await bench.order("SELL", price="94999")).code == -4024
    assert (await bench.order("BUY", price="60000")).status == 200
    assert (await bench.order("SELL", price="140000")).status == 200


@card("B-022")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"side": ""}, -1102),
        ({"side": "HOLD"}, -1117),
        ({"type": "ICEBERG"}, -1116),
        ({"symbol": "NOPEUSDT"}, -1121),
        ({"quantity": "1,5"}, -1100),
        ({"reduceOnly": "maybe"}, -1130),
        ({"type": "LIMIT", "price": "99000", "timeInForce": "SOON"}, -1115),
    ],
)
@in_virtual_time
async def test_what_cannot_be_read_is_refused_by_its_own_code(
    bench: Bench, changes: dict[str, str], code: int
) -> None:
    wish = {"symbol": S, "side": "SELL", "type": "MARKET", "quantity": "0.01", **changes}
    told = await bench.ask("POST", ORDER, **wish)  # type: ignore[arg-type]  # all are parameters
    assert (told.status, told.code) == (400, code)


@card("B-023")
@in_virtual_time
async def test_two_hundred_open_orders_are_the_limit(bench: Bench) -> None:
    for _ in range(200):
        assert (await bench.order("BUY", "0.001", price="60000")).status == 200
    assert (await bench.order("BUY", "0.001", price="60000")).code == -2025


@card("B-024")
@in_virtual_time
async def test_a_client_id_has_36_characters_of_a_small_alphabet(bench: Bench) -> None:
    assert (await bench.order(newClientOrderId="a" * 36)).status == 200
    assert (await bench.order(newClientOrderId="a" * 37)).code == -4015
    assert (await bench.order(newClientOrderId="a b")).code == -1100
    assert (await bench.order()).body["clientOrderId"] != ""


@card("B-025")
@in_virtual_time
async def test_an_id_is_refused_while_its_order_is_open(bench: Bench) -> None:
    resting = bench.ours("tp-1", side=OrderSide.BUY, type=OrderType.LIMIT, price=Decimal(99_000))
    assert isinstance(await bench.exchange.send(resting), Accepted)
    told = await bench.order(newClientOrderId="tp-1")
    assert told.code == -4116
    # It says that an earlier attempt lives: never a refusal.
    again = await bench.exchange.send(resting)
    assert isinstance(again, Unknown)
    seen = await bench.exchange.look_up(resting)
    assert isinstance(seen, Accepted)
    assert seen.report.is_open


@card("B-026")
@in_virtual_time
async def test_an_id_is_free_again_once_its_order_has_ended(bench: Bench) -> None:
    """So a blind repetition fills twice: the adapter never repeats an order."""
    first = await bench.order(newClientOrderId="tp-1")
    second = await bench.order(newClientOrderId="tp-1")
    assert first.body["orderId"] != second.body["orderId"]
    assert (await bench.position())["positionAmt"] == "-0.02"
    found = await bench.ask("GET", ORDER, symbol=S, origClientOrderId="tp-1")
    assert found.body["orderId"] == second.body["orderId"]


@card("B-027")
@pytest.mark.parametrize(
    "kind", ["STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"]
)
@in_virtual_time
async def test_conditional_orders_are_refused_on_the_old_path(bench: Bench, kind: str) -> None:
    told = await bench.order(type=kind, stopPrice="101000")
    assert (told.status, told.code) == (400, -4120)


@card("B-028")
@in_virtual_time
async def test_reduce_only_without_a_position_to_reduce_is_refused(bench: Bench) -> None:
    assert (await bench.order("BUY", reduceOnly="true")).code == -2022
    await bench.order("SELL")
    assert (await bench.order("SELL", reduceOnly="true")).code == -2022
    ours = bench.ours("tp-1", reduce_only=True, purpose=Purpose.CLOSE)
    refused = await bench.exchange.send(ours)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.retryable) == ("reduce_only_rejected", False)


@card("B-029")
@in_virtual_time
async def test_reduce_only_executes_what_is_held_and_no_more(bench: Bench) -> None:
    await bench.order("SELL", "0.01")
    ours = bench.ours("tp-1", side=OrderSide.BUY, quantity=Decimal("0.03"), reduce_only=True)
    await bench.exchange.send(ours)
    seen = await bench.exchange.look_up(ours)
    assert isinstance(seen, Accepted)
    assert not seen.report.is_open
    assert seen.report.executed_quantity == Decimal("0.01")
    assert await bench.position() is None


@card("B-030")
@in_virtual_time
async def test_a_resting_reduce_only_order_ends_when_nothing_is_left(bench: Bench) -> None:
    ear = await bench.private()
    await bench.order("SELL")
    resting = await bench.order("BUY", price="90000", reduceOnly="true")
    assert resting.body["status"] == "NEW"
    await bench.order("BUY")
    found = await bench.ask("GET", ORDER, symbol=S, orderId=resting.body["orderId"])
    assert found.body["status"] == "EXPIRED"
    ends = [e["o"] for e in await ear.listen_on() if e.get("o", {}).get("X") == "EXPIRED"]
    assert [end["er"] for end in ends] == ["4"]


@card("B-031")
@in_virtual_time
async def test_a_market_order_beyond_the_book_ends_with_less(bench: Bench) -> None:
    ear = await bench.private()
    bench.arm('{"kind":"thin_book","part":"0.01"}')
    ours = bench.ours("tp-1", quantity=Decimal(5))
    await bench.exchange.send(ours)
    seen = await bench.exchange.look_up(ours)
    assert isinstance(seen, Accepted)
    assert not seen.report.is_open
    assert 0 < seen.report.executed_quantity < 5
    ends = [e["o"] for e in await ear.listen_on() if e.get("o", {}).get("X") == "EXPIRED"]
    assert [end["er"] for end in ends] == ["9"]


@card("B-032")
@in_virtual_time
async def test_a_cancelled_order_cannot_be_cancelled_again(bench: Bench) -> None:
    resting = bench.ours("tp-1", side=OrderSide.BUY, type=OrderType.LIMIT, price=Decimal(99_000))
    await bench.exchange.send(resting)
    told = await bench.ask("DELETE", ORDER, symbol=S, origClientOrderId="tp-1")
    assert told.body["status"] == "CANCELED"
    assert "avgPrice" not in told.body
    told = await bench.ask("DELETE", ORDER, symbol=S, origClientOrderId="tp-1")
    assert (told.status, told.code) == (400, -2011)
    assert await bench.exchange.cancel(resting) == AlreadyGone()


@card("B-033")
@in_virtual_time
async def test_cancel_all_leaves_conditional_orders_alone(bench: Bench) -> None:
    await bench.order("BUY", price="99000")
    await bench.stop("101000")
    told = await bench.ask("DELETE", "/fapi/v1/allOpenOrders", symbol=S)
    assert told.body == {
        "code": 200,
        "msg": "The operation of cancel all open order is done.",
    }
    assert await bench.exchange.open_orders(S) == ()
    waiting = await bench.exchange.algo.open(S)
    assert not isinstance(waiting, ReadFailed)
    assert len(waiting) == 1


@card("B-034")
@in_virtual_time
async def test_a_waiting_conditional_order_is_no_ordinary_order(bench: Bench) -> None:
    placed = (await bench.stop("101000", clientAlgoId="tp-1")).body
    assert placed["algoStatus"] == "NEW"
    assert {"status", "orderId", "type"}.isdisjoint(placed)
    assert (await bench.ask("GET", ORDER, symbol=S, origClientOrderId="tp-1")).code == -2013
    assert (await bench.ask("DELETE", ORDER, symbol=S, origClientOrderId="tp-1")).code == -2011
    assert (await bench.ask("GET", "/fapi/v1/openOrders", symbol=S)).body == []
    assert isinstance(await bench.exchange.look_up(bench.ours("tp-1")), NotFound)


@card("B-035")
@in_virtual_time
async def test_cancelling_a_conditional_order_answers_with_a_code_that_is_text(
    bench: Bench,
) -> None:
    placed = (await bench.stop("101000", clientAlgoId="tp-1")).body
    told = await bench.ask("DELETE", "/fapi/v1/algoOrder", algoId=placed["algoId"])
    assert (told.body["code"], told.body["clientAlgoId"]) == ("200", "tp-1")
    told = await bench.ask("DELETE", "/fapi/v1/algoOrder", algoId=placed["algoId"])
    assert told.code == -2011
    await bench.stop("101000", clientAlgoId="tp-2")
    assert await bench.exchange.algo.cancel("tp-2") == CancelRequested()


@card("B-036")
@in_virtual_time
async def test_two_hundred_waiting_conditional_orders_are_the_limit(bench: Bench) -> None:
    for number in range(200):
        assert (await bench.stop("101000", clientAlgoId=f"tp-{number}")).status == 200
    stop = our_stop("tp-200", AlgoKind.STOP_MARKET, trigger_price=Decimal(101_000))
    refused = await bench.exchange.algo.send(stop)
    assert isinstance(refused, Refused)
    assert refused.code == "binance:-4045"


@card("B-037")
@pytest.mark.parametrize(("callback", "code"), [("0.05", -2007), ("20.1", -2007), ("20", 0)])
@in_virtual_time
async def test_a_trailing_stop_follows_by_a_tenth_to_twenty_percent(
    bench: Bench, callback: str, code: int
) -> None:
    told = await bench.ask(
        "POST",
        "/fapi/v1/algoOrder",
        algoType="CONDITIONAL",
        symbol=S,
        side="BUY",
        type="TRAILING_STOP_MARKET",
        quantity="0.01",
        callbackRate=callback,
    )
    assert told.code == code


@card("B-038")
@in_virtual_time
async def test_closing_a_whole_position_takes_no_quantity_and_expires_without_one(
    bench: Bench,
) -> None:
    assert (await bench.stop("101000", closePosition="true")).code == -4137
    bare = {"algoType": "CONDITIONAL", "symbol": S, "side": "BUY", "type": "STOP_MARKET"}
    wish = {**bare, "triggerPrice": "101000", "closePosition": "true"}
    flagged = await bench.ask("POST", "/fapi/v1/algoOrder", **wish, reduceOnly="true")  # type: ignore[arg-type]  # all are parameters
    assert flagged.code == -4138
    stop = our_stop("tp-1", AlgoKind.STOP_MARKET, trigger_price=Decimal(101_000), quantity=None)
    assert isinstance(await bench.exchange.algo.send(stop), AlgoReport)
    second = await bench.exchange.algo.send(replace(stop, client_algo_id="tp-2"))
    assert isinstance(second, Refused)
    assert second.code == "binance:-4130"
    bench.tick("102000")
    found = await bench.exchange.algo.look_up(S, "tp-1")
    assert isinstance(found, AlgoReport)
    assert found.status == "EXPIRED"


@card("B-039")
@in_virtual_time
async def test_an_order_is_forgotten_after_days(bench: Bench) -> None:
    """Unfilled ended ones after 3 days, all after 90: absence is never proven by a look-up."""
    resting = await bench.order("BUY", price="99000", newClientOrderId="tp-1")
    await bench.ask("DELETE", ORDER, symbol=S, orderId=resting.body["orderId"])
    filled = await bench.order(newClientOrderId="tp-2")
    bench.clock.set(bench.clock.now() + timedelta(days=4))
    assert (await bench.ask("GET", ORDER, symbol=S, origClientOrderId="tp-1")).code == -2013
    found = await bench.ask("GET", ORDER, symbol=S, origClientOrderId="tp-2")
    assert found.body["orderId"] == filled.body["orderId"]
    bench.clock.set(bench.clock.now() + timedelta(days=90))
    assert (await bench.ask("GET", ORDER, symbol=S, origClientOrderId="tp-2")).code == -2013


@card("B-040")
@in_virtual_time
async def test_a_cut_list_keeps_the_newest_orders_and_the_oldest_trades(bench: Bench) -> None:
    for number in range(3):
        await bench.order(newClientOrderId=f"tp-{number}")
    orders = (await bench.ask("GET", "/fapi/v1/allOrders", symbol=S, limit=2)).body
    assert [row["clientOrderId"] for row in orders] == ["tp-1", "tp-2"]
    trades = (await bench.ask("GET", "/fapi/v1/userTrades", symbol=S, limit=2)).body
    every = (await bench.ask("GET", "/fapi/v1/userTrades", symbol=S)).body
    assert trades == every[:2]
    assert "clientOrderId" not in trades[0]
    end = 2 + 7 * 86_400_000
    told = await bench.ask("GET", "/fapi/v1/allOrders", symbol=S, startTime=1, endTime=end)
    assert told.code == -4165


@card("B-041")
@in_virtual_time
async def test_an_order_can_be_missed_right_after_it_was_placed(bench: Bench) -> None:
    """The store that is read lags behind: -2013 is no proof of absence."""
    bench.arm('{"kind":"lag_reads","lag_s":1.0,"lasts_s":30}')
    ours = bench.ours("tp-1")
    assert isinstance(await bench.exchange.send(ours), Accepted)
    told = await bench.ask("GET", ORDER, symbol=S, origClientOrderId="tp-1")
    assert (told.status, told.code) == (400, -2013)
    assert isinstance(await bench.exchange.look_up(ours), NotFound)
    proof = await bench.exchange.prove_absence(ours, sent_at=bench.clock.now(), still_wanted=False)
    assert isinstance(proof, Accepted)


@card("B-042")
@in_virtual_time
async def test_a_batch_answers_each_order_for_itself(bench: Bench) -> None:
    wishes = (
        '[{"symbol":"BTCUSDT","side":"SELL","type":"MARKET","quantity":"0.01"},'
        '{"symbol":"BTCUSDT","side":"SELL","type":"MARKET","quantity":"0.01","reduceOnly":"true"}]'
    )
    told = await bench.ask("POST", "/fapi/v1/batchOrders", batchOrders=wishes)
    assert told.status == 200
    good, bad = told.body
    assert good["symbol"] == S
    assert bad["code"] == -2022


@card("B-043")
@in_virtual_time
async def test_a_tested_order_is_judged_and_not_placed(bench: Bench) -> None:
    path = "/fapi/v1/order/test"
    told = await bench.ask("POST", path, symbol=S, side="SELL", type="MARKET", quantity="0.01")
    assert told.status == 200
    assert (await bench.ask("GET", "/fapi/v1/allOrders", symbol=S)).body == []
    assert await bench.exchange.test_order(bench.ours("tp-1")) is None
    refused = await bench.exchange.test_order(bench.ours("tp-1", quantity=Decimal(100)))
    assert isinstance(refused, Refused)
    assert refused.code == "binance:-2019"
    assert (await bench.ask("GET", "/fapi/v1/allOrders", symbol=S)).body == []
