"""Books from outside: when an order meets them, what stays taken, and what fills a resting one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

import pytest

from exchange_simulator.clock import SystemClock
from exchange_simulator.exchanges import Opening, SimulatedWorld, SimulatorKeys, open_world
from exchange_simulator.feed_market import FeedMarket
from exchange_simulator.market.fed_book import drawn_latency
from tests.unit.exchange_simulator.binance.fixture import BinanceFixture
from tests.unit.exchange_simulator.upbit.world import World

LATENCY_S = 0.1
Rows = Sequence[tuple[str, str]]
DEEP_BIDS = (("149000000", "5"),)


def levels(rows: Rows) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(price), Decimal(size)) for price, size in rows]


class Spot:
    """A fed Upbit, its client, and the newest order's row."""

    def __init__(self) -> None:
        self.world = World(KRW="1000000000", BTC="3")
        self.fed = self.world.venue.fed(lambda: LATENCY_S)

    def book(self, asks: Rows, bids: Rows = DEEP_BIDS) -> None:
        self.fed.show_book("KRW-BTC", levels(bids), levels(asks))

    def trade(self, price: str, volume: str, *, is_buy: bool) -> None:
        self.fed.show_trade("KRW-BTC", Decimal(price), Decimal(volume), is_buy=is_buy)

    def order(self) -> dict[str, Any]:
        newest: dict[str, Any] = self.world.venue.state()["orders"][-1]
        return newest


def test_a_market_order_walks_the_first_book_received_after_its_latency() -> None:
    spot = Spot()
    spot.book([("150000000", "1"), ("151000000", "1")])
    spot.world.order(side="bid", ord_type="price", price="75000000", smp_type="cancel_maker")
    spot.world.clock.pass_time(LATENCY_S / 2)
    spot.book([("140000000", "1")])  # received while the order is on its way
    assert spot.order()["state"] == "wait"
    spot.world.clock.pass_time(LATENCY_S)
    assert spot.order()["state"] == "wait", "a silent feed fills nothing"
    spot.book([("152000000", "0.25"), ("160000000", "1")])
    assert spot.order()["executed_volume"] == "0.48125"
    assert spot.order()["executed_funds"] == "75000000"


def test_what_was_taken_stays_taken_until_the_feed_shows_another_size() -> None:
    spot = Spot()
    asks = [("150000000", "1"), ("151000000", "1")]
    spot.book(asks)
    spot.world.order(side="bid", ord_type="price", price="75000000", smp_type="cancel_maker")
    spot.world.clock.pass_time(1)
    spot.book(asks)
    assert spot.world.best()["ask_size"] == Decimal("0.5")
    spot.book(asks)
    assert spot.world.best()["ask_size"] == Decimal("0.5")
    spot.book([("150000000", "0.9"), ("151000000", "1")])
    assert spot.world.best()["ask_size"] == Decimal("0.9")


def test_more_than_all_shown_levels_is_refused() -> None:
    spot = Spot()
    spot.book([("150000000", "0.1")])
    body = {"side": "bid", "ord_type": "price", "smp_type": "cancel_maker"}
    assert spot.world.refused(**body, price="15000001") == "volume_too_large"
    spot.world.order(**body, price="15000000")


def test_a_resting_order_waits_behind_the_queue_and_fills_from_prints_only() -> None:
    spot = Spot()
    bids = [("149000000", "2")]
    spot.book([("150000000", "1")], bids)
    spot.world.order(
        side="bid", ord_type="limit", price="149000000", volume="1", smp_type="cancel_maker"
    )
    spot.world.clock.pass_time(1)
    spot.book([("150000000", "1")], bids)
    spot.trade("149000000", "1.5", is_buy=False)
    spot.trade("149000000", "9", is_buy=True)  # met an ask: nothing for a bid
    assert spot.order()["executed_volume"] == "0"
    spot.trade("149000000", "0.75", is_buy=False)
    assert spot.order()["executed_volume"] == "0.25"
    spot.book([("148500000", "5")], [("148000000", "2")])
    assert spot.order()["executed_volume"] == "0.25", "a book alone fills nothing that rests"
    spot.trade("148900000", "0.5", is_buy=False)
    assert spot.order()["executed_volume"] == "0.75"
    spot.trade("148900000", "5", is_buy=False)
    assert spot.order()["state"] == "done"


def test_one_print_is_given_to_our_orders_once() -> None:
    spot = Spot()
    spot.book([("150000000", "1")])
    for price in ("148000000", "148500000"):
        spot.world.order(
            side="bid", ord_type="limit", price=price, volume="1", smp_type="cancel_maker"
        )
    spot.world.clock.pass_time(1)
    spot.book([("150000000", "1")])
    spot.trade("147000000", "1.5", is_buy=False)
    orders = {one["price"]: one for one in spot.world.venue.state()["orders"]}
    assert orders["148500000"]["executed_volume"] == "1"
    assert orders["148000000"]["executed_volume"] == "0.5"


def test_a_silent_book_keeps_its_stamp() -> None:
    spot = Spot()
    spot.book([("150000000", "1")])
    shown = spot.world.rows("/v1/orderbook", markets="KRW-BTC")[0]["timestamp"]
    spot.world.clock.pass_time(30)
    assert spot.world.rows("/v1/orderbook", markets="KRW-BTC")[0]["timestamp"] == shown


class Futures:
    """A fed Binance and its client."""

    def __init__(self) -> None:
        self.world = BinanceFixture()
        self.fed = self.world.venue.fed(lambda: LATENCY_S)
        self.mark("100000")

    def book(self, asks: Rows, bids: Rows = (("99900", "5"),)) -> None:
        self.fed.show_book("BTCUSDT", levels(bids), levels(asks))

    def mark(self, price: str) -> None:
        self.fed.show_mark("BTCUSDT", Decimal(price), Decimal("0.0001"))

    def pass_time(self, seconds: float) -> None:
        self.world.clock.passed_s += seconds


def test_a_market_order_far_from_the_mark_is_refused_and_its_rest_expires() -> None:
    futures = Futures()
    futures.book([("105000.1", "1")])
    futures.mark("100000")
    assert futures.world.order_code() == -4131
    futures.book([("100100", "0.004"), ("105000.1", "1")])
    placed = futures.world.order()
    assert placed["status"] == "NEW"
    futures.pass_time(1)
    futures.book([("100200", "0.004"), ("105000.1", "1")])
    row = futures.world.call(
        "GET", "/fapi/v1/order", symbol="BTCUSDT", orderId=str(placed["orderId"])
    )
    assert (row["status"], row["executedQty"], row["avgPrice"]) == ("EXPIRED", "0.004", "100200")


def test_a_stop_triggers_at_the_mark_and_walks_the_next_book() -> None:
    futures = Futures()
    futures.book([("100100", "5")])
    futures.mark("100000")
    futures.world.order(side="SELL", quantity="0.01")
    futures.pass_time(1)
    futures.book([("100100", "5")])
    futures.world.call(
        "POST",
        "/fapi/v1/algoOrder",
        algoType="CONDITIONAL",
        symbol="BTCUSDT",
        side="BUY",
        type="STOP_MARKET",
        quantity="0.01",
        triggerPrice="101000",
        reduceOnly="true",
        workingType="MARK_PRICE",
    )
    futures.mark("101000")
    assert futures.world.venue.position("BTCUSDT") == Decimal("-0.01")
    futures.pass_time(1)
    futures.book([("101200", "5")])
    assert futures.world.venue.position("BTCUSDT") == 0


def fed_world() -> SimulatedWorld:
    opening = Opening(krw=Decimal(1_000_000), usdt=Decimal(1_000))
    return open_world(clock=SystemClock(), keys=SimulatorKeys(), opening=opening)


def test_an_image_that_is_not_newer_is_left_out() -> None:
    world = fed_world()
    market = FeedMarket(world, lambda: 0.0)
    at = datetime(2025, 9, 1, tzinfo=UTC)
    for seconds, price in ((1, "150000000"), (0, "140000000"), (1, "130000000")):
        asks = levels([(price, "1")])
        bids = levels([("120000000", "1")])
        market.book("upbit", "KRW-BTC", bids, asks, at=at + timedelta(seconds=seconds))
    assert world.upbit.mid("KRW-BTC") == Decimal(135_000_000)
    assert market.listed() == ({"KRW-BTC"}, set())


def test_latencies_are_drawn_from_what_is_stated() -> None:
    latency = drawn_latency(1)
    drawn = sorted(latency() for _ in range(10_000))
    assert median(drawn) == pytest.approx(0.06, rel=0.05)
    assert drawn[9_500] == pytest.approx(0.137, rel=0.05)
    assert drawn[-1] <= 1
