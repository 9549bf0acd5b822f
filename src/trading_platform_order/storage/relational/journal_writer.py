"""Appending to the journal: the chain in memory, and one commit for everything of an append.

The head (last number and hash) is kept in memory, so that an append reads nothing. Should anyone
else have appended, the row number is taken already and the append fails: two writers can never
both go on. A row of a writer whose lease was taken is refused by the database itself, in the
transaction that would write it. How a commit is written is each database's own.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence

from trading_platform_order.domain.alert import Alert
from trading_platform_order.storage.base import (
    Claim,
    ClaimResult,
    Entry,
    StoreBusy,
    StoreUnavailable,
)
from trading_platform_order.storage.hash_chain import GENESIS, row_hash
from trading_platform_order.storage.relational.database import RelationalDatabase, Values
from trading_platform_order.storage.relational.journal_table import (
    COLUMNS,
    HEAD,
    claim_of,
    hash_text,
)

INSERT_ROW = f"INSERT INTO journal ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants only
INSERT_CLAIM = (
    "INSERT INTO claims (account, signal_id, content_hash, strategy, symbol, action, at_us)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
FINISH_INBOX = "UPDATE inbox_signals SET result = ? WHERE id = ? AND account = ?"
INSERT_ALERT = "INSERT INTO outbox (account, at_us, kind, urgent, fields) VALUES (?, ?, ?, ?, ?)"


class JournalWriter(ABC):
    """Appends for one account; the only one who does."""

    def __init__(
        self, database: RelationalDatabase, *, account: str, build: str, epoch: int
    ) -> None:
        self._database = database
        self._account = account
        self._build = build
        self._epoch = epoch
        self._failed = ""
        head = database.first(HEAD, (account,))
        self._seq: int = 0 if head is None else head[0]
        self._hash: str = GENESIS if head is None else hash_text(head[1])

    @property
    def head_seq(self) -> int:
        """Number of the last row; 0 for an empty journal."""
        return self._seq

    def append(
        self,
        entries: Sequence[Entry],
        *,
        at_us: int,
        claim: Claim | None,
        alerts: Sequence[Alert],
    ) -> ClaimResult:
        """One commit; see :meth:`trading_platform_order.storage.base.Store.append`."""
        if self._failed:
            raise StoreUnavailable(f"an earlier write failed ({self._failed}); open it again")
        rows, seq, last_hash = self._rows(entries, at_us)
        told = [
            (self._account, at_us, alert.kind, alert.urgent, json.dumps(dict(alert.fields)))
            for alert in alerts
        ]
        try:
            refused = self._write(rows, told, claim, at_us)
        except StoreBusy:
            raise  # nothing has happened
        except BaseException as error:
            # After a failed commit it may or may not be there: only a fresh reading tells.
            self._failed = str(error)
            raise
        if refused is not None:
            return refused
        self._seq, self._hash = seq, last_hash
        return ClaimResult.CLAIMED

    def rehearse(self, entries: Sequence[Entry], *, at_us: int) -> None:
        """Make the rows that :meth:`append` would write next, and forget them."""
        self._rows(entries, at_us)

    def _rows(self, entries: Sequence[Entry], at_us: int) -> tuple[list[Values], int, str]:
        account, build, epoch = self._account, self._build, self._epoch
        seq, prev = self._seq, self._hash
        rows: list[Values] = []
        stored = self._as_stored
        for entry in entries:
            seq += 1
            this = row_hash(
                prev,
                account=account,
                seq=seq,
                at_us=at_us,
                trade_id=entry.trade_id,
                kind=entry.kind,
                version=entry.version,
                body=entry.body,
                build=build,
                epoch=epoch,
            )
            rows.append(
                (
                    *(account, seq, at_us, entry.trade_id, entry.kind, entry.version),
                    *(*stored(entry.kind, entry.body, prev, this), build, epoch),
                )
            )
            prev = this
        return rows, seq, prev

    @abstractmethod
    def _write(
        self, rows: Sequence[Values], alerts: Sequence[Values], claim: Claim | None, at_us: int
    ) -> ClaimResult | None:
        """All of it in one commit, if the account is still ours; else nothing.

        Returns:
            Why the claim was not given; nothing was written.

        Raises:
            StoreBusy: nothing was written; it may be tried again.
            LeaseLost: the account is another writer's; nothing was written.
            StoreUnavailable: not written, or not known to be.
        """

    @abstractmethod
    def _as_stored(self, kind: str, body: str, before: str, this: str) -> tuple[str | bytes, ...]:
        """A row's body, the hash before it and its hash, as the database keeps them."""

    def _claim_values(self, claim: Claim, at_us: int) -> Values:
        values = (claim.signal_id, claim.content_hash, claim.strategy, claim.symbol, claim.action)
        return (self._account, *values, at_us)

    def _why_not(self, claim: Claim) -> ClaimResult:
        """There is a claim under the same id."""
        present = claim_of(self._database, self._account, claim.signal_id)
        same = present is not None and present.content_hash == claim.content_hash
        return ClaimResult.DUPLICATE if same else ClaimResult.CONFLICT
