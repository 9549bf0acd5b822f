"""What other people's clients ask the simulated Binance for besides: history, and streams of it."""

import json
from decimal import Decimal
from typing import Any

import pytest

from exchange_simulator.binance.market_data.market_news import DIFFERENCES
from exchange_simulator.clock import epoch_ms
from tests.unit.exchange_simulator.binance.fixture import BinanceFixture, error_code


@pytest.fixture
def fixture() -> BinanceFixture:
    found = BinanceFixture()
    found.tick()
    return found


def read(fixture: BinanceFixture, path: str, query: str) -> Any:  # noqa: ANN401 - JSON
    answer = fixture.raw("GET", path, query, key=None)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def prices(fixture: BinanceFixture, *told: str, seconds: float = 30.0) -> None:
    for price in told:
        fixture.clock.passed_s += seconds
        fixture.tick(price)


def test_candles_of_every_trade(fixture: BinanceFixture) -> None:
    prices(fixture, "100100", "100050", "100200")
    fixture.order(quantity="0.02")
    rows = read(fixture, "/fapi/v1/klines", "symbol=BTCUSDT&interval=1m")
    start_ms = epoch_ms(fixture.clock.start)
    assert [row[0] for row in rows] == [start_ms, start_ms + 60_000]
    assert [row[6] - row[0] for row in rows] == [59_999, 59_999]
    assert rows[0][1:5] == ["100000", "100100", "100000", "100100"]
    bought = read(fixture, "/fapi/v1/trades", "symbol=BTCUSDT&limit=1")[0]
    assert (bought["isBuyerMaker"], bought["qty"]) == (False, "0.02")
    assert rows[1][1:5] == ["100050", bought["price"], "100050", bought["price"]]
    assert Decimal(rows[1][5]) == Decimal("0.04")
    assert rows[1][8] == 3
    (newest,) = read(fixture, "/fapi/v1/klines", "symbol=BTCUSDT&interval=1m&limit=1")
    assert newest == rows[1]
    (first,) = read(
        fixture, "/fapi/v1/klines", f"symbol=BTCUSDT&interval=1m&limit=1&startTime={start_ms}"
    )
    assert first == rows[0]
    (month,) = read(fixture, "/fapi/v1/klines", "symbol=BTCUSDT&interval=1M")
    assert (month[0], month[6]) == (1_756_684_800_000, 1_759_276_799_999)
    (week,) = read(fixture, "/fapi/v1/klines", "symbol=BTCUSDT&interval=1w")
    assert week[0] == 1_756_684_800_000  # 2025-09-01 is a Monday
    assert error_code(fixture.raw("GET", "/fapi/v1/klines", "symbol=BTCUSDT&interval=7m")) == -1120


def test_trades_are_read_on_by_id(fixture: BinanceFixture) -> None:
    prices(fixture, "100100", "100050")
    rows = read(fixture, "/fapi/v1/aggTrades", "symbol=BTCUSDT")
    assert [row["p"] for row in rows] == ["100000", "100100", "100050"]
    (second,) = read(fixture, "/fapi/v1/aggTrades", f"symbol=BTCUSDT&fromId={rows[1]['a']}&limit=1")
    assert second == rows[1]
    assert error_code(
        fixture.raw("GET", "/fapi/v1/aggTrades", "symbol=BTCUSDT&fromId=1&startTime=1")
    )


def test_open_interest_counts_ours(fixture: BinanceFixture) -> None:
    before = Decimal(read(fixture, "/fapi/v1/openInterest", "symbol=BTCUSDT")["openInterest"])
    fixture.order(side="SELL")
    after = Decimal(read(fixture, "/fapi/v1/openInterest", "symbol=BTCUSDT")["openInterest"])
    assert after - before == Decimal("0.01")


def test_the_break_even_price_knows_the_fee(fixture: BinanceFixture) -> None:
    fixture.order(side="SELL")
    (row,) = fixture.call("GET", "/fapi/v3/positionRisk")
    assert Decimal(row["breakEvenPrice"]) == Decimal(row["entryPrice"]) * Decimal("0.9995")


@pytest.mark.parametrize("kind", sorted(DIFFERENCES))
def test_a_book_kept_by_differences_is_the_book(fixture: BinanceFixture, kind: str) -> None:
    events, _ = fixture.listen(f"/public/ws/btcusdt@{kind}")
    fixture.tick("2000", base="ETH")  # other markets count as well
    snapshot = read(fixture, "/fapi/v1/depth", "symbol=BTCUSDT&limit=1000")
    assert events == []
    fixture.tick("2001", base="ETH")
    prices(fixture, "100100", "100000", "90000")
    fixture.order(side="SELL", quantity="0.5")
    assert events[0]["U"] <= snapshot["lastUpdateId"] <= events[0]["u"]
    book = {side: dict(snapshot[side]) for side in ("bids", "asks")}
    last = events[0]["pu"]
    for event in events:
        assert event["pu"] == last
        last = event["u"]
        for side, rows in (("bids", event["b"]), ("asks", event["a"])):
            for price, quantity in rows:
                book[side].pop(price, None)
                if Decimal(quantity):
                    book[side][price] = quantity
    now = read(fixture, "/fapi/v1/depth", "symbol=BTCUSDT&limit=1000")
    assert book == {side: dict(now[side]) for side in ("bids", "asks")}


def test_who_comes_later_begins_with_the_book_of_then(fixture: BinanceFixture) -> None:
    _, first = fixture.listen("/public/ws/btcusdt@depth")
    prices(fixture, "100100")
    first.on_close()
    prices(fixture, "90000")
    events, _ = fixture.listen("/public/ws/btcusdt@depth")
    snapshot = read(fixture, "/fapi/v1/depth", "symbol=BTCUSDT&limit=5")
    prices(fixture, "90010")
    assert events[0]["U"] == snapshot["lastUpdateId"]


def test_trades_as_they_happen(fixture: BinanceFixture) -> None:
    events, _ = fixture.listen("/market/ws/btcusdt@aggTrade")
    assert events == []
    prices(fixture, "100100")
    fixture.order(side="SELL")
    assert [(event["p"], event["m"]) for event in events] == [
        ("100100", False),
        ("100100", True),
    ]
    assert {event["e"] for event in events} == {"aggTrade"}


def test_candles_as_they_grow_and_end(fixture: BinanceFixture) -> None:
    events, _ = fixture.listen("/market/ws/btcusdt@kline_1m")
    prices(fixture, "100100", "100050")
    told = [(row["k"]["t"], row["k"]["c"], row["k"]["x"]) for row in events]
    start_ms = epoch_ms(fixture.clock.start)
    assert told == [
        (start_ms, "100100", False),
        (start_ms, "100100", True),
        (start_ms + 60_000, "100050", False),
    ]


def test_the_day_and_the_best_prices_of_all(fixture: BinanceFixture) -> None:
    tickers, _ = fixture.listen("/market/ws/btcusdt@ticker")
    best, _ = fixture.listen("/public/ws/!bookTicker")
    prices(fixture, "101000")
    fixture.tick("2000", base="ETH")
    (ticker,) = tickers
    assert (ticker["o"], ticker["c"], ticker["P"]) == ("100000", "101000", "1")
    assert [event["s"] for event in best] == ["BTCUSDT", "ETHUSDT"]
    day = read(fixture, "/fapi/v1/ticker/24hr", "symbol=BTCUSDT")
    assert (day["openPrice"], day["lastPrice"], day["count"]) == ("100000", "101000", 2)


def test_an_order_good_till_a_date_ends_then(fixture: BinanceFixture) -> None:
    events, _ = fixture.listen()
    until_ms = epoch_ms(fixture.clock.now()) + 700_000
    placed = fixture.order(
        type="LIMIT", price="99000", timeInForce="GTD", goodTillDate=str(until_ms + 123)
    )
    assert (placed["timeInForce"], placed["goodTillDate"]) == ("GTD", until_ms)
    assert events[-1]["o"]["gtd"] == until_ms
    prices(fixture, "100000", seconds=699.0)
    assert len(fixture.call("GET", "/fapi/v1/openOrders")) == 1
    prices(fixture, "100000", seconds=2.0)
    assert fixture.call("GET", "/fapi/v1/openOrders") == []
    assert events[-1]["o"]["X"] == "EXPIRED"
