"""python-binance works against the simulated exchange as it does against the real one."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import binance
import pytest
from binance.exceptions import BinanceAPIException

from tests.conformance.binance.cards import card
from tests.conformance.binance.testbed import Json, TestBed, python_binance, running

BTC = {"symbol": "BTCUSDT"}
SELL = {**BTC, "side": "SELL", "type": "MARKET", "quantity": "0.01"}


@pytest.fixture
async def testbed() -> AsyncIterator[TestBed]:
    async with asyncio.timeout(20), running() as found:
        yield found


@pytest.fixture
async def client(testbed: TestBed) -> AsyncIterator[Json]:
    async with python_binance(testbed) as found:
        yield found


async def test_reads(client: Json) -> None:
    (row,) = await client.futures_account_balance()
    assert row["balance"] == "70000"
    assert (await client.futures_account())["canTrade"] is True
    assert await client.futures_position_information() == []
    assert (await client.futures_commission_rate(**BTC))["takerCommissionRate"] == "0.0005"
    assert (await client.futures_leverage_bracket())[0]["brackets"]
    assert (await client.futures_get_position_mode())["dualSidePosition"] is False
    assert (await client.futures_get_multi_assets_mode())["multiAssetsMargin"] is False
    assert (await client.futures_mark_price(**BTC))["markPrice"] == "100000"
    assert (await client.futures_symbol_ticker(**BTC))["price"] == "100000"
    assert (await client.futures_orderbook_ticker(**BTC))["bidPrice"] == "100000"
    assert (await client.futures_funding_rate(**BTC))[0]["fundingRate"] == "0.0001"
    assert await client.futures_income_history() == []


@card("B-013")
async def test_what_the_key_may_do(testbed: TestBed, client: Json) -> None:
    testbed.venue.door.may_withdraw = True
    assert (await client.get_account_api_permissions())["enableWithdrawals"] is True


async def test_leverage_and_margin_type(client: Json) -> None:
    assert (await client.futures_change_leverage(**BTC, leverage=3))["leverage"] == 3
    await client.futures_change_margin_type(**BTC, marginType="ISOLATED")
    (row, *_) = await client.futures_symbol_config(**BTC)
    assert (row["leverage"], row["marginType"]) == (3, "ISOLATED")


@pytest.mark.parametrize(
    ("force", "price", "status"),
    [
        ("GTC", "99000", "NEW"),
        ("IOC", "100100", "FILLED"),
        ("FOK", "100100", "FILLED"),
        ("GTX", "99000", "NEW"),
    ],
)
async def test_every_limit_order(client: Json, force: str, price: str, status: str) -> None:
    wish = {**BTC, "side": "BUY", "type": "LIMIT", "quantity": "0.01"}
    placed = await client.futures_create_order(**wish, timeInForce=force, price=price)
    found = await client.futures_get_order(**BTC, orderId=placed["orderId"])
    assert found["status"] == status


@card("B-002")
async def test_an_order_is_acknowledged_without_its_fill(client: Json) -> None:
    placed = await client.futures_create_order(**SELL)
    assert (placed["status"], placed["executedQty"]) == ("NEW", "0")
    assert "avgPrice" not in placed
    found = await client.futures_get_order(**BTC, orderId=placed["orderId"])
    assert (found["status"], found["avgPrice"]) == ("FILLED", "100000")
    (trade,) = await client.futures_account_trades(**BTC)
    assert trade["orderId"] == placed["orderId"]


async def test_conditional_orders(testbed: TestBed, client: Json) -> None:
    wish = {**BTC, "side": "SELL", "quantity": "0.01"}
    await client.futures_create_order(**wish, type="STOP_MARKET", stopPrice="99000")
    await client.futures_create_order(**wish, type="TAKE_PROFIT_MARKET", stopPrice="102000")
    await client.futures_create_order(**wish, type="TRAILING_STOP_MARKET", callbackRate="5")
    waiting = await client.futures_get_open_algo_orders()
    assert len(waiting) == 3
    cancelled = await client.futures_cancel_algo_order(algoId=waiting[1]["algoId"])
    assert cancelled["code"] == "200"
    testbed.tick("98000")
    found = await client.futures_get_algo_order(algoId=waiting[0]["algoId"])
    assert found["algoStatus"] == "FINISHED"
    child = await client.futures_get_order(**BTC, orderId=found["actualOrderId"])
    assert child["clientOrderId"] == found["clientAlgoId"]
    await client.futures_cancel_all_algo_open_orders(**BTC)
    assert len(await client.futures_get_all_algo_orders(**BTC)) == 3


async def test_batch_cancel_all_and_countdown(client: Json) -> None:
    limit = {"side": "BUY", "type": "LIMIT", "quantity": "0.01", "timeInForce": "GTC"}
    orders = [{**BTC, **limit, "price": price} for price in ("99000", "1")]
    good, bad = await client.futures_place_batch_order(batchOrders=orders)
    assert good["status"] == "NEW"
    assert bad["code"] == -4164
    assert len(await client.futures_get_open_orders(**BTC)) == 1
    armed = await client.futures_countdown_cancel_all(**BTC, countdownTime=1_000_000)
    assert armed["countdownTime"] == "1000000"
    assert (await client.futures_cancel_all_open_orders(**BTC))["code"] == 200
    assert await client.futures_get_open_orders(**BTC) == []


@card("B-004")
async def test_the_user_socket_tells_a_fill_three_times(testbed: TestBed, client: Json) -> None:
    class Manager(binance.BinanceSocketManager):  # type: ignore[misc]  # it carries no types
        FSTREAM_URL = f"{testbed.ws}/"

    async with Manager(client).futures_user_socket() as socket:
        await client.futures_create_order(**SELL)
        kinds = [(await socket.recv())["e"] for _ in range(4)]
        # The client notices that it is closed when it hears something.
        asyncio.get_running_loop().call_later(0.05, testbed.venue.transfer, Decimal(1))
    assert kinds == ["ORDER_TRADE_UPDATE", "TRADE_LITE", "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE"]


@pytest.mark.parametrize(
    ("code", "status"),
    [(-2019, 400), (-2022, 400), (-1021, 400), (-2015, 401), (-1003, 429), (-1007, 408)],
)
async def test_documented_errors(testbed: TestBed, client: Json, code: int, status: int) -> None:
    testbed.venue.refuse_next_order(str(code))
    with pytest.raises(BinanceAPIException) as caught:
        await client.futures_create_order(**SELL)
    assert (caught.value.code, caught.value.status_code) == (code, status)


async def test_a_wrong_key_is_told(testbed: TestBed) -> None:
    async with python_binance(testbed, key="wrong") as client:
        with pytest.raises(BinanceAPIException) as caught:
            await client.futures_account_balance()
    assert caught.value.code == -2015
