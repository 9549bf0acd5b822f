"""Keeping one Upbit WebSocket alive: connect, subscribe, listen, ping, reconnect.

Upbit acknowledges no subscription and replays nothing. A text ``PING`` goes out right after the
subscription, and the first message that comes back counts as being up. It is repeated every 10 s,
its answer proves that the connection lives (docs websocket-guide @2026-08-31: idle connections
are closed after 120 s); a connection that stays silent longer than the limit is dead.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from trading_platform_order.exchanges.rows import json_of
from trading_platform_order.exchanges.upbit.wire import UNREADABLE, ErrorDetail, StreamHead
from trading_platform_order.transport.websocket import (
    Closed,
    ConnectionFailed,
    WebSocketConnection,
    WebSocketTransport,
)

PING_S = 10.0
CLOSE_S = 1.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0


Event = TypeVar("Event")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription(Generic[Event]):
    """What to open and what to do with what comes.

    Attributes:
        headers: made anew for every handshake.
        request: the subscription message's parts, made anew for every connection.
        on_up: the subscription is in force.
        read: events of one message, given its type; raises one of
            ``wire.UNREADABLE`` if it cannot be read.
        sink: takes each event.
        on_down: an established connection was lost; or could not be had, at the first failure.
        matters: whether a message (its type, and itself) that cannot be read was a loss: then the
            connection is made anew.
    """

    url: str
    headers: Callable[[], Mapping[str, str]]
    request: Callable[[], list[dict[str, Any]]]
    on_up: Callable[[], None]
    read: Callable[[str, bytes], tuple[Event, ...]]
    sink: Callable[[Event], None]
    on_down: Callable[[str], None]
    matters: Callable[[str, bytes], bool]


class StreamKeeper:
    """Runs one subscription until cancelled."""

    def __init__(
        self,
        *,
        websocket: WebSocketTransport,
        connect_timeout_s: float,
        idle_s: float,
    ) -> None:
        self._websocket = websocket
        self._connect_timeout_s = connect_timeout_s
        self._idle_s = idle_s

    async def run(self, subscription: Subscription[Event]) -> None:
        """Connect and reconnect for ever; pauses grow from 0.1 to 5 s while connections are short.

        Upbit allows five handshakes a second.
        """
        loop = asyncio.get_running_loop()
        pause_s = FIRST_PAUSE_S
        told_down = False
        while True:
            began = loop.time()
            visit = Visit(subscription)
            reason = await self._visit(subscription, visit)
            if visit.is_up or not told_down:
                subscription.on_down(reason)
                told_down = True
            if loop.time() - began > LONGEST_PAUSE_S:
                pause_s = FIRST_PAUSE_S
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def _visit(self, subscription: Subscription[Event], visit: "Visit[Event]") -> str:
        try:
            connection = await self._websocket.connect(
                subscription.url,
                headers=subscription.headers(),
                timeout_s=self._connect_timeout_s,
            )
        except ConnectionFailed as failure:
            return f"not connected: {failure}"
        try:
            return await self._listen(connection, subscription, visit)
        finally:
            await _close(connection)

    async def _listen(
        self,
        connection: WebSocketConnection,
        subscription: Subscription[Event],
        visit: "Visit[Event]",
    ) -> str:
        await connection.send(msgspec.json.encode(subscription.request()).decode())
        await connection.send("PING")
        async with asyncio.TaskGroup() as group:
            pinger = group.create_task(self._keep_alive(connection, visit))
            try:
                while True:
                    message = await connection.receive()
                    if isinstance(message, Closed):
                        return visit.ended or f"closed: {message.reason}"
                    refusal = visit.take(message)
                    if refusal is not None:
                        return refusal
            finally:
                pinger.cancel()

    async def _keep_alive(self, connection: WebSocketConnection, visit: "Visit[Event]") -> None:
        """Ping, and close the connection when nothing was heard for too long."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(PING_S, self._idle_s))
            silent_s = loop.time() - visit.heard_at
            if silent_s >= self._idle_s:
                visit.ended = f"silent for {silent_s:.0f} s"
                await _close(connection)
                return
            await connection.send("PING")


class Visit(Generic[Event]):
    """What is known of one connection."""

    def __init__(self, subscription: Subscription[Event]) -> None:
        self._subscription = subscription
        self._loop = asyncio.get_running_loop()
        self.heard_at = self._loop.time()
        self.is_up = False
        self.ended = ""

    def take(self, message: bytes) -> str | None:
        """Handle one message; a text if the connection must be given up."""
        self.heard_at = self._loop.time()
        try:
            error_told, events = self._read(json_of(message))
        except UNREADABLE as error:
            return f"unreadable message: {error}"
        if error_told is not None:
            return f"refused: {error_told.name}: {error_told.message}"
        if not self.is_up:
            self.is_up = True
            self._subscription.on_up()
        for event in events:
            self._subscription.sink(event)
        return None

    def _read(self, message: bytes) -> tuple[ErrorDetail | None, tuple[Event, ...]]:
        head = msgspec.json.decode(message, type=StreamHead)
        if not head.type:
            return head.error, ()
        try:
            return head.error, self._subscription.read(head.type, message)
        except UNREADABLE:
            if self._subscription.matters(head.type, message):
                raise
        return head.error, ()


async def _close(connection: WebSocketConnection) -> None:
    try:
        async with asyncio.timeout(CLOSE_S):
            await connection.close()
    except TimeoutError:
        return
