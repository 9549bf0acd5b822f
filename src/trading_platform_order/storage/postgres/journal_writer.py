"""Appending in PostgreSQL: everything of an append leaves in one piece, and one answer comes back.

A second round trip would be a second time that an order waits for the network. So nothing is
asked: the claim is put in, and a key that is there already undoes all of it. Bodies and hashes are
kept as text, so that whoever may read the schema can read them.
"""

from collections.abc import Sequence

from trading_platform_order.storage.base import (
    Claim,
    ClaimResult,
    InboxResult,
    StoreUnavailable,
)
from trading_platform_order.storage.postgres.database import PostgresDatabase, Statement
from trading_platform_order.storage.relational.database import Values
from trading_platform_order.storage.relational.journal_writer import (
    FINISH_INBOX,
    INSERT_ALERT,
    INSERT_CLAIM,
    INSERT_ROW,
    JournalWriter,
)

_FENCE = "SELECT require_holder(?, ?)"
_KEY_OF_CLAIMS = "claims_pkey"


class PostgresJournalWriter(JournalWriter):
    """Appends for one account in one schema."""

    _database: PostgresDatabase

    def _write(
        self, rows: Sequence[Values], alerts: Sequence[Values], claim: Claim | None, at_us: int
    ) -> ClaimResult | None:
        # First, so that who lost the account learns that and nothing else.
        statements: list[Statement] = [(_FENCE, (self._account, self._epoch))]
        if claim is not None:
            statements.append((INSERT_CLAIM, self._claim_values(claim, at_us)))
            if claim.inbox_id is not None:
                values = (InboxResult.CLAIMED, claim.inbox_id, self._account)
                statements.append((FINISH_INBOX, values))
        statements += [(INSERT_ROW, row) for row in rows]
        statements += [(INSERT_ALERT, alert) for alert in alerts]
        taken = self._database.commit_at_once(self._account, statements)
        if taken is None:
            return None
        if claim is not None and taken == _KEY_OF_CLAIMS:
            return self._why_not(claim)
        raise StoreUnavailable(f"there is such a row already ({taken})")

    def _as_stored(self, kind: str, body: str, before: str, this: str) -> tuple[str | bytes, ...]:
        if "\x00" in body:  # no JSON text has it
            raise StoreUnavailable(f"the body of a row {kind} holds the character 0")
        return body, before, this
