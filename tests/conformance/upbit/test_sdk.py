"""The official SDK, unmodified, against the simulated Upbit."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import upbit
from upbit.types import Order

from exchange_simulator.upbit.requests.limits import LIMITS_PER_S
from tests.conformance.upbit.card import holds
from tests.conformance.upbit.fixture import Setting, UpbitFixture, open_fixture, until
from tests.fakes.bars import START, bar

MARKET = "KRW-BTC"
FAR_BELOW = "100000000"


@pytest.fixture
async def fixture() -> AsyncIterator[UpbitFixture]:
    async with open_fixture() as one:
        yield one


@pytest.fixture
async def sdk(fixture: UpbitFixture) -> AsyncIterator[upbit.AsyncUpbit]:
    async with fixture.sdk() as client:
        yield client


async def limit(sdk: upbit.AsyncUpbit, identifier: str, **fields: Setting) -> Order:
    asked: dict[str, Setting] = {"side": "bid", "price": FAR_BELOW, "volume": "0.001"} | fields
    return await sdk.orders.create(market=MARKET, ord_type="limit", identifier=identifier, **asked)


async def test_everything_one_may_look_at(fixture: UpbitFixture, sdk: upbit.AsyncUpbit) -> None:
    fixture.venue.deposit("KRW", Decimal(5_000))
    fixture.venue.deposit("BTC", Decimal("0.1"))
    fixture.venue.withdraw("BTC", Decimal("0.1"))
    pairs = await sdk.trading_pairs.list(is_details=True)
    assert [pair.market for pair in pairs] == [MARKET, "KRW-USDT"]
    assert [row.currency for row in await sdk.accounts.list()] == ["KRW", "BTC"]
    assert len(await sdk.api_keys.list()) == 1
    assert {row.wallet_state for row in await sdk.wallet_status.list()} == {"working"}
    assert (await sdk.orderbooks.list_instruments(markets=MARKET))[0].tick_size == "1000"
    grouped = await sdk.orderbooks.list(markets=MARKET, level="100000", count=5)
    assert {unit.bid_price for unit in grouped[0].orderbook_units} <= {"140000000", "139900000"}
    assert (await sdk.tickers.list_by_trading_pairs(markets=MARKET))[0].market == MARKET
    assert len(await sdk.tickers.list_by_quote_currencies(quote_currencies="KRW")) == 2
    assert len(await sdk.trades.list(market=MARKET, count=2)) == 2
    assert (await sdk.candles.list_seconds(market=MARKET))[0].market == MARKET
    assert (await sdk.candles.list_minutes(5, market=MARKET))[0].unit == 5
    assert (await sdk.candles.list_days(market=MARKET))[0].market == MARKET
    for period in (
        await sdk.candles.list_weeks(market=MARKET),
        await sdk.candles.list_months(market=MARKET),
        await sdk.candles.list_years(market=MARKET),
    ):
        assert period[0].trade_price == "140000000"
    assert (await sdk.orders.retrieve_chance(market=MARKET)).bid_fee == "0.0005"
    # Its pages go on until one is empty.
    assert [row.amount async for row in sdk.deposits.list(limit=1)] == ["0.1", "5000"]
    assert [row.state async for row in sdk.withdraws.list()] == ["DONE"]


@holds("U-014")
@pytest.mark.parametrize(
    ("asked", "state", "is_filled"),
    [
        ({"ord_type": "price", "side": "bid", "price": "10000"}, "cancel", True),
        ({"ord_type": "market", "side": "ask", "volume": "0.001"}, "done", True),
        ({"ord_type": "limit", "side": "ask", "price": "140000000", "volume": "0.001"}, "done", 1),
        (
            {
                "ord_type": "limit",
                "side": "bid",
                "price": "140008000",
                "volume": "0.1",
                "time_in_force": "fok",
            },
            "cancel",
            False,
        ),
        (
            {
                "ord_type": "limit",
                "side": "bid",
                "price": "140008000",
                "volume": "0.1",
                "time_in_force": "ioc",
                "smp_type": "cancel_taker",
            },
            "cancel",
            True,
        ),
        (
            {
                "ord_type": "limit",
                "side": "ask",
                "price": "140000000",
                "volume": "0.1",
                "time_in_force": "post_only",
            },
            "cancel",
            False,
        ),
        (
            {"ord_type": "best", "side": "bid", "price": "10000", "time_in_force": "ioc"},
            "cancel",
            True,
        ),
        ({"ord_type": "best", "side": "ask", "volume": "0.001", "time_in_force": "fok"}, "done", 1),
    ],
)
async def test_order_types(
    sdk: upbit.AsyncUpbit, asked: dict[str, Any], state: str, *, is_filled: bool
) -> None:
    placed = await sdk.orders.create(market=MARKET, identifier="one", **asked)
    assert (placed.state, placed.executed_volume) == ("wait", "0")
    seen = await sdk.orders.retrieve(identifier="one")
    assert (seen.uuid, seen.state) == (placed.uuid, state)
    assert (Decimal(seen.executed_volume) > 0) is bool(is_filled)
    assert seen.smp_type == asked.get(
        "smp_type", "none" if asked.get("time_in_force") == "post_only" else "cancel_maker"
    )


@holds("U-015")
async def test_queries_by_uuid_and_identifier(fixture: UpbitFixture, sdk: upbit.AsyncUpbit) -> None:
    first, second = await limit(sdk, "one"), await limit(sdk, "two")
    assert (await sdk.orders.retrieve(uuid=first.uuid)).identifier == "one"
    by_ids = await sdk.orders.list_by_uuids(identifiers=["one", "two"], order_by="asc")
    assert [row.uuid for row in by_ids] == [first.uuid, second.uuid]
    assert len([row async for row in sdk.orders.list_open(states=["wait", "watch"], limit=1)]) == 2
    cancelled = await sdk.orders.cancel(identifier="one")
    assert cancelled.state == "wait"
    await until(fixture.world.idle)
    closed = await sdk.orders.list_closed(
        market=MARKET,
        states=["done", "cancel"],
        start_time=START.isoformat(),
        end_time=(START + timedelta(days=1)).isoformat(),
    )
    assert [(row.identifier, row.state) for row in closed] == [("one", "cancel")]
    await sdk.orders.cancel(uuid=second.uuid)
    await until(fixture.world.idle)
    assert [row["state"] for row in fixture.orders()] == ["cancel", "cancel"]


@holds("U-016")
async def test_batch_cancels_and_replacing(fixture: UpbitFixture, sdk: upbit.AsyncUpbit) -> None:
    for name in ("a", "b", "c", "d"):
        await limit(sdk, name)
    answer = await sdk.orders.cancel_by_uuids(identifiers=["a", "never-was"])
    assert [row.identifier for row in answer.success.orders] == ["a"]
    assert answer.failed.count == 1
    replaced = await sdk.orders.cancel_and_new(
        prev_order_identifier="b",
        new_ord_type="limit",
        new_price="100001000",
        new_volume="remain_only",
        new_identifier="b2",
    )
    assert replaced.state == "wait"
    await until(fixture.world.idle)
    assert (await sdk.orders.retrieve(identifier="b2")).volume == "0.001"
    everything = await sdk.orders.cancel_open(cancel_side="bid", count=2)
    assert [row.identifier for row in everything.success.orders] == ["b2", "d"]
    await until(fixture.world.idle)
    assert [row["identifier"] for row in fixture.orders() if row["state"] == "wait"] == ["c"]


async def test_order_test_places_nothing(fixture: UpbitFixture, sdk: upbit.AsyncUpbit) -> None:
    tested = await sdk.orders.test_create(
        market=MARKET, ord_type="limit", side="bid", price=FAR_BELOW, volume="0.001"
    )
    assert tested.locked == "100050"
    assert fixture.orders() == []


@holds("U-017", "U-018")
@pytest.mark.parametrize("form", ["DEFAULT", "SIMPLE", "JSON_LIST", "SIMPLE_LIST"])
async def test_private_streams(fixture: UpbitFixture, sdk: upbit.AsyncUpbit, form: Setting) -> None:
    async with sdk.ws_stream.subscribe_private(my_order=[], my_asset=True, format=form) as told:
        await until(lambda: fixture.heard_by_private_streams() == {"myOrder", "myAsset"})
        await sdk.orders.create(market=MARKET, ord_type="market", side="ask", volume="0.001")
        states: list[str] = []
        assets = 0
        while states[-1:] != ["done"] or assets < 2:
            event = await told.recv()
            one = event[0] if isinstance(event, list) else event
            if "Order" in type(one).__name__:
                states.append(one.s if "Simple" in type(one).__name__ else one.state)
            else:
                assets += 1
    assert states == ["wait", "trade", "done"]


async def test_public_streams(fixture: UpbitFixture, sdk: upbit.AsyncUpbit) -> None:
    async with sdk.ws_stream.subscribe(
        ticker=[MARKET], trade=[MARKET], orderbook=[f"{MARKET}.5"], candle={"1s": [MARKET]}
    ) as told:
        kinds = {(await told.recv()).type for _ in range(4)}
        assert kinds == {"ticker", "trade", "orderbook", "candle.1s"}
        fixture.world.step([("BTC", bar(1))])
        again = [await told.recv() for _ in range(4)]
        assert {event.stream_type for event in again} == {"REALTIME"}


@holds("U-019")
async def test_reduce_prevents_trading_with_oneself(
    fixture: UpbitFixture, sdk: upbit.AsyncUpbit
) -> None:
    resting = await limit(sdk, "resting", price="140000000", volume="0.002")
    taker = await limit(
        sdk, "taker", side="ask", price="140000000", volume="0.0015", smp_type="reduce"
    )
    seen = await sdk.orders.retrieve(uuid=taker.uuid)
    assert (seen.state, seen.prevented_volume, seen.executed_volume) == ("cancel", "0.0015", "0")
    assert seen.prevented_locked == "0.0015"
    maker = await sdk.orders.retrieve(uuid=resting.uuid)
    assert (maker.state, maker.remaining_volume) == ("wait", "0.0005")
    await sdk.orders.cancel(uuid=resting.uuid)
    await until(fixture.world.idle)
    balances = fixture.venue.state()["balances"]
    assert {row["locked"] for row in balances.values()} == {"0"}
    assert balances["KRW"]["available"] == "100000000"


@holds("U-020")
async def test_answers_of_before_the_change_of_november(
    fixture: UpbitFixture, sdk: upbit.AsyncUpbit
) -> None:
    fixture.venue.rules.has_default_smp = False
    placed = await limit(sdk, "old")
    assert placed.smp_type is None
    assert "smp_type" not in placed.model_dump(exclude_unset=True)
    with pytest.raises(upbit.BadRequestError):
        await limit(sdk, "unknown", smp_type="none")


async def test_the_blocking_client(fixture: UpbitFixture) -> None:
    def trade() -> str:
        with fixture.sync_sdk() as client:
            client.orders.create(market=MARKET, ord_type="price", side="bid", price="10000")
            found = client.orders.list_closed(market=MARKET, states=["done", "cancel"])
            return found[0].executed_volume

    assert await asyncio.to_thread(trade) == "0.00007142"


def test_the_limits_are_those_of_the_documentation() -> None:
    assert LIMITS_PER_S["order"] == 12
    assert LIMITS_PER_S["default"] == 30
