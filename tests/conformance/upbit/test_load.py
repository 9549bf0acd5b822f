"""A thousand mixed requests from each client, limits raised: every answer valid for the client."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from decimal import Decimal
from random import Random

import ccxt.pro
import upbit

from tests.conformance.upbit.desk import Ccxt, Desk, open_desk

MARKET, SYMBOL = "KRW-BTC", "BTC/KRW"
REQUESTS = 1_000
AT_ONCE = 8
LIMIT_S = 60.0
SEED = 7

Call = Callable[[], Awaitable[object]]


async def all_made(make: Callable[[int], Call]) -> None:
    numbers = iter(range(REQUESTS))

    async def work() -> None:
        for number in numbers:
            await make(number)()

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(work())


def of_ccxt(client: Ccxt) -> Callable[[int], Call]:
    random = Random(SEED)  # noqa: S311 - a seed replays a run

    async def rest_and_cancel(number: int) -> None:
        named = {"clientOrderId": f"ccxt-{number}"}
        placed = await client.create_order(SYMBOL, "limit", "buy", 0.001, 100_000_000, named)
        await client.cancel_order(placed["id"])
        with suppress(ccxt.pro.OrderNotFound):  # the cancel may have come to its end
            await client.cancel_order(placed["id"])

    def make(number: int) -> Call:
        calls: tuple[Call, ...] = (
            client.fetch_balance,
            lambda: client.fetch_open_orders(SYMBOL),
            lambda: client.fetch_closed_orders(SYMBOL),
            lambda: client.fetch_order_book(SYMBOL),
            lambda: client.fetch_ticker(SYMBOL),
            lambda: client.fetch_trades(SYMBOL),
            lambda: client.create_order(SYMBOL, "market", "buy", None, None, {"cost": 5_000}),
            lambda: client.create_order(SYMBOL, "market", "sell", 0.0001),
            lambda: rest_and_cancel(number),
        )
        return random.choice(calls)

    return make


def of_sdk(client: upbit.AsyncUpbit) -> Callable[[int], Call]:
    random = Random(SEED)  # noqa: S311 - a seed replays a run

    async def rest_and_cancel(number: int) -> None:
        name = f"sdk-{number}"
        await client.orders.create(
            market=MARKET,
            ord_type="limit",
            side="bid",
            price="100000000",
            volume="0.001",
            identifier=name,
        )
        await client.orders.cancel(identifier=name)
        with suppress(upbit.NotFoundError):  # the cancel may have come to its end
            await client.orders.cancel(identifier=name)

    def make(number: int) -> Call:
        calls: tuple[Call, ...] = (
            client.accounts.list,
            lambda: client.orders.list_closed(market=MARKET, limit=10),
            lambda: client.orderbooks.list(markets=MARKET),
            lambda: client.tickers.list_by_trading_pairs(markets=MARKET),
            lambda: client.orders.create(
                market=MARKET, ord_type="market", side="ask", volume="0.0001"
            ),
            lambda: client.orders.create(
                market=MARKET, ord_type="best", side="bid", price="5000", time_in_force="ioc"
            ),
            lambda: rest_and_cancel(number),
        )
        return random.choice(calls)

    return make


async def test_ccxt() -> None:
    async with open_desk(limit_s=LIMIT_S) as desk:
        client = desk.ccxt()
        try:
            await client.load_markets()
            await all_made(of_ccxt(client))
        finally:
            await client.close()
        check(desk)


async def test_sdk() -> None:
    async with open_desk(limit_s=LIMIT_S) as desk, desk.sdk() as client:
        await all_made(of_sdk(client))
        check(desk)


def check(desk: Desk) -> None:
    """Enough was asked, no answer was a failure, and the books still add up."""
    assert desk.gateway.requests_seen >= REQUESTS
    outcomes = {seen.outcome for seen in desk.gateway.requests}
    assert outcomes <= {"200", "201", "404"}
    balances = desk.venue.state()["balances"].values()
    assert all(Decimal(row["locked"]) >= 0 for row in balances)
    assert all(total >= 0 for total in desk.venue.totals.values())
