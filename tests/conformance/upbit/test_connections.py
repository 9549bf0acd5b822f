"""How long the exchange keeps a stream, how often it may be asked, and who may come in."""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.conformance.upbit.card import holds
from tests.conformance.upbit.fixture import UpbitFixture, open_fixture

BOOK = '[{"ticket":"t"},{"type":"orderbook","codes":["KRW-BTC.1"],"is_only_realtime":true}]'


@pytest.fixture
async def fixture() -> AsyncIterator[UpbitFixture]:
    async with open_fixture() as one:
        yield one


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def is_closed(stream: aiohttp.ClientWebSocketResponse, *, within_s: float) -> bool:
    try:
        message = await stream.receive(timeout=within_s)
    except TimeoutError:
        return False
    return message.type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}


@holds("U-045")
async def test_an_idle_stream_is_closed(fixture: UpbitFixture, http: aiohttp.ClientSession) -> None:
    assert fixture.venue.rules.idle_close_s == 120
    fixture.venue.rules.idle_close_s = 0.05
    async with http.ws_connect(fixture.ws) as stream:
        assert await is_closed(stream, within_s=1)


@holds("U-045")
@pytest.mark.parametrize("kind", ["text", "frame"])
async def test_a_ping_keeps_a_stream_open(
    fixture: UpbitFixture, http: aiohttp.ClientSession, kind: str
) -> None:
    fixture.venue.rules.idle_close_s = 0.2
    async with http.ws_connect(fixture.ws) as stream:
        for _ in range(5):
            await asyncio.sleep(0.08)
            if kind == "frame":
                await stream.ping()
                continue
            await stream.send_str("PING")
            assert json.loads((await stream.receive(timeout=1)).data) == {"status": "UP"}
        assert not stream.closed
        assert not await is_closed(stream, within_s=0.05)


@holds("U-046")
async def test_no_stream_lives_longer_than_a_day(
    fixture: UpbitFixture, http: aiohttp.ClientSession
) -> None:
    assert fixture.venue.rules.connection_life_s == 86_400
    fixture.venue.rules.connection_life_s = 0.05
    async with http.ws_connect(fixture.ws) as stream:
        assert await is_closed(stream, within_s=1)


@holds("U-047")
async def test_five_messages_a_second() -> None:
    async with (
        open_fixture(raise_limits=True) as fixture,
        aiohttp.ClientSession() as http,
        http.ws_connect(fixture.ws) as stream,
    ):
        for _ in range(11):
            await stream.send_str(BOOK)
        told = json.loads((await stream.receive(timeout=1)).data)
        assert told["error"]["name"] == "Too Many Requests"


@holds("U-048")
async def test_five_handshakes_a_second() -> None:
    async with open_fixture(raise_limits=True) as fixture, aiohttp.ClientSession() as http:
        statuses = []
        for _ in range(11):
            async with http.get(fixture.ws.replace("ws", "http", 1), headers=UPGRADE) as answer:
                statuses.append(answer.status)
        assert statuses.count(101) in {5, 10}
        assert 429 in statuses


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@holds("U-049")
async def test_an_origin_slows_quotation_down() -> None:
    async with open_fixture(raise_limits=True) as fixture, aiohttp.ClientSession() as http:
        url = f"{fixture.rest}/v1/ticker?markets=KRW-BTC"
        statuses = []
        for _ in range(2):
            async with http.get(url, headers={"Origin": "https://example.test"}) as answer:
                statuses.append(answer.status)
        async with http.get(url) as answer:
            statuses.append(answer.status)
        assert statuses == [200, 429, 200]


@holds("U-050")
async def test_a_private_stream_wants_a_token(
    fixture: UpbitFixture, http: aiohttp.ClientSession
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as told:
        await http.ws_connect(f"{fixture.ws}/private")
    assert told.value.status == 401


@holds("U-051")
async def test_values_on_the_wire_must_be_encoded(fixture: UpbitFixture) -> None:
    async with aiohttp.ClientSession() as http:
        url = f"{fixture.rest}/v1/orders/closed?start_time=2025-09-01T00:00:00+09:00"
        async with http.get(url) as answer:
            assert answer.status == 400
            assert (await answer.json())["error"]["name"] == "invalid_parameter"
