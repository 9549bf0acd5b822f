"""ccxt (REST and ccxt.pro) works against the simulated exchange as it does against the real one."""

import asyncio
import json
from collections.abc import AsyncIterator

import ccxt
import pytest

from tests.conformance.binance.cards import card
from tests.conformance.binance.testbed import Json, TestBed, ccxt_client, running

M = "BTC/USDT:USDT"
REAL = "https://fapi.binance.com/fapi/v1/order"


@pytest.fixture
async def testbed() -> AsyncIterator[TestBed]:
    async with asyncio.timeout(20), running() as found:
        yield found


@pytest.fixture
async def client(testbed: TestBed) -> AsyncIterator[Json]:
    async with ccxt_client(testbed) as found:
        yield found


async def test_start_up_and_reads(client: Json) -> None:
    markets = await client.load_markets()
    assert markets[M]["precision"]["amount"] == 0.001
    assert (await client.fetch_balance())["USDT"]["total"] == 70_000
    assert await client.fetch_positions() == []
    assert (await client.fetch_order_book(M))["bids"]
    assert (await client.fetch_funding_rate(M))["fundingRate"] == 0.0001
    assert (await client.fetch_trading_fee(M))["taker"] == 0.0005
    assert (await client.fetch_leverage_tiers([M]))[M]
    assert (await client.fetch_ticker(M))["last"] == 100_000
    assert (await client.fetch_status())["status"] == "ok"
    assert (await client.fetch_position_mode(M))["hedged"] is False
    assert await client.fetch_time() > 0


@card("B-011")
async def test_leverage_and_margin_type_are_set_and_read_back(client: Json) -> None:
    await client.set_leverage(5, M)
    await client.set_margin_mode("isolated", M)
    found = await client.fetch_leverage(M)
    assert (found["longLeverage"], found["marginMode"]) == (5, "isolated")
    with pytest.raises(ccxt.MarginModeAlreadySet):
        await client.set_margin_mode("isolated", M)


@card("B-001")
@pytest.mark.parametrize(
    ("force", "price", "status"),
    [
        ("GTC", 99_000, "open"),
        ("IOC", 100_100, "closed"),
        ("FOK", 100_100, "closed"),
        ("GTX", 99_000, "open"),
    ],
)
async def test_every_limit_order(client: Json, force: str, price: int, status: str) -> None:
    placed = await client.create_order(M, "limit", "buy", 0.01, price, {"timeInForce": force})
    found = await client.fetch_order(placed["id"], M)
    assert found["status"] == status
    assert (found["filled"] > 0) == (status == "closed")


async def test_a_market_order_is_found_with_its_price_and_trades(client: Json) -> None:
    placed = await client.create_order(M, "market", "sell", 0.01)
    assert placed["average"] is None
    found = await client.fetch_order(placed["id"], M)
    assert (found["status"], found["average"]) == ("closed", 100_000)
    (trade,) = await client.fetch_my_trades(M)
    assert trade["fee"]["cost"] == pytest.approx(0.5)
    (position,) = await client.fetch_positions([M])
    assert (position["side"], position["contracts"]) == ("short", 0.01)


@card("B-003")
@pytest.mark.parametrize(
    ("kind", "params", "price"),
    [
        ("STOP_MARKET", {"stopPrice": 101_000, "reduceOnly": True}, "101500"),
        ("TAKE_PROFIT_MARKET", {"stopPrice": 99_000}, "98000"),
        ("TRAILING_STOP_MARKET", {"callbackRate": 1}, "101500"),
    ],
)
async def test_conditional_orders(
    testbed: TestBed, client: Json, kind: str, params: dict[str, object], price: str
) -> None:
    await client.create_order(M, "market", "sell", 0.01)
    placed = await client.create_order(M, kind, "buy", 0.01, None, params)
    waiting = await client.fetch_open_orders(M, params={"trigger": True})
    assert [order["id"] for order in waiting] == [placed["id"]]
    assert await client.fetch_open_orders(M) == []
    testbed.tick(price)
    found = await client.fetch_order(placed["id"], M, {"trigger": True})
    child = await client.fetch_order(found["info"]["actualOrderId"], M)
    assert child["status"] == "closed"
    assert child["clientOrderId"] == placed["clientOrderId"]


async def test_cancel_one_change_one_and_cancel_all(client: Json) -> None:
    orders = await client.create_orders(
        [
            {"symbol": M, "type": "limit", "side": "buy", "amount": 0.01, "price": price}
            for price in (98_000, 98_500)
        ]
    )
    await client.edit_order(orders[0]["id"], M, "limit", "buy", 0.02, 98_100)
    assert (await client.cancel_order(orders[0]["id"], M))["status"] == "canceled"
    stop = await client.create_order(M, "STOP_MARKET", "buy", 0.01, None, {"stopPrice": 101_000})
    await client.cancel_all_orders(M)
    await client.cancel_order(stop["id"], M, {"trigger": True})
    assert await client.fetch_open_orders(M) == []
    assert await client.fetch_open_orders(M, params={"trigger": True}) == []
    assert len(await client.fetch_orders(M)) == 2


async def test_a_resting_order_fills_in_part_and_the_rest_is_cancelled(
    testbed: TestBed, client: Json
) -> None:
    testbed.tick()
    best = (await client.fetch_order_book(M))["asks"][0]
    placed = await client.create_order(M, "limit", "buy", best[1] + 0.1, best[0])
    found = await client.fetch_order(placed["id"], M)
    assert (found["status"], found["filled"]) == ("open", best[1])
    assert (await client.cancel_order(placed["id"], M))["filled"] == best[1]


@card("B-009")
async def test_private_and_market_streams(testbed: TestBed, client: Json) -> None:
    await client.load_markets()
    book = await client.watch_order_book(M)
    assert book["bids"]
    async with asyncio.TaskGroup() as tasks:
        watches = [
            tasks.create_task(client.watch_orders(M)),
            tasks.create_task(client.watch_my_trades(M)),
            tasks.create_task(client.watch_balance()),
            tasks.create_task(client.watch_positions()),
        ]
        while not any("listenKey" in r.path for r in testbed.seen()):  # noqa: ASYNC110 - bounded
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        await client.create_order(M, "market", "sell", 0.01)
    orders, trades, _balance, positions = [watch.result() for watch in watches]
    assert orders[-1]["symbol"] == M
    assert trades[-1]["amount"] == 0.01
    assert positions[-1]["side"] == "short"


async def test_history(testbed: TestBed, client: Json) -> None:
    testbed.tick("100100")
    await client.create_order(M, "market", "buy", 0.01)
    (candle,) = (await client.fetch_ohlcv(M, "1d"))[-1:]
    assert (candle[1], candle[3], candle[4] > 100_100) == (100_000, 100_000, True)
    trades = await client.fetch_trades(M)
    assert [trade["price"] for trade in trades][:2] == [100_000, 100_100]
    assert (trades[-1]["side"], trades[-1]["amount"]) == ("buy", 0.01)
    assert (await client.fetch_open_interest(M))["openInterestAmount"] > 0
    assert (await client.fetch_mark_ohlcv(M, "1d"))[-1][4] == candle[4]


async def test_an_order_good_till_a_date(testbed: TestBed, client: Json) -> None:
    until_ms = await client.fetch_time() + 900_000
    placed = await client.create_order(
        M, "limit", "buy", 0.01, 99_000, {"timeInForce": "GTD", "goodTillDate": until_ms}
    )
    found = await client.fetch_order(placed["id"], M)
    assert (found["status"], found["timeInForce"]) == ("open", "GTD")
    asked = testbed.last("POST", "/fapi/v1/order").params
    assert int(asked["goodTillDate"]) == until_ms


async def test_orders_over_the_trading_websocket(client: Json) -> None:
    placed = await client.create_order_ws(M, "market", "buy", 0.01)
    assert placed["status"] == "closed"
    assert (await client.fetch_balance_ws())["USDT"]["total"] < 70_000


@card("B-010")
@pytest.mark.parametrize(
    ("code", "error"),
    [
        (-2019, ccxt.InsufficientFunds),
        (-2022, ccxt.InvalidOrder),
        (-2021, ccxt.OrderImmediatelyFillable),
        (-4164, ccxt.InvalidOrder),
        (-4116, ccxt.InvalidOrder),
        (-4120, ccxt.InvalidOrder),
        (-1021, ccxt.InvalidNonce),
        (-1022, ccxt.AuthenticationError),
        (-2015, ccxt.AuthenticationError),
        (-1003, ccxt.DDoSProtection),
        (-1015, ccxt.DDoSProtection),
        (-1007, ccxt.RequestTimeout),
        (-1000, ccxt.OperationFailed),
        (-1008, ccxt.OperationFailed),
        (-5021, ccxt.InvalidOrder),
        (-5022, ccxt.InvalidOrder),
    ],
)
async def test_documented_errors(
    testbed: TestBed, client: Json, code: int, error: type[Exception]
) -> None:
    """ccxt picks its error table by the real host's name, so what it got is judged under that."""
    await client.load_markets()
    testbed.venue.refuse_next_order(str(code))
    with pytest.raises(ccxt.BaseError):
        await client.create_order(M, "market", "sell", 0.01)
    body, status = client.last_http_response, int(testbed.gateway.requests[-1].outcome)
    with pytest.raises(error):
        client.handle_errors(status, "", REAL, "POST", {}, body, json.loads(body), {}, "")


async def test_an_order_nobody_knows(client: Json) -> None:
    with pytest.raises(ccxt.OrderNotFound):
        await client.fetch_order("1", M)
    with pytest.raises(ccxt.ExchangeError):
        await client.cancel_order("1", M)
