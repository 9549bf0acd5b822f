"""Both HTTP faces against real servers on the loopback, most of them misbehaving."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable

import pytest

from tests.e2e.transport.raw_server import OK, RawServer, answer_ok, serving
from trading_platform_order.transport.aiohttp_transport import USER_AGENT, AiohttpTransport
from trading_platform_order.transport.http import (
    HttpRequest,
    HttpResponse,
    HttpTransport,
    MaybeSent,
    NotSent,
)
from trading_platform_order.transport.http1.connection import AnswerLimits
from trading_platform_order.transport.http1.http1_transport import Http1Transport


def _by_hand(connect_timeout_s: float = 5.0) -> HttpTransport:
    limits = AnswerLimits(body_bytes_max=1_000)
    return Http1Transport(limits=limits, connect_timeout_s=connect_timeout_s)


def _by_aiohttp(connect_timeout_s: float = 5.0) -> HttpTransport:
    return AiohttpTransport(body_bytes_max=1_000, connect_timeout_s=connect_timeout_s)


Make = Callable[..., HttpTransport]


@pytest.fixture(params=[_by_hand, _by_aiohttp], ids=["http1", "aiohttp"])
def make(request: pytest.FixtureRequest) -> Make:
    found: Make = request.param
    return found


@pytest.fixture
async def transport(make: Make) -> AsyncIterator[HttpTransport]:
    face = make()
    yield face
    await face.close()


async def test_one_request_and_its_answer(transport: HttpTransport) -> None:
    async with serving(answer_ok) as raw:
        answer = await transport.send(
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


async def test_the_connection_is_kept_and_cookies_are_not(transport: HttpTransport) -> None:
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


async def test_requests_start_before_they_are_awaited(transport: HttpTransport) -> None:
    both = asyncio.Event()

    async def when_both_are_there(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await raw.read_request(reader)
        if len(raw.requests) == 2:
            both.set()
        await both.wait()
        writer.write(OK)

    async with serving(when_both_are_there) as raw:
        first = transport.send(HttpRequest(method="GET", url=raw.url + "/a"))
        second = transport.send(HttpRequest(method="GET", url=raw.url + "/b"))
        async with asyncio.timeout(1):
            assert isinstance(await second, HttpResponse)
            assert isinstance(await first, HttpResponse)
    assert raw.connections == 2


async def test_a_refused_connection_is_not_sent(transport: HttpTransport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    answer = await transport.send(
        HttpRequest(method="POST", url=f"http://127.0.0.1:{port}/secret-path")
    )
    assert isinstance(answer, NotSent)
    assert "secret-path" not in answer.reason


async def test_an_unknown_name_is_not_sent(transport: HttpTransport) -> None:
    answer = await transport.send(HttpRequest(method="POST", url="http://nowhere.invalid/"))
    assert isinstance(answer, NotSent)


@pytest.mark.parametrize("answer", [b"", b"this is not TLS\r\n\r\n"], ids=["silent", "no TLS"])
async def test_a_connection_that_never_comes_about_is_not_sent(make: Make, answer: bytes) -> None:
    """Before the TLS handshake is over no byte of the request has left."""

    async def no_tls(
        _: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read(1)
        writer.write(answer)
        await reader.read()

    face = make(connect_timeout_s=0.02)
    async with serving(no_tls) as raw:
        url = raw.url.replace("http:", "https:")
        outcome = await face.send(HttpRequest(method="POST", url=url + "/"))
    await face.close()
    assert isinstance(outcome, NotSent)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_a_server_that_closes_without_an_answer_gets_nothing_twice(
    transport: HttpTransport, method: str
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
    transport: HttpTransport, method: str
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
    transport: HttpTransport,
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


async def test_a_slow_server_is_maybe_sent(transport: HttpTransport) -> None:
    async def silent(raw: RawServer, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await raw.read_request(reader)
        await reader.read()

    async with serving(silent) as raw:
        answer = await transport.send(HttpRequest(method="POST", url=raw.url + "/", timeout_s=0.5))
    assert isinstance(answer, MaybeSent)
    assert "0.5 s" in answer.reason


async def test_a_slow_body_is_maybe_sent(transport: HttpTransport) -> None:
    async def half(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await raw.read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        await reader.read()

    async with serving(half) as raw:
        answer = await transport.send(HttpRequest(method="POST", url=raw.url + "/", timeout_s=0.5))
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
async def test_a_broken_answer_is_maybe_sent(transport: HttpTransport, wire: bytes) -> None:
    async def broken(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await raw.read_request(reader)
        writer.write(wire)

    async with serving(broken) as raw:
        answer = await transport.send(HttpRequest(method="POST", url=raw.url + "/"))
    assert isinstance(answer, MaybeSent)
    assert len(raw.requests) == 1


async def test_a_redirect_is_an_answer(transport: HttpTransport) -> None:
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
    transport: HttpTransport,
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


async def test_closing_ends_what_is_under_way(make: Make) -> None:
    async def silent(raw: RawServer, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await raw.read_request(reader)
        await reader.read()

    face = make()
    async with serving(silent) as raw:
        waiting = asyncio.ensure_future(face.send(HttpRequest(method="POST", url=raw.url + "/")))
        await raw.arrived.wait()
        await face.close()
    assert waiting.cancelled()
