"""The journal in SQLite: appending quickly, reading in pages, checking the chain.

The head (last number and hash) is kept in memory, so that an append reads nothing. Should anyone
else have appended, the row number is taken already and the append fails: two writers can never
both go on. A row of a writer whose lease was taken is refused by the database itself (migration
``0008``), in the transaction that would write it and without a statement of its own.


A row is stored without what another one has: its body is packed (``storage/packed_body.py``), its
hash is 32 bytes, and the hash before it is the one of the row before. Rows of before schema version
7 have all of it as text. What is read is a :class:`JournalRow` either way.
"""

import json
from collections.abc import Iterator, Sequence

from trading_platform_order.domain.alert import Alert
from trading_platform_order.storage.base import (
    ChainBroken,
    Claim,
    ClaimResult,
    Entry,
    InboxResult,
    JournalRow,
    RowDamaged,
    StoreUnavailable,
)
from trading_platform_order.storage.hash_chain import GENESIS, check_row, row_hash
from trading_platform_order.storage.packed_body import BodyDamaged, pack_body, unpack_body
from trading_platform_order.storage.sqlite.database import Database, Row, Values
from trading_platform_order.storage.sqlite.writers.epochs import require_lease

COLUMNS = ", ".join(JournalRow._fields)
_INSERT = f"INSERT INTO journal ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants only
_INSERT_CLAIM = "INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_FINISH_INBOX = "UPDATE inbox_signals SET result = ? WHERE id = ? AND account = ?"
_INSERT_ALERT = "INSERT INTO outbox (account, at_us, kind, urgent, fields) VALUES (?, ?, ?, ?, ?)"
# As bytes: what was changed by hand may be no text any more.
_SELECTED = COLUMNS.replace("body", "CAST(body AS BLOB)").replace(
    "prev_hash",
    "CASE WHEN prev_hash <> '' THEN prev_hash ELSE (SELECT before.hash FROM journal AS before"
    " WHERE before.account = journal.account AND before.seq = journal.seq - 1) END",
)
SELECT = f"SELECT {_SELECTED} FROM journal"  # noqa: S608 - constants only
"""For :func:`row_of`; what follows is the caller's."""
_HEAD = "SELECT seq, hash FROM journal WHERE account = ? ORDER BY seq DESC LIMIT 1"
_PAGE = f"{SELECT} WHERE account = ? AND seq > ? ORDER BY seq LIMIT ?"
_TRADE_PAGE = f"{SELECT} WHERE account = ? AND trade_id = ? AND seq > ? ORDER BY seq LIMIT ?"
_CLAIM = (
    "SELECT content_hash, strategy, symbol, action FROM claims WHERE account = ? AND signal_id = ?"
)
_CHECK_PAGE = 1_000


class JournalWriter:
    """Appends for one account; the only one who does."""

    def __init__(self, database: Database, *, account: str, build: str, epoch: int) -> None:
        self._database = database
        self._account = account
        self._build = build
        self._epoch = epoch
        self._failed = ""
        head = database.first(_HEAD, (account,))
        self._seq: int = 0 if head is None else head[0]
        self._hash: str = GENESIS if head is None else _hash_text(head[1])

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
        database = self._database
        database.execute("BEGIN IMMEDIATE")  # raises StoreBusy, after which nothing has happened
        try:
            if not rows:
                require_lease(database, self._account, self._epoch)
            if claim is not None:
                refused = self._claim(claim, at_us)
                if refused is not None:
                    database.execute("ROLLBACK")
                    return refused
            for row in rows:
                database.execute(_INSERT, row)
            if told:
                database.execute_many(_INSERT_ALERT, told)
            database.execute("COMMIT")
        except BaseException as error:
            # After a failed commit the file may or may not hold it: only a fresh reading tells.
            self._failed = str(error)
            database.abandon()
            raise
        self._seq, self._hash = seq, last_hash
        return ClaimResult.CLAIMED

    def rehearse(self, entries: Sequence[Entry], *, at_us: int) -> None:
        """Make the rows that :meth:`append` would write next, and forget them."""
        self._rows(entries, at_us)

    def _rows(self, entries: Sequence[Entry], at_us: int) -> tuple[list[Values], int, str]:
        account, build, epoch = self._account, self._build, self._epoch
        seq, prev = self._seq, self._hash
        rows: list[Values] = []
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
                    *(pack_body(entry.kind, entry.body), "", bytes.fromhex(this), build, epoch),
                )
            )
            prev = this
        return rows, seq, prev

    def _claim(self, claim: Claim, at_us: int) -> ClaimResult | None:
        database, account = self._database, self._account
        values = (claim.signal_id, claim.content_hash, claim.strategy, claim.symbol, claim.action)
        # Nothing is asked before: nearly every signal is new, and its order waits for this.
        if not database.change(_INSERT_CLAIM, (account, *values, at_us)):
            present = claim_of(database, account, claim.signal_id)
            same = present is not None and present.content_hash == claim.content_hash
            return ClaimResult.DUPLICATE if same else ClaimResult.CONFLICT
        if claim.inbox_id is not None:
            database.execute(_FINISH_INBOX, (InboxResult.CLAIMED, claim.inbox_id, account))
        return None


def claim_of(database: Database, account: str, signal_id: str) -> Claim | None:
    """The claim on a signal id, if any."""
    row = database.first(_CLAIM, (account, signal_id))
    if row is None:
        return None
    content_hash, strategy, symbol, action = row
    return Claim(
        signal_id=signal_id,
        content_hash=content_hash,
        strategy=strategy,
        symbol=symbol,
        action=action,
    )


def read_rows(
    database: Database,
    account: str,
    *,
    after_seq: int,
    limit: int,
    trade_id: str | None = None,
) -> list[JournalRow]:
    """One page of rows, oldest first."""
    if trade_id is None:
        found = database.execute(_PAGE, (account, after_seq, limit))
    else:
        found = database.execute(_TRADE_PAGE, (account, trade_id, after_seq, limit))
    return [row_of(values) for values in found]


def row_of(values: Row) -> JournalRow:
    """A row that was selected with :data:`SELECT`, or by the names of :data:`COLUMNS`.

    Raises:
        RowDamaged: its body cannot be read.
    """
    account, seq, at_us, trade_id, kind, version, body, before, this, build, epoch = values
    try:
        text = unpack_body(body)
    except BodyDamaged as damaged:
        raise RowDamaged(seq, str(damaged)) from damaged
    prev = GENESIS if before is None and seq == 1 else _hash_text(before or "")
    return JournalRow(
        *(account, seq, at_us, trade_id, kind, version, text, prev, _hash_text(this), build, epoch)
    )


def _hash_text(stored: str | bytes) -> str:
    return stored if isinstance(stored, str) else stored.hex()


def iterate_rows(database: Database, account: str) -> Iterator[JournalRow]:
    """All rows, oldest first, a page in memory at a time."""
    after = 0
    while page := read_rows(database, account, after_seq=after, limit=_CHECK_PAGE):
        yield from page
        after = page[-1].seq


def verify_chain(database: Database, account: str, *, projected_seq: int) -> int:
    """Check every row; returns how many there are.

    A cut tail leaves a chain that is whole, but the read models remember having seen more.

    Raises:
        ChainBroken: see :func:`trading_platform_order.storage.hash_chain.check_row`.
    """
    seq, prev = 0, GENESIS
    try:
        for row in iterate_rows(database, account):
            seq += 1
            check_row(row, seq=seq, prev_hash=prev)
            prev = row.hash
    except RowDamaged as damaged:
        raise ChainBroken(damaged.seq, damaged.fault) from damaged
    if projected_seq > seq:
        raise ChainBroken(seq + 1, f"missing (the read models have seen row {projected_seq})")
    return seq
