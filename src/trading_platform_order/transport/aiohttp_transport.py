"""The transport ports carried by aiohttp, with everything that could send twice switched off.

aiohttp repeats a GET, HEAD, OPTIONS, TRACE, PUT or DELETE by itself when a kept-alive connection
turns out to be dead (``ClientSession._request``, ``IDEMPOTENT_METHODS``, read in 3.14). That loop
repeats on its own error types only, so :func:`_translate_once` turns those errors into ours inside
the loop, through the public middleware hook: no request of any method is ever sent twice.
Redirects are not followed, cookies not kept, proxies of the environment not used, and the address
is sent byte for byte as given, because signatures cover it.
"""

import asyncio
import math
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import aiohttp
import attrs
from aiohttp import hdrs
from yarl import URL

from trading_platform_order.transport.http import (
    HttpRequest,
    HttpResponse,
    HttpResult,
    MaybeSent,
    NotSent,
)
from trading_platform_order.transport.websocket import Closed, ConnectionFailed

USER_AGENT = "trading-platform-order"
_NO_AUTOMATIC_HEADERS = (hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE)
_CHUNK_BYTES = 65_536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

SocketFactory = Callable[[tuple[Any, ...]], socket.socket]
"""Makes the socket for one of ``getaddrinfo``'s answers."""


class _NothingLeft(Exception):  # noqa: N818 - a fact for this module, never seen outside
    """No connection came about, so no byte of the request left."""


class _MayHaveLeft(Exception):  # noqa: N818 - as above
    """The connection broke after it was handed to the request."""


async def _translate_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        # Both are raised by the connector alone, before the request is written.
        raise _NothingLeft(_describe(error)) from error
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _MayHaveLeft(_describe(error)) from error


async def _refuse_redirect(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """A WebSocket handshake carries a token: it goes where it was sent and nowhere else."""
    response = await handler(request)
    if response.status in _REDIRECTS:
        response.close()
        raise _MayHaveLeft(f"handshake redirected with HTTP {response.status}")
    return response


def _describe(error: BaseException) -> str:
    """The kind of error and the operating system's word; never the address, which is signed."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{type(error).__name__}: {error.strerror or 'no connection'}"
    if isinstance(error, OSError) and error.strerror:
        return f"{type(error).__name__}: {error.strerror}"
    return type(error).__name__


def _wire_trace(on_wire: Callable[[str], None]) -> aiohttp.TraceConfig:
    trace = aiohttp.TraceConfig()

    async def sent(
        _session: aiohttp.ClientSession,
        context: SimpleNamespace,
        _params: aiohttp.TraceRequestHeadersSentParams | aiohttp.TraceRequestChunkSentParams,
    ) -> None:
        label = context.trace_request_ctx
        if label:
            on_wire(label)

    trace.on_request_headers_sent.append(sent)
    trace.on_request_chunk_sent.append(sent)
    return trace


def _session(
    keepalive_s: float,
    tls: ssl.SSLContext | None,
    middlewares: Sequence[aiohttp.ClientMiddlewareType],
    traces: list[aiohttp.TraceConfig] | None = None,
    socket_factory: SocketFactory | None = None,
) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(
        limit=0,  # a pool that makes callers wait would be a hidden queue
        keepalive_timeout=keepalive_s,
        ssl=tls if tls is not None else True,
        socket_factory=socket_factory,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={hdrs.USER_AGENT: USER_AGENT},
        skip_auto_headers=_NO_AUTOMATIC_HEADERS,
        middlewares=middlewares,
        trace_configs=traces,
        trust_env=False,
        raise_for_status=False,
    )


class AiohttpTransport:
    """HTTP over one aiohttp session; make it inside a running event loop.

    Args:
        connect_timeout_s: for name, TCP and TLS; within the request's own limit. Running out of
            it proves that nothing was sent.
        keepalive_s: how long an idle connection is kept; below the server's own limit.
        body_bytes_max: a longer answer is cut off and counts as no answer.
        tls: for tests and private certificates; the system's certificates by default.
        on_wire: told the label of a labelled request when its head, and again when its body, was
            handed to the socket.
        socket_factory: makes the sockets; ordinary ones by default.
    """

    def __init__(
        self,
        *,
        connect_timeout_s: float = 5.0,
        keepalive_s: float = 30.0,
        body_bytes_max: int = 8 * 1024 * 1024,
        tls: ssl.SSLContext | None = None,
        on_wire: Callable[[str], None] | None = None,
        socket_factory: SocketFactory | None = None,
    ) -> None:
        traces = [] if on_wire is None else [_wire_trace(on_wire)]
        self._session = _session(keepalive_s, tls, (_translate_once,), traces, socket_factory)
        self._connect_timeout_s = connect_timeout_s
        self._body_bytes_max = body_bytes_max
        self._running: set[asyncio.Task[HttpResult]] = set()

    def send(self, request: HttpRequest) -> asyncio.Task[HttpResult]:
        """Start sending now; await the outcome. Cancelling the wait gives the request up."""
        # Owned here rather than by a TaskGroup: it must start before the caller's first await,
        # it raises nothing, lives ``timeout_s`` at most, and ``close`` ends it.
        task = asyncio.get_running_loop().create_task(self._send(request))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def close(self) -> None:
        """Give up what is under way and close all connections."""
        for task in tuple(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._session.close()

    async def _send(self, request: HttpRequest) -> HttpResult:
        timeout = aiohttp.ClientTimeout(
            total=request.timeout_s,
            connect=min(self._connect_timeout_s, request.timeout_s),
            ceil_threshold=math.inf,  # do not round long limits up to whole seconds
        )
        try:
            async with self._session.request(
                request.method,
                URL(request.url, encoded=True),
                headers=request.headers,
                data=request.body or None,
                allow_redirects=False,
                timeout=timeout,
                trace_request_ctx=request.label,
            ) as response:
                body = await self._read_body(response)
        except _NothingLeft as error:
            return NotSent(reason=str(error))
        except _MayHaveLeft as error:
            return MaybeSent(reason=str(error))
        except TimeoutError:
            return MaybeSent(reason=f"no whole answer within {request.timeout_s} s")
        except (aiohttp.ClientError, OSError) as error:
            return MaybeSent(reason=_describe(error))
        if body is None:
            return MaybeSent(reason=f"answer over {self._body_bytes_max} bytes")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return HttpResponse(status=response.status, headers=headers, body=body)

    async def _read_body(self, response: aiohttp.ClientResponse) -> bytes | None:
        """The whole body, or ``None`` (and a closed connection) if it is too long."""
        chunks = bytearray()
        while chunk := await response.content.read(_CHUNK_BYTES):
            chunks += chunk
            if len(chunks) > self._body_bytes_max:
                response.close()
                return None
        return bytes(chunks)


class AiohttpWebSockets:
    """WebSockets over one aiohttp session; make it inside a running event loop.

    No ``Origin`` header is sent: Upbit throttles connections that carry one (Upbit docs
    rate-limits).

    Args:
        ping_every_s: an idle connection is pinged this often (Upbit drops one that is silent for
            120 s) and given up when no pong comes within half of it; ``None`` for never.
        message_bytes_max: a longer message ends the connection.
        send_timeout_s: how long one message may wait for the socket.
        socket_factory: makes the sockets; ordinary ones by default.
    """

    def __init__(
        self,
        *,
        ping_every_s: float | None = 20.0,
        message_bytes_max: int = 8 * 1024 * 1024,
        send_timeout_s: float = 5.0,
        tls: ssl.SSLContext | None = None,
        socket_factory: SocketFactory | None = None,
    ) -> None:
        middlewares = (_refuse_redirect, _translate_once)
        self._session = _session(30.0, tls, middlewares, socket_factory=socket_factory)
        self._ping_every_s = ping_every_s
        self._message_bytes_max = message_bytes_max
        self._send_timeout_s = send_timeout_s

    async def connect(
        self, url: str, *, headers: Mapping[str, str], timeout_s: float
    ) -> "AiohttpWebSocketConnection":
        """Open a connection.

        Raises:
            ConnectionFailed: refused, timed out, or not a WebSocket.
        """
        try:
            async with asyncio.timeout(timeout_s):
                socket = await self._session.ws_connect(
                    URL(url, encoded=True),
                    headers=headers,
                    heartbeat=self._ping_every_s,
                    max_msg_size=self._message_bytes_max,
                    timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
                    decode_text=False,
                )
        except aiohttp.WSServerHandshakeError as error:
            raise ConnectionFailed(f"handshake refused with HTTP {error.status}") from error
        except (_NothingLeft, _MayHaveLeft) as error:
            raise ConnectionFailed(str(error)) from error
        except TimeoutError as error:
            raise ConnectionFailed(f"not open within {timeout_s} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionFailed(_describe(error)) from error
        return AiohttpWebSocketConnection(socket, self._send_timeout_s)

    async def close(self) -> None:
        """Close the session; open connections should have been closed before."""
        await self._session.close()


@attrs.define(eq=False, repr=False)
class AiohttpWebSocketConnection:
    """One open WebSocket."""

    _socket: "aiohttp.ClientWebSocketResponse[bool]"
    _send_timeout_s: float
    _closed: Closed | None = attrs.field(default=None, init=False)

    async def send(self, text: str) -> None:
        """Send one text message; a lost connection shows in the next ``receive``."""
        if self._closed is not None:
            return
        try:
            async with asyncio.timeout(self._send_timeout_s):
                await self._socket.send_str(text)
        except TimeoutError:
            await self._end("the connection takes no more messages")
        except (aiohttp.ClientError, OSError) as error:
            await self._end(_describe(error))

    async def receive(self) -> bytes | Closed:
        """The next message as bytes (text is UTF-8), or ``Closed`` once and for ever."""
        if self._closed is not None:
            return self._closed
        message = await self._socket.receive()
        if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            data = message.data
            return data if isinstance(data, bytes) else str(data).encode()
        if message.type is aiohttp.WSMsgType.ERROR:
            return await self._end(f"broken: {_describe(message.data)}")
        text = f": {message.extra}" if message.extra else ""
        return await self._end(f"closed with code {self._socket.close_code}{text}")

    async def close(self) -> None:
        """Close; ``receive`` then returns ``Closed``."""
        await self._end("closed by us")

    async def _end(self, reason: str) -> Closed:
        if self._closed is None:
            self._closed = Closed(reason=reason)
            await self._socket.close()
        return self._closed
