"""A transport whose connections are told of: opened, not opened, ended. Nothing else is changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from trading_platform_order.transport.websocket import (
    Closed,
    ConnectionFailed,
    WebSocketConnection,
    WebSocketTransport,
)

CLOSED_BY_US = "closed by us"
"""It was silent for too long, or the process ends."""


class StreamState(StrEnum):
    """What became of a connection."""

    CONNECTED = "connected"
    NOT_CONNECTED = "not_connected"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamChange:
    """A stream's connection changed.

    Attributes:
        name: of the stream, never its address: that may hold a key.
        reason: why it was lost or not opened, without secrets.
    """

    name: str
    state: StreamState
    at: datetime
    reason: str = ""


class WatchedWebSockets:
    """Opens connections and tells of them."""

    def __init__(
        self,
        inner: WebSocketTransport,
        *,
        name_of: Callable[[str], str],
        on_change: Callable[[StreamChange], None],
        now: Callable[[], datetime],
    ) -> None:
        """``name_of``: what a stream is called, by its address; ``now``: calendar time."""
        self._now = now
        self._inner = inner
        self._name_of = name_of
        self._on_change = on_change
        self._failing: set[str] = set()

    async def connect(
        self, url: str, *, headers: Mapping[str, str], timeout_s: float
    ) -> WebSocketConnection:
        """Open a connection; the first of several failures in a row is told.

        Raises:
            ConnectionFailed: refused, timed out, or not a WebSocket.
        """
        name = self._name_of(url)
        try:
            connection = await self._inner.connect(url, headers=headers, timeout_s=timeout_s)
        except ConnectionFailed as failure:
            if name not in self._failing:
                self._failing.add(name)
                self._tell(name, StreamState.NOT_CONNECTED, str(failure))
            raise
        self._failing.discard(name)
        self._tell(name, StreamState.CONNECTED, "")
        return _WatchedConnection(
            connection, lambda reason: self._tell(name, StreamState.LOST, reason)
        )

    def _tell(self, name: str, state: StreamState, reason: str) -> None:
        self._on_change(StreamChange(name=name, state=state, reason=reason, at=self._now()))


class _WatchedConnection:
    def __init__(self, inner: WebSocketConnection, on_lost: Callable[[str], None]) -> None:
        self._inner = inner
        self._on_lost: Callable[[str], None] | None = on_lost
        # Not wrapped: what is sent and closed needs no look.
        self.send = inner.send

    async def receive(self) -> bytes | Closed:
        """The next message; its end is told once."""
        message = await self._inner.receive()
        if isinstance(message, Closed):
            self._ended(message.reason)
        return message

    async def close(self) -> None:
        """Close; who closes it hears no more of it."""
        await self._inner.close()
        self._ended(CLOSED_BY_US)

    def _ended(self, reason: str) -> None:
        if self._on_lost is not None:
            self._on_lost(reason)
            self._on_lost = None
