"""The snapshot in a simulated world: at every start another one of those that a start can find.

It is made when it is asked for, as it would have been made earlier: up to the head, up to some row
before, damaged, of another journal, or what was found the last time, which an older database may
be behind. Which one follows from the journal's length, so that a seed gives the same run again.
"""

from collections.abc import Coroutine
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade, apply
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.executor.journal.replay import Replayed, catch_up
from trading_platform_order.executor.journal.snapshot import Header, pack, replay_quickly
from trading_platform_order.storage.hash_chain import GENESIS
from trading_platform_order.storage.relational.epochs import rows_lost_in
from trading_platform_order.storage.relational.journal_table import iterate_rows
from trading_platform_order.storage.relational.runner import Inline
from trading_platform_order.storage.relational.store import SqlReader
from trading_platform_order.storage.side_files.snapshots import SnapshotMemory
from trading_platform_order.storage.sqlite.database import Database

T = TypeVar("T")
_ACCOUNT = "main"
_WAYS = 6
_LAST_ROWS = 4
_CUT_BYTES = 7


class BedSnapshot(SnapshotMemory):
    """Of the one account of a database in memory.

    Attributes:
        is_newest: every start finds one of the whole journal, and has no row to read after it.
    """

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.is_newest = False
        self._database = database
        self._foreign: bytes | None = None
        self._foreign_head = 0

    def before_older_database(self) -> None:
        """An older database takes the place of this one: what was kept beside it stays there."""
        self._foreign_head = self._head()
        self._foreign = self._made(self._foreign_head)

    def _head(self) -> int:
        return _at_once(SqlReader(self._database, Inline(), _ACCOUNT).overview()).head_seq

    def read(self) -> bytes | None:
        """What a start finds."""
        head = self._head()
        # Found at once, ahead of the journal, or once other rows have grown past it.
        if self._foreign is not None and (head >= self._foreign_head or head % 2 == 0):
            self.content, self._foreign = self._foreign, None
            return self.content
        match 0 if self.is_newest else head % _WAYS:
            case 0:
                self.content = self._made(head)
            case 1:
                self.content = self._made(head // 2)
            case 2:
                self.content = self._made(max(head - _LAST_ROWS, 0))
            case 3:
                return (self._made(head) or b"")[:-_CUT_BYTES] or None
            case 4:
                return _of_another_journal(self._made(head // 2), head)
            case _:
                pass  # whatever was found last, if anything
        return self.content

    def _made(self, up_to: int) -> bytes | None:
        if up_to == 0:
            return None
        state = Replayed(keeps_settled=False)
        reader = SqlReader(self._database, Inline(), _ACCOUNT)
        lost_in = rows_lost_in(self._database, _ACCOUNT)
        _at_once(catch_up(state, reader, rows_lost_in=lost_in, up_to=up_to))
        return pack(state, account=_ACCOUNT, rows_lost_in=lost_in)


def _of_another_journal(content: bytes | None, head: int) -> bytes | None:
    """It names a row that is there, by the hash that the row has in another journal."""
    if content is None:
        return None
    first, _, rest = content.partition(b"\n")
    header = msgspec.json.decode(first, type=Header)
    return msgspec.json.encode(replace(header, seq=head, hash=GENESIS)) + b"\n" + rest


def snapshot_violations(database: Database) -> list[str]:
    """Where a start from a snapshot of half the journal would know something else than all rows."""
    reader = SqlReader(database, Inline(), _ACCOUNT)
    head = _at_once(reader.overview()).head_seq
    place = BedSnapshot(database)
    half = SnapshotMemory()
    half.content = place._made(head // 2)  # noqa: SLF001 - of one file
    if half.content is None:
        return []
    told: list[str] = []
    lost_in = rows_lost_in(database, _ACCOUNT)
    quick = _at_once(replay_quickly(reader, half, rows_lost_in=lost_in, tell=told.append))
    whole = _at_once(replay_quickly(reader, None, rows_lost_in=lost_in))
    if _packed(quick, lost_in) != _packed(whole, lost_in):
        told.append("a start from a snapshot knows something else than the whole journal")
    return told


def _packed(state: Replayed, lost_in: int) -> bytes:
    return pack(state, account=_ACCOUNT, rows_lost_in=lost_in)


def journalled_trades(database: Database) -> dict[str, PairTrade]:
    """All trades by id, as the journal tells them now; an engine remembers only the younger."""
    trades: dict[str, PairTrade] = {}
    for row in iterate_rows(database, _ACCOUNT):
        event = event_of(row)
        if isinstance(event, te.TradeEvent):
            trades[row.trade_id] = apply(trades.get(row.trade_id), event)
    return trades


def journalled_trade_ids(database: Database) -> frozenset[str]:
    """Ids of all trades that the journal has now."""
    rows = database.execute("SELECT DISTINCT trade_id FROM journal WHERE account = ?", (_ACCOUNT,))
    return frozenset(str(trade_id) for (trade_id,) in rows)


def _at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run what never waits: a database in memory answers inline."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise RuntimeError("it waited")
