"""What one Upbit WebSocket needs: subscribing, pings, and reading what comes.

Upbit acknowledges no subscription and replays nothing. A text ``PING`` goes out right after the
subscription, and the first message that comes back counts as being up. It is repeated every 10 s,
its answer proves that the connection lives (docs websocket-guide @2026-08-31: idle connections
are closed after 120 s); a connection that stays silent longer than the limit is dead.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import attrs
import msgspec

from trading_platform_order.exchanges.rows import json_of
from trading_platform_order.exchanges.upbit.requests.wire import UNREADABLE, ErrorDetail, StreamHead
from trading_platform_order.transport.reconnect import (
    Listener,
    Lost,
    keep_connected,
    listen_once,
)
from trading_platform_order.transport.websocket import WebSocketTransport

PING_S = 10.0

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


@attrs.define(kw_only=True, eq=False, repr=False)
class StreamKeeper:
    """Runs one subscription until cancelled."""

    _websocket: WebSocketTransport
    _connect_timeout_s: float
    _idle_s: float

    async def run(self, subscription: Subscription[Event]) -> None:
        """Connect and reconnect for ever."""

        async def once() -> Lost:
            return await self._connect_once(subscription)

        await keep_connected(once, tell_down=subscription.on_down)

    async def _connect_once(self, subscription: Subscription[Event]) -> Lost:
        visit = Visit(subscription)

        async def begin(listener: Listener) -> None:
            await listener.send(msgspec.json.encode(subscription.request()).decode())
            await listener.send("PING")

        lost = await listen_once(
            self._websocket,
            url=subscription.url,
            headers=subscription.headers(),
            timeout_s=self._connect_timeout_s,
            begin=begin,
            on_message=visit.take,
            watch=self._watch,
        )
        return replace(lost, was_up=visit.is_up)

    async def _watch(self, listener: Listener) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(listener.end_if_silent(self._idle_s))
            tasks.create_task(self._ping(listener))

    async def _ping(self, listener: Listener) -> None:
        while True:
            await asyncio.sleep(min(PING_S, self._idle_s))
            await listener.send("PING")


class Visit(Generic[Event]):
    """What is known of one connection."""

    def __init__(self, subscription: Subscription[Event]) -> None:
        self._subscription = subscription
        self.is_up = False

    def take(self, message: bytes) -> str | None:
        """Handle one message; a text if the connection must be given up."""
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
