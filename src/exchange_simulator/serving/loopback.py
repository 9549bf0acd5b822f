"""Both simulated exchanges and their control as servers on the loopback interface.

Path and query reach the exchange exactly as received, because signatures cover the exact text.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Any, Self

from aiohttp import WSMsgType, web

from exchange_simulator.exchanges import SimulatedWorld, SimulatorKeys
from exchange_simulator.gateway.gateway import Dropped, Gateway, Unsent
from exchange_simulator.gateway.gateway_stream import GatewayStream
from exchange_simulator.names import UPBIT
from exchange_simulator.serving.control import Control
from exchange_simulator.wire import HttpRequest, HttpResponse

_HOST = "127.0.0.1"
_SEND_TIMEOUT_S = 5.0
_SHUTDOWN_TIMEOUT_S = 0.1
_WS_API_PREFIX = "/ws-fapi"


class GatewayServer:
    """The socket face of one gateway.

    Args:
        gateway: what it serves.
        is_binary: stream messages go out as binary frames (Upbit) instead of text (Binance).
        hold_s: how long a connection whose answer is lost stays open.
    """

    def __init__(self, gateway: Gateway, *, is_binary: bool, hold_s: float) -> None:
        self._gateway = gateway
        self._is_binary = is_binary
        self._hold_s = hold_s

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve one request or one WebSocket."""
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._handle_stream(request)
        answer = await self._gateway.serve(
            HttpRequest(
                method=request.method,
                url=request.raw_path,
                headers=dict(request.headers),
                body=await request.read() if request.body_exists else b"",
            )
        )
        if isinstance(answer, Unsent):
            _abort(request)  # over a socket that is accepted already this is the nearest there is
            return web.Response()
        if isinstance(answer, Dropped):
            if answer.how == "hang":
                # Ends at once when the client goes away: the server cancels its handlers.
                await asyncio.sleep(self._hold_s)
            _abort(request)
            return web.Response()
        return _response(answer)

    async def _handle_stream(self, request: web.BaseRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoping=False, compress=False)
        stream = self._gateway.open_stream(request.raw_path, request.headers)
        if isinstance(stream, HttpResponse):
            return _response(stream)
        try:
            await socket.prepare(request)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write(request, socket, stream))
                await _read(socket, stream)
                stream.cut("the client closed the connection")
        finally:
            stream.cut("the client is gone")
        return socket

    async def _write(
        self, request: web.BaseRequest, socket: web.WebSocketResponse, stream: GatewayStream
    ) -> None:
        """Send until the stream ends, then break the connection off.

        Behind each burst goes a ping. Its pong proves that the client has read every message, so
        that the stream counts as under way until then: bytes in a socket are not idle.
        """
        try:
            while (text := await stream.take()) is not None:
                number = stream.hand_over()
                async with asyncio.timeout(_SEND_TIMEOUT_S):
                    if self._is_binary:
                        await socket.send_bytes(text.encode())
                    else:
                        await socket.send_str(text)
                    if not stream.waiting:
                        await socket.ping(b"%d" % number)
        except (ConnectionError, TimeoutError):
            stream.cut("the connection takes no more messages")
        _abort(request)


async def _read(socket: web.WebSocketResponse, stream: GatewayStream) -> None:
    while True:
        message = await socket.receive()
        match message.type:
            case WSMsgType.TEXT:
                stream.send(message.data)
            case WSMsgType.BINARY:
                stream.send(message.data.decode(errors="replace"))
            case WSMsgType.PING:
                stream.ping()
                await socket.pong(message.data)
            case WSMsgType.PONG:
                with suppress(ValueError):  # a pong nobody asked for
                    stream.confirm(int(message.data))
            case _:
                return


def _abort(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.abort()


def _response(answer: HttpResponse) -> web.Response:
    return web.Response(status=answer.status, headers=answer.headers, body=answer.body)


class LoopbackServers:
    """Serves a world from ``async with`` on; every server on a port of its own.

    Args:
        world: both exchanges.
        keys: shown in :meth:`ready`.
        control: answers on the control port.
        hold_s: how long a connection whose answer is lost stays open.
        bound_socket: makes a socket bound to a free port of a host; ordinary ones by default.
    """

    def __init__(
        self,
        world: SimulatedWorld,
        keys: SimulatorKeys,
        control: Control,
        *,
        hold_s: float = 30.0,
        bound_socket: Callable[[str], socket.socket] | None = None,
    ) -> None:
        self._world = world
        self._keys = keys
        self._control = control
        self._hold_s = hold_s
        self._bound_socket = bound_socket or _bound
        self._stack = AsyncExitStack()
        self._addresses: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            for venue, gateway in self._world.gateways.items():
                server = GatewayServer(gateway, is_binary=venue == UPBIT, hold_s=self._hold_s)
                await self._start(stack, venue, server.handle)
            await self._start(stack, "control", self._control.handle)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._world.close()
        await self._stack.aclose()

    def ready(self) -> dict[str, Any]:
        """Where everything is; JSON-ready."""
        upbit, binance = self._addresses["upbit"], self._addresses["binance"]
        return {
            "upbit": {"rest": f"http://{upbit}", "ws": f"ws://{upbit}/websocket/v1"},
            "binance": {
                "rest": f"http://{binance}",
                "ws": f"ws://{binance}",
                "ws_api": f"ws://{binance}{_WS_API_PREFIX}/v1",
            },
            "control": f"http://{self._addresses['control']}",
            "keys": {
                "upbit": {
                    "access_key": self._keys.upbit_access_key,
                    "secret_key": self._keys.upbit_secret_key,
                },
                "binance": {
                    "api_key": self._keys.binance_api_key,
                    "secret_key": self._keys.binance_secret_key,
                },
            },
        }

    async def _start(
        self,
        stack: AsyncExitStack,
        name: str,
        handle: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
    ) -> None:
        server = web.Server(handle, handler_cancellation=True, access_log=None)
        runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN_TIMEOUT_S)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, self._bound_socket(_HOST)).start()
        self._addresses[name] = f"{_HOST}:{runner.addresses[0][1]}"


def _bound(host: str) -> socket.socket:
    made = socket.socket()
    made.bind((host, 0))
    return made
