"""The one door to PostgreSQL for the store: a connection with the verbs the tables need.

SQLite has one writer at a time, and the tables' transactions rely on it: they look, and then write
what follows from what they saw. Here every transaction holds its account's advisory lock from
its first statement to its end, so that the same reasoning holds for each account, while accounts do
not wait for each other. Whoever waits longer than ``LOCK_MS`` has changed nothing
(:class:`~trading_platform_order.storage.base.StoreBusy`) and tries again. All writers take the
lock here and nowhere else.

A commit is on the server's disk when it returns, whatever the server's own setting.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from trading_platform_order.storage.base import JournalRow, StoreBusy, StoreUnavailable
from trading_platform_order.storage.lease import ANOTHER_HOLDER, LeaseLost
from trading_platform_order.storage.postgres.address import Address
from trading_platform_order.storage.relational.database import RelationalDatabase, Row, Values

LOCK_MS = 100
# Who is stopped in the middle of a transaction does not keep an account from its engine for ever.
IDLE_MS = 30_000
# What the fence says (sql/0008_store.sql).
_NOT_THE_HOLDER = "TP001"
_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"
_COMMIT = ("COMMIT", ())
_LOCK = "SELECT pg_advisory_xact_lock(?)"
# What PostgreSQL cannot hold in a text, and JSON cannot hold at all.
_NUL, _INSTEAD = "\x00", "\ufffd"

Statement = tuple[str, Values]


class PostgresDatabase(RelationalDatabase):
    """One connection to one schema, used by one thread at a time.

    Args:
        address: where, and in which schema.
        reconnects: a lost connection is made anew at the next use; not for a writer, which must
            read the journal before it goes on.
        read_only: the server refuses what would write.

    Raises:
        StoreUnavailable: the server does not answer, or refuses us.
    """

    journal_columns = ", ".join(JournalRow._fields)

    def __init__(
        self, address: Address, *, reconnects: bool = False, read_only: bool = False
    ) -> None:
        self._address = address
        self._reconnects = reconnects
        self._read_only = read_only
        self._is_closed = False
        # What was begun on one connection is not ended on another.
        self._is_within = False
        with translated():
            self._made = self._connect()

    def _connect(self) -> psycopg.Connection[Row]:
        made = psycopg.connect(**self._address.parameters(), autocommit=True)
        try:
            with made.pipeline():
                path = sql.SQL("SET search_path TO {}").format(sql.Identifier(self._address.schema))
                made.execute(path)
                made.execute(f"SET lock_timeout = {LOCK_MS}".encode())
                made.execute(f"SET idle_in_transaction_session_timeout = {IDLE_MS}".encode())
                if self._read_only:
                    made.execute("SET default_transaction_read_only = on")
                made.execute(
                    "SELECT set_config('synchronous_commit', 'on', false)"
                    " WHERE current_setting('synchronous_commit') = 'off'"
                )
        except BaseException:
            made.close()
            raise
        return made

    @property
    def schema(self) -> str:
        """In which the tables are."""
        return self._address.schema

    @property
    def connection(self) -> psycopg.Connection[Row]:
        """As the library gives it, for whoever moves whole tables.

        Raises:
            StoreUnavailable: it was closed, or lost.
        """
        may_reconnect = self._reconnects and not self._is_closed and not self._is_within
        if self._made.closed and may_reconnect:
            with translated():
                self._made = self._connect()
        if self._made.closed:
            why = "the store is closed" if self._is_closed else "the database has gone"
            raise StoreUnavailable(why)
        return self._made

    def execute(self, sql: str, values: Values = ()) -> list[Row]:
        """Carry it out and return every row it gives."""
        with translated():
            cursor = self._cursor(sql, values)
            return cursor.fetchall() if cursor.description else []

    def first_named(self, sql: str, values: Values = ()) -> dict[str, Any] | None:
        """The first row it gives, if any, by column name."""
        with translated():
            cursor = self._cursor(sql, values)
            row = cursor.fetchone()
            names = [column.name for column in cursor.description or ()]
            return None if row is None else dict(zip(names, row, strict=True))

    def change(self, sql: str, values: Values = ()) -> int:
        """Carry out one INSERT, UPDATE or DELETE; returns how many rows it touched."""
        with translated():
            return self._cursor(sql, values).rowcount

    def execute_many(self, sql: str, rows: Iterable[Values]) -> None:
        """Carry it out once for each row of values, without waiting in between."""
        with translated(), self.connection.cursor() as cursor:
            cursor.executemany(_marked(sql), [as_held(row) for row in rows])

    def _cursor(self, sql: str, values: Values) -> psycopg.Cursor[Row]:
        return self.connection.execute(_marked(sql), as_held(values))

    def run_script(self, text: str) -> None:
        """Carry out a migration's script, which has no values."""
        with translated():
            self.connection.execute(text.encode())

    @contextmanager
    def transaction(self, account: str) -> Iterator[None]:
        """All of the block's writes, or none; no other writer of the account is in between."""
        connection = self.connection
        self._is_within = True
        try:
            with translated(), connection.pipeline():
                for statement in self._begin(account):
                    self._cursor(*statement)
            yield
            with translated():
                _require_committed(self._cursor(*_COMMIT))
        except BaseException:
            self.abandon()
            raise
        finally:
            self._is_within = False

    def commit_at_once(self, account: str, statements: Sequence[Statement]) -> str | None:
        """One transaction in one round trip: nothing of it waits for an answer in between.

        Returns:
            The name of the unique key that was there already; nothing was written.

        Raises:
            StoreBusy: nothing was written; it may be tried again.
            LeaseLost: nothing was written.
            StoreUnavailable: not written, or not known to be.
        """
        connection = self.connection
        try:
            with translated():
                try:
                    with connection.pipeline():
                        for statement in (*self._begin(account), *statements):
                            self._cursor(*statement)
                        last = self._cursor(*_COMMIT)
                    _require_committed(last)
                except psycopg.errors.UniqueViolation as taken:
                    self.abandon()
                    return taken.diag.constraint_name or str(taken)
        except BaseException:
            self.abandon()
            raise
        return None

    def _begin(self, account: str) -> tuple[Statement, ...]:
        return (_BEGIN, ()), (_LOCK, (_lock_of(self._address.schema, account),))

    def abandon(self) -> None:
        """Undo what an open transaction did so far; nothing happens without one."""
        made = self._made
        if not made.closed and made.info.transaction_status is not TransactionStatus.IDLE:
            # Of a connection that is gone the server undoes it.
            with suppress(psycopg.Error):
                made.rollback()

    def json_text(self, path: Sequence[str]) -> str:
        """The expression for a text in a journal row's body.

        A text with the escaped character 0 is none here: PostgreSQL cannot hold it.
        """
        keys = ",".join(path)
        return rf"CASE WHEN strpos(body, '\u0000') = 0 THEN body::json #>> '{{{keys}}}' END"

    def equals(self, column: str) -> str:
        """The condition that a column has a value: as a text, since a number may be none."""
        return f"CAST({column} AS text) = ?"

    def tidy_up(self) -> None:
        """The server does it by itself."""

    def close(self) -> None:
        """Let go of it; calling it again does nothing."""
        self._is_closed = True
        with suppress(psycopg.Error, OSError):
            self._made.close()


def _require_committed(last: psycopg.Cursor[Row]) -> None:
    """A server that undoes a failed transaction answers to COMMIT with another word, and no error.

    Raises:
        StoreUnavailable: it did so.
    """
    if last.statusmessage != "COMMIT":
        raise StoreUnavailable(f"the server did not commit, but said {last.statusmessage}")


@lru_cache(maxsize=256)
def _marked(text: str) -> bytes:
    """The library's marks for ours."""
    return text.replace("%", "%%").replace("?", "%s").encode()


def as_held(values: Values) -> list[str | int | float | bytes | None]:
    """As the server can hold them: no character 0 in a text, and a number for true or false."""
    return [_value(value) for value in values]


def _value(value: str | float | bytes | None) -> str | int | float | bytes | None:
    if isinstance(value, str):
        return str(value).replace(_NUL, _INSTEAD)
    return int(value) if isinstance(value, bool) else value


@lru_cache(maxsize=1_024)
def _lock_of(schema: str, account: str) -> int:
    """The number of an account's lock, in all databases of one server."""
    digest = hashlib.sha256(f"tporder {schema} {account}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


@contextmanager
def translated() -> Iterator[None]:
    """What the library raises, as the store's port says it."""
    try:
        yield
    except (psycopg.Error, OSError) as error:
        raise _as_told(error) from error


def _as_told(error: psycopg.Error | OSError) -> StoreUnavailable:
    """With the server's own code for the fault, which is what one can look up."""
    text = " ".join(str(error).split()) or type(error).__name__
    code = getattr(error, "sqlstate", None)
    if code == _NOT_THE_HOLDER:
        return LeaseLost(ANOTHER_HOLDER)
    busy = psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected
    if isinstance(error, busy | psycopg.errors.SerializationFailure):
        return StoreBusy(text)
    return StoreUnavailable(f"{text} ({code})" if code else text)
