"""The simulated Upbit's orders: acceptance, matching, money, endings."""

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.exchange_simulator.upbit.world import FEE, World


@pytest.fixture
def world() -> World:
    return World()


def test_market_buy_spends_the_total_without_fee_and_ends_in_cancel(world: World) -> None:
    accepted = world.order(side="bid", ord_type="price", price="1000000", identifier="buy-1")
    assert accepted["state"] == "wait"
    assert accepted["executed_volume"] == "0"
    assert accepted["reserved_fee"] == "500"
    assert accepted["locked"] == "1000500"
    assert accepted["volume"] is None
    assert "trades" not in accepted

    ended = world.ask("GET", "/v1/order", identifier="buy-1")
    funds = sum(Decimal(trade["funds"]) for trade in ended["trades"])
    volume = sum((Decimal(trade["volume"]) for trade in ended["trades"]), Decimal(0))
    assert ended["state"] == "cancel"
    assert Decimal(1_000_000) - 2 < funds < Decimal(1_000_000)
    assert volume == Decimal(ended["executed_volume"])
    assert volume == volume.quantize(Decimal("0.00000001"))
    assert Decimal(ended["paid_fee"]) == funds * FEE
    assert Decimal(ended["paid_fee"]) + Decimal(ended["remaining_fee"]) == Decimal(500)
    available, locked = world.balance("KRW")
    assert (available, locked) == (Decimal(100_000_000) - funds * (1 + FEE), 0)
    assert world.balance("BTC") == (1 + volume, 0)


def test_market_buy_that_divides_exactly_is_done(world: World) -> None:
    total = world.best()["ask_price"] * Decimal("0.001")
    accepted = world.order(side="bid", ord_type="price", price=str(total))
    ended = world.seen(accepted["uuid"])
    assert ended["state"] == "done"
    assert ended["executed_volume"] == "0.001"


def test_market_sell_is_done_and_the_fee_comes_out_of_the_proceeds(world: World) -> None:
    accepted = world.order(side="ask", ord_type="market", volume="0.1")
    assert (accepted["reserved_fee"], accepted["locked"]) == ("0", "0.1")
    ended = world.seen(accepted["uuid"])
    funds = sum(Decimal(trade["funds"]) for trade in ended["trades"])
    assert ended["state"] == "done"
    assert ended["remaining_volume"] == "0"
    assert world.balance("KRW")[0] == Decimal(100_000_000) + funds * (1 - FEE)
    assert world.balance("BTC") == (Decimal("0.9"), 0)


def test_an_order_of_many_trades_whose_list_is_cut_off(world: World) -> None:
    world.venue.split_trades(Decimal("0.001"))
    world.venue.rules.trades_listed_max = 3
    placed = world.order(side="ask", ord_type="market", volume="0.0055")
    seen = world.seen(placed["uuid"])
    assert (seen["trades_count"], len(seen["trades"])) == (6, 3)
    assert [trade["volume"] for trade in seen["trades"]] == ["0.001"] * 3
    assert (seen["executed_volume"], seen["state"]) == ("0.0055", "done")
    world.venue.rules.trades_listed_max = None
    trades = world.seen(placed["uuid"])["trades"]
    assert sum(Decimal(trade["volume"]) for trade in trades) == Decimal("0.0055")
    funds = sum(Decimal(trade["funds"]) for trade in trades)
    assert Decimal(seen["paid_fee"]) == funds * FEE


def test_order_of_more_than_one_level_walks_the_book_and_depletes_it(world: World) -> None:
    first = world.order(side="ask", ord_type="market", volume="0.1")
    prices = [Decimal(trade["price"]) for trade in world.seen(first["uuid"])["trades"]]
    assert len(prices) > 1
    assert prices == sorted(prices, reverse=True)
    second = world.order(side="ask", ord_type="market", volume="0.1")
    later = [Decimal(trade["price"]) for trade in world.seen(second["uuid"])["trades"]]
    assert max(later) <= min(prices)
    world.tick("150000000")
    third = world.order(side="ask", ord_type="market", volume="0.001")
    assert Decimal(world.seen(third["uuid"])["trades"][0]["price"]) == prices[0]


def test_limit_order_rests_locks_and_fills_as_maker_when_a_bar_touches_it(world: World) -> None:
    accepted = world.order(side="bid", ord_type="limit", price="149000000", volume="0.01")
    assert accepted["locked"] == "1490745"
    assert world.balance("KRW")[1] == Decimal(1490745)
    world.tick("150000000", low="149001000")
    assert world.seen(accepted["uuid"])["state"] == "wait"
    world.tick("150000000", low="149000000")
    ended = world.seen(accepted["uuid"])
    assert ended["state"] == "done"
    assert [trade["price"] for trade in ended["trades"]] == ["149000000"]
    assert world.venue.state()["orders"][0]["trades"][0]["is_maker"] is True
    assert world.balance("KRW") == (Decimal(100_000_000) - Decimal(1490745), 0)


def test_resting_ask_fills_when_the_high_reaches_it(world: World) -> None:
    accepted = world.order(side="ask", ord_type="limit", price="151000000", volume="0.01")
    world.tick("150000000", high="150999000")
    assert world.seen(accepted["uuid"])["state"] == "wait"
    world.tick("150500000", high="151000000")
    assert world.seen(accepted["uuid"])["state"] == "done"


def test_limit_ioc_fills_what_crosses_and_cancels_the_rest(world: World) -> None:
    unit = world.best()
    volume = unit["ask_size"] + Decimal("0.01")
    accepted = world.order(
        side="bid",
        ord_type="limit",
        price=str(unit["ask_price"]),
        volume=str(volume),
        time_in_force="ioc",
    )
    ended = world.seen(accepted["uuid"])
    assert ended["state"] == "cancel"
    assert ended["executed_volume"] == str(unit["ask_size"])
    assert ended["remaining_volume"] == "0.01"
    assert world.balance("KRW")[1] == 0


@pytest.mark.parametrize("smp_type", ["cancel_maker", "cancel_taker", "reduce", "none"])
def test_a_market_order_may_name_its_self_trade_prevention(world: World, smp_type: str) -> None:
    bought = world.order(side="bid", ord_type="price", price="100000", smp_type=smp_type)
    sold = world.order(side="ask", ord_type="market", volume="0.001", smp_type=smp_type)
    assert (bought["smp_type"], sold["smp_type"]) == (smp_type, smp_type)


@pytest.mark.parametrize("told", ["PRICE_FLUCTUATIONS", "PRICE_FLUCTUATIONS:danger"])
def test_a_caution_is_up_at_any_level(world: World, told: str) -> None:
    world.venue.warn_of("KRW-BTC", told)
    rows: Any = world.ask("GET", "/v1/market/all", is_details="true")
    (event,) = (row["market_event"] for row in rows if row["market"] == "KRW-BTC")
    assert not event["warning"]
    assert [name for name, is_up in event["caution"].items() if is_up] == ["PRICE_FLUCTUATIONS"]


def test_limit_fok_is_all_or_nothing(world: World) -> None:
    unit = world.best()
    order = {"side": "bid", "ord_type": "limit", "price": str(unit["ask_price"])}
    assert world.refused(**order, volume="1") == "insufficient_funds_bid"
    missed = world.order(**order, volume="0.5", time_in_force="fok")
    assert world.seen(missed["uuid"])["state"] == "cancel"
    assert world.seen(missed["uuid"])["trades"] == []
    filled = world.order(**order, volume="0.01", time_in_force="fok")
    assert world.seen(filled["uuid"])["state"] == "done"


def test_post_only_is_cancelled_when_it_would_match_and_rests_otherwise(world: World) -> None:
    order = {"side": "bid", "ord_type": "limit", "volume": "0.001", "time_in_force": "post_only"}
    crossing = world.order(**order, price="151000000")
    assert world.seen(crossing["uuid"])["state"] == "cancel"
    assert world.seen(crossing["uuid"])["executed_volume"] == "0"
    resting = world.order(**order, price="75000000")
    assert world.seen(resting["uuid"])["state"] == "wait"
    assert resting["smp_type"] == "none"
    assert world.refused(**order, price="75000000", smp_type="cancel_maker") == "invalid_post_only"


def test_cancel_is_accepted_first_and_ends_the_order_later(world: World) -> None:
    accepted = world.order(
        side="bid", ord_type="limit", price="140000000", volume="0.01", identifier="rest"
    )
    answer = world.ask("DELETE", "/v1/order", identifier="rest")
    assert answer["state"] == "wait"
    assert world.seen(accepted["uuid"])["state"] == "wait"
    world.run_scheduled()
    assert world.seen(accepted["uuid"])["state"] == "cancel"
    assert world.balance("KRW") == (Decimal(100_000_000), 0)
    gone = world.failure("DELETE", "/v1/order", identifier="rest")
    assert gone == (404, "order_not_found")


def test_fill_before_the_cancel_takes_effect_wins(world: World) -> None:
    accepted = world.order(side="bid", ord_type="limit", price="149000000", volume="0.01")
    world.ask("DELETE", "/v1/order", uuid=accepted["uuid"])
    world.tick("148000000")
    world.run_scheduled()
    assert world.seen(accepted["uuid"])["state"] == "done"


def test_identifier_is_used_up_for_ever_even_by_a_refused_order(world: World) -> None:
    small = {"side": "bid", "ord_type": "price", "price": "1000", "identifier": "once"}
    assert world.refused(**small) == "under_min_total_bid"
    assert world.refused(**small | {"price": "10000"}) == "duplicated_identifier"
    assert world.failure("GET", "/v1/order", identifier="once") == (404, "order_not_found")
    assert [row["name"] for row in world.venue.state()["refused"]] == ["under_min_total_bid"]


def test_test_order_creates_nothing_and_uses_no_identifier(world: World) -> None:
    order = {"side": "bid", "ord_type": "price", "price": "10000", "identifier": "later"}
    world.ask("POST", "/v1/orders/test", market="KRW-BTC", **order)
    assert world.venue.state()["orders"] == []
    world.order(**order)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"side": "bid", "ord_type": "price", "price": "4999"}, "under_min_total_bid"),
        ({"side": "ask", "ord_type": "market", "volume": "0.00003"}, "under_min_total_ask"),
        ({"side": "bid", "ord_type": "price", "price": "1000000001"}, "over_krw_funds_bid"),
        ({"side": "bid", "ord_type": "price", "price": "99990000"}, "insufficient_funds_bid"),
        ({"side": "ask", "ord_type": "market", "volume": "1.5"}, "insufficient_funds_ask"),
        ({"side": "ask", "ord_type": "market", "volume": "0.123456789"}, "invalid_volume_ask"),
        ({"side": "ask", "ord_type": "market", "volume": "1e-3"}, "invalid_volume_ask"),
        ({"side": "ask", "ord_type": "market", "volume": "-1"}, "invalid_volume_ask"),
        ({"side": "bid", "ord_type": "price", "price": "NaN"}, "invalid_price_bid"),
        (
            {"side": "bid", "ord_type": "limit", "price": "149000500", "volume": "0.01"},
            "invalid_price_bid",
        ),
        ({"side": "bid", "ord_type": "price", "volume": "0.01"}, "create_bid_error"),
        ({"side": "bid", "ord_type": "market", "volume": "0.01"}, "create_bid_error"),
        (
            {"side": "ask", "ord_type": "market", "volume": "0.01", "price": "150000000"},
            "create_ask_error",
        ),
        (
            {"side": "bid", "ord_type": "price", "price": "10000", "time_in_force": "ioc"},
            "invalid_time_in_force",
        ),
        ({"side": "buy", "ord_type": "price", "price": "10000"}, "validation_error"),
        ({"side": "bid", "ord_type": "stop", "price": "10000"}, "validation_error"),
        ({"side": "bid", "ord_type": "price", "price": "10000", "x": "1"}, "invalid_parameter"),
        (
            {"side": "bid", "ord_type": "price", "price": "10000", "identifier": "a" * 65},
            "invalid_parameter",
        ),
    ],
)
def test_refusals_carry_the_exchanges_names(world: World, body: dict[str, str], name: str) -> None:
    before = world.venue.state()["balances"]
    assert world.refused(**body) == name
    assert world.venue.state()["balances"] == before
    assert world.venue.state()["orders"] == []


def test_market_orders_beyond_the_visible_levels_are_refused() -> None:
    rich = World(KRW="900000000", BTC="10")
    assert rich.refused(side="bid", ord_type="price", price="400000000") == "volume_too_large"
    assert rich.refused(side="ask", ord_type="market", volume="3") == "volume_too_large"


def test_unknown_market_is_named(world: World) -> None:
    order = {"side": "bid", "ord_type": "price", "price": "9999"}
    assert world.refused(market="KRW-NO", **order) == "notfoundmarket"


def test_told_refusal_hits_one_order_and_burns_its_identifier(world: World) -> None:
    order = {"side": "bid", "ord_type": "price", "price": "10000", "identifier": "burned"}
    world.venue.refuse_next_order(None)
    assert world.refused(**order) == "insufficient_funds_bid"
    assert world.refused(**order) == "duplicated_identifier"
    world.venue.refuse_next_order("market_offline")
    assert world.refused(**order | {"identifier": "next"}) == "market_offline"
    world.order(**order | {"identifier": "third"})


def test_own_resting_order_is_cancelled_by_one_that_would_meet_it(world: World) -> None:
    low = world.best()["ask_price"] + 1000
    resting = world.order(side="ask", ord_type="limit", price=str(low), volume="0.01")
    world.order(side="bid", ord_type="limit", price=str(low), volume="0.001")
    assert world.seen(resting["uuid"])["state"] == "wait"
    world.order(side="bid", ord_type="price", price="30000000")
    assert world.seen(resting["uuid"])["state"] == "cancel"


def test_taker_can_give_way_to_own_resting_order(world: World) -> None:
    low = str(world.best()["ask_price"] + 1000)
    maker = world.order(side="ask", ord_type="limit", price=low, volume="0.01")
    taker = world.order(
        side="bid", ord_type="limit", price=low, volume="0.3", smp_type="cancel_taker"
    )
    assert world.seen(maker["uuid"])["state"] == "wait"
    assert world.seen(taker["uuid"])["state"] == "cancel"
    assert world.seen(taker["uuid"])["executed_volume"] == "0"


def test_money_is_conserved_to_the_last_decimal() -> None:
    world = World(KRW="50000000.123456789", BTC="0.5")
    krw, btc = Decimal("50000000.123456789"), Decimal("0.5")
    for number in range(20):
        world.tick(str(150_000_000 + number * 37_000))
        world.order(side="bid", ord_type="price", price="123457")
        world.order(side="ask", ord_type="market", volume="0.00081234")
    for order in world.venue.state()["orders"]:
        sign = 1 if order["side"] == "bid" else -1
        for trade in order["trades"]:
            assert Decimal(trade["fee"]) == Decimal(trade["funds"]) * FEE
            krw -= sign * Decimal(trade["funds"]) + Decimal(trade["fee"])
            btc += sign * Decimal(trade["volume"])
    assert world.balance("KRW") == (krw, 0)
    assert world.balance("BTC") == (btc, 0)


def test_usdt_market_trades_on_its_own_book() -> None:
    world = World(KRW="10000000")
    answer = world.order(market="KRW-USDT", side="bid", ord_type="price", price="140000")
    assert Decimal(world.seen(answer["uuid"])["trades"][0]["price"]) == 1401
    assert world.balance("USDT")[0] > 99


def test_same_requests_give_the_same_uuids() -> None:
    def digest() -> list[str]:
        world = World()
        for _ in range(3):
            world.order(side="bid", ord_type="price", price="10000")
        return [order["uuid"] for order in world.venue.state()["orders"]]

    assert digest() == digest()
    assert len(set(digest())) == 3
