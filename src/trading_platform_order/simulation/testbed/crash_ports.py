"""Ports of an engine that can die: at the chosen call, and from then on nothing it does counts.

Every call of a port (a request, a commit) is two points at which the engine may be killed: before
it happens and after it happened but before the engine learned of it.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import ParamSpec, TypeVar

from trading_platform_order.domain.alert import Alert
from trading_platform_order.storage.base import Claim, ClaimResult, Entry
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.storage.sqlite.writers.lease import SqliteLease
from trading_platform_order.storage.sqlite.writers.renewals import Renewals
from trading_platform_order.transport.http import HttpRequest, HttpResult, HttpTransport
from trading_platform_order.transport.websocket import (
    Closed,
    WebSocketConnection,
    WebSocketTransport,
)

Observer = Callable[[Sequence[Entry], Sequence[Alert]], None]
Listener = Callable[[HttpRequest], None]
P = ParamSpec("P")
T = TypeVar("T")


class CrashPoint:
    """One generation of the engine.

    Args:
        dies_at: number of the point at which it dies; ``None`` for never.

    Attributes:
        dies_at_tick: number of the tick of the clock at which it dies; ``None`` for never.
        died_s: loop time at which it died, or was stopped.
        stops_at: number of the point at which its process is stopped; ``None`` for never.
        awake: its process runs; what is under way in a stopped one ends when it goes on.
    """

    def __init__(self, dies_at: int | None = None) -> None:
        self.dies_at = dies_at
        self.dies_at_tick: int | None = None
        self.points = 0
        self.ticks = 0
        self.dead = asyncio.Event()
        self.died_s: float | None = None
        self.stops_at: int | None = None
        self.awake = asyncio.Event()
        self.awake.set()

    def die(self) -> None:
        """Nothing it does counts from now on."""
        if self.died_s is None:
            self.died_s = asyncio.get_running_loop().time()
        self.dead.set()

    def pass_point(self) -> bool:
        """A moment at which the engine may die; whether it lives on."""
        self.points += 1
        if self.dies_at is not None and self.points >= self.dies_at:
            self.die()
        if self.stops_at is not None and self.points >= self.stops_at:
            self.stop()
        return self.awake.is_set() and not self.dead.is_set()

    def stop(self) -> None:
        """Its process does nothing until :meth:`go_on`."""
        self.stops_at = None
        if self.awake.is_set():
            self.died_s = asyncio.get_running_loop().time()
        self.awake.clear()

    def go_on(self) -> None:
        """Its process runs again."""
        self.died_s = None
        self.awake.set()

    async def point(self) -> None:
        """As :meth:`pass_point`; a dead one never comes back from here."""
        if not self.pass_point():
            await self.breathe()

    def tick(self) -> None:
        """Time has moved on: a timer fires now. Another moment at which the engine may die."""
        self.ticks += 1
        if self.dies_at_tick is not None and self.ticks >= self.dies_at_tick:
            self.die()

    async def breathe(self) -> None:
        """Hang for ever if dead, and until it goes on if stopped."""
        if self.dead.is_set():
            await asyncio.get_running_loop().create_future()
        if not self.awake.is_set():
            await self.awake.wait()
            await self.breathe()


class CrashableHttp:
    """Requests of one generation; ``listeners`` hear of each just before it leaves."""

    def __init__(
        self, inner: HttpTransport, crash_point: CrashPoint, listeners: Sequence[Listener] = ()
    ) -> None:
        self._inner = inner
        self._crash_point = crash_point
        self._listeners = listeners

    async def send(self, request: HttpRequest) -> HttpResult:
        """As the transport beneath, while the generation lives."""
        crash_point = self._crash_point
        if not crash_point.pass_point():
            await crash_point.breathe()
        for listener in self._listeners:
            listener(request)
        result = await self._inner.send(request)
        if not crash_point.pass_point():
            await crash_point.breathe()
        return result

    async def close(self) -> None:
        """Nothing of its own to close."""


class CrashableWebSockets:
    """Streams of one generation."""

    def __init__(self, inner: WebSocketTransport, crash_point: CrashPoint) -> None:
        self._inner = inner
        self._crash_point = crash_point

    async def connect(
        self, url: str, *, headers: Mapping[str, str], timeout_s: float
    ) -> WebSocketConnection:
        """As the transport beneath, while the generation lives."""
        await self._crash_point.breathe()
        inner = await self._inner.connect(url, headers=headers, timeout_s=timeout_s)
        return _CrashableConnection(inner, self._crash_point)


class _CrashableConnection:
    def __init__(self, inner: WebSocketConnection, crash_point: CrashPoint) -> None:
        self._inner = inner
        self._crash_point = crash_point

    async def send(self, text: str) -> None:
        await self._crash_point.breathe()
        await self._inner.send(text)

    async def receive(self) -> bytes | Closed:
        message = await self._inner.receive()
        await self._crash_point.breathe()
        return message

    async def close(self) -> None:
        await self._inner.close()


class CrashableLease(SqliteLease):
    """The account's lease as one generation sees it."""

    def __init__(self, database: Database, renewals: Renewals, crash_point: CrashPoint) -> None:
        super().__init__(database, renewals)
        self._crash_point = crash_point

    async def renew(self, epoch: int) -> bool:
        """As the lease beneath, while the generation lives."""
        await self._crash_point.breathe()
        return await super().renew(epoch)


class CrashableStore(SqliteStore):
    """The store as one generation sees it, over a connection that outlives it."""

    crash_point: CrashPoint
    observers: Sequence[Observer] = ()

    async def append(
        self,
        entries: Sequence[Entry],
        *,
        at_us: int,
        claim: Claim | None = None,
        alerts: Sequence[Alert] = (),
        patience_s: float | None = None,
    ) -> ClaimResult:
        """As the store beneath, with a point before and one after the commit."""
        await self.crash_point.point()
        result = await super().append(
            entries, at_us=at_us, claim=claim, alerts=alerts, patience_s=patience_s
        )
        if result is ClaimResult.CLAIMED:
            for observer in self.observers:
                observer(entries, alerts)
        await self.crash_point.point()
        return result

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        await self.crash_point.breathe()
        return await super()._run(work, *args, **kwargs)
