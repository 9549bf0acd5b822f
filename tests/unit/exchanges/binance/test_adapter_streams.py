"""Binance's private and market streams."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from tests.unit.exchanges.binance.fakes import FakeConnection, Rig, error, ok
from trading_platform_order.domain.market import Book, FxRate, Level
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Balance, OrderSide, OrderType
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.binance.market import market_stream
from trading_platform_order.exchanges.binance.orders.algo import AlgoReport
from trading_platform_order.exchanges.binance.requests.answers import Failure, decode
from trading_platform_order.exchanges.binance.requests.errors import read_error
from trading_platform_order.exchanges.binance.requests.wire import OrderWire
from trading_platform_order.exchanges.binance.streams import private_stream
from trading_platform_order.exchanges.port.stream_events import (
    BalancesChanged,
    FundingSettled,
    OrderUpdate,
    PrivateEvent,
    StreamDown,
    StreamUp,
)
from trading_platform_order.exchanges.rows import OurSymbols
from trading_platform_order.transport.http import HttpResponse

KEY = "/fapi/v1/listenKey"


def order_event(**changes: object) -> dict[str, object]:
    """The documented sample; ``changes`` are fields of ``o``."""
    body: dict[str, object] = {
        "s": "BTCUSDT",
        "c": "TEST",
        "S": "SELL",
        "o": "LIMIT",
        "f": "GTC",
        "q": "0.001",
        "p": "9910",
        "ap": "0",
        "sp": "0",
        "x": "NEW",
        "X": "NEW",
        "i": 8886774,
        "l": "0",
        "z": "0",
        "L": "0",
        "N": "USDT",
        "n": "0",
        "T": 1568879465650,
        "t": 0,
        "b": "0",
        "a": "9.91",
        "m": False,
        "R": False,
        "rp": "0",
        "er": "0",
    }
    return {
        "e": "ORDER_TRADE_UPDATE",
        "E": 1568879465651,
        "T": 1568879465650,
        "o": body | changes,
    }


def account_event(reason: str) -> dict[str, object]:
    return {
        "e": "ACCOUNT_UPDATE",
        "E": 1564745798939,
        "T": 1564745798938,
        "a": {
            "m": reason,
            "B": [{"a": "USDT", "wb": "122624.12345678", "cw": "100.12345678", "bc": "50.1"}],
            "P": [],
        },
    }


def delivered(message: object) -> tuple[list[PrivateEvent], str | None]:
    events: list[PrivateEvent] = []
    algo: list[AlgoReport] = []
    reason = private_stream.deliver(
        msgspec.json.encode(message), events.append, algo.append, OurSymbols()
    )
    return events, reason


def test_new_order_event() -> None:
    (event,), reason = delivered(order_event())
    assert reason is None
    assert isinstance(event, OrderUpdate)
    report = event.report
    assert (report.client_order_id, report.exchange_order_id) == ("TEST", "8886774")
    assert (report.side, report.type) == (OrderSide.SELL, OrderType.LIMIT)
    assert (report.quantity, report.price) == (Decimal("0.001"), Decimal(9910))
    assert report.is_open
    assert report.fills == ()
    assert report.created_at == datetime(2019, 9, 19, 7, 51, 5, 650_000, tzinfo=UTC)


def test_trade_event_carries_its_one_fill_and_the_cumulative_quantity() -> None:
    (event,), _ = delivered(
        order_event(
            x="TRADE", X="PARTIALLY_FILLED", l="0.0004", L="9909.9", z="0.0007", n="0.0019", t=77
        )
    )
    assert isinstance(event, OrderUpdate)
    assert event.report.executed_quantity == Decimal("0.0007")
    (fill,) = event.report.fills
    assert (fill.trade_id, fill.quantity, fill.price) == (
        "77",
        Decimal("0.0004"),
        Decimal("9909.9"),
    )
    assert (fill.fee, fill.fee_asset) == (Decimal("0.0019"), "USDT")
    assert event.report.created_at is None
    assert event.report.is_open


def test_fee_may_be_left_out() -> None:
    message = order_event(x="TRADE", X="FILLED", l="0.001", L="9910", z="0.001", t=78)
    body = message["o"]
    assert isinstance(body, dict)
    del body["n"], body["N"]
    (event,), _ = delivered(message)
    assert isinstance(event, OrderUpdate)
    assert (event.report.fills[0].fee, event.report.fills[0].fee_asset) == (ZERO, "USDT")


@pytest.mark.parametrize(
    ("status", "is_open"),
    [
        ("NEW", True),
        ("PARTIALLY_FILLED", True),
        ("FILLED", False),
        ("CANCELED", False),
        ("REJECTED", False),
        ("EXPIRED", False),
        ("EXPIRED_IN_MATCH", False),
        ("SOMETHING_NEW", True),
    ],
)
def test_which_statuses_are_ends(status: str, is_open: bool) -> None:
    (event,), _ = delivered(order_event(X=status))
    assert isinstance(event, OrderUpdate)
    assert event.report.is_open is is_open


def test_liquidation_fills_count() -> None:
    (event,), _ = delivered(
        order_event(
            c="autoclose-1", o="LIQUIDATION", x="CALCULATED", X="FILLED", l="1", L="9", z="1", t=5
        )
    )
    assert isinstance(event, OrderUpdate)
    assert len(event.report.fills) == 1
    assert event.report.type is OrderType.MARKET
    assert event.report.price is None


def test_account_events() -> None:
    balances = BalancesChanged(
        exchange=Venue.BINANCE,
        balances=(
            Balance(
                asset="USDT", available=Decimal("100.12345678"), locked=Decimal("122524.00000000")
            ),
        ),
    )
    assert delivered(account_event("ORDER")) == ([balances], None)
    funding, _ = delivered(account_event("FUNDING_FEE"))
    assert funding == [
        balances,
        FundingSettled(
            exchange=Venue.BINANCE, at=datetime(2019, 8, 2, 11, 36, 38, 938_000, tzinfo=UTC)
        ),
    ]


def test_unknown_events_are_left_aside_and_unreadable_ones_are_a_loss() -> None:
    assert delivered({"e": "TRADE_LITE", "s": "BTCUSDT"}) == ([], None)
    assert delivered({"e": "SOMETHING_NEW"}) == ([], None)
    assert delivered({"result": None}) == ([], None)
    assert delivered({"e": "listenKeyExpired"})[1] == "the stream key has expired"
    for bad in (
        [1],
        {"e": "ORDER_TRADE_UPDATE"},
        order_event(z="NaN"),
        order_event(z="1E+999999"),
        order_event(S="UP"),
    ):
        events, reason = delivered(bad)
        assert events == []
        assert reason is not None
        assert reason.startswith("unreadable")


DEEP = b'{"a":' * 100_000


def test_nested_without_end_is_unreadable_everywhere() -> None:
    assert (private_stream.deliver(DEEP, print, print, OurSymbols()) or "").startswith("unreadable")
    assert (market_stream.deliver(DEEP, print) or "").startswith("unreadable")
    assert isinstance(decode(DEEP, OrderWire), Failure)
    assert read_error(HttpResponse(status=502, headers={}, body=DEEP)).code is None


@asynccontextmanager
async def running(stream: Awaitable[None]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:

        async def run() -> None:
            await stream

        task = group.create_task(run())
        yield
        task.cancel()


async def until(is_true: Callable[[], bool]) -> None:
    for _ in range(2_000):
        if is_true():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it did not happen within 2 s")


async def connected(rig: Rig, count: int) -> FakeConnection:
    await until(lambda: len(rig.websocket.connections) >= count)
    return rig.websocket.connections[count - 1]


async def test_private_stream_delivers_and_comes_back() -> None:
    rig = Rig()
    rig.http.on(f"POST {KEY}", ok({"listenKey": "key-1"}), ok({"listenKey": "key-2"}))
    events: list[PrivateEvent] = []
    async with running(rig.exchange.run_private_stream(events.append)):
        first = await connected(rig, 1)
        assert first.url == "ws://binance/private/ws?listenKey=key-1"
        first.push(order_event())
        await until(lambda: len(events) == 2)
        first.cut("gone")
        second = await connected(rig, 2)
        assert second.url.endswith("key-2")
        await until(lambda: len(events) == 4)
    assert [type(event) for event in events] == [StreamUp, OrderUpdate, StreamDown, StreamUp]
    assert first.is_closed
    assert second.is_closed
    assert events[2] == StreamDown(exchange=Venue.BINANCE, reason="closed: gone")


@pytest.mark.parametrize("message", [{"e": "listenKeyExpired"}, order_event(z="x")])
async def test_expired_key_or_lost_message_reconnects(message: object) -> None:
    rig = Rig()
    rig.http.on(f"POST {KEY}", ok({"listenKey": "key"}))
    events: list[PrivateEvent] = []
    async with running(rig.exchange.run_private_stream(events.append)):
        (await connected(rig, 1)).push(message)
        await connected(rig, 2)
    assert [type(event) for event in events] == [StreamUp, StreamDown, StreamUp]


async def test_failures_to_connect_are_told_once() -> None:
    rig = Rig()
    rig.http.on(f"POST {KEY}", error(None, status=502), ok({"listenKey": "key"}))
    rig.websocket.refusals = 1
    events: list[PrivateEvent] = []
    async with running(rig.exchange.run_private_stream(events.append)):
        await connected(rig, 1)
    assert [type(event) for event in events] == [StreamDown, StreamUp]


async def test_silence_asks_about_the_key_and_a_lost_key_reconnects() -> None:
    rig = Rig(stream_idle_s=0.005)
    rig.http.on(f"POST {KEY}", ok({"listenKey": "key"}))
    rig.http.on(f"PUT {KEY}", ok({"listenKey": "key"}), error(None, status=500), error(-1125))
    events: list[PrivateEvent] = []
    async with running(rig.exchange.run_private_stream(events.append)):
        await connected(rig, 2)
    assert len(rig.http.calls(f"PUT {KEY}")) >= 3
    assert StreamDown(exchange=Venue.BINANCE, reason="the stream key is gone") in events


async def test_key_is_renewed_in_time_even_when_the_stream_is_busy() -> None:
    rig = Rig(listen_key_renew_s=0.02)
    rig.http.on(f"POST {KEY}", ok({"listenKey": "key"}))
    rig.http.on(f"PUT {KEY}", ok({}), ok({"listenKey": "other"}))
    events: list[PrivateEvent] = []
    async with running(rig.exchange.run_private_stream(events.append)):
        connection = await connected(rig, 1)
        connection.push(order_event())
        await connected(rig, 2)
    assert StreamDown(exchange=Venue.BINANCE, reason="the stream key has changed") in events


def depth(**changes: object) -> dict[str, object]:
    data: dict[str, object] = {
        "e": "depthUpdate",
        "E": 1568014460893,
        "T": 1568014460891,
        "s": "BTCUSDT",
        "U": 157,
        "u": 160,
        "pu": 149,
        "b": [["107000.10", "1.5"], ["107000.00", "0.000"]],
        "a": [["107000.20", "2"]],
        "st": 1,
    }
    return {"stream": "btcusdt@depth20@100ms", "data": data | changes}


async def test_market_stream_delivers_books_and_replaces_a_silent_connection() -> None:
    rig = Rig(stream_idle_s=0.05)
    events: list[Book | FxRate] = []
    async with running(rig.exchange.run_market_stream(("BTCUSDT", "ETHUSDT"), events.append)):
        first = await connected(rig, 1)
        assert first.url == (
            "ws://binance/public/stream?streams=btcusdt@depth20@100ms/ethusdt@depth20@100ms"
        )
        first.push(depth())
        first.push(depth(a=[]))
        first.push({"result": None, "id": 1})
        await until(lambda: len(events) == 1)
        await connected(rig, 2)
    assert events == [
        Book(
            symbol="BTCUSDT",
            bids=(Level(price=Decimal("107000.10"), quantity=Decimal("1.5")),),
            asks=(Level(price=Decimal("107000.20"), quantity=Decimal(2)),),
            at=datetime(2019, 9, 9, 7, 34, 20, 891_000, tzinfo=UTC),
        )
    ]
    assert first.is_closed


@pytest.mark.parametrize(
    "level",
    [[figure, "1"] for figure in ("x", "NaN", "Infinity", "-1", "0", "1E-900", "1E+900")]
    + [["100", figure] for figure in ("x", "NaN", "Infinity", "1E-900", "1E+900")],
)
def test_an_unreadable_book_of_one_symbol_cuts_nobody_off(level: list[str]) -> None:
    events: list[Book | FxRate] = []
    rows = [["101", "1"], level, ["99", "2"]]
    told = {"s": "BTCUSDT", "E": 1, "b": rows, "a": [["102", "1"]]}
    raw = msgspec.json.encode({"data": told})
    assert market_stream.deliver(raw, events.append) is None
    assert events == []
