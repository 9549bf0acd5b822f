"""How a program that writes no journal tells operators: the watchdog, and a standby.

Its alerts leave by outboxes in memory, so that they leave even when the store is gone. Where the
store takes them they are written down first: they stand in ``tporder alerts list`` like any other,
and what only repeats an incident that an operator has acknowledged is not sent. A store that does
not answer within ``STORE_S`` holds up nothing.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from trading_platform_order.domain.alert import Alert, AlertKind, PendingAlert
from trading_platform_order.notifications.memory_outbox import BOUND, MemoryOutbox
from trading_platform_order.storage.base import SchemaMismatch, StoreUnavailable
from trading_platform_order.storage.sqlite.upkeep.noted_alerts import (
    acknowledged_alerts,
    note_alert,
)
from trading_platform_order.transport.clock import Clock, epoch_us

T = TypeVar("T")

STORE_S = 1.0
LOOK_S = 5.0
DAY_US = 86_400_000_000
_STORE_FAULTS = (StoreUnavailable, SchemaMismatch, OSError)


class AlertsBeside:
    """Of one account; ``run`` is one task, ``tell`` never blocks."""

    def __init__(self, path: Path, account: str, *, clock: Clock) -> None:
        self._path = path
        self._account = account
        self._clock = clock
        self._outboxes: list[MemoryOutbox] = []
        self._told: asyncio.Queue[Alert] = asyncio.Queue(maxsize=BOUND)
        self._at_store: asyncio.Task[object] | None = None

    def outbox(self, *, page_after_s: float | None = None) -> MemoryOutbox:
        """Another channel's side: each has its own, so that a dead one holds up no other."""
        made = MemoryOutbox(lambda: epoch_us(self._clock.now()), page_after_s=page_after_s)
        self._outboxes.append(made)
        return made

    def tell(self, alert: Alert) -> None:
        """Deliver it, once it is written down."""
        try:
            self._told.put_nowait(alert)
        except asyncio.QueueFull:
            self._deliver(alert)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                async with asyncio.timeout(LOOK_S):
                    alert = await self._told.get()
            except TimeoutError:
                await self.forget_acknowledged()
                continue
            await self._write_down(alert)

    async def _write_down(self, alert: Alert) -> None:
        at_us = epoch_us(self._clock.now())
        found = await self._ask(lambda: note_alert(self._path, self._account, alert, at_us=at_us))
        if isinstance(found, PendingAlert):
            self._deliver(found.alert, found.id)
        elif found is not None:
            self._deliver(alert)

    def _deliver(self, alert: Alert, alert_id: int | None = None) -> None:
        for outbox in self._outboxes:
            outbox.put(alert, alert_id=alert_id)

    async def forget_acknowledged(self) -> None:
        """Nobody is called for what somebody has seen meanwhile."""
        if not any(outbox.awaits_acknowledgement for outbox in self._outboxes):
            return
        since_us = epoch_us(self._clock.now()) - DAY_US
        seen = await self._ask(
            lambda: acknowledged_alerts(self._path, self._account, since_us=since_us)
        )
        if not isinstance(seen, Exception):
            for outbox in self._outboxes:
                outbox.acknowledge(frozenset(seen))

    async def _ask(self, work: Callable[[], T]) -> T | Exception:
        """Its answer, or why the store gave none; at most one question is under way at a time."""
        if self._at_store is not None and not self._at_store.done():
            return StoreUnavailable("it has not answered yet")
        task = asyncio.create_task(asyncio.to_thread(_answer, work), name="alerts at the store")
        self._at_store = task
        done, _ = await asyncio.wait({task}, timeout=STORE_S)
        return task.result() if done else StoreUnavailable(f"no answer within {STORE_S} s")


def holder_stuck(text: str, since_s: float) -> Alert:
    """The account's holder stands still and cannot be ended; ``since_s``: for so long by now."""
    fields = {"engine": text, "since": f"{since_s:.0f} s"}
    return Alert(kind=AlertKind.HOLDER_STUCK, urgent=True, fields=fields)


def _answer(work: Callable[[], T]) -> T | Exception:
    try:
        return work()
    except _STORE_FAULTS as problem:
        return problem
