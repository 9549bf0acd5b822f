"""Urgent alerts that nobody acknowledged, and when each is repeated. Pure: time is an argument.

Every urgent alert opens an alarm. It is repeated after ``page_after_s`` (that repeat also goes to
the paging channels), then after ``repeat_s``, doubled each time up to ``REPEAT_S_MAX``, until it is
acknowledged, until the engine tells that it is over, or until a newer alert of the same incident
takes its place. A repeat is an alert like any other: journalled in the outbox, delivered at least
once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from trading_platform_order.domain.alarms.incident import (
    REMINDER,
    REMINDER_OF,
    as_repeat,
    ends,
    is_same_incident,
    is_worse,
)
from trading_platform_order.domain.alert import Alert, AlertKind, PendingAlert
from trading_platform_order.domain.value import value

REPEAT_S_MAX = 3_600.0
AGE_S_MAX = 86_400.0
"""An alarm of a day ago is repeated no more; ``tporder status`` still counts it."""
ALARMS_MAX = 200
"""More at once are one disaster: the oldest are repeated no more."""
_US = 1_000_000

NOT_REPEATED = frozenset({AlertKind.RESUMED, AlertKind.ENTRY, AlertKind.EXIT})
"""Urgent so that they are not lost, but nothing is left to be done."""


@value
class Alarm:
    """One incident that waits for an operator.

    Attributes:
        pending: its newest alert, not a repeat.
        told_us: when it was last told, repeats included.
        reminders: repeats so far.
        told: by id, what its alerts and repeats said: acknowledging one of them acknowledges that.
    """

    pending: PendingAlert
    told_us: int
    reminders: int = 0
    told: Mapping[int, PendingAlert]

    @property
    def alert(self) -> Alert:
        """What is the case."""
        return self.pending.alert


@value
class RepeatLimits:
    """When an alarm is repeated, seconds."""

    page_after_s: float = 120.0
    repeat_s: float = 300.0

    def wait_s(self, reminders: int) -> float:
        """From the last time it was told to the next."""
        if reminders == 0:
            return self.page_after_s
        # A few doublings reach any limit; more would overflow in the end.
        return min(self.repeat_s * 2.0 ** min(reminders - 1, 16), REPEAT_S_MAX)


class AlarmBook:
    """Folds alerts and acknowledgements, each once, in the order of their ids."""

    def __init__(self, limits: RepeatLimits | None = None) -> None:
        self._limits = limits or RepeatLimits()
        self._alarms: dict[int, Alarm] = {}
        self._seen: list[PendingAlert] = []
        self._acknowledged: frozenset[int] = frozenset()

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """Those that wait, oldest first."""
        return tuple(self._alarms.values())

    def note(self, pending: PendingAlert) -> None:
        """An alert came into the outbox."""
        alert = pending.alert
        of = alert.fields.get(REMINDER_OF, "")
        if of.isdecimal():
            self._note_reminder(int(of), pending)
            return
        for key, alarm in list(self._alarms.items()):
            if ends(alert, alarm.alert):
                del self._alarms[key]
        if not alert.urgent or alert.kind in NOT_REPEATED or self._is_acknowledged(pending):
            return
        told = {pending.id: pending}
        for key, alarm in list(self._alarms.items()):
            if _is_same(pending, alarm.pending):
                told |= alarm.told
                del self._alarms[key]
        self._alarms[pending.id] = Alarm(pending=pending, told_us=pending.created_at_us, told=told)
        while len(self._alarms) > ALARMS_MAX:
            del self._alarms[next(iter(self._alarms))]

    def acknowledge(self, ids: Iterable[int]) -> None:
        """Operators have seen these alerts: all of a day, also those of the call before."""
        known, self._acknowledged = self._acknowledged, frozenset(ids)
        for number in sorted(self._acknowledged - known):
            for key, alarm in list(self._alarms.items()):
                seen = alarm.told.get(number)
                if seen is None:
                    continue
                self._seen.append(seen)
                # What came after may be worse than what the operator saw.
                if not is_worse(alarm.alert, seen.alert):
                    del self._alarms[key]
        del self._seen[:-ALARMS_MAX]

    def due(self, now_us: int) -> list[Alert]:
        """The repeats that are due, as alerts for the outbox."""
        found = []
        for key, alarm in list(self._alarms.items()):
            if now_us - alarm.pending.created_at_us > AGE_S_MAX * _US:
                del self._alarms[key]
            elif now_us - alarm.told_us >= self._limits.wait_s(alarm.reminders) * _US:
                found.append(_reminder(alarm, now_us))
        return found

    def _note_reminder(self, of: int, pending: PendingAlert) -> None:
        alarm = next((one for one in self._alarms.values() if of in one.told), None)
        if alarm is not None:
            self._alarms[alarm.pending.id] = replace(
                alarm,
                told_us=pending.created_at_us,
                reminders=int(pending.alert.fields.get(REMINDER, "1")),
                told={**alarm.told, pending.id: alarm.pending},
            )

    def _is_acknowledged(self, pending: PendingAlert) -> bool:
        return any(
            _is_same(pending, seen) and not is_worse(pending.alert, seen.alert)
            for seen in self._seen
        )


def _is_same(one: PendingAlert, other: PendingAlert) -> bool:
    return is_same_incident(one.alert, one.created_at_us, other.alert, other.created_at_us)


def _reminder(alarm: Alarm, now_us: int) -> Alert:
    pending = alarm.pending
    repeat = as_repeat(
        alarm.alert, pending.id, first_us=pending.created_at_us, number=alarm.reminders + 1
    )
    began_us = alarm.alert.began_us(pending.created_at_us)
    if began_us is None:
        return repeat
    return replace(repeat, fields={**repeat.fields, "since": f"{(now_us - began_us) // _US} s"})
