"""What a fault does inside a simulated exchange, seen through the exchange's own wire."""

import json
from decimal import Decimal

from exchange_simulator.faults.kinds import ExpireKey, HoldOrder, LagReads, ThinBook
from tests.unit.exchange_simulator.binance.fixture import BinanceFixture
from tests.unit.exchange_simulator.upbit.world import World
from trading_platform_order.domain.venue import Venue

BUY = {"side": "bid", "ord_type": "price", "price": "10000000", "identifier": "one"}


def opened() -> BinanceFixture:
    fixture = BinanceFixture(wallet_usdt=Decimal(1_000_000))
    fixture.tick()
    return fixture


def test_a_thin_book_fills_a_part_and_the_next_step_mends_it() -> None:
    fixture = opened()
    fixture.venue.suffer(ThinBook(venue=Venue.BINANCE, part="0.001"))
    thin = fixture.order(quantity="10")
    assert thin["status"] == "EXPIRED"
    assert Decimal(0) < Decimal(thin["executedQty"]) < Decimal(10)
    fixture.tick()
    assert fixture.order(quantity="10")["status"] == "FILLED"


def test_upbit_takes_an_order_before_its_book_thins() -> None:
    world = World()
    world.venue.suffer(ThinBook(venue=Venue.UPBIT, part="0.01"))
    seen = world.seen(world.order(**BUY)["uuid"])
    assert seen["state"] == "cancel"
    assert Decimal(0) < Decimal(seen["executed_volume"]) < Decimal("0.06")
    assert world.balance("KRW")[1] == 0, "what was not spent is free again"


def test_a_held_order_works_until_its_time_comes_or_it_is_cancelled() -> None:
    fixture = opened()
    for name in ("kept", "ended"):
        fixture.venue.suffer(HoldOrder(venue=Venue.BINANCE, hold_s=5))
        assert fixture.order(newClientOrderId=name)["status"] == "NEW"
    fixture.tick(low="1", high="900000")
    fixture.call("DELETE", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="ended")
    for delay_s, run in fixture.later:
        if delay_s == 5:
            run()
    orders = {row["clientOrderId"]: row for row in fixture.venue.state()["orders"]}
    assert orders["kept"]["status"] == "FILLED"
    assert orders["ended"]["status"] == "CANCELED"


def test_upbit_holds_an_order_too() -> None:
    world = World()
    world.venue.suffer(HoldOrder(venue=Venue.UPBIT, hold_s=5))
    uuid = world.order(**BUY)["uuid"]
    world.tick("150000000", low="1")
    assert world.seen(uuid)["state"] == "wait"
    world.run_scheduled()
    assert Decimal(world.seen(uuid)["executed_volume"]) > 0


def test_lagging_reads_do_not_see_what_is_young() -> None:
    fixture = opened()
    fixture.venue.suffer(LagReads(venue=Venue.BINANCE, lag_s=2))
    fixture.order(newClientOrderId="young")
    asked = {"symbol": "BTCUSDT", "origClientOrderId": "young"}
    assert fixture.code("GET", "/fapi/v1/order", **asked) == -2013
    for path in ("openOrders", "allOrders", "userTrades"):
        assert fixture.call("GET", f"/fapi/v1/{path}", symbol="BTCUSDT") == []
    fixture.clock.passed_s += 2
    assert fixture.call("GET", "/fapi/v1/order", **asked)["status"] == "FILLED"


def test_upbits_reads_lag_and_an_identifier_is_consumed_all_the_same() -> None:
    world = World()
    world.venue.suffer(LagReads(venue=Venue.UPBIT, lag_s=2))
    world.order(**BUY)
    assert world.failure("GET", "/v1/order", identifier="one") == (404, "order_not_found")
    assert world.rows("/v1/orders/closed", market="KRW-BTC") == []
    assert world.refused(**BUY) == "duplicated_identifier"
    world.clock.pass_time(2)
    assert world.ask("GET", "/v1/order", identifier="one")["identifier"] == "one"


def test_an_expired_key_leaves_the_socket_open_and_silent() -> None:
    fixture = opened()
    events, _ = fixture.listen()
    fixture.venue.suffer(ExpireKey(venue=Venue.BINANCE))
    assert [event["e"] for event in events] == ["listenKeyExpired"]
    fixture.order()
    assert len(events) == 1
    assert json.loads(fixture.raw("POST", "/fapi/v1/listenKey").body)["listenKey"]
