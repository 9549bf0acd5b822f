"""The journal's rows and claims: read in pages, and checked.

How a row is stored is its database's own matter (SQLite keeps bodies packed and hashes as bytes,
and text as it was before). What is read is a :class:`JournalRow` either way.
"""

from collections.abc import Iterator

from trading_platform_order.storage.base import (
    ChainBroken,
    Claim,
    JournalRow,
    RowDamaged,
)
from trading_platform_order.storage.hash_chain import GENESIS, check_row
from trading_platform_order.storage.packed_body import BodyDamaged, unpack_body
from trading_platform_order.storage.relational.database import RelationalDatabase, Row

COLUMNS = ", ".join(JournalRow._fields)
HEAD = "SELECT seq, hash FROM journal WHERE account = ? ORDER BY seq DESC LIMIT 1"
_PAGE = " WHERE account = ? AND seq > ? ORDER BY seq LIMIT ?"
_TRADE_PAGE = " WHERE account = ? AND trade_id = ? AND seq > ? ORDER BY seq LIMIT ?"
_CLAIM = (
    "SELECT content_hash, strategy, symbol, action FROM claims WHERE account = ? AND signal_id = ?"
)
_CHECK_PAGE = 1_000


def claim_of(database: RelationalDatabase, account: str, signal_id: str) -> Claim | None:
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
    database: RelationalDatabase,
    account: str,
    *,
    after_seq: int,
    limit: int,
    trade_id: str | None = None,
) -> list[JournalRow]:
    """One page of rows, oldest first."""
    if trade_id is None:
        found = database.execute(select_rows(database) + _PAGE, (account, after_seq, limit))
    else:
        values = (account, trade_id, after_seq, limit)
        found = database.execute(select_rows(database) + _TRADE_PAGE, values)
    return [row_of(values) for values in found]


def select_rows(database: RelationalDatabase) -> str:
    """For :func:`row_of`; what follows is the caller's."""
    return f"SELECT {database.journal_columns} FROM journal"  # noqa: S608 - constants only


def row_of(values: Row) -> JournalRow:
    """A row that was selected with :func:`select_rows`, or by the names of :data:`COLUMNS`.

    Raises:
        RowDamaged: its body cannot be read.
    """
    account, seq, at_us, trade_id, kind, version, body, before, this, build, epoch = values
    try:
        text = unpack_body(body)
    except BodyDamaged as damaged:
        raise RowDamaged(seq, str(damaged)) from damaged
    prev = GENESIS if before is None and seq == 1 else hash_text(before or "")
    return JournalRow(
        *(account, seq, at_us, trade_id, kind, version, text, prev, hash_text(this), build, epoch)
    )


def hash_text(stored: str | bytes) -> str:
    """Lower-case hexadecimal, however it is stored."""
    return stored if isinstance(stored, str) else stored.hex()


def iterate_rows(database: RelationalDatabase, account: str) -> Iterator[JournalRow]:
    """All rows, oldest first, a page in memory at a time."""
    after = 0
    while page := read_rows(database, account, after_seq=after, limit=_CHECK_PAGE):
        yield from page
        after = page[-1].seq


def verify_chain(database: RelationalDatabase, account: str, *, projected_seq: int) -> int:
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
