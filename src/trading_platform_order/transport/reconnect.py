"""Keeping a stream alive: connect, listen, and connect again with bounded back-off."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass

from trading_platform_order.transport.websocket import Closed, WebSocketConnection

_FIRST_DELAY_S = 0.1
_LAST_DELAY_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A connection ended; ``was_up``: it had been subscribed."""

    reason: str
    was_up: bool


async def keep_connected(
    connect_once: Callable[[], Awaitable[Lost]], *, tell_down: Callable[[str], None]
) -> None:
    """Run connections one after another until cancelled.

    The waits between them grow from 0.1 s to 5 s and start again after a connection that lasted
    longer than the longest wait. ``tell_down`` hears of every loss, but only once of a failure
    to connect that goes on.
    """
    loop = asyncio.get_running_loop()
    delay_s, is_told = _FIRST_DELAY_S, False
    while True:
        began_s = loop.time()
        lost = await connect_once()
        if lost.was_up or not is_told:
            tell_down(lost.reason)
            is_told = True
        if lost.was_up and loop.time() - began_s > _LAST_DELAY_S:
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

    async def end(self, reason: str) -> None:
        """Close the connection; :meth:`listen` then returns this reason."""
        self._end_reason = self._end_reason or reason
        await self._connection.close()

    async def listen(self, on_message: Callable[[bytes], str | None]) -> str:
        """Hand over messages until the end; returns its reason.

        ``on_message`` returns a reason to end, or ``None``.
        """
        while True:
            message = await self._connection.receive()
            if isinstance(message, Closed):
                return self._end_reason or message.reason
            self._heard_at_s = self._loop.time()
            reason = on_message(message)
            if reason is not None:
                return reason


async def listen_beside(
    listener: Listener,
    connection: WebSocketConnection,
    on_message: Callable[[bytes], str | None],
    watch: Callable[[Listener], Coroutine[None, None, None]],
) -> str:
    """Listen while ``watch`` runs beside; close the connection however it ends."""
    try:
        async with asyncio.TaskGroup() as group:
            watcher = group.create_task(watch(listener))
            reason = await listener.listen(on_message)
            watcher.cancel()
    finally:
        await connection.close()
    return reason
