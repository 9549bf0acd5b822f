"""Streams of the Upbit adapter: subscribing, delivering, staying alive, coming back."""

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

import pytest

from tests.unit.exchanges.upbit.fixture import FakeConnection, UpbitFixture, run
from tests.unit.exchanges.upbit.test_adapter_parse import MY_ORDER_SAMPLE
from trading_platform_order.domain.market import Book, FxRate
from trading_platform_order.exchanges.port.stream_events import (
    BalancesChanged,
    MarketEvent,
    OrderUpdate,
    PrivateEvent,
    StreamDown,
    StreamUp,
)
from trading_platform_order.transport.websocket import Closed

UP = b'{"status":"UP"}'
MY_ASSET = (
    b'{"type":"myAsset","asset_uuid":"e6","assets":[{"currency":"KRW",'
    b'"balance":1386929.37231066771348207123,"locked":10329.670127489597585685}],'
    b'"asset_timestamp":1710146517259,"timestamp":1710146517267,"stream_type":"REALTIME"}'
)
LOST = Closed(reason="lost")
Event = TypeVar("Event")


async def listen_for(seconds: float, start: Callable[[], asyncio.Task[None]]) -> None:
    task = start()
    await asyncio.sleep(seconds)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def private(fixture: UpbitFixture, seconds: float) -> list[PrivateEvent]:
    events: list[PrivateEvent] = []

    async def main() -> None:
        await listen_for(
            seconds,
            lambda: asyncio.create_task(fixture.exchange.run_private_stream(events.append)),
        )

    run(main())
    return events


def market(fixture: UpbitFixture, seconds: float, *symbols: str) -> list[MarketEvent]:
    events: list[MarketEvent] = []

    async def main() -> None:
        await listen_for(
            seconds,
            lambda: asyncio.create_task(fixture.exchange.run_market_stream(symbols, events.append)),
        )

    run(main())
    return events


def connection(*script: bytes | float | Closed) -> FakeConnection:
    async def make() -> FakeConnection:
        return FakeConnection(list(script))

    return run(make())


def test_one_connection_carries_orders_and_assets() -> None:
    line = connection(UP, MY_ORDER_SAMPLE, MY_ASSET, b'{"type":"announcement","x":1}', 60.0)
    fixture = UpbitFixture(line)
    up, update, balances = private(fixture, 5)
    assert isinstance(up, StreamUp)
    assert isinstance(update, OrderUpdate)
    assert update.report.fills[0].trade_id == "68315169-fba4-4175-ade3-aff14a616657"
    assert isinstance(balances, BalancesChanged)
    assert balances.balances[0].available == Decimal("1386929.37231066771348207123")
    ((url, headers, _),) = fixture.websocket.opened
    assert url == "wss://api.upbit.test/websocket/v1/private"
    assert list(headers) == ["Authorization"]
    assert json.loads(line.sent[0])[1:] == [
        {"type": "myOrder"},
        {"type": "myAsset"},
        {"format": "DEFAULT"},
    ]
    assert line.sent[1] == "PING"


def test_up_is_said_once_something_came_back() -> None:
    assert private(UpbitFixture(connection(60.0)), 9) == []


def test_pings_keep_a_quiet_connection_and_silence_ends_it() -> None:
    talking = connection(UP, 9.0, UP, 9.0, UP, 9.0, UP, 100.0)
    fixture = UpbitFixture(talking)
    events = private(fixture, 28)
    assert [type(event) for event in events] == [StreamUp]
    assert talking.sent.count("PING") == 3

    silent = connection(UP, 1_000.0)
    events = private(UpbitFixture(silent, connection(UP, 60.0)), 35)
    assert [type(event) for event in events] == [StreamUp, StreamDown, StreamUp]
    assert isinstance(events[1], StreamDown)
    assert "silent for 30 s" in events[1].reason
    assert silent.is_closed.is_set()


def test_a_lost_connection_comes_back_and_asks_for_a_resync() -> None:
    fixture = UpbitFixture(connection(UP, LOST), connection(UP, 60.0))
    events = private(fixture, 5)
    assert [type(event) for event in events] == [StreamUp, StreamDown, StreamUp]
    tokens = [headers["Authorization"] for _, headers, _ in fixture.websocket.opened]
    assert tokens[0] != tokens[1]


def test_pauses_between_attempts_grow_to_five_seconds() -> None:
    fixture = UpbitFixture()
    events = private(fixture, 30)
    assert [type(event) for event in events] == [StreamDown]
    times = [at for _, _, at in fixture.websocket.opened]
    pauses = [round(later - sooner, 3) for sooner, later in pairwise(times)]
    assert pauses[:8] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_flapping_does_not_hammer() -> None:
    fixture = UpbitFixture(*[connection(UP, LOST) for _ in range(20)])
    private(fixture, 10)
    assert len(fixture.websocket.opened) < 9


def test_a_long_life_resets_the_pause() -> None:
    fixture = UpbitFixture(None, None, None, None, connection(UP, 8.0, LOST), connection(UP, 60.0))
    private(fixture, 15)
    times = [at for _, _, at in fixture.websocket.opened]
    assert round(times[5] - times[4], 3) == 8.1


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (b'{"error":{"name":"INVALID_AUTH","message":"no"}}', "INVALID_AUTH"),
        (b"not json", "unreadable"),
        (MY_ORDER_SAMPLE.replace(b'"BID"', b'"LEFT"'), "unreadable"),
        (b'{"type":"myOrder"}', "unreadable"),
    ],
)
def test_what_cannot_be_read_ends_the_connection(message: bytes, words: str) -> None:
    events = private(UpbitFixture(connection(UP, message, 60.0), connection(UP, 60.0)), 5)
    assert isinstance(events[1], StreamDown)
    assert words in events[1].reason
    assert isinstance(events[2], StreamUp)


def test_a_refused_subscription_is_never_up() -> None:
    error = b'{"error":{"name":"INVALID_AUTH","message":"no"}}'
    events = private(UpbitFixture(connection(error)), 0.05)
    assert [type(event) for event in events] == [StreamDown]


def test_a_bug_in_the_sink_is_not_taken_for_a_bad_message() -> None:
    fixture = UpbitFixture(connection(UP, 60.0))

    def broken(_event: PrivateEvent) -> None:
        raise ValueError("bug")

    with pytest.raises(ExceptionGroup):
        run(fixture.exchange.run_private_stream(broken))


def book(code: str, bid: str, ask: str) -> bytes:
    return (
        f'{{"type":"orderbook","code":"{code}","timestamp":1710751590421,"orderbook_units":'
        f'[{{"ask_price":{ask},"bid_price":{bid},"ask_size":0.5,"bid_size":0.25}}],"level":0}}'
    ).encode()


def test_books_and_the_rate() -> None:
    line = connection(
        UP,
        book("KRW-BTC", "100000000.0", "100001000"),
        book("KRW-USDT", "1391", "1392"),
        book("KRW-ETH", "1", "2"),
        b'{"type":"ticker"}',
        60.0,
    )
    fixture = UpbitFixture(line)
    btc, rate = market(fixture, 5, "BTC-KRW")
    assert isinstance(btc, Book)
    assert (btc.symbol, btc.bids[0].quantity) == ("BTC-KRW", Decimal("0.25"))
    assert isinstance(rate, FxRate)
    assert rate.krw_per_usdt == Decimal("1391.5")
    ((url, headers, _),) = fixture.websocket.opened
    assert url == "wss://api.upbit.test/websocket/v1"
    assert dict(headers) == {}
    assert json.loads(line.sent[0])[1] == {
        "type": "orderbook",
        "codes": ["KRW-BTC.15", "KRW-USDT.5"],
    }


def test_the_dollar_may_be_traded_too() -> None:
    line = connection(UP, book("KRW-USDT.5", "1391", "1392"), 60.0)
    events = market(UpbitFixture(line), 5, "USDT-KRW")
    assert [type(event) for event in events] == [Book, FxRate]
