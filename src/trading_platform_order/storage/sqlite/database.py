"""The one door to SQLite: a connection with typed verbs, and which SQLite may be used at all.

SQLite comes with the ``apsw`` wheel, never from the machine: versions 3.7.0 to 3.51.2 can lose
committed pages in WAL mode when one connection checkpoints while another commits and restarts the
log (https://sqlite.org/wal.html#walresetbug), which is what an engine, its watchdog and the command
line do with one file. An affected version is refused.

Nobody else imports ``apsw`` (but test beds that go below it), because it has traps that are closed
here: it executes lazily, so that an unread answer keeps its read transaction open and a text of
several statements stops after the first; and it knows no implicit transactions. Every verb here
carries its text out to the end before it returns, and raises nothing but :class:`StoreBusy`,
:class:`LeaseLost` and :class:`StoreUnavailable`.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Self

import apsw

from trading_platform_order.storage.base import StoreBusy, StoreUnavailable
from trading_platform_order.storage.lease import ANOTHER_HOLDER, LeaseLost
from trading_platform_order.storage.relational.database import RelationalDatabase, Row, Values

READ_ONLY = apsw.SQLITE_OPEN_READONLY
READ_WRITE = apsw.SQLITE_OPEN_READWRITE
CREATE = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
# As https://sqlite.org/wal.html#walresetbug says, with the two releases it was carried back to.
_AFFECTED_FROM, _REPAIRED_IN = (3, 7, 0), (3, 51, 3)
_REPAIRED_BRANCHES = {(3, 44): 6, (3, 50): 7}


def sqlite_version() -> str:
    """The version of the SQLite that this program runs with."""
    return apsw.sqlite_lib_version()


def fault_of_version(version: str) -> str | None:
    """Why a store may not be opened with this SQLite; ``None`` if it may."""
    major, minor, patch = (int(part) for part in version.split(".")[:3])
    if not _AFFECTED_FROM <= (major, minor, patch) < _REPAIRED_IN:
        return None
    repaired_from = _REPAIRED_BRANCHES.get((major, minor))
    if repaired_from is not None and patch >= repaired_from:
        return None
    return (
        f"SQLite {version} can lose committed rows when two programs use one file (its WAL-reset"
        " bug, repaired in 3.51.3); the apsw of this program's lock file brings a repaired one"
    )


class Database(RelationalDatabase):
    """A connection to SQLite."""

    # As bytes: what was changed by hand may be no text any more. The hash before a row is the one
    # of the row before, unless a version before 7 wrote it.
    journal_columns = (
        "account, seq, at_us, trade_id, kind, version, CAST(body AS BLOB),"
        " CASE WHEN prev_hash <> '' THEN prev_hash ELSE (SELECT before.hash FROM journal AS before"
        " WHERE before.account = journal.account AND before.seq = journal.seq - 1) END,"
        " hash, build, epoch"
    )

    def __init__(self, handle: apsw.Connection) -> None:
        self.handle = handle

    @classmethod
    def open(cls, path: str | Path, flags: int = CREATE, *, version: str | None = None) -> Self:
        """Open a file (or ``":memory:"``); ``version`` stands in for that of SQLite in a test.

        Raises:
            StoreUnavailable: it cannot be opened, or SQLite has a fault that loses rows.
        """
        fault = fault_of_version(version or sqlite_version())
        if fault is not None:
            raise StoreUnavailable(fault)
        with _translated():
            return cls(apsw.Connection(str(path), flags=flags))

    @classmethod
    def memory(cls, content: bytes | None = None) -> Self:
        """An empty one in memory, or one with what :meth:`serialize` gave."""
        made = cls.open(":memory:")
        if content is not None:
            made.deserialize(content)
        return made

    def execute(self, sql: str, values: Values = ()) -> list[Row]:
        """Carry it out and return every row it gives."""
        try:
            return list(self.handle.execute(sql, values))
        except apsw.Error as error:
            raise _as_told(error) from error

    def first_named(self, sql: str, values: Values = ()) -> dict[str, Any] | None:
        """The first row it gives, if any, by column name."""
        with _translated():
            cursor = self.handle.execute(sql, values)
            row = next(cursor, None)
            if row is None:
                return None
            names = [str(column[0]) for column in cursor.get_description()]
            cursor.close(force=True)
            return dict(zip(names, row, strict=True))

    def change(self, sql: str, values: Values = ()) -> int:
        """Carry out one INSERT, UPDATE or DELETE; returns how many rows it touched."""
        self.execute(sql, values)
        return self.handle.changes()

    def execute_many(self, sql: str, rows: Iterable[Values]) -> None:
        """Carry it out once for each row of values."""
        with _translated():
            for _ in self.handle.executemany(sql, rows):
                pass

    def transaction(self, account: str) -> AbstractContextManager[None]:  # noqa: ARG002 - SQLite has one writer
        """All of the block's writes, or none: no other writer of the file is in between."""
        return transaction(self)

    def json_text(self, path: Sequence[str]) -> str:
        """The expression for a text in a journal row's body."""
        return f"json_extract(body, '$.{'.'.join(path)}')"

    def equals(self, column: str) -> str:
        """The condition that a column has a value: its type decides how the text is read."""
        return f"{column} = ?"

    def tidy_up(self) -> None:
        """Move what the write-ahead log holds into the file proper, as far as nobody reads it."""
        self.execute("PRAGMA wal_checkpoint(PASSIVE)")

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self.handle.in_transaction

    def abandon(self) -> None:
        """Undo what an open transaction did so far; nothing happens without one."""
        if self.in_transaction:
            self.execute("ROLLBACK")

    def busy_timeout(self, timeout_ms: int) -> None:
        """How long a statement waits for another connection's lock."""
        self.handle.set_busy_timeout(timeout_ms)

    def serialize(self) -> bytes:
        """The whole database as bytes; of one in memory, since a file's may be in its log."""
        with _translated():
            return self.handle.serialize("main")

    def deserialize(self, content: bytes) -> None:
        """Become what :meth:`serialize` gave."""
        with _translated():
            self.handle.deserialize("main", content)

    def copy_to(self, target: "Database") -> None:
        """Make the other hold what this one holds, at one moment."""
        with _translated(), target.handle.backup("main", self.handle, "main") as backup:
            while not backup.done:
                backup.step(-1)

    def close(self) -> None:
        """Let go of it; calling it again does nothing."""
        with _translated():
            self.handle.close()


def split_statements(sql: str) -> list[str]:
    """Split a script at the ends of complete statements (a trigger holds semicolons itself)."""
    statements, pending = [], ""
    for line in sql.splitlines(keepends=True):
        if not pending and (not line.strip() or line.lstrip().startswith("--")):
            continue
        pending += line
        if apsw.complete(pending):
            statements.append(pending.strip())
            pending = ""
    if pending.strip():
        raise ValueError(f"incomplete statement: {pending.strip()[:60]!r}")
    return statements


@contextmanager
def transaction(database: Database) -> Iterator[None]:
    """All of the block's writes, or none."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.abandon()
        raise
    try:
        database.execute("COMMIT")
    except BaseException:
        database.abandon()
        raise


@contextmanager
def _translated() -> Iterator[None]:
    """What the library raises, as the store's port says it."""
    try:
        yield
    except apsw.Error as error:
        raise _as_told(error) from error


def _as_told(error: apsw.Error) -> StoreUnavailable:
    """With SQLite's own name for the fault, which is what one can look up."""
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return StoreBusy(str(error))
    if isinstance(error, apsw.ConstraintError) and str(error) == ANOTHER_HOLDER:
        return LeaseLost(ANOTHER_HOLDER)
    code = getattr(error, "extendedresult", -1)
    name = apsw.mapping_extended_result_codes.get(code) or apsw.mapping_result_codes.get(code)
    return StoreUnavailable(f"{error} ({name})" if isinstance(name, str) else str(error))
