"""An outbox in memory, for a program whose alerts must leave even when the store is gone.

Bounded: the oldest that is not urgent goes first, then the oldest urgent one.
"""

from collections.abc import Callable
from dataclasses import replace

from trading_platform_order.domain.alert import Alert, PendingAlert

BOUND = 500


class MemoryOutbox:
    """Holds alerts until they are delivered or the program ends."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._last_id = 0
        self._waiting: dict[int, PendingAlert] = {}

    def put(self, alert: Alert) -> None:
        """Take one more."""
        self._last_id += 1
        self._waiting[self._last_id] = PendingAlert(
            id=self._last_id, alert=alert, attempts=0, created_at_us=self._now_us()
        )
        while len(self._waiting) > BOUND:
            calm = (number for number, one in self._waiting.items() if not one.alert.urgent)
            del self._waiting[next(calm, next(iter(self._waiting)))]

    async def pending_alerts(self, limit: int = 20) -> list[PendingAlert]:
        """Undelivered ones, urgent first, then oldest first."""
        ordered = sorted(self._waiting.values(), key=lambda one: (not one.alert.urgent, one.id))
        return ordered[:limit]

    async def finish_alert(self, alert_id: int, *, result: str = "sent") -> None:
        """It needs nothing more."""
        del result
        self._waiting.pop(alert_id, None)

    async def retry_alert(self, alert_id: int, *, next_at_us: int, attempts: int) -> None:
        """A delivery failed."""
        del next_at_us
        waiting = self._waiting.get(alert_id)
        if waiting is not None:
            self._waiting[alert_id] = replace(waiting, attempts=attempts)

    async def drop_alerts(self, *, keep: int) -> int:
        """Bounded already."""
        del keep
        return 0
