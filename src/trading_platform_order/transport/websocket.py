"""The WebSocket port: connect, send, receive, close."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class ConnectionFailed(Exception):  # noqa: N818 - named by what happened, as the outcome values are
    """A WebSocket could not be opened; the text says why, without secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The connection has ended; ``reason`` for the log."""

    reason: str


class WebSocketConnection(Protocol):
    """An open connection. Ping frames are answered beneath this port."""

    async def send(self, text: str) -> None:
        """Send one text message; a lost connection shows in the next ``receive``."""
        ...

    async def receive(self) -> bytes | Closed:
        """The next message as bytes (text is UTF-8), or ``Closed`` once and for ever."""
        ...

    async def close(self) -> None:
        """Close; ``receive`` then returns ``Closed``."""
        ...


class WebSocketTransport(Protocol):
    """Opens connections."""

    async def connect(
        self, url: str, *, headers: Mapping[str, str], timeout_s: float
    ) -> WebSocketConnection:
        """Open a connection.

        Raises:
            ConnectionFailed: refused, timed out, or not a WebSocket.
        """
        ...
