"""Our own HTTP/1.1 against servers that do everything a server must not do."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.e2e.transport.raw_server import OK, RawServer, answer_ok, serving
from trading_platform_order.transport.http import (
    HttpRequest,
    HttpResponse,
    HttpResult,
    MaybeSent,
    NotSent,
)
from trading_platform_order.transport.http1.connection import AnswerLimits
from trading_platform_order.transport.http1.http1_transport import Http1Transport

LIMITS = AnswerLimits(head_bytes_max=2_000, body_bytes_max=1_000)


@pytest.fixture
async def transport() -> AsyncIterator[Http1Transport]:
    face = Http1Transport(limits=LIMITS)
    yield face
    await face.close()


def order(raw: RawServer, target: str = "/", timeout_s: float = 2.0) -> HttpRequest:
    return HttpRequest(method="POST", url=raw.url + target, timeout_s=timeout_s, label=target)


def saying(*parts: bytes, ends: bool = False) -> Callable[..., Awaitable[None]]:
    """Answers the first request of each connection with these parts, later ones with OK."""

    async def say(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await raw.read_request(reader)
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.002)
        if ends:
            return
        await answer_ok(raw, reader, writer)

    return say


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("parts", "connections"),
    [
        ((OK,), 1),
        ([bytes([byte]) for byte in OK], 1),
        ((CHUNKED, b"1\r\no\r\n", b"1;a=b\r\nk\r\n", b"0\r\nX: y\r\n\r\n"), 1),
        ((b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Hint\r\nA: b\r\n\r\n", OK), 1),
        ((b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",), 2),
        ((b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",), 2),
        ((OK + OK,), 2),
        ((OK + b"rubbish",), 2),
        ((OK, b"rubbish"), 2),
        ((OK, OK), 2),
        ((OK, b"\0"), 2),
    ],
    ids=[
        *("plain", "byte by byte", "chunked", "interim", "close", "HTTP/1.0"),
        *("twice", "rubbish", "rubbish later", "twice later", "zero later"),
    ],
)
async def test_an_answer_and_what_becomes_of_its_connection(
    transport: Http1Transport, parts: tuple[bytes, ...], connections: int
) -> None:
    async with serving(saying(*parts)) as raw:
        first = await transport.send(order(raw, "/1"))
        await asyncio.sleep(0.02)
        second = await transport.send(order(raw, "/2"))
        assert isinstance(first, HttpResponse)
        assert isinstance(second, HttpResponse)
        assert (first.body, second.body) == (b"ok", b"ok")
        assert raw.connections == connections
    assert raw.targets() == ["/1", "/2"]


async def test_a_body_without_a_length_ends_with_the_connection(
    transport: Http1Transport,
) -> None:
    async with serving(saying(b"HTTP/1.1 200 OK\r\n\r\no", b"k", ends=True)) as raw:
        answer = await transport.send(order(raw))
    assert isinstance(answer, HttpResponse)
    assert answer.body == b"ok"


@pytest.mark.parametrize(
    "parts",
    [
        (b"",),
        (b"HTTP/1.1 200 OK\r\nContent-Le",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",),
        (CHUNKED + b"2\r\nok\r\n",),
        (CHUNKED + b"2\r\nok\r\n0\r\n",),
        (b"HTTP/1.1 100 Continue\r\n\r\n",),
    ],
    ids=["nothing", "half a head", "half a body", "no last chunk", "no end", "interim only"],
)
async def test_a_cut_answer_is_maybe_sent(
    transport: Http1Transport, parts: tuple[bytes, ...]
) -> None:
    async with serving(saying(*parts, ends=True)) as raw:
        answer = await transport.send(order(raw))
    assert isinstance(answer, MaybeSent)
    assert len(raw.requests) == 1


@pytest.mark.parametrize(
    "flood",
    [
        b"A: " + b"a" * 100 + b"\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"a",
        b"\r\n",
    ],
    ids=["headers", "interim answers", "one header", "blank lines"],
)
@pytest.mark.parametrize("begin", [b"HTTP/1.1 200 OK\r\n", CHUNKED + b"2;"])
async def test_an_endless_answer_is_not_read_for_ever(
    transport: Http1Transport, begin: bytes, flood: bytes
) -> None:
    async def pour(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await raw.read_request(reader)
        writer.write(begin)
        while not writer.is_closing():
            writer.write(flood * 500)
            await writer.drain()

    async with serving(pour) as raw:
        answer = await transport.send(order(raw))
        assert isinstance(answer, MaybeSent)
        assert "no whole answer" not in answer.reason, "it was read until its time was over"


async def test_a_server_that_trickles_is_given_up_in_time(transport: Http1Transport) -> None:
    async def trickle(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await raw.read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.005)

    async with serving(trickle) as raw:
        began_s = asyncio.get_running_loop().time()
        answer = await transport.send(order(raw, timeout_s=0.05))
        assert isinstance(answer, MaybeSent)
        assert asyncio.get_running_loop().time() - began_s < 0.3
        assert not isinstance(await transport.send(order(raw, timeout_s=0.05)), HttpResponse)
        assert raw.connections == 2


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"])
async def test_a_reset_is_maybe_sent_and_nothing_is_sent_twice(
    transport: Http1Transport, before: bytes
) -> None:
    async def reset(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await raw.read_request(reader)
        writer.write(before)
        await asyncio.sleep(0.005)
        _reset(writer)

    async with serving(reset) as raw:
        assert isinstance(await transport.send(order(raw)), MaybeSent)
        assert len(raw.requests) == 1


async def test_a_silent_reset_costs_no_request(transport: Http1Transport) -> None:
    async def once(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await raw.read_request(reader)
        writer.write(OK)
        await asyncio.sleep(0.005)
        _reset(writer)

    async with serving(once) as raw:
        for number in range(3):
            assert isinstance(await transport.send(order(raw, f"/{number}")), HttpResponse)
            await asyncio.sleep(0.02)
        assert raw.connections == 3


# -- the promise ------------------------------------------------------------------------------


async def test_both_legs_are_written_before_anything_is_awaited() -> None:
    """The bytes are in the kernel when ``send`` returns; the loop does not turn in between."""
    face = Http1Transport()
    loop = asyncio.get_running_loop()
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        urls, accepted = [], []
        for server in (one, other):
            server.settimeout(0)
            urls.append(f"http://127.0.0.1:{server.getsockname()[1]}/")
            warming = face.send(HttpRequest(method="GET", url=urls[-1]))
            sock, _ = await loop.sock_accept(server)
            await loop.sock_recv(sock, 9_999)
            await loop.sock_sendall(sock, OK)
            await warming
            accepted.append(sock)
        answers = [face.send(HttpRequest(method="POST", url=url)) for url in urls]
        for sock in accepted:
            assert sock.recv(9_999, socket.MSG_DONTWAIT).startswith(b"POST / HTTP/1.1\r\n")
            sock.close()
        for answer in answers:
            assert isinstance(await answer, MaybeSent)
    await face.close()


async def test_a_connection_ended_in_the_same_turn_of_the_loop_carries_nothing() -> None:
    """The end lies unread in the socket: the loop has not told of it yet."""
    face = Http1Transport()
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        first = face.send(HttpRequest(method="GET", url=url))
        sock, _ = await loop.sock_accept(server)
        await loop.sock_recv(sock, 9_999)
        await loop.sock_sendall(sock, OK)
        await first
        sock.close()
        second = face.send(HttpRequest(method="POST", url=url))
        sock, _ = await loop.sock_accept(server)
        assert (await loop.sock_recv(sock, 9_999)).startswith(b"POST")
        await loop.sock_sendall(sock, OK)
        assert isinstance(await second, HttpResponse)
        sock.close()
    await face.close()


async def test_given_up_before_it_left_it_never_leaves(transport: Http1Transport) -> None:
    async with serving(answer_ok) as raw:
        transport.send(order(raw, "/given-up")).cancel()
        answer = await transport.send(order(raw, "/wanted"))
        assert isinstance(answer, HttpResponse)
        await asyncio.sleep(0.02)
    assert raw.targets() == ["/wanted"]


async def test_what_cannot_be_written_down_is_not_sent(transport: Http1Transport) -> None:
    async with serving(answer_ok) as raw:
        request = order(raw)._replace(headers={"A": "b\r\nX: y"})
        assert isinstance(await transport.send(request), NotSent)
        assert isinstance(await transport.send(order(raw)._replace(url="ftp://x/")), NotSent)
        assert raw.connections == 0


async def test_after_the_end_nothing_is_sent(transport: Http1Transport) -> None:
    async with serving(answer_ok) as raw:
        await transport.send(order(raw, "/1"))
        await transport.close()
        assert isinstance(await transport.send(order(raw, "/2")), NotSent)
        assert isinstance(await transport.send(order(raw)._replace(url="http://a/")), NotSent)
    assert raw.targets() == ["/1"]


# -- one request, one connection, one answer -------------------------------------------------


async def echo(raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers with the target, in three parts; ``/N-LATE`` after LATE milliseconds."""
    while True:
        request = await raw.read_request(reader)
        target = request.split(b" ", 2)[1]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(target))
        await asyncio.sleep(int(target.rpartition(b"-")[2]) / 1_000)
        writer.write(target[:2])
        await asyncio.sleep(0.001)
        assert not reader._buffer, "a second request came before the first was answered"  # type: ignore[attr-defined]
        writer.write(target[2:])


async def test_every_answer_goes_to_its_own_request(transport: Http1Transport) -> None:
    """Some are given up half way, at random places; the others get theirs all the same."""

    async def ask(raw: RawServer, number: int) -> HttpResult | None:
        target = f"/order-{number}-{number * 7 % 13}"
        answer = transport.send(order(raw, target))
        if number % 3 == 0:
            try:
                async with asyncio.timeout(number * 5 % 11 / 1_000):
                    await answer
            except TimeoutError:
                return None
        found = await answer
        assert isinstance(found, HttpResponse)
        assert found.body.decode() == target
        return found

    async with serving(echo) as raw:
        for first in range(0, 120, 8):
            await asyncio.gather(*(ask(raw, number) for number in range(first, first + 8)))
        assert len(set(raw.targets())) == len(raw.targets()), "something was sent twice"
        assert raw.connections <= 16


async def test_an_answer_nobody_waits_for_is_read_to_its_end(transport: Http1Transport) -> None:
    async with serving(echo) as raw:
        given_up = transport.send(order(raw, "/given-up-5"))
        await raw.arrived.wait()
        given_up.cancel()
        beside = await transport.send(order(raw, "/beside-0"))
        assert raw.connections == 2, "it was written to a connection that had not ended its answer"
        await asyncio.sleep(0.03)
        both = await asyncio.gather(
            transport.send(order(raw, "/one-1")), transport.send(order(raw, "/two-1"))
        )
        assert raw.connections == 2
    bodies = [answer.body for answer in (beside, *both) if isinstance(answer, HttpResponse)]
    assert bodies == [b"/beside-0", b"/one-1", b"/two-1"]


async def test_an_answer_nobody_waits_for_is_not_read_beyond_its_time(
    transport: Http1Transport,
) -> None:
    async with serving(echo) as raw:
        given_up = transport.send(order(raw, "/given-up-200", timeout_s=0.03))
        await raw.arrived.wait()
        given_up.cancel()
        await asyncio.sleep(0.05)
        assert isinstance(await transport.send(order(raw, "/next-0")), HttpResponse)
        assert raw.connections == 2


async def test_an_ipv6_server() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 on this machine")
    face = Http1Transport()
    raw = RawServer()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await raw.read_request(reader)
        writer.write(OK)
        writer.close()

    try:
        server = await asyncio.start_server(accept, "::1", 0)
    except OSError:
        pytest.skip("no IPv6 loopback on this machine")
    async with server:
        raw.url = f"http://[::1]:{server.sockets[0].getsockname()[1]}"
        assert isinstance(await face.send(order(raw)), HttpResponse)
    await face.close()
