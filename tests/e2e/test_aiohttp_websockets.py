"""The WebSocket face against real servers on the loopback."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import WSMsgType, web

from trading_platform_order.transport.aiohttp_transport import AiohttpWebSockets
from trading_platform_order.transport.websocket import (
    Closed,
    ConnectionFailed,
    WebSocketTransport,
)

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    runner = web.ServerRunner(web.Server(handler, access_log=None), shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
async def sockets() -> AsyncIterator[AiohttpWebSockets]:
    face = AiohttpWebSockets(message_bytes_max=1_000)
    yield face
    await face.close()


async def test_text_and_binary_arrive_as_bytes_without_an_origin(
    sockets: AiohttpWebSockets,
) -> None:
    seen: list[web.BaseRequest] = []

    async def echo(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request)
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        async for message in ws:
            await ws.send_str(message.data)
            await ws.send_bytes(message.data.encode())
        return ws

    face: WebSocketTransport = sockets
    async with serving(echo) as address:
        connection = await face.connect(
            f"ws://{address}/private/ws?listenKey=a%2Fb",
            headers={"Authorization": "t"},
            timeout_s=1,
        )
        await connection.send("안녕")
        assert await connection.receive() == "안녕".encode()
        assert await connection.receive() == "안녕".encode()
        await connection.close()
        assert isinstance(await connection.receive(), Closed)
        await connection.send("into the void")
    assert "Origin" not in seen[0].headers
    assert seen[0].headers["Authorization"] == "t"
    assert seen[0].raw_path == "/private/ws?listenKey=a%2Fb"


async def test_a_close_tells_its_reason_for_ever(sockets: AiohttpWebSockets) -> None:
    async def close(request: web.BaseRequest) -> web.StreamResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.close(code=1008, message=b"24 h are over")
        return ws

    async with serving(close) as address:
        connection = await sockets.connect(f"ws://{address}/", headers={}, timeout_s=1)
        first = await connection.receive()
        assert isinstance(first, Closed)
        assert "1008" in first.reason
        assert "24 h are over" in first.reason
        assert await connection.receive() == first


async def test_a_reset_and_a_too_long_message_close(sockets: AiohttpWebSockets) -> None:
    async def misbehave(request: web.BaseRequest) -> web.StreamResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        if request.raw_path == "/long":
            await ws.send_str("x" * 2_000)
            await ws.receive()
        elif request.transport is not None:
            request.transport.abort()
        return ws

    async with serving(misbehave) as address:
        for path in ("long", "reset"):
            connection = await sockets.connect(f"ws://{address}/{path}", headers={}, timeout_s=1)
            async with asyncio.timeout(1):
                assert isinstance(await connection.receive(), Closed)


async def test_sending_into_a_lost_connection_shows_in_receive(sockets: AiohttpWebSockets) -> None:
    async def reset(request: web.BaseRequest) -> web.StreamResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.receive()
        if request.transport is not None:
            request.transport.abort()
        return ws

    async with serving(reset) as address:
        connection = await sockets.connect(f"ws://{address}/", headers={}, timeout_s=1)
        await connection.send("go")
        await asyncio.sleep(0.01)
        await connection.send("anyone there?")
        assert isinstance(await connection.receive(), Closed)


async def test_a_silent_peer_is_given_up_without_a_pong() -> None:
    async def deaf(request: web.BaseRequest) -> web.StreamResponse:
        ws = web.WebSocketResponse(autoping=False)
        await ws.prepare(request)
        while (await ws.receive()).type is WSMsgType.PING:
            pass
        return ws

    sockets = AiohttpWebSockets(ping_every_s=0.02)
    async with serving(deaf) as address:
        connection = await sockets.connect(f"ws://{address}/", headers={}, timeout_s=1)
        async with asyncio.timeout(1):
            assert isinstance(await connection.receive(), Closed)
    await sockets.close()


async def test_a_refused_handshake_tells_the_status(sockets: AiohttpWebSockets) -> None:
    async def refuse(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=401)

    async with serving(refuse) as address:
        with pytest.raises(ConnectionFailed, match="401"):
            await sockets.connect(f"ws://{address}/", headers={}, timeout_s=1)


async def test_a_redirected_handshake_is_refused(sockets: AiohttpWebSockets) -> None:
    paths: list[str] = []

    async def redirect(request: web.BaseRequest) -> web.StreamResponse:
        paths.append(request.raw_path)
        return web.Response(status=302, headers={"Location": "/other"})

    async with serving(redirect) as address:
        with pytest.raises(ConnectionFailed, match="302"):
            await sockets.connect(f"ws://{address}/", headers={}, timeout_s=1)
    assert paths == ["/"]


async def test_no_server_and_no_answer_fail(sockets: AiohttpWebSockets) -> None:
    async def silent(_: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(0.05)
        return web.Response()

    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(ConnectionFailed):
        await sockets.connect(f"ws://127.0.0.1:{port}/", headers={}, timeout_s=1)
    async with serving(silent) as address:
        with pytest.raises(ConnectionFailed, match=r"0\.01 s"):
            await sockets.connect(f"ws://{address}/", headers={}, timeout_s=0.01)
