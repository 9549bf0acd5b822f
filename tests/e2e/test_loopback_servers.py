"""The loopback servers seen by our own transport: wire in, wire out, faults and all."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

from exchange_simulator.clock import MarketClock
from exchange_simulator.exchanges import (
    Opening,
    SimulatedWorld,
    SimulatorKeys,
    open_world,
)
from exchange_simulator.serving.control import Control, Step
from exchange_simulator.serving.loopback import LoopbackServers
from tests.fakes.bars import START, bar
from trading_platform_order.domain.venue import Venue
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport, AiohttpWebSockets
from trading_platform_order.transport.clock import epoch_ms
from trading_platform_order.transport.http import (
    HttpRequest,
    HttpResponse,
    HttpResult,
    MaybeSent,
)
from trading_platform_order.transport.websocket import Closed, ConnectionFailed

Json = Any  # whatever an answer holds
KEYS = SimulatorKeys()
BOOK = '[{"ticket":"t"},{"type":"orderbook","codes":["KRW-BTC"]}]'


class Client:
    """A world over real sockets, and someone who talks to it."""

    def __init__(self, world: SimulatedWorld, ready: dict[str, Any]) -> None:
        self.world = world
        self.ready = ready
        self.http = AiohttpTransport()
        self.sockets = AiohttpWebSockets()

    async def ask(
        self, method: str, url: str, body: bytes = b"", *, timeout_s: float = 1.0
    ) -> HttpResult:
        headers = {"X-MBX-APIKEY": KEYS.binance_api_key}
        return await self.http.send(
            HttpRequest(method=method, url=url, headers=headers, body=body, timeout_s=timeout_s)
        )

    async def control(
        self, method: str, path: str, body: object = None, *, status: int = 200
    ) -> Json:
        text = b"" if body is None else json.dumps(body).encode()
        answer = await self.ask(method, self.ready["control"] + path, text)
        assert isinstance(answer, HttpResponse)
        assert answer.status == status, answer.body
        return json.loads(answer.body)

    async def order(self, client_id: str, *, timeout_s: float = 1.0) -> HttpResult:
        now_ms = epoch_ms(self.world.clock.now())
        query = (
            "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.010"
            f"&newClientOrderId={client_id}&timestamp={now_ms}"
        )
        key = KEYS.binance_secret_key.encode()
        signature = hmac.new(key, query.encode(), hashlib.sha256).hexdigest()
        url = f"{self.ready['binance']['rest']}/fapi/v1/order?{query}&signature={signature}"
        return await self.ask("POST", url, timeout_s=timeout_s)

    async def placed(self) -> list[str]:
        state = await self.control("GET", "/state")
        return [order["clientOrderId"] for order in state["binance"]["orders"]]


@asynccontextmanager
async def running(market: Iterator[Step] | None = None) -> AsyncIterator[Client]:
    loop = asyncio.get_running_loop()
    world = open_world(
        clock=MarketClock(START, loop.time),
        keys=KEYS,
        opening=Opening(krw=Decimal(10**8), usdt=Decimal(10**5)),
    )
    world.step([("BTC", bar())])
    async with LoopbackServers(world, KEYS, Control(world, market), hold_s=0.2) as servers:
        client = Client(world, servers.ready())
        try:
            yield client
        finally:
            await client.http.close()
            await client.sockets.close()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with running(iter([[("BTC", bar(n))] for n in (1, 2)])) as one:
        yield one


async def idle(world: SimulatedWorld) -> None:
    async with asyncio.timeout(1):
        while not world.idle():  # noqa: ASYNC110 - the world is asked, as the replay does it
            await asyncio.sleep(0)


def test_ready_tells_addresses_in_the_agreed_form() -> None:
    async def read() -> dict[str, Any]:
        async with running() as one:
            return one.ready

    ready = asyncio.run(read())
    assert set(ready) == {"upbit", "binance", "control", "keys"}
    assert ready["upbit"]["ws"].endswith("/websocket/v1")
    assert ready["upbit"]["rest"].count("/") == 2
    assert ready["binance"]["rest"].replace("http", "ws") == ready["binance"]["ws"]
    assert set(ready["keys"]["upbit"]) == {"access_key", "secret_key"}
    assert set(ready["keys"]["binance"]) == {"api_key", "secret_key"}


async def test_public_reads_of_both_exchanges(client: Client) -> None:
    book = await client.ask("GET", client.ready["upbit"]["rest"] + "/v1/orderbook?markets=KRW-BTC")
    assert isinstance(book, HttpResponse)
    assert book.status == 200
    assert book.headers["date"] == "Mon, 01 Sep 2025 00:01:00 GMT"
    assert "remaining-req" in book.headers
    time = await client.ask("GET", client.ready["binance"]["rest"] + "/fapi/v1/time")
    assert isinstance(time, HttpResponse)
    assert json.loads(time.body)["serverTime"] >= 1_756_684_860_000


async def test_a_signed_order_arrives_as_it_was_signed(client: Client) -> None:
    answer = await client.order("a-1")
    assert isinstance(answer, HttpResponse)
    assert answer.status == 200, answer.body
    assert await client.placed() == ["a-1"]
    recorded = await client.control("GET", "/requests")
    assert len(recorded["binance"]) == 1
    assert "newClientOrderId=a-1" in recorded["binance"][0]["target"]
    assert "signature" not in recorded["binance"][0]["target"]


@pytest.mark.parametrize("how", ["hang", "disconnect"])
@pytest.mark.parametrize(("kind", "placed"), [("drop_request", []), ("drop_response", ["a-1"])])
async def test_lost_on_the_way_there_or_back(
    client: Client, kind: str, how: str, placed: list[str]
) -> None:
    await client.control(
        "POST",
        "/faults",
        {"kind": kind, "venue": "binance", "how": how, "match": {"is_order": True}},
    )
    assert isinstance(await client.order("a-1", timeout_s=0.05), MaybeSent)
    assert await client.placed() == placed
    assert (await client.control("GET", "/faults"))[0]["struck"] == 1
    assert client.world.idle()


async def test_a_hanging_connection_is_closed_in_the_end(client: Client) -> None:
    await client.control("POST", "/faults", {"kind": "drop_request", "venue": "binance"})
    answer = await client.order("a-1", timeout_s=5)
    assert isinstance(answer, MaybeSent)
    assert "within" not in answer.reason


async def test_a_late_request_arrives_after_its_client_hung_up(client: Client) -> None:
    await client.control(
        "POST", "/faults", {"kind": "delay_request", "venue": "binance", "delay_s": 0.1}
    )
    assert isinstance(await client.order("a-1", timeout_s=0.01), MaybeSent)
    assert client.world.binance.state()["orders"] == []
    assert not client.world.idle()
    await idle(client.world)
    assert await client.placed() == ["a-1"]


async def test_a_refusal_and_a_status(client: Client) -> None:
    await client.control(
        "POST",
        "/faults",
        [
            {"kind": "refuse_order", "venue": "binance", "code": "-2019"},
            {"kind": "http_status", "venue": "binance", "status": 503, "body": "busy", "skip": 1},
        ],
    )
    refused = await client.order("a-1")
    assert isinstance(refused, HttpResponse)
    assert json.loads(refused.body)["code"] == -2019
    busy = await client.order("a-2")
    assert isinstance(busy, HttpResponse)
    assert (busy.status, busy.body) == (503, b"busy")
    assert await client.placed() == []


@pytest.mark.parametrize(
    "body", [{"kind": "explode", "venue": "upbit"}, [{}], {}, "text", {"kind": "drop_request"}]
)
async def test_bad_faults_are_told_what_is_wrong(client: Client, body: object) -> None:
    answer = await client.control("POST", "/faults", body, status=400)
    assert answer["error"]


async def test_clearing_faults(client: Client) -> None:
    await client.control("POST", "/faults", {"kind": "drop_request", "venue": "upbit"})
    await client.control("DELETE", "/faults")
    assert await client.control("GET", "/faults") == []


async def test_stream_messages_are_under_way_until_the_client_has_read_them(
    client: Client,
) -> None:
    stream = await client.sockets.connect(client.ready["upbit"]["ws"], headers={}, timeout_s=1)
    await stream.send(BOOK)
    snapshot = await stream.receive()
    assert isinstance(snapshot, bytes)
    assert json.loads(snapshot)["code"] == "KRW-BTC"
    client.world.step([("BTC", bar(1))])
    for _ in range(50):
        await asyncio.sleep(0)
        assert not client.world.idle()
    async with asyncio.TaskGroup() as tasks:
        update = await stream.receive()
        assert isinstance(update, bytes)
        waiting = tasks.create_task(stream.receive())
        await idle(client.world)
        client.world.gateways[Venue.UPBIT].close_streams("enough")
    assert isinstance(waiting.result(), Closed)


async def test_a_binance_stream_is_text_on_a_path(client: Client) -> None:
    url = client.ready["binance"]["ws"] + "/public/ws/btcusdt@bookTicker"
    stream = await client.sockets.connect(url, headers={}, timeout_s=1)
    client.world.step([("BTC", bar(1))])
    message = await stream.receive()
    assert isinstance(message, bytes)
    assert json.loads(message)["s"] == "BTCUSDT"
    await stream.close()
    await idle(client.world)


async def test_a_cut_over_sockets_and_the_refused_return(client: Client) -> None:
    url = client.ready["upbit"]["ws"]
    stream = await client.sockets.connect(url, headers={}, timeout_s=1)
    await client.control("POST", "/faults", {"kind": "cut_stream", "venue": "upbit", "refuse_s": 5})
    async with asyncio.timeout(1):
        assert isinstance(await stream.receive(), Closed)
    with pytest.raises(ConnectionFailed, match="503"):
        await client.sockets.connect(url, headers={}, timeout_s=1)


async def test_a_private_stream_without_a_token_is_refused(client: Client) -> None:
    with pytest.raises(ConnectionFailed, match="401"):
        await client.sockets.connect(
            client.ready["upbit"]["ws"] + "/private", headers={}, timeout_s=1
        )


async def test_the_websocket_api_answers_on_its_own_path(client: Client) -> None:
    stream = await client.sockets.connect(
        client.ready["binance"]["ws_api"], headers={}, timeout_s=1
    )
    await stream.send('{"id":"1","method":"time"}')
    async with asyncio.timeout(1):
        answer = await stream.receive()
    await stream.close()
    assert isinstance(answer, bytes)
    assert json.loads(answer)["status"] == 200


async def test_stepping_the_loaded_market(client: Client) -> None:
    assert (await client.control("POST", "/step", {"bars": 1}))["stepped"] == 1
    answer = await client.control("POST", "/step", {"bars": 5})
    assert answer["stepped"] == 1
    assert answer["clock"].startswith("2025-09-01T00:03:00")
    await client.control("POST", "/step", {"bars": 0}, status=400)


async def test_without_a_loaded_market_there_are_no_steps() -> None:
    async with running() as one:
        assert "no market" in (await one.control("POST", "/step", status=409))["error"]


async def test_only_a_leg_that_is_held_can_be_taken(client: Client) -> None:
    for body in (
        {"symbol": "BTCUSDT", "how": "adl"},
        {"symbol": "BTCUSDT", "how": "manual", "quantity": "many"},
        {"symbol": "BTCUSDT"},
    ):
        assert (await client.control("POST", "/take-leg", body, status=400))["error"]


async def test_transfers_show_in_the_state(client: Client) -> None:
    before = Decimal((await client.control("GET", "/state"))["equity_krw"])
    await client.control("POST", "/transfer", {"venue": "upbit", "asset": "KRW", "amount": "-1000"})
    await client.control("POST", "/transfer", {"venue": "binance", "asset": "USDT", "amount": "1"})
    after = Decimal((await client.control("GET", "/state"))["equity_krw"])
    assert after - before == 400
    for body in (
        {"venue": "upbit", "asset": "KRW", "amount": "NaN"},
        {"venue": "upbit", "asset": "KRW", "amount": "-1e12"},
        {"venue": "binance", "asset": "BTC", "amount": "1"},
        {"venue": "upbit", "asset": "KRW"},
    ):
        assert (await client.control("POST", "/transfer", body, status=400))["error"]


async def test_an_unknown_door_names_the_known_ones(client: Client) -> None:
    answer = await client.control("GET", "/nowhere", status=404)
    assert "GET /state" in answer["error"]
