"""Waiting for a write lock that another process holds: nothing was written, so it is tried again.

A command line that is suspended, a backup or a foreign program may hold SQLite's one write lock for
seconds. That is no failure: nothing is lost, and nothing may be sent meanwhile, because nothing can
be journalled. Whoever decided by prices does not wait long, but decides anew (``patience_s``);
facts wait up to ``limit_s``.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.storage.base import StoreBusy, StoreLocked

T = TypeVar("T")

PAUSE_S = 0.02
TOLD_AFTER_S = 1.0
TOLD_EVERY_S = 10.0
URGENT_AFTER_S = 5.0


@dataclass(slots=True, kw_only=True)
class LockWait:
    """One writer's waiting.

    Attributes:
        limit_s: a lock held longer, in seconds, ends the writer.
        tell: told in one line that and how long it waits, and when it goes on.
    """

    limit_s: float = 60.0
    tell: Callable[[str], None] = lambda _: None
    _since_s: float | None = field(default=None, init=False)
    _told_s: float = field(default=0.0, init=False)
    _held_s: float = field(default=0.0, init=False)

    async def through(
        self, attempt: Callable[[], Awaitable[T]], *, patience_s: float | None = None
    ) -> T:
        """Try until it is written.

        Raises:
            StoreBusy: ``patience_s`` are over; it may be tried again.
            StoreLocked: ``limit_s`` are over.
        """
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        while True:
            try:
                written = await attempt()
            except StoreBusy as busy:
                now_s = loop.time()
                self._waits(began_s, now_s, busy)
                if patience_s is not None and now_s - began_s >= patience_s:
                    raise
                await asyncio.sleep(PAUSE_S)
            else:
                self._goes_on()
                return written

    @property
    def is_over(self) -> bool:
        """Nothing waits for the lock, and nobody has still to be told that something did."""
        return self._since_s is None and not self._held_s

    def due_alerts(self) -> tuple[Alert, ...]:
        """That nothing could be written for a while, until :meth:`alerted`."""
        held_s = max(self._held_s, self._held_now_s())
        if held_s < TOLD_AFTER_S:
            return ()
        fields = {"held_s": f"{held_s:.1f}"}
        urgent = held_s >= URGENT_AFTER_S
        return (Alert(kind=AlertKind.STORE_LOCKED, urgent=urgent, fields=fields),)

    def alerted(self) -> None:
        """The alert of :meth:`due_alerts` is durable."""
        self._held_s = 0.0

    def _held_now_s(self) -> float:
        if self._since_s is None:
            return 0.0
        return asyncio.get_running_loop().time() - self._since_s

    def _waits(self, began_s: float, now_s: float, busy: StoreBusy) -> None:
        if self._since_s is None:
            self._since_s, self._told_s = began_s, began_s + TOLD_AFTER_S - TOLD_EVERY_S
        held_s = now_s - self._since_s
        if held_s >= self.limit_s:
            raise StoreLocked(
                f"another process has held the store's write lock for {held_s:.0f} s"
            ) from busy
        if now_s - self._told_s >= TOLD_EVERY_S:
            self._told_s = now_s
            self.tell(
                f"another process holds the store's write lock since {held_s:.0f} s; waiting for it"
                " (is a program of yours in the middle of a transaction?)"
            )

    def _goes_on(self) -> None:
        if self._since_s is None:
            return
        held_s = self._held_now_s()
        self._since_s, self._held_s = None, max(held_s, self._held_s)
        if held_s >= TOLD_AFTER_S:
            self.tell(f"the store can be written again, after {held_s:.1f} s")
