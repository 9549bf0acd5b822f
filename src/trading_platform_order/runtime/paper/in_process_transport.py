"""The transport ports on top of the gateways, without sockets: for virtual time.

What crosses the border between the simulator's requests and ours is made anew here.

Nothing here waits by itself: answers and time-outs are timers of the running loop, so on a virtual
loop a ten-second time-out costs no time at all.
"""

import asyncio
from collections.abc import Mapping

from exchange_simulator import wire
from exchange_simulator.gateway.gateway import Answer, Dropped, Gateway, Unsent
from exchange_simulator.gateway.gateway_stream import GatewayStream
from trading_platform_order.transport.http import (
    HttpRequest,
    HttpResponse,
    HttpResult,
    MaybeSent,
    NotSent,
)
from trading_platform_order.transport.websocket import Closed, ConnectionFailed


class _Routes:
    """The gateways by the beginning of the address."""

    def __init__(self, gateways: Mapping[str, Gateway]) -> None:
        self._begins = [((f"{base}/", f"{base}?"), gate) for base, gate in gateways.items()]

    def find(self, url: str) -> Gateway | None:
        """Whose base begins the address."""
        for begins, gateway in self._begins:
            if url.startswith(begins):
                return gateway
        return None


class InProcessHttp:
    """HTTP straight into the gateways.

    Args:
        gateways: by the beginning of the address, e.g. ``https://api.upbit.com``.
    """

    def __init__(self, gateways: Mapping[str, Gateway]) -> None:
        self._routes = _Routes(gateways)
        self._running: set[asyncio.Future[HttpResult]] = set()

    def send(self, request: HttpRequest) -> asyncio.Future[HttpResult]:
        """Start sending now; await the outcome. An address of nobody is ``NotSent``."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[HttpResult] = loop.create_future()
        gateway = self._routes.find(request.url)
        if gateway is None or gateway.unreachable:
            result.set_result(NotSent(reason="connection refused"))
            return result
        self._running.add(result)
        timer: asyncio.TimerHandle | None = None

        def receive(answer: Answer | BaseException) -> None:
            if isinstance(answer, Dropped) and answer.how != "disconnect":
                return  # the client waits until its own time-out
            if timer is not None:
                timer.cancel()
            self._running.discard(result)
            if result.done():
                return
            if isinstance(answer, wire.HttpResponse):
                result.set_result(HttpResponse(*answer))
            elif isinstance(answer, BaseException):
                result.set_exception(answer)
            else:
                result.set_result(_as_seen(answer))

        sent = wire.HttpRequest(request.method, request.url, request.headers, request.body)
        answered_s = gateway.carry(sent, receive)
        # An answer that will be there in time needs nobody to give it up.
        if not result.done() and (answered_s is None or answered_s >= request.timeout_s):
            timer = loop.call_later(request.timeout_s, self._time_out, result, request.timeout_s)
        return result

    def _time_out(self, result: asyncio.Future[HttpResult], after_s: float) -> None:
        self._running.discard(result)
        if not result.done():
            result.set_result(MaybeSent(reason=f"no whole answer within {after_s} s"))

    async def close(self) -> None:
        """Give up waiting for everything under way; the requests themselves go on."""
        for result in tuple(self._running):
            result.cancel()


def _as_seen(silence: Dropped | Unsent) -> HttpResult:
    match silence:
        case Unsent():
            return NotSent(reason="connection refused")
        case Dropped():
            return MaybeSent(reason="connection closed without an answer")


def _target(url: str) -> str:
    path, query = wire.split_target(url)
    return f"{path}?{query}" if query else path


class InProcessWebSockets:
    """WebSockets straight into the gateways.

    Args:
        gateways: by the beginning of the address, e.g. ``wss://api.upbit.com``.
    """

    def __init__(self, gateways: Mapping[str, Gateway]) -> None:
        self._routes = _Routes(gateways)

    async def connect(
        self, url: str, *, headers: Mapping[str, str], timeout_s: float
    ) -> "InProcessConnection":
        """Open a connection; takes a round trip.

        Raises:
            ConnectionFailed: nobody there, refused, or slower than ``timeout_s``.
        """
        gateway = self._routes.find(url)
        if gateway is None or gateway.unreachable:
            raise ConnectionFailed("connection refused")
        round_trip_s = 2 * gateway.latency_s
        await asyncio.sleep(min(round_trip_s, timeout_s))
        if round_trip_s > timeout_s:
            raise ConnectionFailed(f"not open within {timeout_s} s")
        stream = gateway.open_stream(_target(url), headers)
        if isinstance(stream, wire.HttpResponse):
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
