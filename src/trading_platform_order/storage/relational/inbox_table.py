"""Inbox and latches: small tables, one statement or transaction per verb."""

# ruff: noqa: D102 - each verb does what the docstring of its port (storage/base.py) says

from dataclasses import dataclass
from typing import Literal

from trading_platform_order.storage.base import (
    MAX_RAW_BYTES,
    Command,
    InboxFull,
    InboxResult,
    Latch,
)
from trading_platform_order.storage.relational.database import RelationalDatabase

PENDING_MAX = 10_000

Table = Literal["inbox_signals", "inbox_commands"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxTable:
    """What other processes hand in, and how it ended."""

    database: RelationalDatabase
    account: str

    def put_signal(self, raw: str, at_us: int) -> int:
        return self._put("inbox_signals", {"at_us": at_us, "raw": raw}, size_of=raw)

    def put_command(self, kind: str, body: str, at_us: int) -> int:
        return self._put(
            "inbox_commands", {"at_us": at_us, "kind": kind, "body": body}, size_of=body
        )

    def _put(self, table: Table, values: dict[str, str | int], *, size_of: str) -> int:
        if len(size_of.encode()) > MAX_RAW_BYTES:
            raise ValueError(f"over {MAX_RAW_BYTES} bytes")
        waiting = f"SELECT count(*) FROM {table} WHERE account = ? AND result IS NULL"  # noqa: S608 - literal names
        columns = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        insert = f"INSERT INTO {table} (account, {columns}) VALUES (?, {marks}) RETURNING id"  # noqa: S608 - literal names
        with self.database.transaction(self.account):
            [(count,)] = self.database.execute(waiting, (self.account,))
            if count >= PENDING_MAX:
                raise InboxFull(f"{count} entries wait already; does the engine run?")
            [(number,)] = self.database.execute(insert, (self.account, *values.values()))
            return int(number)

    def pending_signals(self, limit: int, after_id: int) -> list[tuple[int, str]]:
        return self.database.execute(
            "SELECT id, raw FROM inbox_signals WHERE account = ? AND result IS NULL AND id > ?"
            " ORDER BY id LIMIT ?",
            (self.account, after_id, limit),
        )

    def pending_commands(self, limit: int, after_id: int) -> list[Command]:
        found = self.database.execute(
            "SELECT id, kind, body, at_us FROM inbox_commands"
            " WHERE account = ? AND result IS NULL AND id > ? ORDER BY id LIMIT ?",
            (self.account, after_id, limit),
        )
        return [
            Command(id=number, kind=kind, body=body, at_us=at_us)
            for number, kind, body, at_us in found
        ]

    def finish(self, table: Table, number: int, result: str, detail: str) -> None:
        self.database.execute(
            f"UPDATE {table} SET result = ?, detail = ?"  # noqa: S608 - literal names
            " WHERE account = ? AND id = ? AND result IS NULL",
            (InboxResult(result).value, detail, self.account, number),
        )

    def result(self, table: Table, number: int) -> tuple[str, str] | None:
        row = self.database.first(
            f"SELECT result, detail FROM {table} WHERE account = ? AND id = ?",  # noqa: S608 - literal names
            (self.account, number),
        )
        return None if row is None or row[0] is None else (row[0], row[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class LatchTable:
    """Conditions that stay set until an operator clears them."""

    database: RelationalDatabase
    account: str

    def set(self, kind: str, reason: str, at_us: int) -> bool:
        done = self.database.change(
            "INSERT INTO latches (account, kind, reason, at_us) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (self.account, kind, reason, at_us),
        )
        return done == 1

    def clear(self, kind: str, reason: str, at_us: int) -> bool:
        done = self.database.change(
            "UPDATE latches SET cleared_reason = ?, cleared_at_us = ?"
            " WHERE account = ? AND kind = ? AND cleared_at_us IS NULL",
            (reason, at_us, self.account, kind),
        )
        return done == 1

    def lifted_reason(self, kind: str) -> str | None:
        row = self.database.first(
            "SELECT cleared_reason FROM latches WHERE account = ? AND kind = ?"
            " AND cleared_at_us IS NOT NULL ORDER BY cleared_at_us DESC, id DESC LIMIT 1",
            (self.account, kind),
        )
        return None if row is None else str(row[0])

    def all_set(self) -> list[Latch]:
        found = self.database.execute(
            "SELECT kind, reason, at_us FROM latches"
            " WHERE account = ? AND cleared_at_us IS NULL ORDER BY id",
            (self.account,),
        )
        return [Latch(kind=kind, reason=reason, at_us=at_us) for kind, reason, at_us in found]
