"""The HTTP port for orders: written before the caller's first await, on connections kept warm.

It keeps the port's promise (:mod:`trading_platform_order.transport.http`) in this way: until a
request's bytes are handed to an open connection, whatever fails is ``NotSent``; from that call on
it is ``MaybeSent`` or an answer. There is one such call for each request, and no other.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trading_platform_order.transport.http import HttpRequest, HttpResult, NotSent
from trading_platform_order.transport.http1.connection import ANSWER_LIMITS, AnswerLimits
from trading_platform_order.transport.http1.connector import Connector, SocketFactory
from trading_platform_order.transport.http1.host_pool import HostPool, Outgoing
from trading_platform_order.transport.http1.request_text import (
    NotARequest,
    origin_of,
    request_bytes,
    server_of,
)
from trading_platform_order.transport.http1.upkeep import COLD, WARM, PoolRules


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmServer:
    """A server whose connections are kept warm.

    Attributes:
        url: the beginning of its addresses.
        ping_target: path and query of a harmless GET that costs next to no rate budget; empty:
            silent connections are replaced instead.
    """

    url: str
    ping_target: str = ""
    rules: PoolRules = WARM


class Http1Transport:
    """HTTP/1.1 over connections of our own; make it inside a running event loop.

    What is given up by its caller is read to its end all the same, up to its limit.

    Args:
        warm: servers to keep connections to, from the first request to them on.
        connect_timeout_s: for name, TCP and TLS; within the request's own limit. Running out of
            it proves that nothing was sent.
        limits: longer answers count as no answer.
        tls: for tests and private certificates; the system's certificates by default.
        on_wire: told the label of a labelled request when it was handed to the socket.
        socket_factory: makes the sockets; ordinary ones by default.
    """

    def __init__(
        self,
        *,
        warm: Sequence[WarmServer] = (),
        connect_timeout_s: float = 5.0,
        limits: AnswerLimits = ANSWER_LIMITS,
        tls: ssl.SSLContext | None = None,
        on_wire: Callable[[str], None] | None = None,
        socket_factory: SocketFactory | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._warm = {origin_of(one.url): one for one in warm}
        self._connect_timeout_s = connect_timeout_s
        self._on_wire = on_wire
        self._connector = Connector(limits=limits, tls=tls, socket_factory=socket_factory)
        self._pools: dict[str, HostPool] = {}
        self._is_closed = False

    def send(self, request: HttpRequest) -> asyncio.Future[HttpResult]:
        """Write it now; await the outcome. Cancelling the wait leaves the request as it is."""
        answer: asyncio.Future[HttpResult] = self._loop.create_future()
        origin = origin_of(request.url)
        try:
            pool = self._pools.get(origin) or self._pool(origin)
            data = request_bytes(request, pool.server)
        except NotARequest as fault:
            answer.set_result(NotSent(reason=str(fault)))
            return answer
        if self._is_closed:
            answer.set_result(NotSent(reason="the transport is closed"))
            return answer
        pool.send(
            Outgoing(
                data=data,
                answer=answer,
                timeout_s=request.timeout_s,
                label=request.label,
                is_urgent=request.method != "GET",
            )
        )
        return answer

    def _pool(self, origin: str) -> HostPool:
        server = server_of(origin)
        warm = self._warm.get(origin)
        pool = self._pools[origin] = HostPool(
            server,
            connector=self._connector,
            rules=COLD if warm is None else warm.rules,
            ping_target="" if warm is None else warm.ping_target,
            connect_timeout_s=self._connect_timeout_s,
            on_wire=self._on_wire,
        )
        return pool

    async def close(self) -> None:
        """Give up what is under way and close all connections."""
        self._is_closed = True
        for pool in self._pools.values():
            await pool.close()
