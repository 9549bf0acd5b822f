"""What an operator does with a store's file: ask it something, copy it, retell its views.

The first two open the file read-only with the engine's own SQLite, so that neither a checkpoint nor
a version with a fault can touch the journal of a running engine. Views are retold only while no
engine runs, and without a writer's epoch: how the engine before ended must stay known.
"""

import os
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import apsw

from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.storage.packed_body import unpack_body
from trading_platform_order.storage.relational.database import Row
from trading_platform_order.storage.relational.epochs import BOOT_OF_A_COPY
from trading_platform_order.storage.relational.journal_table import verify_chain
from trading_platform_order.storage.relational.read_models import ReadModels, watermark
from trading_platform_order.storage.sqlite.connection import open_existing
from trading_platform_order.storage.sqlite.database import READ_ONLY, READ_WRITE, Database
from trading_platform_order.storage.sqlite.migrations import require_current
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock

_MAY = frozenset(
    {apsw.SQLITE_SELECT, apsw.SQLITE_READ, apsw.SQLITE_FUNCTION, apsw.SQLITE_RECURSIVE}
)
_PRAGMAS = frozenset({"table_info", "table_list", "index_list", "integrity_check", "quick_check"})
# How many steps of SQLite's machine between two looks at the clock.
_STEPS = 10_000


class QueryRefused(Exception):  # noqa: N818 - a fact about the query, named as the docs do
    """It is no query that only reads, or takes too long; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a query gave.

    Attributes:
        is_cut: there were more rows than were asked for.
    """

    columns: tuple[str, ...]
    rows: list[Row]
    is_cut: bool


def retell_views(path: Path, account: str) -> int:
    """Empty an account's read models and tell the whole journal again; returns its rows.

    Raises:
        AccountLocked: an engine runs on the account.
        StoreUnavailable: the file cannot be written.
        SchemaMismatch: it is another version's.
        ProjectionFailed: a row this program cannot tell; nothing was changed.
    """
    with (
        AccountLock(path, account),
        closing(open_existing(path, READ_WRITE)) as database,
    ):
        require_current(database)
        return ReadModels(database, account).rebuild()


def ask(path: Path, sql: str, *, limit: int, limit_s: float) -> Answer:
    """The answer to one SELECT (or one of a few PRAGMAs that only look).

    Args:
        path: of the store.
        sql: one statement.
        limit: most rows to return.
        limit_s: seconds after which it is broken off; a long read keeps the log from being emptied.

    Raises:
        QueryRefused: see there.
        StoreUnavailable: there is no store, or it cannot be read.
        SchemaMismatch: it is another version's.
    """
    with closing(open_existing(path, READ_ONLY)) as database:
        require_current(database)
        handle, until_s = database.handle, time.monotonic() + limit_s
        handle.create_scalar_function("unpacked", _unpacked, 1, deterministic=True)
        handle.set_authorizer(_only_reads)
        handle.set_progress_handler(lambda: time.monotonic() > until_s, _STEPS)
        try:
            return _answer(handle.execute(sql), limit)
        except apsw.InterruptError:
            raise QueryRefused(f"it took longer than {limit_s:g} s") from None
        except apsw.AuthError:
            raise QueryRefused("only statements that read are carried out") from None
        except (apsw.SQLError, apsw.BindingsError, apsw.IncompleteExecutionError) as error:
            raise QueryRefused(str(error)) from None
        except apsw.Error as error:
            raise StoreUnavailable(f"cannot read the store {path}: {error}") from error


def _unpacked(*values: object) -> str | None:
    """The SQL function that shows a journal row's body."""
    [stored] = values
    return unpack_body(stored) if isinstance(stored, str | bytes) else None


def _answer(cursor: apsw.Cursor, limit: int) -> Answer:
    columns: tuple[str, ...] = ()
    rows: list[Row] = []
    for row in cursor:
        columns = columns or tuple(str(column[0]) for column in cursor.get_description())
        if len(rows) == limit:
            cursor.close(force=True)
            return Answer(columns=columns, rows=rows, is_cut=True)
        rows.append(row)
    return Answer(columns=columns, rows=rows, is_cut=False)


def _only_reads(action: int, first: str | None, *_: str | None) -> int:
    looks = action == apsw.SQLITE_PRAGMA and first in _PRAGMAS
    return apsw.SQLITE_OK if action in _MAY or looks else apsw.SQLITE_DENY


def back_up(path: Path, target: Path) -> dict[str, int]:
    """Copy a store as it is at one moment, also under a running engine; the copy is checked.

    Args:
        path: of the store.
        target: of the copy; only its owner may read it.

    Returns:
        How many journal rows each account has in the copy, each chain verified.

    Raises:
        FileExistsError: there is such a file; it is not touched.
        StoreUnavailable: there is no store, or it cannot be read or copied.
        SchemaMismatch: it is another version's.
        ChainBroken: the journal is not what was written; no copy is left.
    """
    part = target.with_name(f"{target.name}.part")
    with closing(open_existing(path, READ_ONLY)) as database:
        require_current(database)
        if target.exists():
            raise FileExistsError(f"{target} exists already")
        try:
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            raise FileExistsError(f"{part} exists: another backup runs, or one broke off") from None
        except OSError as error:
            raise StoreUnavailable(f"cannot make {part}: {error.strerror}") from error
        try:
            counted = _copy(database, part)
            part.rename(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    flush_folder(target.parent)
    return counted


def _copy(database: Database, part: Path) -> dict[str, int]:
    with closing(Database.open(part)) as copy:
        database.copy_to(copy)
        return finished_copy(copy)


def finished_copy(copy: Database) -> dict[str, int]:
    """Make a copy ready to be opened as a store; the rows of each account, its chain verified."""
    # Whoever opens it as its store must know that rows may be missing, also in the same boot
    # of the same machine and if the engine had ended properly.
    copy.execute("UPDATE epochs SET ended_clean = 0, boot = ?", (BOOT_OF_A_COPY,))
    # One file and no log beside it: the engine that opens it makes a new one.
    copy.execute("PRAGMA journal_mode = DELETE")
    accounts = copy.execute("SELECT DISTINCT account FROM journal ORDER BY account")
    return {
        name: verify_chain(copy, name, projected_seq=watermark(copy, name)) for (name,) in accounts
    }


def flush_folder(folder: Path) -> None:
    """A name that was not flushed may be gone after a loss of power."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
