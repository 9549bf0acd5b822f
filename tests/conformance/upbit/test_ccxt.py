"""ccxt, unmodified, against the simulated Upbit: start-up, every order type, lists, streams."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from tests.conformance.upbit.card import holds
from tests.conformance.upbit.fixture import Ccxt, UpbitFixture, open_fixture, until
from tests.fakes.bars import bar

SYMBOL = "BTC/KRW"
FAR_BELOW = 100_000_000


@pytest.fixture
async def fixture() -> AsyncIterator[UpbitFixture]:
    async with open_fixture() as one:
        yield one


@pytest.fixture
async def ccxt(fixture: UpbitFixture) -> AsyncIterator[Ccxt]:
    client = fixture.ccxt()
    yield client
    await client.close()


async def buy(ccxt: Ccxt, identifier: str, price: float, volume: float, **params: object) -> Ccxt:
    named = {"clientOrderId": identifier, **params}
    return await ccxt.create_order(SYMBOL, "limit", "buy", volume, price, named)


async def best_ask(ccxt: Ccxt) -> tuple[float, float]:
    book = await ccxt.fetch_order_book(SYMBOL)
    price, volume = book["asks"][0]
    return price, volume


async def test_start_up_and_everything_one_may_look_at(fixture: UpbitFixture, ccxt: Ccxt) -> None:
    fixture.venue.deposit("KRW", Decimal(5_000))
    fixture.venue.withdraw("BTC", Decimal("0.1"))
    assert set(await ccxt.load_markets()) == {SYMBOL, "USDT/KRW"}
    assert (await ccxt.fetch_balance())["total"] == {"KRW": 100_005_000.0, "BTC": 0.4}
    assert (await ccxt.fetch_ticker(SYMBOL))["last"] == 140_000_000
    assert set(await ccxt.fetch_tickers()) == {SYMBOL, "USDT/KRW"}
    assert len((await ccxt.fetch_order_book(SYMBOL))["bids"]) == 30
    assert {trade["symbol"] for trade in await ccxt.fetch_trades(SYMBOL, limit=5)} == {SYMBOL}
    for timeframe in ("1s", "1m", "4h", "1d", "1w"):
        candle = (await ccxt.fetch_ohlcv(SYMBOL, timeframe))[-1]
        assert candle[4] == 140_000_000, timeframe
    assert (await ccxt.fetch_trading_fee(SYMBOL))["taker"] == 0.0005
    assert [row["amount"] for row in await ccxt.fetch_deposits()] == [5_000]
    assert [row["amount"] for row in await ccxt.fetch_withdrawals()] == [0.1]


@holds("U-001", "U-002", "U-003")
async def test_market_buy_ends_cancelled_though_filled(ccxt: Ccxt) -> None:
    placed = await ccxt.create_order(
        SYMBOL, "market", "buy", None, None, {"cost": 10_000, "clientOrderId": "buy-1"}
    )
    assert placed["status"] == "open"
    assert placed["filled"] == 0
    seen = await ccxt.fetch_order(placed["id"])
    assert seen["info"]["state"] == "cancel"
    assert seen["clientOrderId"] == "buy-1"
    assert seen["status"] == "canceled"
    assert seen["info"]["executed_volume"] == "0.00007142"
    assert Decimal(seen["info"]["paid_fee"]) == Decimal("4.99968568")
    assert Decimal(seen["info"]["trades"][0]["funds"]) < 10_000


@holds("U-004")
async def test_market_sell_ends_done(ccxt: Ccxt) -> None:
    placed = await ccxt.create_order(SYMBOL, "market", "sell", 0.001)
    seen = await ccxt.fetch_order(placed["id"])
    assert (seen["status"], seen["filled"]) == ("closed", 0.001)


@holds("U-005")
async def test_limit_rests_partly_filled_and_ends_by_cancel(
    fixture: UpbitFixture, ccxt: Ccxt
) -> None:
    price, volume = await best_ask(ccxt)
    placed = await buy(ccxt, "limit-1", price, volume + 0.01)
    seen = await ccxt.fetch_order(placed["id"])
    assert (seen["status"], seen["filled"], seen["remaining"]) == ("open", volume, 0.01)
    assert [row["id"] for row in await ccxt.fetch_open_orders(SYMBOL)] == [placed["id"]]
    cancelled = await ccxt.cancel_order(placed["id"])
    assert cancelled["status"] == "open"
    await until(fixture.world.idle)
    seen = await ccxt.fetch_order(placed["id"])
    assert (seen["status"], seen["filled"]) == ("canceled", volume)
    assert await ccxt.fetch_open_orders(SYMBOL) == []
    assert [row["id"] for row in await ccxt.fetch_canceled_orders(SYMBOL)] == [placed["id"]]
    assert await ccxt.fetch_closed_orders(SYMBOL) == []


async def test_resting_limit_fills_when_the_market_comes(fixture: UpbitFixture, ccxt: Ccxt) -> None:
    placed = await buy(ccxt, "limit-2", 139_900_000, 0.001)
    fixture.world.step([("BTC", bar(1, price_usdt="99900"))])
    seen = await ccxt.fetch_order(placed["id"])
    assert (seen["status"], seen["filled"]) == ("closed", 0.001)
    assert [row["id"] for row in await ccxt.fetch_closed_orders(SYMBOL)] == [placed["id"]]


@holds("U-006", "U-007", "U-008")
@pytest.mark.parametrize(
    ("force", "beyond", "state", "is_filled"),
    [
        ("IOC", 0.01, "cancel", True),
        ("FOK", 0.01, "cancel", False),
        ("FOK", -0.01, "done", True),
        ("PO", 0.01, "cancel", False),
    ],
)
async def test_limit_with_time_in_force(
    ccxt: Ccxt, force: str, beyond: float, state: str, *, is_filled: bool
) -> None:
    price, volume = await best_ask(ccxt)
    placed = await buy(ccxt, "force", price, volume + beyond, timeInForce=force)
    seen = await ccxt.fetch_order(placed["id"])
    assert seen["info"]["state"] == state
    assert (seen["filled"] > 0) is is_filled


async def test_post_only_rests_away_from_the_market(ccxt: Ccxt) -> None:
    placed = await buy(ccxt, "maker", FAR_BELOW, 0.001, postOnly=True)
    assert (await ccxt.fetch_order(placed["id"]))["status"] == "open"


@holds("U-009", "U-010")
@pytest.mark.parametrize("force", ["IOC", "FOK"])
@pytest.mark.parametrize("side", ["buy", "sell"])
async def test_best_takes_only_the_best_price(ccxt: Ccxt, side: str, force: str) -> None:
    book = await ccxt.fetch_order_book(SYMBOL)
    price, volume = book["asks" if side == "buy" else "bids"][0]
    beyond = volume + 0.01
    params: dict[str, Any] = {"ordType": "best", "timeInForce": force}
    amount = None if side == "buy" else beyond
    if side == "buy":
        params["cost"] = round(beyond * price)
    placed = await ccxt.create_order(SYMBOL, "market", side, amount, None, params)
    seen = await ccxt.fetch_order(placed["id"])
    assert seen["info"]["ord_type"] == "best"
    assert seen["info"]["state"] == "cancel"
    assert seen["filled"] == (volume if force == "IOC" else 0)
    assert {trade["price"] for trade in seen["trades"]} <= {price}


async def test_order_test_places_nothing(fixture: UpbitFixture, ccxt: Ccxt) -> None:
    await buy(ccxt, "only-a-test", FAR_BELOW, 0.001, test=True)
    assert fixture.orders() == []


@holds("U-011")
async def test_edit_cancels_and_then_places(fixture: UpbitFixture, ccxt: Ccxt) -> None:
    old = await buy(ccxt, "old", FAR_BELOW, 0.001)
    edited = await ccxt.edit_order(
        old["id"], SYMBOL, "limit", "buy", 0.002, FAR_BELOW, {"newClientOrderId": "new"}
    )
    assert edited["clientOrderId"] == "new"
    await until(lambda: len(fixture.orders()) == 2)
    seen = await ccxt.fetch_order(edited["id"])
    assert (seen["status"], seen["amount"], seen["clientOrderId"]) == ("open", 0.002, "new")
    assert (await ccxt.fetch_order(old["id"]))["status"] == "canceled"


@holds("U-011")
async def test_edit_of_an_order_that_fills_meanwhile_places_nothing(
    fixture: UpbitFixture, ccxt: Ccxt
) -> None:
    old = await buy(ccxt, "old", FAR_BELOW, 0.001)
    request = ccxt.edit_order(old["id"], SYMBOL, "limit", "buy", 0.002, FAR_BELOW)
    editing = asyncio.create_task(request)
    await until(lambda: any("cancel_and_new" in seen.target for seen in fixture.gateway.requests))
    fixture.world.step([("BTC", bar(1, price_usdt="60000"))])
    await editing
    await until(fixture.world.idle)
    assert [row["state"] for row in fixture.orders()] == ["done"]


@holds("U-012", "U-013")
async def test_streams_tell_orders_balances_and_books(fixture: UpbitFixture, ccxt: Ccxt) -> None:
    await ccxt.load_markets()
    seen: list[dict[str, Any]] = []

    async def watch_orders() -> None:
        while True:
            seen.extend(dict(row["info"]) for row in await ccxt.watch_orders())

    async def watch_balance() -> None:
        while True:
            await ccxt.watch_balance()

    tasks = [asyncio.create_task(watch_orders()), asyncio.create_task(watch_balance())]
    book = await ccxt.watch_order_book(SYMBOL)
    assert book["asks"][0][0] == 140_008_000
    assert (await ccxt.watch_ticker(SYMBOL))["last"] == 140_000_000
    assert (await ccxt.watch_trades(SYMBOL))[-1]["price"] == 140_000_000
    assert (await ccxt.watch_ohlcv(SYMBOL, "1s"))[4] == 140_000_000
    await until(lambda: fixture.heard_by_private_streams() == {"myOrder", "myAsset"})
    await ccxt.create_order(SYMBOL, "market", "sell", 0.001)
    await until(lambda: [row["state"] for row in seen][-1:] == ["done"])
    await until(lambda: ccxt.balance.get("BTC", {}).get("free") == 0.499)
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
