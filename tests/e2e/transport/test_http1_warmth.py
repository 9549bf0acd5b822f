"""Connections that are warm when an order wants one, whatever the server does to silent ones.

The seconds of an exchange are hundredths here: a server that ends what is silent for 0.2 s, and
requests 0.4 s apart, stand for 20 s and 40 s.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.e2e.transport.raw_server import OK, Handler, RawServer, serving
from trading_platform_order.transport.http import HttpRequest, HttpResponse
from trading_platform_order.transport.http1.http1_transport import Http1Transport, WarmServer
from trading_platform_order.transport.http1.upkeep import PoolRules

RULES = PoolRules(spare=2, silent_s_max=0.1, unused_s_max=600.0)
PING = "/ping?symbol=BTC"


Warm = Callable[..., Http1Transport]


@pytest.fixture
async def warm() -> AsyncIterator[Warm]:
    made: list[Http1Transport] = []

    def make(raw: RawServer, *, ping: str = PING, rules: PoolRules = RULES) -> Http1Transport:
        server = WarmServer(url=raw.url, ping_target=ping, rules=rules)
        made.append(Http1Transport(warm=[server], on_wire=raw.written.append))
        return made[-1]

    yield make
    for face in made:
        await face.close()


def order(raw: RawServer, target: str = "/order") -> HttpRequest:
    return HttpRequest(method="POST", url=raw.url + target, timeout_s=2.0, label=target)


def read(raw: RawServer, target: str = "/read") -> HttpRequest:
    return HttpRequest(method="GET", url=raw.url + target, timeout_s=2.0)


def keeping(silent_s: float, answer: bytes = OK, *, late_s: float = 0.0) -> Handler:
    """Ends a connection that is silent for so long; answers late."""

    async def keep(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            try:
                async with asyncio.timeout(silent_s):
                    await raw.read_request(reader)
            except TimeoutError:
                return
            await asyncio.sleep(late_s)
            writer.write(answer)

    return keep


async def settled(raw: RawServer, connections: int = 2) -> None:
    async with asyncio.timeout(2):
        while raw.open_now < connections:  # noqa: ASYNC110 - a server tells of no connection
            await asyncio.sleep(0.005)


async def test_the_first_request_brings_two_connections(warm: Warm) -> None:
    async with serving(keeping(5.0)) as raw:
        face = warm(raw)
        assert isinstance(await face.send(read(raw)), HttpResponse)
        await settled(raw)
        before = raw.connections
        both = await asyncio.gather(face.send(order(raw)), face.send(order(raw)))
        assert all(isinstance(answer, HttpResponse) for answer in both)
        assert raw.connections == before


@pytest.mark.parametrize("ping", [PING, ""], ids=["pinged", "replaced"])
async def test_requests_far_apart_find_a_warm_connection(warm: Warm, ping: str) -> None:
    """Each order is on the wire when ``send`` returns."""
    async with serving(keeping(0.2)) as raw:
        face = warm(raw, ping=ping)
        await face.send(read(raw))
        await asyncio.sleep(0.3)
        opened = raw.connections
        for number in range(4):
            await asyncio.sleep(0.4)
            answer = face.send(order(raw, f"/{number}"))
            assert raw.written[-1:] == [f"/{number}"], "it had to wait for a connection"
            assert isinstance(await answer, HttpResponse)
        if ping:
            assert raw.targets().count(PING) >= 8
            assert raw.connections == opened
        else:
            assert raw.connections >= opened + 8


async def test_answers_behind_the_stream_cost_no_connection(warm: Warm) -> None:
    """The stream tells first and nobody waits for the answers, which come 20 ms later."""
    async with serving(keeping(5.0, late_s=0.02)) as raw:
        face = warm(raw)
        for number in range(50):  # warm-up
            face.send(order(raw, f"/warm-{number}"))
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.1)
        opened = raw.connections
        for number in range(1_000):
            pending = face.send(order(raw, f"/{number}"))
            assert raw.written[-1] == f"/{number}"
            await asyncio.sleep(0.004)
            pending.cancel()
        await asyncio.sleep(0.1)
        assert raw.connections == opened
        orders = [target for target in raw.targets() if target not in (PING, "/read")]
        assert len(orders) == len(set(orders)) == 1_050


async def test_reads_leave_the_spare_connections_to_orders(warm: Warm) -> None:
    async with serving(keeping(5.0, late_s=0.05)) as raw:
        face = warm(raw)
        await face.send(read(raw))
        await settled(raw)
        reads = [face.send(read(raw, f"/read-{number}")) for number in range(4)]
        await asyncio.sleep(0.02)
        opened = raw.connections
        orders = [face.send(order(raw)), face.send(order(raw))]
        await asyncio.gather(*orders)
        assert raw.connections == opened
        assert all(isinstance(answer, HttpResponse) for answer in await asyncio.gather(*reads))


async def test_a_server_that_ends_them_sooner_is_learned(warm: Warm) -> None:
    """Nothing tells how long it keeps them; the first that it ended does."""
    rules = PoolRules(spare=2, silent_s_max=0.3)
    async with serving(keeping(0.15)) as raw:
        face = warm(raw, rules=rules)
        await face.send(read(raw))
        await asyncio.sleep(0.6)
        await settled(raw)
        assert isinstance(await face.send(order(raw)), HttpResponse)


async def test_a_server_that_tells_how_long_is_believed(warm: Warm) -> None:
    told = OK.replace(b"\r\n\r\n", b"\r\nKeep-Alive: timeout=5, max=9\r\n\r\n", 1)
    async with serving(keeping(5.0, told)) as raw:
        face = warm(raw, rules=PoolRules(spare=1, silent_s_max=60.0))
        await face.send(read(raw))
        (pool,) = face._pools.values()
        assert pool._learned.silent_s_max == 3.0


@pytest.mark.parametrize("status", [b"429 Slow Down", b"418 I'm a teapot", b"403 Forbidden"])
async def test_who_asks_for_quiet_is_not_pinged(warm: Warm, status: bytes) -> None:
    answer = OK.replace(b"200 OK", status, 1)
    async with serving(keeping(0.3, answer)) as raw:
        face = warm(raw)
        await face.send(read(raw))
        await asyncio.sleep(0.4)
        await settled(raw)
        face.send(order(raw))
        assert raw.written == ["/order"], "it had to wait for a connection"
        assert PING not in raw.targets()


async def test_a_ping_without_an_answer_ends_its_connection(warm: Warm) -> None:
    async def dead(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            request = await raw.read_request(reader)
            if b"/ping" in request:
                await reader.read()
                return
            writer.write(OK)

    async with serving(dead) as raw:
        face = warm(raw, rules=PoolRules(spare=1, silent_s_max=0.02, ping_timeout_s=0.02))
        await face.send(read(raw))
        await asyncio.sleep(0.2)
        assert raw.connections > 2
        assert isinstance(await face.send(order(raw)), HttpResponse)


async def _hang_up(*_: object) -> None:
    """Takes a connection and ends it."""


async def _stay_silent(_: RawServer, reader: asyncio.StreamReader, __: object) -> None:
    await reader.read()


@pytest.mark.parametrize(("handler", "most"), [(_hang_up, 8), (_stay_silent, 4)])
async def test_a_server_out_of_order_is_not_stormed(
    warm: Warm, handler: Callable[..., Awaitable[None]], most: int
) -> None:
    async with serving(handler) as raw:
        face = warm(raw)
        answer = await face.send(order(raw)._replace(timeout_s=0.1))
        assert not isinstance(answer, HttpResponse)
        await asyncio.sleep(0.5)
        assert raw.connections <= most


async def test_a_server_that_comes_back_is_warm_again(warm: Warm) -> None:
    async with serving(keeping(5.0)) as raw:
        face = warm(raw)
        await face.send(read(raw))
        await settled(raw)
        port = int(raw.url.rpartition(":")[2])
    await asyncio.sleep(0.15)
    async with serving(keeping(5.0), port=port) as again:
        await settled(again)
        answer = face.send(order(raw))
        assert raw.written == ["/order"]
        assert isinstance(await answer, HttpResponse)
