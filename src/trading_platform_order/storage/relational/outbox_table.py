"""Alerts on their way out, and how each stands with each channel.

Two tables: ``outbox`` holds the alerts (they come in with a journal append, which knows no
channels), ``deliveries`` a row for each channel that has tried one. An alert waits for a channel
until that channel's row has a result; ``outbox.result`` is set once every channel in use has one,
so that what is done costs no read, however long the history.
"""

# ruff: noqa: D102 - each verb does what the docstring of its port (storage/base.py) says

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, Protocol, TypeVar

from trading_platform_order.domain.alarms.incident import (
    REMINDER_OF,
    as_repeat,
    is_same_incident,
    is_worse,
)
from trading_platform_order.domain.alert import Alert, PendingAlert
from trading_platform_order.storage.base import ChannelOutbox
from trading_platform_order.storage.relational.database import RelationalDatabase, Values

P = ParamSpec("P")
T = TypeVar("T")

ANY_CHANNEL = ""
"""No channel has this name: all that waits for one of them."""

SKIPPED = "skipped"
"""The result of what a channel was not meant to tell."""

NOTED = "noted"
"""The result of an alert of the watchdog or a standby: they deliver it by channels of their own."""

_NOTE = (
    "INSERT INTO outbox (account, at_us, kind, urgent, fields, result) VALUES (?, ?, ?, ?, ?, ?)"
    " RETURNING id"
)
_SILENCE_NOTED = "UPDATE outbox SET result = 'silenced' WHERE id = ?"
# Of the last ones alone: a history of years costs nothing here.
_LAST = (
    "SELECT id, at_us, kind, urgent, fields, 0 FROM"
    " (SELECT * FROM outbox WHERE account = ? ORDER BY id DESC LIMIT 2000) AS last"
    " WHERE kind = ? AND urgent = 1 ORDER BY id DESC"
)
_PENDING = (
    "SELECT o.id, o.at_us, o.kind, o.urgent, o.fields, coalesce(d.attempts, 0)"
    " FROM outbox AS o LEFT JOIN deliveries AS d ON d.alert_id = o.id AND d.channel = ?"
    " WHERE o.account = ? AND o.result IS NULL AND d.result IS NULL"
    " ORDER BY o.urgent DESC, o.id LIMIT ?"
)
_CALM = (
    " FROM outbox AS o LEFT JOIN deliveries AS d ON d.alert_id = o.id AND d.channel = ?"
    " WHERE o.account = ? AND o.urgent = 0 AND o.result IS NULL AND d.result IS NULL"
)
_FINISH = (
    "INSERT INTO deliveries (alert_id, channel, result) VALUES (?, ?, ?)"
    " ON CONFLICT (alert_id, channel) DO UPDATE SET result = excluded.result"
    " WHERE deliveries.result IS NULL"
)
_RETRY = (
    "INSERT INTO deliveries (alert_id, channel, attempts, next_at_us) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (alert_id, channel) DO UPDATE"
    " SET attempts = excluded.attempts, next_at_us = excluded.next_at_us"
    " WHERE deliveries.result IS NULL"
)
_ACKNOWLEDGED = (
    "SELECT o.id, o.at_us, o.kind, o.urgent, o.fields, 0 FROM acknowledgements AS a"
    " CROSS JOIN outbox AS o"
    " WHERE o.id = a.alert_id AND o.account = ? AND o.kind = ? AND o.id <> ?"
    " ORDER BY a.alert_id DESC LIMIT 50"
)
_ALERTS = (
    "SELECT id, at_us, kind, urgent, fields, 0 FROM outbox"
    " WHERE id > ? AND account = ? AND at_us >= ? ORDER BY id LIMIT ?"
)
_ACKNOWLEDGED_SINCE = (
    "SELECT a.alert_id FROM acknowledgements AS a CROSS JOIN outbox AS o"
    " WHERE o.id = a.alert_id AND o.account = ? AND a.at_us >= ? ORDER BY a.at_us, a.alert_id"
)
_SILENCE = "UPDATE outbox SET result = 'silenced' WHERE id = ? AND result IS NULL"
# The condition on the partial index first: only what waits is looked at.
_SETTLE = (
    "UPDATE outbox SET result = CASE WHEN EXISTS (SELECT 1 FROM deliveries AS d"
    " WHERE d.alert_id = outbox.id AND d.result = 'sent') THEN 'sent'"
    " ELSE coalesce((SELECT min(d.result) FROM deliveries AS d"
    " WHERE d.alert_id = outbox.id), 'dropped') END"
    " WHERE account = ? AND result IS NULL"
    " AND (SELECT count(*) FROM deliveries AS d WHERE d.alert_id = outbox.id"
    " AND d.result IS NOT NULL AND d.channel IN ({channels})) = {count}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxTable:
    """The account's alerts."""

    database: RelationalDatabase
    account: str

    def pending(self, limit: int, channel: str = ANY_CHANNEL) -> list[PendingAlert]:
        found = self.database.execute(_PENDING, (channel, self.account, limit))
        return list(map(_pending, found))

    def after(self, number: int, since_us: int, limit: int) -> list[PendingAlert]:
        found = self.database.execute(_ALERTS, (number, self.account, since_us, limit))
        return list(map(_pending, found))

    def acknowledged_since(self, at_us: int) -> list[int]:
        found = self.database.execute(_ACKNOWLEDGED_SINCE, (self.account, at_us))
        return [number for (number,) in found]

    def acknowledge(self, number: int, at_us: int) -> bool:
        with self.database.transaction(self.account):
            own = "SELECT 1 FROM outbox WHERE account = ? AND id = ?"
            if not list(self.database.execute(own, (self.account, number))):
                return False
            self.database.execute(
                "INSERT INTO acknowledgements (alert_id, at_us) VALUES (?, ?)"
                " ON CONFLICT DO NOTHING",
                (number, at_us),
            )
        return True

    def note(self, alert: Alert, at_us: int) -> PendingAlert | None:
        """Take one that its sender delivers itself; ``None``: an operator wants no repeat of it.

        An urgent one that tells of an incident anew, and of nothing worse, becomes a repeat.
        """
        with self.database.transaction(self.account):
            told = self._as_repeat(alert, at_us) if alert.urgent else alert
            fields = json.dumps(dict(told.fields), ensure_ascii=False)
            values = (self.account, at_us, told.kind, told.urgent, fields, NOTED)
            [(number,)] = self.database.execute(_NOTE, values)
            pending = PendingAlert(id=number, alert=told, attempts=0, created_at_us=at_us)
            if not self._is_acknowledged(pending):
                return pending
            self.database.execute(_SILENCE_NOTED, (number,))
        return None

    def _as_repeat(self, alert: Alert, at_us: int) -> Alert:
        found = list(map(_pending, self.database.execute(_LAST, (self.account, alert.kind))))
        for one in found:
            is_same = is_same_incident(alert, at_us, one.alert, one.created_at_us)
            is_first = one.alert.fields.get(REMINDER_OF) is None
            if is_first and is_same and not is_worse(alert, one.alert):
                told = [other.alert.fields.get(REMINDER_OF) for other in found]
                number = told.count(str(one.id)) + 1
                return as_repeat(alert, one.id, first_us=one.created_at_us, number=number)
        return alert

    def unsilenced(
        self, limit: int, channel: str, *, is_paging: bool = False, beside: Sequence[str] = ()
    ) -> list[PendingAlert]:
        """What waits, less what need not be told: that is ended here.

        What only repeats an acknowledged incident is silenced for every channel. A repeat beside
        a newer one (this channel was dead meanwhile) is skipped, and a paging channel skips all
        that is no repeat.
        """
        found = self.pending(limit, channel)
        newest = {one.alert.fields.get(REMINDER_OF): one.id for one in sorted(found, key=_by_id)}
        loud = []
        for pending in found:
            of = pending.alert.fields.get(REMINDER_OF)
            if self._is_acknowledged(pending):
                self.database.execute(_SILENCE, (pending.id,))
            elif is_paging if of is None else newest[of] != pending.id:
                self.finish(pending.id, channel, SKIPPED, beside)
            else:
                loud.append(pending)
        return loud

    def _is_acknowledged(self, pending: PendingAlert) -> bool:
        alert, of = pending.alert, pending.alert.fields.get(REMINDER_OF)
        if of is None and alert.began_us(pending.created_at_us) is None:
            return False
        found = self.database.execute(_ACKNOWLEDGED, (self.account, alert.kind, pending.id))
        for seen in map(_pending, found):
            if of is not None and of in {str(seen.id), seen.alert.fields.get(REMINDER_OF)}:
                return True
            is_same = is_same_incident(alert, pending.created_at_us, seen.alert, seen.created_at_us)
            is_later = of is not None or seen.id < pending.id
            if is_same and is_later and not is_worse(alert, seen.alert):
                return True
        return False

    def finish(self, number: int, channel: str, result: str, channels: Sequence[str]) -> None:
        with self.database.transaction(self.account):
            self.database.execute(_FINISH, (number, channel, result))
            self._settle(channels, " AND id = ?", (number,))

    def retry(self, number: int, channel: str, next_at_us: int, attempts: int) -> None:
        self.database.execute(_RETRY, (number, channel, attempts, next_at_us))

    def drop(self, keep: int, channel: str, channels: Sequence[str]) -> int:
        [(count,)] = self.database.execute(f"SELECT count(*){_CALM}", (channel, self.account))
        if count <= keep:
            return 0  # no write lock taken for the usual case
        oldest = f"SELECT o.id{_CALM} ORDER BY o.id LIMIT ?"
        with self.database.transaction(self.account):
            found = self.database.execute(oldest, (channel, self.account, count - keep))
            for (number,) in found:
                self.database.execute(_FINISH, (number, channel, "dropped"))
            self.settle(channels)
        return len(found)

    def settle(self, channels: Sequence[str]) -> None:
        """End what none of these channels still has to take."""
        self._settle(channels)

    def _settle(self, channels: Sequence[str], which: str = "", values: Values = ()) -> None:
        names = sorted(set(channels))
        marks = ", ".join("?" for _ in names) or "NULL"
        sql = _SETTLE.format(channels=marks, count=len(names)) + which
        self.database.execute(sql, (self.account, *names, *values))


def _pending(row: tuple[Any, ...]) -> PendingAlert:
    number, at_us, kind, urgent, fields, attempts = row
    return PendingAlert(
        id=number,
        alert=Alert(kind=kind, urgent=bool(urgent), fields=json.loads(fields)),
        attempts=attempts,
        created_at_us=at_us,
    )


def _by_id(pending: PendingAlert) -> int:
    return pending.id


class CarryOut(Protocol):
    """How the store works: in its thread, and patient with a lock."""

    def __call__(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Carry it out."""
        ...


class SqlOutbox(ChannelOutbox):
    """One channel's side of the outbox."""

    def __init__(
        self,
        table: OutboxTable,
        carry_out: CarryOut,
        *,
        channel: str,
        beside: Sequence[str],
        is_paging: bool = False,
    ) -> None:
        self._table = table
        self._carry_out = carry_out
        self._channel = channel
        self._channels = (channel, *beside)
        self._is_paging = is_paging
        self._is_settled = False

    async def pending_alerts(self, limit: int = 20) -> list[PendingAlert]:
        return await self._carry_out(
            self._table.unsilenced,
            limit,
            self._channel,
            is_paging=self._is_paging,
            beside=self._channels,
        )

    async def finish_alert(self, alert_id: int, *, result: str = "sent") -> None:
        await self._carry_out(self._table.finish, alert_id, self._channel, result, self._channels)

    async def retry_alert(self, alert_id: int, *, next_at_us: int, attempts: int) -> None:
        await self._carry_out(self._table.retry, alert_id, self._channel, next_at_us, attempts)

    async def drop_alerts(self, *, keep: int) -> int:
        if not self._is_settled:
            # A channel that is no longer in use may have been the last that an alert waited for.
            await self._carry_out(self._table.settle, self._channels)
            self._is_settled = True
        return await self._carry_out(self._table.drop, keep, self._channel, self._channels)
