"""The hash chain that makes a changed, missing or inserted journal row visible.

A row's hash is the SHA-256 of the hash before it and all its other columns, each written as
``<length in characters>:<text>,`` so that no two different rows give the same bytes. The chain
detects damage and carelessness; it is no defence against one who rewrites all of it.
"""

import hashlib

from trading_platform_order.storage.base import ChainBroken, JournalRow

GENESIS = "0" * 64


def row_hash(
    prev_hash: str,
    *,
    account: str,
    seq: int,
    at_us: int,
    trade_id: str,
    kind: str,
    version: int,
    body: str,
    build: str,
    epoch: int,
) -> str:
    """The hash of one row, lower-case hexadecimal."""
    texts = (account, str(seq), str(at_us), trade_id, kind, str(version), body, build, str(epoch))
    canonical = prev_hash + "".join([f"{len(text)}:{text}," for text in texts])
    return hashlib.sha256(canonical.encode()).hexdigest()


def check_row(row: JournalRow, *, seq: int, prev_hash: str) -> None:
    """Check that ``row`` is number ``seq`` and follows ``prev_hash``.

    Raises:
        ChainBroken: it does not.
    """
    if row.seq != seq:
        raise ChainBroken(seq, f"missing (the next row present is {row.seq})")
    if row.prev_hash != prev_hash:
        raise ChainBroken(seq, "does not follow the row before it")
    expected = row_hash(
        prev_hash,
        account=row.account,
        seq=row.seq,
        at_us=row.at_us,
        trade_id=row.trade_id,
        kind=row.kind,
        version=row.version,
        body=row.body,
        build=row.build,
        epoch=row.epoch,
    )
    if row.hash != expected:
        raise ChainBroken(seq, "its content was changed")
