"""The store in one SQLite file (write-ahead log): the embedded default.

The account's engine opens it with :class:`SqliteStore`, and holds the account's lock while it
does. Other processes open the same file with :func:`open_inbox` or :func:`open_reader`; they never
touch the journal or the read models. What they do with it stands in ``storage/relational``.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from trading_platform_order.storage.base import Commit
from trading_platform_order.storage.relational.epochs import NOWHERE, Place, Taking
from trading_platform_order.storage.relational.lock_wait import LockWait
from trading_platform_order.storage.relational.runner import Inline, WriterThread
from trading_platform_order.storage.relational.store import SqlInbox, SqlReader, SqlStore
from trading_platform_order.storage.sqlite.connection import (
    INLINE_BUSY_MS,
    THREAD_BUSY_MS,
    Durability,
    open_existing,
    open_writer,
    tune_writer,
)
from trading_platform_order.storage.sqlite.database import READ_ONLY, READ_WRITE, Database
from trading_platform_order.storage.sqlite.journal_writer import SqliteJournalWriter
from trading_platform_order.storage.sqlite.migrations import migrate, require_current, version_of


class SqliteStore(SqlStore):
    """The engine's store in a file.

    Args:
        source: a path (made if missing), ``":memory:"``, or an open connection. A borrowed
            connection is used inline and not closed: a simulation "crashes" by dropping the store
            and opens another over the same connection.
        account: whose journal.
        build: the program's build id, stamped on every row.
        durability: FULL survives a loss of power, and runs in a writer thread.
        place: which machine this is, and since which boot.
        lock_wait: how a lock that another process holds is waited for.
        taking: who takes the account's lease by opening the store, and why.
        on_commit: handed every commit once it is durable, before the order of an intent leaves:
            it may only remember it.

    Raises:
        StoreUnavailable: it cannot be opened or written.
        SchemaMismatch: a newer program wrote it.
        LeaseTaken: another program has taken the lease since it was looked at.
    """

    _database: Database

    def __init__(
        self,
        source: str | Path | Database,
        *,
        account: str = "main",
        build: str,
        durability: Durability | str = Durability.FULL,
        place: Place = NOWHERE,
        lock_wait: LockWait | None = None,
        on_commit: Callable[[Commit], None] | None = None,
        taking: Taking = Taking(),  # noqa: B008 - frozen
    ) -> None:
        level = Durability(durability)
        is_borrowed = isinstance(source, Database)
        if isinstance(source, Database):
            database = source
            tune_writer(database, level)
        else:
            database = open_writer(source, level)
        threaded = level is Durability.FULL and not is_borrowed
        with _closed_on_failure(None if is_borrowed else database):
            migrate(database)
            super().__init__(
                database,
                WriterThread() if threaded else Inline(),
                account,
                writer=SqliteJournalWriter,
                build=build,
                place=place,
                taking=taking,
                lock_wait=lock_wait,
                on_commit=on_commit,
                # Over a borrowed connection others may stand between a call and its work.
                is_direct=not threaded and not is_borrowed,
                is_borrowed=is_borrowed,
            )
            database.busy_timeout(THREAD_BUSY_MS if threaded else INLINE_BUSY_MS)


def bring_up_to_date(path: str | Path) -> None:
    """Migrate a store that an older program wrote; nothing happens where there is none.

    For whoever holds its account, before anything else of that program reads the store.

    Raises:
        StoreUnavailable: it cannot be opened.
        SchemaMismatch: it is a newer program's, or not one of ours.
    """
    if Path(path).is_file():
        with closing(open_writer(path, Durability.FULL)) as database:
            migrate(database)


def open_reader(path: str | Path, *, account: str = "main") -> SqlReader:
    """Open a store to read; the file itself is opened read-only.

    Raises:
        StoreUnavailable: there is none.
        SchemaMismatch: it is another version's.
    """
    database = open_existing(path, READ_ONLY)
    return SqlReader(_checked(database), Inline(), account)


def open_inbox(path: str | Path, *, account: str = "main") -> SqlInbox:
    """Open a store to hand something in; made if missing: no sender waits for an engine.

    Raises:
        StoreUnavailable: it cannot be opened or made.
        SchemaMismatch: it is another version's.
    """
    if not Path(path).is_file():
        open_writer(path, Durability.FULL).close()
    database = open_existing(path, READ_WRITE)
    with _closed_on_failure(database):
        # An empty file is one that another sender is making just now, or could not finish.
        if version_of(database) == 0:
            tune_writer(database, Durability.FULL)
            migrate(database)
    return SqlInbox(_checked(database), WriterThread(), account)


def _checked(database: Database) -> Database:
    with _closed_on_failure(database):
        require_current(database)
    return database


@contextmanager
def _closed_on_failure(database: Database | None) -> Iterator[None]:
    try:
        yield
    except BaseException:
        if database is not None:
            database.close()
        raise
