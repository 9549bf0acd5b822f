"""Our signed order requests and those of other clients, as captured at the exchange, agree."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from tests.conformance.binance.cards import card
from tests.conformance.binance.our_side import our_exchange, our_order, our_stop
from tests.conformance.binance.parity import DIFFERENCES, unlisted
from tests.conformance.binance.testbed import (
    SeenRequest,
    TestBed,
    ccxt_client,
    python_binance,
    running,
)
from tests.conformance.counting import no_difference
from trading_platform_order.domain.order import Order, OrderSide, OrderType, TimeInForce
from trading_platform_order.exchanges.binance.orders.algo import AlgoKind, AlgoOrder

M = "BTC/USDT:USDT"
Wish = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The same order in three languages; ``ccxt``: type, side, price and further parameters."""

    name: str
    ours: Callable[[], Order | AlgoOrder]
    ccxt: tuple[str, str, float | None, Wish]
    python_binance: Wish


def limit(force: TimeInForce, word: str, price: str) -> Case:
    return Case(
        name=f"limit {force}",
        ours=lambda: our_order(
            "tp-parity",
            side=OrderSide.BUY,
            type=OrderType.LIMIT,
            price=Decimal(price),
            time_in_force=force,
        ),
        ccxt=("limit", "buy", float(price), {"timeInForce": word}),
        python_binance={"side": "BUY", "type": "LIMIT", "price": price, "timeInForce": word},
    )


CASES = (
    Case(
        name="market",
        ours=lambda: our_order("tp-parity"),
        ccxt=("market", "sell", None, {}),
        python_binance={"side": "SELL", "type": "MARKET"},
    ),
    Case(
        name="market reduce only",
        ours=lambda: our_order("tp-parity", side=OrderSide.BUY, reduce_only=True),
        ccxt=("market", "buy", None, {"reduceOnly": True}),
        python_binance={"side": "BUY", "type": "MARKET", "reduceOnly": "true"},
    ),
    limit(TimeInForce.GTC, "GTC", "99000"),
    limit(TimeInForce.IOC, "IOC", "100100"),
    limit(TimeInForce.FOK, "FOK", "100100"),
    limit(TimeInForce.POST_ONLY, "GTX", "99000"),
    Case(
        name="stop",
        ours=lambda: our_stop(
            "tp-parity", AlgoKind.STOP_MARKET, trigger_price=Decimal(101_000), reduce_only=True
        ),
        ccxt=("STOP_MARKET", "buy", None, {"stopPrice": 101_000, "reduceOnly": True}),
        python_binance={
            "side": "BUY",
            "type": "STOP_MARKET",
            "stopPrice": "101000",
            "reduceOnly": "true",
        },
    ),
    Case(
        name="take profit",
        ours=lambda: our_stop(
            "tp-parity", AlgoKind.TAKE_PROFIT_MARKET, trigger_price=Decimal(99_000)
        ),
        ccxt=("TAKE_PROFIT_MARKET", "buy", None, {"stopPrice": 99_000}),
        python_binance={"side": "BUY", "type": "TAKE_PROFIT_MARKET", "stopPrice": "99000"},
    ),
    Case(
        name="trailing stop",
        ours=lambda: our_stop(
            "tp-parity", AlgoKind.named("TRAILING_STOP"), callback_percent=Decimal("1.5")
        ),
        ccxt=("TRAILING_STOP_MARKET", "buy", None, {"callbackRate": 1.5}),
        python_binance={"side": "BUY", "type": "TRAILING_STOP_MARKET", "callbackRate": "1.5"},
    ),
)


@pytest.fixture
async def testbed() -> AsyncIterator[TestBed]:
    async with asyncio.timeout(20), running() as found:
        yield found


def last_order(testbed: TestBed) -> SeenRequest:
    path = testbed.gateway.order_requests[-1].target.partition("?")[0]
    return testbed.last("POST", path)


async def ours(testbed: TestBed, case: Case) -> SeenRequest:
    async with our_exchange(testbed) as exchange:
        wish = case.ours()
        if isinstance(wish, Order):
            await exchange.send(wish)
        else:
            await exchange.algo.send(wish)
    return last_order(testbed)


@card("B-012")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_ccxt_sends_the_same(testbed: TestBed, case: Case) -> None:
    async with ccxt_client(testbed) as client:
        await client.create_order(M, "market", "sell", 0.02)
        mine = await ours(testbed, case)
        kind, side, price, params = case.ccxt
        await client.create_order(M, kind, side, 0.01, price, params)
    is_algo = "algo" in mine.path
    found = unlisted(mine, last_order(testbed), client="ccxt", conditional=is_algo)
    no_difference("binance", found)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_python_binance_sends_the_same(testbed: TestBed, case: Case) -> None:
    async with python_binance(testbed) as client:
        await client.futures_create_order(
            symbol="BTCUSDT", side="SELL", type="MARKET", quantity="0.02"
        )
        mine = await ours(testbed, case)
        wish = {"symbol": "BTCUSDT", "quantity": "0.01", **case.python_binance}
        await client.futures_create_order(**wish)
    is_algo = "algo" in mine.path
    theirs = last_order(testbed)
    found = unlisted(mine, theirs, client="python-binance", conditional=is_algo)
    no_difference("binance", found)


def test_an_unlisted_difference_is_found() -> None:
    mine = SeenRequest(method="POST", path="/a", params={"side": "BUY", "quantity": "1.0"})
    theirs = SeenRequest(method="POST", path="/a", params={"side": "SELL", "quantity": "1"})
    assert unlisted(mine, theirs, client="ccxt", conditional=False) == [
        "side: 'BUY' against 'SELL'"
    ]


def test_every_difference_has_its_reason() -> None:
    assert all(row.reason for row in DIFFERENCES)
