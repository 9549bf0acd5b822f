import asyncio
from datetime import UTC, datetime

import pytest

from exchange_simulator import wire
from exchange_simulator.clock import MarketClock
from exchange_simulator.faults.kinds import parse_faults
from exchange_simulator.gateway.gateway import Gateway
from tests.fakes.venue import FakeVenue
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.runtime.paper.in_process_transport import (
    InProcessHttp,
    InProcessWebSockets,
)
from trading_platform_order.transport.http import (
    HttpRequest,
    HttpResponse,
    HttpTransport,
    MaybeSent,
    NotSent,
)
from trading_platform_order.transport.websocket import (
    Closed,
    ConnectionFailed,
    WebSocketTransport,
)

ORDER = HttpRequest(method="POST", url="https://upbit.test/v1/orders", timeout_s=0.005)
WS = "wss://upbit.test/private"
KEY = {"Authorization": "t"}
ARRIVED = wire.HttpRequest(method="POST", url=ORDER.url)


class World:
    def __init__(self, latency_s: float = 0.0) -> None:
        self.venue = FakeVenue()
        clock = MarketClock(datetime(2025, 9, 1, tzinfo=UTC), lambda: 0.0)
        self.gateway = Gateway(self.venue, clock=clock, latency_s=latency_s)
        self.http: HttpTransport = InProcessHttp({"https://upbit.test": self.gateway})
        self.sockets: WebSocketTransport = InProcessWebSockets({"wss://upbit.test": self.gateway})

    def arm(self, text: str) -> None:
        for fault in parse_faults(text.encode()):
            self.gateway.arm(fault)


@pytest.mark.parametrize("latency_s", [0.0, 0.001])
@in_virtual_time
async def test_an_answer_comes_through(latency_s: float) -> None:
    answer = await World(latency_s).http.send(ORDER)
    assert isinstance(answer, HttpResponse)
    assert answer.status == 201


@pytest.mark.parametrize(
    ("url", "unreachable"),
    [
        ("https://nobody.test/v1/orders", False),
        ("https://upbit.test.evil/v1/orders", False),
        (ORDER.url, True),
    ],
)
@in_virtual_time
async def test_nobody_there_is_not_sent(url: str, unreachable: bool) -> None:
    world = World()
    world.gateway.unreachable = unreachable
    answer = await world.http.send(HttpRequest(method="POST", url=url))
    assert isinstance(answer, NotSent)
    assert world.venue.handled == []


@in_virtual_time
async def test_a_lost_request_times_out_as_maybe_sent() -> None:
    world = World()
    world.arm('{"kind": "drop_request", "venue": "upbit"}')
    loop = asyncio.get_running_loop()
    start = loop.time()
    answer = await world.http.send(ORDER)
    assert isinstance(answer, MaybeSent)
    assert loop.time() - start == pytest.approx(ORDER.timeout_s)
    assert world.venue.handled == []


@in_virtual_time
async def test_a_lost_connection_is_maybe_sent_at_once() -> None:
    world = World()
    world.arm('{"kind": "drop_response", "venue": "upbit", "how": "disconnect"}')
    request = HttpRequest(method="POST", url=ORDER.url, timeout_s=60)
    async with asyncio.timeout(1):
        answer = await world.http.send(request)
    assert isinstance(answer, MaybeSent)
    assert world.venue.handled == [ARRIVED]


@in_virtual_time
async def test_a_late_answer_is_maybe_sent_and_the_order_stands() -> None:
    world = World()
    world.arm('{"kind": "delay_response", "venue": "upbit", "delay_s": 0.01}')
    assert isinstance(await world.http.send(ORDER), MaybeSent)
    assert world.venue.handled == [ARRIVED]
    assert not world.gateway.idle()
    await asyncio.sleep(0.01)
    assert world.gateway.idle()


@in_virtual_time
async def test_giving_up_does_not_call_the_request_back() -> None:
    world = World(latency_s=0.002)
    waiting = asyncio.ensure_future(world.http.send(ORDER))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.sleep(0.005)
    assert world.venue.handled == [ARRIVED]


@in_virtual_time
async def test_closing_ends_every_wait() -> None:
    world = World(latency_s=0.002)
    waiting = asyncio.ensure_future(world.http.send(ORDER))
    await world.http.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


@pytest.mark.parametrize("latency_s", [0.0, 0.001])
@in_virtual_time
async def test_a_bug_of_the_exchange_is_no_network_fault(latency_s: float) -> None:
    world = World(latency_s)
    with pytest.raises(RuntimeError, match="bug"):
        await world.http.send(HttpRequest(method="GET", url="https://upbit.test/bug"))


@in_virtual_time
async def test_a_stream_speaks_listens_and_ends() -> None:
    world = World(latency_s=0.001)
    connection = await world.sockets.connect(WS, headers=KEY, timeout_s=1)
    await connection.send("안녕")
    assert await connection.receive() == "echo 안녕".encode()
    await connection.close()
    closed = await connection.receive()
    assert isinstance(closed, Closed)
    assert await connection.receive() == closed
    assert world.venue.sessions == []


@in_virtual_time
async def test_a_cut_ends_a_waiting_receive() -> None:
    world = World()
    connection = await world.sockets.connect(WS, headers=KEY, timeout_s=1)
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(connection.receive())
        await asyncio.sleep(0)
        world.arm('{"kind": "cut_stream", "venue": "upbit"}')
    assert isinstance(waiting.result(), Closed)


@in_virtual_time
async def test_connections_that_fail() -> None:
    world = World(latency_s=0.002)
    with pytest.raises(ConnectionFailed, match="401"):
        await world.sockets.connect(WS, headers={}, timeout_s=1)
    with pytest.raises(ConnectionFailed, match="within"):
        await world.sockets.connect(WS, headers=KEY, timeout_s=0.001)
    with pytest.raises(ConnectionFailed, match="refused"):
        await world.sockets.connect("wss://nobody.test/", headers=KEY, timeout_s=1)
    world.gateway.unreachable = True
    with pytest.raises(ConnectionFailed, match="refused"):
        await world.sockets.connect(WS, headers=KEY, timeout_s=1)
