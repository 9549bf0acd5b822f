"""The HTTP face against real servers on the loopback, most of them misbehaving."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from trading_platform_order.transport.aiohttp_transport import USER_AGENT, AiohttpTransport
from trading_platform_order.transport.http import (
    HttpRequest,
    HttpResponse,
    HttpTransport,
    MaybeSent,
    NotSent,
)

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-MBX-USED-WEIGHT-1M: 7\r\n\r\nok"
Handler = Callable[["RawServer", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class RawServer:
    """Counts and keeps requests; what it answers is the test's."""

    def __init__(self) -> None:
        self.url = ""
        self.connections = 0
        self.requests: list[bytes] = []
        self.arrived = asyncio.Event()

    async def read_request(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        request = head + await reader.readexactly(length)
        self.requests.append(request)
        self.arrived.set()
        return request


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[RawServer]:
    raw = RawServer()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raw.connections += 1
        try:
            await handler(raw, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    raw.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield raw
    finally:
        server.close()


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    face = AiohttpTransport(body_bytes_max=1_000)
    yield face
    await face.close()


async def answer_ok(
    raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    while True:
        await raw.read_request(reader)
        writer.write(OK)


async def test_one_request_and_its_answer(transport: AiohttpTransport) -> None:
    face: HttpTransport = transport
    async with serving(answer_ok) as raw:
        answer = await face.send(
            HttpRequest(
                method="POST",
                url=f"{raw.url}/v1/orders?states%5B%5D=wait&at=a%3Ab+c&plain=[x]",
                headers={"Authorization": "Bearer t", "Content-Type": "application/json"},
                body=b'{"a":"1"}',
            )
        )
    assert isinstance(answer, HttpResponse)
    assert (answer.status, answer.body) == (200, b"ok")
    assert answer.headers["x-mbx-used-weight-1m"] == "7"
    head, _, body = raw.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /v1/orders?states%5B%5D=wait&at=a%3Ab+c&plain=[x] HTTP/1.1"
    assert body == b'{"a":"1"}'
    names = {line.partition(":")[0].lower() for line in lines[1:]}
    assert names == {"host", "authorization", "content-type", "content-length", "user-agent"}
    assert f"User-Agent: {USER_AGENT}" in lines


async def test_the_connection_is_kept_and_cookies_are_not(transport: AiohttpTransport) -> None:
    async def with_cookie(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            await raw.read_request(reader)
            writer.write(OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b\r\n\r\n", 1))

    async with serving(with_cookie) as raw:
        for _ in range(3):
            await transport.send(HttpRequest(method="GET", url=raw.url + "/"))
    assert raw.connections == 1
    assert all(b"ookie" not in request for request in raw.requests)


async def test_requests_start_before_they_are_awaited(transport: AiohttpTransport) -> None:
    async with serving(answer_ok) as raw:
        first = transport.send(HttpRequest(method="GET", url=raw.url + "/a"))
        second = transport.send(HttpRequest(method="GET", url=raw.url + "/b"))
        assert isinstance(await second, HttpResponse)
        async with asyncio.timeout(1):
            assert isinstance(await first, HttpResponse)
    assert raw.connections == 2


async def test_a_refused_connection_is_not_sent(transport: AiohttpTransport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    answer = await transport.send(
        HttpRequest(method="POST", url=f"http://127.0.0.1:{port}/secret-path")
    )
    assert isinstance(answer, NotSent)
    assert "secret-path" not in answer.reason


async def test_an_unknown_name_is_not_sent(transport: AiohttpTransport) -> None:
    answer = await transport.send(HttpRequest(method="POST", url="http://nowhere.invalid/"))
    assert isinstance(answer, NotSent)


@pytest.mark.parametrize("answer", [b"", b"this is not TLS\r\n\r\n"], ids=["silent", "no TLS"])
async def test_a_connection_that_never_comes_about_is_not_sent(answer: bytes) -> None:
    """Before the TLS handshake is over no byte of the request has left."""

    async def no_tls(
        _: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read(1)
        writer.write(answer)
        await reader.read()

    face = AiohttpTransport(connect_timeout_s=0.02)
    async with serving(no_tls) as raw:
        url = raw.url.replace("http:", "https:")
        outcome = await face.send(HttpRequest(method="POST", url=url + "/"))
    await face.close()
    assert isinstance(outcome, NotSent)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_a_server_that_closes_without_an_answer_gets_nothing_twice(
    transport: AiohttpTransport, method: str
) -> None:
    async def hang_up(
        raw: RawServer, reader: asyncio.StreamReader, _: asyncio.StreamWriter
    ) -> None:
        await raw.read_request(reader)

    async with serving(hang_up) as raw:
        answer = await transport.send(HttpRequest(method=method, url=raw.url + "/"))
    assert isinstance(answer, MaybeSent)
    assert len(raw.requests) == 1


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_a_stale_connection_is_not_used_to_send_again(
    transport: AiohttpTransport, method: str
) -> None:
    """The server answers once and closes when the second request arrives on that connection."""

    async def once(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await raw.read_request(reader)
        writer.write(OK)
        await raw.read_request(reader)

    async with serving(once) as raw:
        assert isinstance(
            await transport.send(HttpRequest(method=method, url=raw.url + "/1")), HttpResponse
        )
        second = await transport.send(HttpRequest(method=method, url=raw.url + "/2"))
    assert isinstance(second, MaybeSent)
    assert len(raw.requests) == 2
    assert raw.connections == 1


async def test_a_connection_closed_between_requests_is_replaced(
    transport: AiohttpTransport,
) -> None:
    closed = asyncio.Event()

    async def once(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await raw.read_request(reader)
        writer.write(OK)
        writer.close()
        await writer.wait_closed()
        closed.set()

    async with serving(once) as raw:
        for _ in range(2):
            closed.clear()
            answer = await transport.send(HttpRequest(method="POST", url=raw.url + "/"))
            assert isinstance(answer, HttpResponse)
            await closed.wait()
            await asyncio.sleep(0.005)
    assert raw.connections == 2


async def test_a_slow_server_is_maybe_sent(transport: AiohttpTransport) -> None:
    async def silent(raw: RawServer, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await raw.read_request(reader)
        await reader.read()

    async with serving(silent) as raw:
        answer = await transport.send(HttpRequest(method="POST", url=raw.url + "/", timeout_s=0.02))
    assert isinstance(answer, MaybeSent)
    assert "0.02 s" in answer.reason


async def test_a_slow_body_is_maybe_sent(transport: AiohttpTransport) -> None:
    async def half(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await raw.read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        await reader.read()

    async with serving(half) as raw:
        answer = await transport.send(HttpRequest(method="POST", url=raw.url + "/", timeout_s=0.02))
    assert isinstance(answer, MaybeSent)


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"this is not HTTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000,
    ],
    ids=["cut body", "not HTTP", "broken gzip", "too long"],
)
async def test_a_broken_answer_is_maybe_sent(transport: AiohttpTransport, wire: bytes) -> None:
    async def broken(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await raw.read_request(reader)
        writer.write(wire)

    async with serving(broken) as raw:
        answer = await transport.send(HttpRequest(method="POST", url=raw.url + "/"))
    assert isinstance(answer, MaybeSent)
    assert len(raw.requests) == 1


async def test_a_redirect_is_an_answer(transport: AiohttpTransport) -> None:
    async def elsewhere(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            await raw.read_request(reader)
            writer.write(b"HTTP/1.1 307 Go\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")

    async with serving(elsewhere) as raw:
        answer = await transport.send(HttpRequest(method="POST", url=raw.url + "/"))
    assert isinstance(answer, HttpResponse)
    assert answer.status == 307
    assert len(raw.requests) == 1


async def test_cancelling_gives_up_and_leaves_the_transport_usable(
    transport: AiohttpTransport,
) -> None:
    async def silent_first(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await raw.read_request(reader)
        if raw.connections == 1:
            await reader.read()
        writer.write(OK)

    async with serving(silent_first) as raw:
        waiting = asyncio.ensure_future(
            transport.send(HttpRequest(method="POST", url=raw.url + "/"))
        )
        await raw.arrived.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        answer = await transport.send(HttpRequest(method="POST", url=raw.url + "/"))
    assert isinstance(answer, HttpResponse)


async def test_closing_ends_what_is_under_way() -> None:
    async def silent(raw: RawServer, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await raw.read_request(reader)
        await reader.read()

    face = AiohttpTransport()
    async with serving(silent) as raw:
        waiting = face.send(HttpRequest(method="POST", url=raw.url + "/"))
        await raw.arrived.wait()
        await face.close()
    assert waiting.cancelled()
