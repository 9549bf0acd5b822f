"""Listen keys, addresses, ends of connections, and what the private events tell in which order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

from tests.conformance.binance.bench import Bench, S, in_virtual_time, kinds, until
from tests.conformance.binance.cards import card
from trading_platform_order.domain.order import OrderSide, OrderType
from trading_platform_order.exchanges.port.stream_events import (
    OrderUpdate,
    PrivateEvent,
    StreamDown,
)

KEY = "/fapi/v1/listenKey"


@asynccontextmanager
async def our_stream(bench: Bench) -> AsyncIterator[list[PrivateEvent]]:
    events: list[PrivateEvent] = []
    stream = asyncio.ensure_future(bench.exchange.run_private_stream(events.append))
    await until(lambda: "StreamUp" in kinds(events))
    try:
        yield events
    finally:
        stream.cancel()


@card("B-068")
@in_virtual_time
async def test_an_account_has_one_stream_key_and_asking_again_extends_it(bench: Bench) -> None:
    first = (await bench.ask("POST", KEY)).body["listenKey"]
    await asyncio.sleep(3_000)
    assert (await bench.ask("POST", KEY)).body["listenKey"] == first
    await asyncio.sleep(3_000)
    assert (await bench.ask("PUT", KEY)).body["listenKey"] == first
    await asyncio.sleep(3_700)
    assert (await bench.ask("PUT", KEY)).code == -1125
    assert (await bench.ask("POST", KEY)).body["listenKey"] != first


@card("B-069")
@in_virtual_time
async def test_an_expired_key_leaves_the_socket_open_and_silent(bench: Bench) -> None:
    ear = await bench.private()
    bench.venue.expire_listen_key()
    (last,) = await ear.listen_on()
    assert last["e"] == "listenKeyExpired"
    await bench.order()
    assert await ear.listen_on(600) == []
    assert not await ear.ends_within(1)


@card("B-070")
@in_virtual_time
async def test_our_stream_gets_a_new_key_when_the_old_one_ends(bench: Bench) -> None:
    async with our_stream(bench) as events:
        bench.venue.expire_listen_key()
        await until(lambda: kinds(events).count("StreamUp") == 2)
        (down,) = [event for event in events if isinstance(event, StreamDown)]
        assert "key has expired" in down.reason
        await bench.exchange.send(bench.ours("tp-1"))
        await until(lambda: "OrderUpdate" in kinds(events))


@card("B-071")
@in_virtual_time
async def test_user_data_comes_on_the_private_path_only(bench: Bench) -> None:
    key = (await bench.ask("POST", KEY)).body["listenKey"]
    ears = [
        await bench.listen(path)
        for path in (f"/ws/{key}", f"/public/ws/{key}", "/private/ws?listenKey=bogus")
    ]
    right = await bench.listen(f"/private/ws/{key}")
    await bench.order()
    assert [await ear.listen_on() for ear in ears] == [[], [], []]
    assert await right.listen_on() != []


@card("B-072")
@in_virtual_time
async def test_a_connection_is_closed_after_a_day_and_ours_comes_back(bench: Bench) -> None:
    ear = await bench.listen("/public/ws/btcusdt@bookTicker")
    async with our_stream(bench) as events:
        await asyncio.sleep(86_300)
        before, after = await ear.ends_within(0.5), await ear.ends_within(200)
        assert (before, after) == (False, True)
        await asyncio.sleep(10)
        assert kinds(events).count("StreamUp") == 2
        assert "StreamDown" in kinds(events)


@card("B-073")
@in_virtual_time
async def test_a_fill_is_told_lite_then_booked_then_whole(bench: Bench) -> None:
    ear = await bench.private()
    async with our_stream(bench) as events:
        ours = bench.ours("tp-1", quantity=Decimal("0.01"))
        await bench.exchange.send(ours)
        told = await ear.listen_on()
    assert [event["e"] for event in told] == [
        "ORDER_TRADE_UPDATE",
        "TRADE_LITE",
        "ACCOUNT_UPDATE",
        "ORDER_TRADE_UPDATE",
    ]
    new, lite, full = told[0]["o"], told[1], told[3]["o"]
    assert (new["x"], new["t"], new["X"]) == ("NEW", 0, "NEW")
    assert {"n", "N", "X", "rp"}.isdisjoint(lite)
    assert (full["x"], full["X"]) == ("TRADE", "FILLED")
    assert (lite["t"], lite["l"]) == (full["t"], full["l"])
    assert Decimal(lite["L"]) == Decimal(full["L"])
    # Our adapter counts the trade once, with its fee.
    fills = [fill for e in events if isinstance(e, OrderUpdate) for fill in e.report.fills]
    assert [(fill.trade_id, str(fill.fee)) for fill in fills] == [(str(full["t"]), full["n"])]


@card("B-074")
@in_virtual_time
async def test_each_fill_tells_its_own_fee_and_the_amount_so_far(bench: Bench) -> None:
    ear = await bench.private()
    book = (await bench.ask("GET", "/fapi/v1/depth", symbol=S, limit=5)).body
    more = Decimal(book["bids"][0][1]) + Decimal("0.5")
    await bench.order("SELL", str(more))
    trades = [e["o"] for e in await ear.listen_on() if e.get("o", {}).get("x") == "TRADE"]
    assert len(trades) == 2
    assert [row["X"] for row in trades] == ["PARTIALLY_FILLED", "FILLED"]
    assert sum(Decimal(row["l"]) for row in trades) == more == Decimal(trades[-1]["z"])
    for row in trades:
        value = Decimal(row["l"]) * Decimal(row["L"])
        assert Decimal(row["n"]) == (value * Decimal("0.0005")).quantize(Decimal("1e-8"))
    assert len({row["t"] for row in trades}) == 2


@card("B-075")
@in_virtual_time
async def test_an_order_that_neither_fills_nor_pays_moves_no_account(bench: Bench) -> None:
    ear = await bench.private()
    resting = bench.ours("tp-1", side=OrderSide.BUY, type=OrderType.LIMIT, price=Decimal(99_000))
    await bench.exchange.send(resting)
    await bench.exchange.cancel(resting)
    assert {event["e"] for event in await ear.listen_on()} == {"ORDER_TRADE_UPDATE"}


@card("B-076")
@in_virtual_time
async def test_a_private_stream_repeats_nothing_after_a_gap(bench: Bench) -> None:
    ear = await bench.private()
    await ear.listen_on()
    bench.arm('{"kind":"cut_stream"}')
    assert await ear.ends_within(1)
    await bench.order(newClientOrderId="tp-1")
    again = await bench.private()
    assert await again.listen_on() == []


@card("B-077")
@in_virtual_time
async def test_the_settings_an_operator_changes_are_told(bench: Bench) -> None:
    ear = await bench.private()
    await bench.ask("POST", "/fapi/v1/leverage", symbol=S, leverage=3)
    await bench.ask("POST", "/fapi/v1/multiAssetsMargin", multiAssetsMargin="true")
    told = await ear.listen_on()
    assert [event["e"] for event in told] == ["ACCOUNT_CONFIG_UPDATE"] * 2
    assert told[0]["ac"] == {"s": S, "l": 3}
    assert told[1]["ai"] == {"j": True}


@card("B-078")
@in_virtual_time
async def test_events_can_be_chosen_by_name(bench: Bench) -> None:
    key = (await bench.ask("POST", KEY)).body["listenKey"]
    ear = await bench.listen(f"/private/ws?listenKey={key}&events=TRADE_LITE")
    await bench.order()
    assert {event["e"] for event in await ear.listen_on()} == {"TRADE_LITE"}


@card("B-079")
@in_virtual_time
async def test_best_and_mark_prices_come_on_paths_of_their_own(bench: Bench) -> None:
    for wrong in ("/market/ws/btcusdt@bookTicker", "/public/ws/btcusdt@markPrice@1s"):
        ear = await bench.listen(wrong)
        bench.tick("100001")
        assert await ear.listen_on() == []
    best = await bench.listen("/public/ws/btcusdt@bookTicker")
    mark = await bench.listen("/market/ws/btcusdt@markPrice@1s")
    bench.tick("100001")
    prices = (await best.listen_on())[-1]
    assert (prices["e"], prices["s"]) == ("bookTicker", S)
    assert Decimal(prices["b"]) < Decimal(prices["a"])
    marked = (await mark.listen_on())[-1]
    assert (marked["e"], marked["p"], marked["r"]) == ("markPriceUpdate", "100001", "0.0001")
    assert datetime.fromtimestamp(marked["T"] / 1000, tz=UTC).hour % 8 == 0
