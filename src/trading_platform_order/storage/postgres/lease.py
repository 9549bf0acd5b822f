"""An account's lease in PostgreSQL: who holds it in one table, how often it was renewed in another.

The count is kept in a table without a log: a renewal waits for no disk, and what a crash of the
server takes of it is a count that every holder raises again at once. It is no column of the
lease, so that neither a renewal nor an append ever waits for the other.
"""

# ruff: noqa: D102 - each verb does what the docstring of its port (storage/lease.py) says

from trading_platform_order.storage.lease import Lease
from trading_platform_order.storage.postgres.address import Address
from trading_platform_order.storage.postgres.database import PostgresDatabase
from trading_platform_order.storage.postgres.migrations import require_current
from trading_platform_order.storage.relational.epochs import holds, lease_row, let_go
from trading_platform_order.storage.relational.runner import Runner, WriterThread

_RENEWED = "SELECT count FROM renewals WHERE account = ?"
_RENEW = (
    "INSERT INTO renewals (account, count) VALUES (?, 1)"
    " ON CONFLICT (account) DO UPDATE SET count = renewals.count + 1"
)


class PostgresLease:
    """See :class:`trading_platform_order.storage.lease.AccountLease`; :func:`open_lease` opens one.

    A connection of its own, so that a renewal does not stand behind a trade's commit.
    """

    def __init__(self, database: PostgresDatabase, runner: Runner, account: str) -> None:
        self._database = database
        self._runner = runner
        self._account = account

    async def lease(self) -> Lease | None:
        return await self._runner.run(self._lease)

    def _lease(self) -> Lease | None:
        counted = self._database.first(_RENEWED, (self._account,))
        return lease_row(self._database, self._account, 0 if counted is None else counted[0])

    async def renew(self, epoch: int) -> bool:
        return await self._runner.run(self._renew, epoch)

    def _renew(self, epoch: int) -> bool:
        # In this order: a taker commits its epoch, and then looks at the count once more.
        self._database.execute(_RENEW, (self._account,))
        return holds(self._database, self._account, epoch)

    async def release(self, epoch: int) -> None:
        await self._runner.run(let_go, self._database, self._account, epoch)

    def close(self) -> None:
        """Let go of the connection."""
        self._runner.stop()
        self._database.close()


def open_lease(address: Address, *, account: str = "main") -> PostgresLease:
    """Open an existing store's lease.

    Raises:
        StoreUnavailable: there is no store, or the server does not answer.
        SchemaMismatch: it is another version's.
    """
    database = PostgresDatabase(address, reconnects=True)
    try:
        require_current(database)
    except BaseException:
        database.close()
        raise
    return PostgresLease(database, WriterThread(), account)
