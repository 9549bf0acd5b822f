"""An outbox in memory, for a program whose alerts must leave even when the store is gone.

Bounded: the oldest that is not urgent goes first, then the oldest urgent one.
"""

from collections.abc import Callable, Collection
from dataclasses import replace

from trading_platform_order.domain.alarms.incident import REMINDER_OF
from trading_platform_order.domain.alert import Alert, AlertKind, PendingAlert

BOUND = 500
ALL_WELL = frozenset({AlertKind.ENGINE_BACK, AlertKind.WATCHDOG_DONE})
"""What the watchdog says when nothing is left for a paging channel to call about."""


class MemoryOutbox:
    """Holds alerts until they are delivered or the program ends.

    Args:
        page_after_s: for a paging channel: it gets what is urgent after so long, unless all is
            well again by then; without it, everything at once.
    """

    def __init__(self, now_us: Callable[[], int], *, page_after_s: float | None = None) -> None:
        self._now_us = now_us
        self._page_after_s = page_after_s
        self._unstored = 0
        self._waiting: dict[int, PendingAlert] = {}

    @property
    def awaits_acknowledgement(self) -> bool:
        """Something waits here that an acknowledgement would end."""
        return self._page_after_s is not None and any(number > 0 for number in self._waiting)

    def acknowledge(self, ids: Collection[int]) -> None:
        """Operators have seen these alerts of the store: nobody is called for them any more."""
        if self._page_after_s is None:
            return
        for number, one in list(self._waiting.items()):
            if number in ids or int(one.alert.fields.get(REMINDER_OF, "0")) in ids:
                del self._waiting[number]

    def put(self, alert: Alert, *, alert_id: int | None = None) -> None:
        """Take one more; ``alert_id``: its row in the store, if that could take it."""
        if self._page_after_s is not None:
            if alert.kind in ALL_WELL:
                self._waiting.clear()
            if not alert.urgent or alert.kind in ALL_WELL:
                return
        self._unstored += alert_id is None
        number = -self._unstored if alert_id is None else alert_id
        self._waiting[number] = PendingAlert(
            id=number, alert=alert, attempts=0, created_at_us=self._now_us()
        )
        while len(self._waiting) > BOUND:
            calm = (number for number, one in self._waiting.items() if not one.alert.urgent)
            del self._waiting[next(calm, next(iter(self._waiting)))]

    async def pending_alerts(self, limit: int = 20) -> list[PendingAlert]:
        """Undelivered ones, urgent first, then oldest first."""
        due_us = self._now_us() - round((self._page_after_s or 0.0) * 1_000_000)
        due = [one for one in self._waiting.values() if one.created_at_us <= due_us]
        ordered = sorted(due, key=lambda one: not one.alert.urgent)
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
