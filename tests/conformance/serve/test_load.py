"""A thousand mixed requests from each client, limits off: every answer valid for the client.

The simulator runs as ``tporder simulator serve`` in a process of its own, all four clients at once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import ccxt.pro
import upbit

from tests.conformance.counting import CALLS
from tests.conformance.serve.served import (
    Client,
    Served,
    ccxt_binance,
    ccxt_upbit,
    python_binance,
    serving,
    upbit_sdk,
)

CALLS_EACH = 1_000  # each is at least one request
AT_ONCE = 4
LIMIT_S = 240.0
KRW_PAIR, UPBIT_MARKET = "BTC/KRW", "KRW-BTC"
PERPETUAL, SYMBOL = "BTC/USDT:USDT", "BTCUSDT"
LIMIT_KRW, LIMIT_USDT = 50_000_000, 60_000  # far below the market

Call = Callable[[], Awaitable[object]]
Menu = Callable[[int], tuple[Call, ...]]


def of_ccxt_upbit(client: Client) -> Menu:
    async def rest_and_cancel(number: int) -> None:
        named = {"clientOrderId": f"ccxt-{number}"}
        placed = await client.create_order(KRW_PAIR, "limit", "buy", 0.001, LIMIT_KRW, named)
        await client.cancel_order(placed["id"])
        with suppress(ccxt.pro.OrderNotFound):  # the cancel may have come to its end
            await client.cancel_order(placed["id"])

    return lambda number: (
        client.fetch_balance,
        lambda: client.fetch_open_orders(KRW_PAIR),
        lambda: client.fetch_closed_orders(KRW_PAIR, limit=10),
        lambda: client.fetch_order_book(KRW_PAIR),
        lambda: client.fetch_ticker(KRW_PAIR),
        lambda: client.fetch_trades(KRW_PAIR, limit=10),
        lambda: client.fetch_ohlcv(KRW_PAIR, limit=10),
        lambda: client.create_order(KRW_PAIR, "market", "buy", None, None, {"cost": 20_000}),
        lambda: client.create_order(KRW_PAIR, "market", "sell", 0.00005),
        lambda: rest_and_cancel(number),
    )


def of_upbit_sdk(client: upbit.AsyncUpbit) -> Menu:
    async def rest_and_cancel(number: int) -> None:
        name = f"sdk-{number}"
        await client.orders.create(
            market=UPBIT_MARKET,
            ord_type="limit",
            side="bid",
            price=str(LIMIT_KRW),
            volume="0.001",
            identifier=name,
        )
        await client.orders.retrieve(identifier=name)
        await client.orders.cancel(identifier=name)
        with suppress(upbit.NotFoundError):  # the cancel may have come to its end
            await client.orders.cancel(identifier=name)

    return lambda number: (
        client.accounts.list,
        lambda: client.orders.list_closed(market=UPBIT_MARKET, limit=10),
        lambda: client.orders.list_open(market=UPBIT_MARKET),
        lambda: client.orderbooks.list(markets=UPBIT_MARKET),
        lambda: client.tickers.list_by_trading_pairs(markets=UPBIT_MARKET),
        lambda: client.orders.create(
            market=UPBIT_MARKET, ord_type="market", side="ask", volume="0.00005"
        ),
        lambda: client.orders.create(
            market=UPBIT_MARKET, ord_type="best", side="bid", price="20000", time_in_force="ioc"
        ),
        lambda: rest_and_cancel(number),
    )


def of_ccxt_binance(client: Client) -> Menu:
    async def rest_and_cancel() -> None:
        placed = await client.create_order(PERPETUAL, "limit", "buy", 0.001, LIMIT_USDT)
        await client.fetch_order(placed["id"], PERPETUAL)
        await client.cancel_order(placed["id"], PERPETUAL)

    async def wait_and_cancel() -> None:
        wish = {"stopPrice": 2 * LIMIT_USDT * 2}
        placed = await client.create_order(PERPETUAL, "STOP_MARKET", "buy", 0.001, None, wish)
        await client.cancel_order(placed["id"], PERPETUAL, {"trigger": True})

    return lambda _: (
        client.fetch_balance,
        lambda: client.fetch_positions([PERPETUAL]),
        lambda: client.fetch_open_orders(PERPETUAL),
        lambda: client.fetch_orders(PERPETUAL, limit=10),
        lambda: client.fetch_my_trades(PERPETUAL, limit=10),
        lambda: client.fetch_order_book(PERPETUAL, limit=20),
        lambda: client.fetch_funding_rate(PERPETUAL),
        lambda: client.fetch_leverage(PERPETUAL),
        lambda: client.create_order(PERPETUAL, "market", "sell", 0.001),
        lambda: client.create_order(PERPETUAL, "market", "buy", 0.001),
        rest_and_cancel,
        wait_and_cancel,
    )


def of_python_binance(client: Client) -> Menu:
    btc = {"symbol": SYMBOL}
    market = {**btc, "type": "MARKET", "quantity": "0.001"}
    limit = {**btc, "type": "LIMIT", "quantity": "0.001", "timeInForce": "GTC"}

    async def rest_and_cancel() -> None:
        placed = await client.futures_create_order(**limit, side="BUY", price=str(LIMIT_USDT))
        await client.futures_cancel_order(**btc, orderId=placed["orderId"])

    return lambda _: (
        client.futures_account,
        client.futures_account_balance,
        lambda: client.futures_position_information(**btc),
        lambda: client.futures_get_open_orders(**btc),
        lambda: client.futures_get_all_orders(**btc, limit=10),
        lambda: client.futures_account_trades(**btc, limit=10),
        lambda: client.futures_orderbook_ticker(**btc),
        lambda: client.futures_mark_price(**btc),
        lambda: client.futures_create_order(**market, side="SELL"),
        lambda: client.futures_create_order(**market, side="BUY"),
        rest_and_cancel,
    )


Open = Callable[[Served], AbstractAsyncContextManager[Any]]
CLIENTS: dict[str, tuple[Open, Callable[[Any], Menu]]] = {
    "ccxt upbit": (ccxt_upbit, of_ccxt_upbit),
    "upbit-sdk": (upbit_sdk, of_upbit_sdk),
    "ccxt binanceusdm": (ccxt_binance, of_ccxt_binance),
    "python-binance": (python_binance, of_python_binance),
}


async def work(served: Served, name: str) -> None:
    """All calls of one client, some at once, chosen by a seed; any error ends it."""
    open_client, make_menu = CLIENTS[name]
    random = Random(name)  # noqa: S311 - a seed replays a run
    async with open_client(served) as client:
        menu = make_menu(client)
        numbers = iter(range(CALLS_EACH))

        async def go_on() -> None:
            for number in numbers:
                await random.choice(menu(number))()

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(go_on())


async def test_every_client_works_through_a_thousand_mixed_requests(tmp_path: Path) -> None:
    async with serving(tmp_path, "--no-limits", "--bar-seconds", "600") as served:
        async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
            for name in CLIENTS:
                group.create_task(work(served, name))
        counts = await served.control("/counts")
        state = await served.control("/state")
    for venue in ("upbit", "binance"):
        assert counts[venue]["requests"] >= 2 * CALLS_EACH
    # Nothing but good answers, and cancels of what had ended already.
    assert set(counts["upbit"]["outcomes"]) <= {"200", "201", "404"}
    assert set(counts["binance"]["outcomes"]) == {"200"}
    balances = state["upbit"]["balances"].values()
    assert all(Decimal(amount) >= 0 for row in balances for amount in row.values())
    assert {order["status"] for order in state["binance"]["orders"]} <= {"FILLED", "CANCELED"}
    for name in CLIENTS:
        CALLS[name] += CALLS_EACH
