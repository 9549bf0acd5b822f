"""The transport ports on top of the gateways, without sockets: for virtual time.

Nothing here waits by itself: answers and time-outs are timers of the running loop, so on a virtual
loop a ten-second time-out costs no time at all.
"""

import asyncio
from collections.abc import Mapping

from trading_platform_order.simulator.gateway import Answer, Dropped, Gateway, Unsent
from trading_platform_order.simulator.gateway_stream import GatewayStream
from trading_platform_order.transport.http import (
    HttpRequest,
    HttpResponse,
    HttpResult,
    MaybeSent,
    NotSent,
)
from trading_platform_order.transport.websocket import Closed, ConnectionFailed


def _route(gateways: Mapping[str, Gateway], url: str) -> tuple[Gateway, str] | None:
    """The gateway whose base begins the address, and the rest of the address."""
    for base, gateway in gateways.items():
        rest = url.removeprefix(base)
        if rest != url and rest[:1] in {"/", "?"}:
            return gateway, rest
    return None


class InProcessHttp:
    """HTTP straight into the gateways.

    Args:
        gateways: by the beginning of the address, e.g. ``https://api.upbit.com``.
    """

    def __init__(self, gateways: Mapping[str, Gateway]) -> None:
        self._gateways = gateways
        self._running: set[asyncio.Future[HttpResult]] = set()

    def send(self, request: HttpRequest) -> asyncio.Future[HttpResult]:
        """Start sending now; await the outcome. An address of nobody is ``NotSent``."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[HttpResult] = loop.create_future()
        routed = _route(self._gateways, request.url)
        if routed is None or routed[0].unreachable:
            result.set_result(NotSent(reason="connection refused"))
            return result
        timer = loop.call_later(
            request.timeout_s,
            _settle,
            result,
            MaybeSent(reason=f"no whole answer within {request.timeout_s} s"),
        )
        self._running.add(result)

        def forget(done: asyncio.Future[HttpResult]) -> None:
            timer.cancel()
            self._running.discard(done)

        result.add_done_callback(forget)
        answer = routed[0].submit(request)
        if answer.done():
            _pass_on(answer, result)
        else:
            answer.add_done_callback(lambda done: _pass_on(done, result))
        return result

    async def close(self) -> None:
        """Give up waiting for everything under way; the requests themselves go on."""
        for result in tuple(self._running):
            result.cancel()


def _pass_on(answer: asyncio.Future[Answer], result: asyncio.Future[HttpResult]) -> None:
    error = answer.exception()
    if error is not None:
        if not result.done():
            result.set_exception(error)
        return
    match answer.result():
        case HttpResponse() as response:
            _settle(result, response)
        case Unsent():
            _settle(result, NotSent(reason="connection refused"))
        case Dropped(how="disconnect"):
            _settle(result, MaybeSent(reason="connection closed without an answer"))
        case Dropped():
            pass  # the client waits until its own time-out


def _settle(result: asyncio.Future[HttpResult], value: HttpResult) -> None:
    if not result.done():
        result.set_result(value)


class InProcessWebSockets:
    """WebSockets straight into the gateways.

    Args:
        gateways: by the beginning of the address, e.g. ``wss://api.upbit.com``.
    """

    def __init__(self, gateways: Mapping[str, Gateway]) -> None:
        self._gateways = gateways

    async def connect(
        self, url: str, *, headers: Mapping[str, str], timeout_s: float
    ) -> "InProcessConnection":
        """Open a connection; takes a round trip.

        Raises:
            ConnectionFailed: nobody there, refused, or slower than ``timeout_s``.
        """
        routed = _route(self._gateways, url)
        if routed is None or routed[0].unreachable:
            raise ConnectionFailed("connection refused")
        gateway, target = routed
        round_trip_s = 2 * gateway.latency_s
        await asyncio.sleep(min(round_trip_s, timeout_s))
        if round_trip_s > timeout_s:
            raise ConnectionFailed(f"not open within {timeout_s} s")
        stream = gateway.open_stream(target, headers)
        if isinstance(stream, HttpResponse):
            raise ConnectionFailed(f"handshake refused with HTTP {stream.status}")
        return InProcessConnection(stream)


class InProcessConnection:
    """The client's end of one stream."""

    def __init__(self, stream: GatewayStream) -> None:
        self._stream = stream

    async def send(self, text: str) -> None:
        """Send one text message; a lost connection shows in the next ``receive``."""
        self._stream.send(text)

    async def receive(self) -> bytes | Closed:
        """The next message as bytes, or ``Closed`` once and for ever."""
        text = await self._stream.take()
        if text is None:
            return Closed(reason=self._stream.closed_reason or "closed")
        return text.encode()

    async def close(self) -> None:
        """Close; ``receive`` then returns ``Closed``."""
        self._stream.cut("closed by us")
