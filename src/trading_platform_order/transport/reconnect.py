"""Keeping a stream alive: connect, listen, and connect again with bounded back-off.

The only such loop. What differs between streams comes in: what to say first, what a message means,
what to watch beside it, and what counts as having been up.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass

from trading_platform_order.transport.websocket import (
    Closed,
    ConnectionFailed,
    WebSocketConnection,
    WebSocketTransport,
)

_FIRST_DELAY_S = 0.1
_LAST_DELAY_S = 5.0
_CLOSE_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A connection ended; ``was_up``: it had been subscribed."""

    reason: str
    was_up: bool


async def keep_connected(
    connect_once: Callable[[], Awaitable[Lost]], *, tell_down: Callable[[str], None]
) -> None:
    """Run connections one after another until cancelled.

    The waits between them grow from 0.1 s to 5 s and start again after an attempt that lasted
    longer than the longest wait: it kept the pace by itself. (Upbit allows five handshakes a
    second, Binance 300 in five minutes.) ``tell_down`` hears of every loss, but only once of a
    failure to connect that goes on.
    """
    loop = asyncio.get_running_loop()
    delay_s, is_told = _FIRST_DELAY_S, False
    while True:
        began_s = loop.time()
        lost = await connect_once()
        if lost.was_up or not is_told:
            tell_down(lost.reason)
            is_told = True
        if loop.time() - began_s > _LAST_DELAY_S:
            delay_s = _FIRST_DELAY_S
        await asyncio.sleep(delay_s)
        delay_s = min(delay_s * 2, _LAST_DELAY_S)


class Listener:
    """Reads one connection, and remembers when it last heard something."""

    def __init__(self, connection: WebSocketConnection) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._heard_at_s = self._loop.time()
        self._end_reason: str | None = None

    @property
    def silent_s(self) -> float:
        """Seconds since the last message (or since connecting)."""
        return self._loop.time() - self._heard_at_s

    async def send(self, text: str) -> None:
        """Say something; a lost connection shows in :meth:`listen`."""
        await self._connection.send(text)

    async def end(self, reason: str) -> None:
        """Close the connection; :meth:`listen` then returns this reason."""
        self._end_reason = self._end_reason or reason
        await _close(self._connection)

    async def end_if_silent(self, idle_s: float) -> None:
        """Return once nothing was heard for so long; the connection is closed then."""
        while True:
            left_s = idle_s - self.silent_s
            if left_s <= 0:
                return await self.end(f"silent for {self.silent_s:.0f} s")
            await asyncio.sleep(left_s)

    async def listen(self, on_message: Callable[[bytes], str | None]) -> str:
        """Hand over messages until the end; returns its reason.

        ``on_message`` returns a reason to end, or ``None``.
        """
        while True:
            message = await self._connection.receive()
            if isinstance(message, Closed):
                return self._end_reason or f"closed: {message.reason}"
            self._heard_at_s = self._loop.time()
            reason = on_message(message)
            if reason is not None:
                return reason


async def _nothing(_listener: Listener) -> None:
    """There is nothing to say first."""


async def listen_once(
    websocket: WebSocketTransport,
    *,
    url: str,
    timeout_s: float,
    on_message: Callable[[bytes], str | None],
    watch: Callable[[Listener], Coroutine[None, None, None]],
    begin: Callable[[Listener], Awaitable[None]] = _nothing,
    headers: Mapping[str, str] | None = None,
) -> Lost:
    """One connection from its handshake to its end; closed however it ends.

    ``timeout_s`` is the handshake's. ``begin`` is awaited before the first message is read;
    ``on_message`` returns a reason to end, or ``None``; ``watch`` runs beside and may end it.
    """
    try:
        connection = await websocket.connect(url, headers=headers or {}, timeout_s=timeout_s)
    except ConnectionFailed as failure:
        return Lost(reason=f"not connected: {failure}", was_up=False)
    try:
        listener = Listener(connection)
        await begin(listener)
        async with asyncio.TaskGroup() as group:
            watcher = group.create_task(watch(listener))
            reason = await listener.listen(on_message)
            watcher.cancel()
    finally:
        await _close(connection)
    return Lost(reason=reason, was_up=True)


async def _close(connection: WebSocketConnection) -> None:
    try:
        async with asyncio.timeout(_CLOSE_S):
            await connection.close()
    except TimeoutError:
        return
