"""A private copy of an account's journal with its read models, for whoever only watches.

The engine projects its read models when it has time; one that died may have left them behind its
journal. A watcher must know everything that is durable, so it follows the journal itself, checks
the hash chain as it goes, and projects in memory. It writes nothing to the store.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing

from trading_platform_order.storage.base import JournalRow, Reader
from trading_platform_order.storage.event_body import Body
from trading_platform_order.storage.hash_chain import GENESIS, check_row
from trading_platform_order.storage.relational.journal_table import COLUMNS, read_rows
from trading_platform_order.storage.relational.read_models import ReadModels, read_view
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.migrations import empty_database

_INSERT = f"INSERT INTO journal ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants only


class Replica:
    """Follows one account's journal; every verb but :meth:`follow` answers from memory."""

    def __init__(self, account: str = "main") -> None:
        self._account = account
        self._begin()

    def restart(self) -> None:
        """Forget everything: the store was opened again, and may be another one.

        Nothing taken in is nothing to forget: whoever tries a lost store every moment does not
        build the tables every moment.
        """
        if self.head_seq:
            self._database.close()
            self._begin()

    def _begin(self) -> None:
        self._database = Database.memory()
        # Copied and not deserialized in place, which would bound how large it may become.
        with closing(Database.memory(empty_database())) as empty:
            empty.copy_to(self._database)
        self._models = ReadModels(self._database, self._account)
        self.head_seq, self._head_hash = 0, GENESIS

    async def follow(self, reader: Reader) -> int:
        """Take in what was journalled since the last time; returns how many rows.

        Raises:
            StoreUnavailable: the store cannot be read.
            ChainBroken: the journal is not what was written.
            ProjectionFailed: a row this program cannot read.
        """
        taken = 0
        while page := await reader.journal(self.head_seq):
            # Another follower may have taken some of them in meanwhile.
            fresh = [row for row in page if row.seq > self.head_seq]
            self._take(fresh)
            taken += len(fresh)
        return taken

    def _take(self, page: Sequence[JournalRow]) -> None:
        for row in page:
            check_row(row, seq=self.head_seq + 1, prev_hash=self._head_hash)
            self._database.execute(_INSERT, _values(row))
            self.head_seq, self._head_hash = row.seq, row.hash
        while self._models.project_batch(self.head_seq):
            pass

    def query(
        self, view: str, *, limit: int = 100_000, where: Mapping[str, str] | None = None
    ) -> list[dict[str, str | int | None]]:
        """Rows of a documented view, newest first."""
        return read_view(self._database, self._account, view, limit, where or {})

    def opening_of(self, trade_id: str) -> JournalRow | None:
        """The row that opened a trade."""
        rows = read_rows(self._database, self._account, after_seq=0, limit=1, trade_id=trade_id)
        return rows[0] if rows else None

    def fills_after(self, seq: int) -> list[dict[str, str | int | None]]:
        """Fills told after a journal row, oldest first, as in ``v_fills``."""
        names = (
            *("seq", "strategy", "exchange", "symbol", "leg", "side"),
            *("quantity", "price", "fee", "fee_asset", "fee_quote"),
        )
        found = self._database.execute(
            f"SELECT {', '.join(names)} FROM v_fills WHERE account = ? AND seq > ? ORDER BY seq",  # noqa: S608 - constants only
            (self._account, seq),
        )
        return [dict(zip(names, row, strict=True)) for row in found]

    def traded(self) -> list[tuple[str, str]]:
        """(strategy, base asset) of every trade there ever was."""
        return self._database.execute(
            "SELECT DISTINCT strategy, symbol FROM trades WHERE account = ?", (self._account,)
        )

    def bodies(self, kind: str, *, after_seq: int = 0) -> list[Body]:
        """Bodies of the journal rows of a kind after a row, oldest first."""
        rows = self._database.execute(
            "SELECT body FROM journal WHERE account = ? AND kind = ? AND seq > ? ORDER BY seq",
            (self._account, kind, after_seq),
        )
        return [Body.parse(body) for (body,) in rows]

    def orphan_ids(self) -> set[str]:
        """Ids of orders that the engine found on an exchange and not in the journal."""
        return {body.text("client_order_id") for body in self.bodies("stray_order_found")}

    def close(self) -> None:
        """Forget everything."""
        self._database.close()


def _values(row: JournalRow) -> tuple[str | int, ...]:
    return (
        *(row.account, row.seq, row.at_us, row.trade_id, row.kind, row.version),
        *(row.body, row.prev_hash, row.hash, row.build, row.epoch),
    )
