"""Appending in SQLite: one transaction, written straight through a connection of our own.

A row is stored without what another one has: its body is packed (``storage/packed_body.py``), its
hash is 32 bytes, and the hash before it is the one of the row before. A row of a writer whose lease
was taken is refused by a trigger (migration ``0008``), without a statement of its own.
"""

from collections.abc import Sequence

from trading_platform_order.storage.base import Claim, ClaimResult, InboxResult
from trading_platform_order.storage.packed_body import pack_body
from trading_platform_order.storage.relational.database import Values
from trading_platform_order.storage.relational.epochs import require_lease
from trading_platform_order.storage.relational.journal_writer import (
    FINISH_INBOX,
    INSERT_ALERT,
    INSERT_CLAIM,
    INSERT_ROW,
    JournalWriter,
)
from trading_platform_order.storage.sqlite.database import Database

_CLAIM_IF_NEW = f"{INSERT_CLAIM} ON CONFLICT DO NOTHING"


class SqliteJournalWriter(JournalWriter):
    """Appends for one account in one file."""

    _database: Database

    def _write(
        self, rows: Sequence[Values], alerts: Sequence[Values], claim: Claim | None, at_us: int
    ) -> ClaimResult | None:
        database = self._database
        database.execute("BEGIN IMMEDIATE")  # raises StoreBusy, after which nothing has happened
        try:
            if not rows:
                require_lease(database, self._account, self._epoch)
            # Nothing is asked before: nearly every signal is new, and its order waits for this.
            if claim is not None:
                if not database.change(_CLAIM_IF_NEW, self._claim_values(claim, at_us)):
                    refused = self._why_not(claim)
                    database.execute("ROLLBACK")
                    return refused
                if claim.inbox_id is not None:
                    values = (InboxResult.CLAIMED, claim.inbox_id, self._account)
                    database.execute(FINISH_INBOX, values)
            for row in rows:
                database.execute(INSERT_ROW, row)
            if alerts:
                database.execute_many(INSERT_ALERT, alerts)
            database.execute("COMMIT")
        except BaseException:
            database.abandon()
            raise
        return None

    def _as_stored(self, kind: str, body: str, before: str, this: str) -> tuple[str | bytes, ...]:  # noqa: ARG002 - kept in the row before
        return pack_body(kind, body), "", bytes.fromhex(this)
