"""The door of the simulated Binance: keys, signatures, clock, limits, public reads."""

import json
from urllib.parse import urlencode

import pytest

from exchange_simulator.binance.requests.request import check_signature, parse
from exchange_simulator.clock import epoch_ms
from exchange_simulator.wire import HttpRequest
from tests.unit.exchange_simulator.binance.fixture import (
    API_KEY,
    BinanceFixture,
    error_code,
    order_params,
    sign,
)

ACCOUNT = "/fapi/v3/account"


@pytest.fixture
def fixture() -> BinanceFixture:
    fixture = BinanceFixture()
    fixture.tick()
    return fixture


def test_the_documented_signature_vector_is_accepted() -> None:
    payload = (
        "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC"
        "&recvWindow=5000&timestamp=1591702613943"
    )
    signature = "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"
    secret = b"2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
    for url, body in (
        (f"https://x/fapi/v1/order?{payload}&signature={signature}", b""),
        (f"https://x/fapi/v1/order?{payload}&signature={signature.upper()}", b""),
        ("https://x/fapi/v1/order", f"{payload}&signature={signature}".encode()),
    ):
        request = HttpRequest(method="POST", url=url, body=body)
        check_signature(parse(request), secret=secret, server_time_ms=1591702613943)


def test_mixed_query_and_body_are_signed_without_a_joint(fixture: BinanceFixture) -> None:
    stamp = f"timestamp={epoch_ms(fixture.clock.now())}"
    query = urlencode(order_params())
    signature = sign(query + stamp).rpartition("signature=")[2]
    answer = fixture.raw("POST", "/fapi/v1/order", query, body=f"{stamp}&signature={signature}")
    assert answer.status == 200
    assert json.loads(answer.body)["status"] == "FILLED"


def test_keys(fixture: BinanceFixture) -> None:
    answer = fixture.raw("GET", ACCOUNT, key=None)
    assert (answer.status, error_code(answer)) == (401, -2014)
    answer = fixture.raw("GET", ACCOUNT, key="other")
    assert (answer.status, error_code(answer)) == (401, -2015)
    assert error_code(fixture.raw("POST", "/fapi/v1/listenKey", key="other")) == -2015


def test_signature_is_mandatory_right_and_last(fixture: BinanceFixture) -> None:
    stamp = f"timestamp={epoch_ms(fixture.clock.now())}"
    assert error_code(fixture.raw("GET", ACCOUNT)) == -1102
    assert error_code(fixture.raw("GET", ACCOUNT, "timestamp=yesterday")) == -1102
    assert error_code(fixture.raw("GET", ACCOUNT, stamp)) == -1102
    assert error_code(fixture.raw("GET", ACCOUNT, sign(stamp, "wrong secret"))) == -1022
    assert error_code(fixture.raw("GET", ACCOUNT, sign(stamp) + "&recvWindow=5")) == -1022
    assert error_code(fixture.raw("GET", ACCOUNT, f"x=1&{sign(stamp)}")) == -1022
    assert fixture.raw("GET", ACCOUNT, sign(stamp)).status == 200


@pytest.mark.parametrize(
    ("offset_ms", "window", "code"),
    [
        (0, "5000", None),
        (999, "5000", None),
        (1_000, "5000", -1021),
        (-5_000, "5000", None),
        (-5_001, "5000", -1021),
        (-5_001, "", -1021),
        (-2_001, "2000", -1021),
        (0, "60001", -1131),
    ],
)
def test_age_of_a_request(
    fixture: BinanceFixture, offset_ms: int, window: str, code: int | None
) -> None:
    stamp = str(epoch_ms(fixture.clock.now()) + offset_ms)
    params = {"timestamp": stamp, **({"recvWindow": window} if window else {})}
    answer = fixture.signed("GET", ACCOUNT, **params)
    assert (error_code(answer) if answer.status != 200 else None) == code


def test_unknown_path(fixture: BinanceFixture) -> None:
    answer = fixture.raw("GET", "/fapi/v1/nothing")
    assert (answer.status, error_code(answer)) == (404, -5000)


def test_headers_tell_time_weight_and_orders(fixture: BinanceFixture) -> None:
    first = fixture.signed("POST", "/fapi/v1/order", **order_params())
    second = fixture.signed("POST", "/fapi/v1/order", **order_params())
    read = fixture.signed("GET", ACCOUNT)
    assert first.headers["x-mbx-order-count-10s"] == "1"
    assert second.headers["x-mbx-order-count-10s"] == "2"
    assert second.headers["x-mbx-order-count-1m"] == "2"
    assert second.headers["x-mbx-used-weight-1m"] == "0"
    assert read.headers["x-mbx-used-weight-1m"] == "5"
    assert "x-mbx-order-count-10s" not in read.headers
    assert read.headers["date"] == "Mon, 01 Sep 2025 01:00:00 GMT"
    fixture.clock.passed_s = 11
    third = fixture.signed("POST", "/fapi/v1/order", **order_params())
    assert third.headers["x-mbx-order-count-10s"] == "1"
    assert third.headers["x-mbx-order-count-1m"] == "3"


def test_too_much_weight_is_429_until_the_minute_ends(fixture: BinanceFixture) -> None:
    for _ in range(480):
        assert fixture.signed("GET", ACCOUNT).status == 200
    answer = fixture.signed("GET", ACCOUNT)
    assert (answer.status, error_code(answer)) == (429, -1003)
    assert answer.headers["retry-after"] == "60"
    fixture.clock.passed_s = 60
    assert fixture.signed("GET", ACCOUNT).status == 200


def test_too_many_orders_are_429(fixture: BinanceFixture) -> None:
    for number in range(300):
        side = "BUY" if number % 2 else "SELL"
        fixture.order(side=side)
    answer = fixture.signed("POST", "/fapi/v1/order", **order_params())
    assert (answer.status, error_code(answer)) == (429, -1015)
    assert len(fixture.venue.state()["orders"]) == 300


def test_limits_can_be_switched_off() -> None:
    fixture = BinanceFixture(raise_limits=False)
    for _ in range(482):
        assert fixture.signed("GET", ACCOUNT).status == 200


@pytest.mark.parametrize(
    ("path", "query", "weight"),
    [
        ("/fapi/v1/ping", "", 1),
        ("/fapi/v1/time", "", 1),
        ("/fapi/v1/exchangeInfo", "", 1),
        ("/fapi/v1/ticker/bookTicker", "symbol=BTCUSDT", 2),
        ("/fapi/v1/ticker/bookTicker", "", 5),
        ("/fapi/v1/depth", "symbol=BTCUSDT&limit=5", 2),
        ("/fapi/v1/depth", "symbol=BTCUSDT", 10),
        ("/fapi/v1/premiumIndex", "symbol=BTCUSDT", 1),
        ("/fapi/v1/premiumIndex", "", 10),
    ],
)
def test_public_reads_need_no_key_and_have_their_weight(
    fixture: BinanceFixture, path: str, query: str, weight: int
) -> None:
    answer = fixture.raw("GET", path, query, key=None)
    assert answer.status == 200
    assert answer.headers["x-mbx-used-weight-1m"] == str(weight)


def test_public_reads_tell_the_market(fixture: BinanceFixture) -> None:
    def read(path: str, query: str = "") -> object:
        return json.loads(fixture.raw("GET", path, query, key=None).body)

    now_ms = epoch_ms(fixture.clock.now())
    assert read("/fapi/v1/time") == {"serverTime": now_ms}
    ticker = read("/fapi/v1/ticker/bookTicker", "symbol=BTCUSDT")
    assert ticker == {
        "symbol": "BTCUSDT",
        "bidPrice": "100000",
        "bidQty": "4",
        "askPrice": "100000.1",
        "askQty": "3.999",
        "time": now_ms,
    }
    depth = read("/fapi/v1/depth", "symbol=BTCUSDT&limit=5")
    assert isinstance(depth, dict)
    assert depth["bids"][:2] == [["100000", "4"], ["99999.9", "4.2"]]
    assert len(depth["asks"]) == 5
    index = read("/fapi/v1/premiumIndex", "symbol=BTCUSDT")
    assert isinstance(index, dict)
    assert index["markPrice"] == "100000"
    assert index["lastFundingRate"] == "0.0001"
    assert index["nextFundingTime"] == 1_756_713_600_000
    tickers = read("/fapi/v1/ticker/bookTicker")
    assert isinstance(tickers, list)
    assert [row["symbol"] for row in tickers] == ["BTCUSDT"]
    info = read("/fapi/v1/exchangeInfo")
    assert isinstance(info, dict)
    btc = info["symbols"][0]
    filters = {row["filterType"]: row for row in btc["filters"]}
    assert filters["PRICE_FILTER"]["tickSize"] == "0.1"
    assert filters["MIN_NOTIONAL"]["notional"] == "50"
    assert "STOP_MARKET" in btc["orderTypes"]
    assert error_code(fixture.raw("GET", "/fapi/v1/depth", "symbol=BTCUSDT&limit=7")) == -1130
    assert error_code(fixture.raw("GET", "/fapi/v1/depth", "symbol=NOPEUSDT")) == -1121


def test_query_wins_over_body(fixture: BinanceFixture) -> None:
    stamp = f"timestamp={epoch_ms(fixture.clock.now())}"
    query, body = f"symbol=BTCUSDT&leverage=3&{stamp}", "leverage=4"
    signature = sign(query + body).rpartition("signature=")[2]
    answer = fixture.raw(
        "POST", "/fapi/v1/leverage", f"{query}&signature={signature}", body=body, key=API_KEY
    )
    assert json.loads(answer.body)["leverage"] == 3
