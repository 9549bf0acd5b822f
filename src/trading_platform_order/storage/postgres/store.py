"""The store in PostgreSQL: opened by its engine, by who hands something in, or by who reads.

Each has a connection and a thread of its own, in which a commit waits for the server. What they do
with it stands in ``storage/relational``.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from trading_platform_order.storage.base import Commit
from trading_platform_order.storage.postgres.address import Address
from trading_platform_order.storage.postgres.database import PostgresDatabase
from trading_platform_order.storage.postgres.journal_writer import PostgresJournalWriter
from trading_platform_order.storage.postgres.migrations import migrate, require_current
from trading_platform_order.storage.relational.epochs import NOWHERE, Place, Taking
from trading_platform_order.storage.relational.lock_wait import LockWait
from trading_platform_order.storage.relational.runner import WriterThread
from trading_platform_order.storage.relational.store import SqlInbox, SqlReader, SqlStore


class PostgresStore(SqlStore):
    """The engine's store in a schema.

    Args:
        address: where; the schema is made or migrated if we may.
        account: whose journal.
        build: the program's build id, stamped on every row.
        place: which machine this is, and since which boot.
        lock_wait: how a lock that another process holds is waited for.
        taking: who takes the account's lease by opening the store, and why.
        on_commit: handed every commit once it is durable, before the order of an intent leaves:
            it may only remember it.

    Raises:
        StoreUnavailable: the server does not answer, or refuses us.
        SchemaMismatch: a newer program wrote it, or it is no store.
        LeaseTaken: another program has taken the lease since it was looked at.
    """

    _database: PostgresDatabase

    def __init__(
        self,
        address: Address,
        *,
        account: str = "main",
        build: str,
        place: Place = NOWHERE,
        lock_wait: LockWait | None = None,
        on_commit: Callable[[Commit], None] | None = None,
        taking: Taking = Taking(),  # noqa: B008 - frozen
    ) -> None:
        database = PostgresDatabase(address)
        with _closed_on_failure(database):
            migrate(database)
            super().__init__(
                database,
                WriterThread(),
                account,
                writer=PostgresJournalWriter,
                build=build,
                place=place,
                taking=taking,
                lock_wait=lock_wait,
                on_commit=on_commit,
                is_direct=False,
            )


def open_reader(address: Address, *, account: str = "main") -> SqlReader:
    """Open a store to read; its session can write nothing.

    Raises:
        StoreUnavailable: there is none, or the server does not answer.
        SchemaMismatch: it is another version's.
    """
    database = PostgresDatabase(address, reconnects=True, read_only=True)
    return SqlReader(_checked(database), WriterThread(), account)


def open_inbox(address: Address, *, account: str = "main") -> SqlInbox:
    """Open a store to hand something in.

    Raises:
        StoreUnavailable: there is none, or the server does not answer.
        SchemaMismatch: it is another version's.
    """
    database = PostgresDatabase(address, reconnects=True)
    return SqlInbox(_checked(database), WriterThread(), account)


def _checked(database: PostgresDatabase) -> PostgresDatabase:
    with _closed_on_failure(database):
        require_current(database)
    return database


@contextmanager
def _closed_on_failure(database: PostgresDatabase) -> Iterator[None]:
    try:
        yield
    except BaseException:
        database.close()
        raise
