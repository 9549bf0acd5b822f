"""Repeats what is urgent until an operator acknowledges it; never in a trade's path.

What is to be repeated, and when, is decided by ``domain/alarm_book``; this task reads the outbox
and puts the repeats into it, so that they are durable and go the way of every alert. A start reads
the alerts of a day anew: an alarm outlives the engine that raised it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from trading_platform_order.domain.alarms.alarm_book import AGE_S_MAX, AlarmBook, RepeatLimits
from trading_platform_order.domain.alert import Alert, PendingAlert
from trading_platform_order.transport.clock import Clock, epoch_us

LOOK_S = 5.0
PAGE = 500


class AlarmStore(Protocol):
    """What is read of the outbox."""

    async def alerts_after(
        self, alert_id: int, *, since_us: int, limit: int = ...
    ) -> Sequence[PendingAlert]:
        """Alerts with a higher id, oldest first."""
        ...

    async def acknowledged_since(self, at_us: int) -> Sequence[int]:
        """Ids that operators have acknowledged."""
        ...


class Reminders:
    """Of one account; runs as one task. ``tell`` puts alerts into the outbox."""

    def __init__(
        self,
        store: AlarmStore,
        *,
        tell: Callable[[Sequence[Alert]], Awaitable[object]],
        clock: Clock,
        limits: RepeatLimits | None = None,
    ) -> None:
        self._store = store
        self._tell = tell
        self._clock = clock
        self._book = AlarmBook(limits)
        self._last_id = 0

    async def run(self) -> None:
        """Repeat until cancelled."""
        while True:
            await self.once()
            await asyncio.sleep(LOOK_S)

    async def once(self) -> int:
        """Look at the outbox; returns how many repeats went into it."""
        now_us = epoch_us(self._clock.now())
        since_us = now_us - round(AGE_S_MAX * 1_000_000)
        full = True
        while full:
            # Repeats of the look before are read back here, before anything counts as due.
            found = await self._store.alerts_after(self._last_id, since_us=since_us, limit=PAGE)
            for pending in found:
                self._book.note(pending)
                self._last_id = pending.id
            full = len(found) == PAGE
        self._book.acknowledge(await self._store.acknowledged_since(since_us))
        due = self._book.due(now_us)
        if due:
            await self._tell(due)
        return len(due)
