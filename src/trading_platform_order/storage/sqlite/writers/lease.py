"""The account's lease in SQLite: who holds it in a table, how often it was renewed in a file."""

# ruff: noqa: D102 - each verb does what the docstring of its port (storage/lease.py) says

from contextlib import closing
from pathlib import Path

from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.storage.lease import Lease
from trading_platform_order.storage.relational.epochs import holds, lease_row, let_go
from trading_platform_order.storage.sqlite.connection import open_existing
from trading_platform_order.storage.sqlite.database import (
    READ_ONLY,
    READ_WRITE,
    Database,
    transaction,
)
from trading_platform_order.storage.sqlite.migrations import require_current
from trading_platform_order.storage.sqlite.writers.renewals import RenewalFile, Renewals


class SqliteLease:
    """See :class:`trading_platform_order.storage.lease.AccountLease`.

    A renewal reads one row of a page that is in memory, and writes 16 bytes to a file: it runs on
    the caller's thread, and waits for no lock that anybody holds.
    """

    def __init__(self, database: Database, renewals: Renewals, *, account: str = "main") -> None:
        self._database = database
        self._renewals = renewals
        self._account = account

    async def lease(self) -> Lease | None:
        return read_lease(self._database, self._renewals, self._account)

    async def renew(self, epoch: int) -> bool:
        # In this order: a taker commits its epoch, and then looks at the count once more.
        try:
            self._renewals.renew(epoch)
        except OSError as error:
            raise StoreUnavailable(f"the lease cannot be renewed: {error}") from error
        return holds(self._database, self._account, epoch)

    async def release(self, epoch: int) -> None:
        let_go(self._database, self._account, epoch)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


def read_lease(database: Database, renewals: Renewals, account: str) -> Lease | None:
    """As it stands; ``None`` if nobody ever held the account."""
    _, renewal = renewals.read()
    return lease_row(database, account, renewal)


def open_lease(path: str | Path, *, account: str = "main") -> SqliteLease:
    """Open an existing store's lease.

    Raises:
        StoreUnavailable: there is no store.
        SchemaMismatch: it is another version's.
    """
    database = open_existing(path, READ_WRITE)
    try:
        require_current(database)
    except BaseException:
        database.close()
        raise
    return SqliteLease(database, RenewalFile(path, account), account=account)


def lease_of(path: str | Path, *, account: str = "main") -> Lease | None:
    """As it stands, for whoever only looks; the file is opened read-only.

    Raises:
        StoreUnavailable: there is no store.
        SchemaMismatch: it is another version's.
    """
    with closing(open_existing(path, READ_ONLY)) as database:
        require_current(database)
        return read_lease(database, RenewalFile(path, account), account)


def is_writable(path: str | Path) -> bool:
    """Whether nobody holds the write lock for longer than a commit takes."""
    try:
        with closing(open_existing(path, READ_WRITE)) as database, transaction(database):
            return True
    except StoreUnavailable:
        return False
