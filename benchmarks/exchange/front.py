"""The front: stands before both exchanges and stamps the last byte of every order.

With nothing behind it, it is a stub that answers by itself: all that a peer's bare send needs. With
the simulated exchanges behind it, it hands every byte on, WebSockets included, so that a whole
engine can run; orders are stamped before they are handed on. It runs in a process of its own, so
that nobody's work delays a stamp.
"""

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from benchmarks.exchange.messages import (
    ORDER_ANSWERS,
    OTHER_ANSWER,
    first_request,
    order_id,
)
from benchmarks.exchange.stamps import Stamps

HOST = "127.0.0.1"


@dataclass(slots=True, kw_only=True)
class Behaviour:
    """What may be changed while the front runs.

    Attributes:
        answer_delay_s: answers to orders are held so long; streams are not.
    """

    answer_delay_s: float = 0.0


class FrontConnection(asyncio.Protocol):
    """One client's connection.

    Args:
        venue: whose it is.
        stamps: where orders are noted.
        behaviour: of all connections.
        behind: port of the simulated exchange; ``None``: the stub answers.
    """

    def __init__(
        self, venue: int, stamps: Stamps, behaviour: Behaviour, behind: int | None
    ) -> None:
        self._venue = venue
        self._stamps = stamps
        self._behaviour = behaviour
        self._behind_port = behind
        self._buffer = b""
        self._is_tunnel = False
        self._holds_answers = False
        self._client: asyncio.Transport | None = None
        self._behind: asyncio.Transport | None = None
        self._early: list[bytes] = []
        self._connecting: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        self._client = cast("asyncio.Transport", transport)
        self._stamps.add_connection(self._venue)
        if self._behind_port is not None:
            self._connecting = asyncio.get_running_loop().create_task(
                self._reach(self._behind_port)
            )

    async def _reach(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        behind, _ = await loop.create_connection(
            lambda: _Behind(self._answered, self._ended), HOST, port
        )
        self._behind = behind
        for data in self._early:
            behind.write(data)
        self._early.clear()
        if self._client is None:
            behind.close()

    def data_received(self, data: bytes) -> None:
        """The clock is read before anything else is done."""
        at_ns = time.monotonic_ns()
        if self._is_tunnel:
            self._hand_on(data)
            return
        buffer = self._buffer + data if self._buffer else data
        while buffer and not self._is_tunnel:
            found = first_request(buffer, self._venue)
            if found is None:
                break
            request, buffer = buffer[: found.size], buffer[found.size :]
            name = b""
            if found.is_order:
                name = order_id(request, self._venue)
                self._stamps.add(self._venue, at_ns, name)
            self._holds_answers = found.is_order
            self._is_tunnel = found.is_upgrade
            if self._behind_port is None:
                answer = ORDER_ANSWERS[self._venue].to(name) if found.is_order else OTHER_ANSWER
                self._answered(answer)
            else:
                self._hand_on(request)
        if self._is_tunnel and buffer:
            self._hand_on(buffer)
            buffer = b""
        self._buffer = buffer

    def _hand_on(self, data: bytes) -> None:
        if self._behind is None:
            self._early.append(data)
        else:
            self._behind.write(data)

    def _answered(self, data: bytes) -> None:
        delay_s = self._behaviour.answer_delay_s
        if self._holds_answers and delay_s > 0 and not self._is_tunnel:
            asyncio.get_running_loop().call_later(delay_s, self._to_client, data)
        else:
            self._to_client(data)

    def _to_client(self, data: bytes) -> None:
        if self._client is not None:
            self._client.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        del exc
        self._client = None
        if self._behind is not None:
            self._behind.close()

    def _ended(self) -> None:
        if self._client is not None:
            self._client.close()


class _Behind(asyncio.Protocol):
    """The connection to the simulated exchange."""

    def __init__(self, received: Callable[[bytes], None], ended: Callable[[], None]) -> None:
        self._received = received
        self._ended = ended

    def data_received(self, data: bytes) -> None:
        self._received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._ended()


async def listen(
    venue: int,
    stamps: Stamps,
    behaviour: Behaviour,
    *,
    behind: int | None = None,
    tls: ssl.SSLContext | None = None,
) -> tuple[asyncio.Server, int]:
    """Open a port for one exchange; it closes with the server."""
    server = await asyncio.get_running_loop().create_server(
        lambda: FrontConnection(venue, stamps, behaviour, behind), HOST, 0, ssl=tls
    )
    return server, int(server.sockets[0].getsockname()[1])
