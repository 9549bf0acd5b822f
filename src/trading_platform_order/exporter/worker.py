"""The export itself: rows of the journal in order, as often as it takes, each counted once.

A batch of rows becomes one transaction of the destination, together with the cursor. An answer that
is lost leaves one question, whether the transaction happened, and the cursor answers it. Nothing is
ever skipped: what the destination refuses ends the process, and the text says what to mend.

A store that is not there yet, or that its engine has not migrated yet, is waited for.

It reads the store through a connection of its own that cannot write, page by page, so that no read
is open for long: the engine neither waits for it nor learns that it exists.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import attrs

from trading_platform_order.exporter.destination import (
    Cursor,
    Destination,
    DestinationAway,
    ExportedElsewhere,
)
from trading_platform_order.exporter.figures import Figures
from trading_platform_order.exporter.journal_follower import Changed, JournalFollower
from trading_platform_order.exporter.layout import Layout, Write
from trading_platform_order.exporter.stop_exchange import StopExchange
from trading_platform_order.storage.base import Reader, SchemaMismatch, StoreUnavailable
from trading_platform_order.storage.sqlite.store import open_reader
from trading_platform_order.transport.clock import Clock, epoch_us

PAGE_ROWS = 500
"""Read from the store at once."""
RETRY_FIRST_S, RETRY_MAX_S = 0.2, 10.0
MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What goes out in one transaction, and stays until it is known to be in."""

    writes: tuple[Write, ...]
    before: Cursor
    after: Cursor


@attrs.define(kw_only=True, eq=False, repr=False)
class Exporter:
    """Of one account into one destination; nothing is read before :meth:`run`.

    Args:
        path: of the store.
        account: whose journal.
        destination: where the rows go.
        layout: which tables they go into.
        stops: the shared emergency flag; ``None``: it is neither read nor written.
        clock: the calendar.
        poll_s: pause between two looks, seconds.
        figures: kept current for whoever measures.
        tell: told in one line what an operator should know.
        batch_rows: of the journal in one transaction, at most.
        retry_first_s: pause after the first failure, seconds; it doubles.
    """

    _path: Path
    _account: str
    _destination: Destination
    _layout: Layout
    _stops: StopExchange | None
    _clock: Clock
    _poll_s: float
    _figures: Figures
    _tell: Callable[[str], None]
    _batch_rows: int
    _retry_first_s: float = RETRY_FIRST_S
    _reader: Reader | None = attrs.field(default=None, init=False)
    _file: tuple[int, int] | None = attrs.field(default=None, init=False)
    _follower: JournalFollower = attrs.field(factory=JournalFollower, init=False)
    _at: Cursor = attrs.field(factory=Cursor, init=False)
    _batch: Batch | None = attrs.field(default=None, init=False)
    _problem: str = attrs.field(default="", init=False)
    _stopped_by: str = attrs.field(default="", init=False)

    async def run(self) -> None:
        """Export until cancelled.

        Raises:
            DestinationUnfit: the destination cannot take what is exported.
            ExportedElsewhere: it holds the export of another journal, or has another exporter.
            ChainBroken: the journal is not what was written.
            JournalUnreadable: another version wrote it.
        """
        pause_s = self._retry_first_s
        try:
            while True:
                try:
                    await self._connected()
                    pause_s = self._retry_first_s
                    while True:
                        if not await self._step():
                            await asyncio.sleep(self._poll_s)
                except (DestinationAway, StoreUnavailable, SchemaMismatch) as away:
                    self._figures.is_up = False
                    self._say(f"{away}; what is not exported waits in the journal")
                    with suppress(StoreUnavailable, SchemaMismatch):
                        await self._measure()
                    await self._close_store()
                    await asyncio.sleep(pause_s)
                    pause_s = min(pause_s * 2, RETRY_MAX_S)
        finally:
            await self._close_store()
            await self._destination.close()

    # -- where it stands --------------------------------------------------------------------------

    async def _connected(self) -> None:
        await self._destination.connect(self._layout, with_flag=self._stops is not None)
        there = await self._destination.cursor()
        await self._open_store()
        await self._exchange_stops()  # before a long look back
        if self._batch is not None and there == self._batch.after:
            # It had happened, and the answer was lost.
            self._written(self._batch)
        elif there != self._at:
            await self._start_at(there)
        self._figures.is_up = True
        self._say("")

    async def _start_at(self, cursor: Cursor) -> None:
        """Fold the journal up to there anew, writing nothing."""
        self._follower, self._batch, self._at = JournalFollower(), None, Cursor()
        await self._take(up_to=cursor.seq)
        self._follower.changed()
        if (self._follower.seq, self._follower.head_hash) != (cursor.seq, cursor.hash):
            raise ExportedElsewhere(
                f"the storage database holds this account's journal up to row {cursor.seq}, and the"
                f" journal here is another one, or an older copy: its row {self._follower.seq} "
                "does not fit"
            )
        self._at = cursor

    async def _open_store(self) -> None:
        """Another file under the same path is another journal until its rows say otherwise."""
        reader = open_reader(self._path, account=self._account)
        await self._close_store()
        self._reader = reader
        found = self._path.stat()
        file = (found.st_dev, found.st_ino)
        if self._file not in {None, file}:
            self._follower, self._batch, self._at = JournalFollower(), None, Cursor(seq=-1)
        self._file = file

    async def _close_store(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.close()

    def _open_reader(self) -> Reader:
        if self._reader is None:
            raise StoreUnavailable("the store is not open")
        return self._reader

    # -- one turn ---------------------------------------------------------------------------------

    async def _step(self) -> bool:
        """Export a batch and look at the flag; true if more may be there at once."""
        self._require_same_file()
        await self._exchange_stops()
        if self._batch is None:
            self._batch = await self._next_batch()
        if self._batch is None:
            self._figures.lag_rows, self._figures.lag_s = 0, 0.0
            return False
        await self._measure()
        batch = self._batch
        await self._destination.write(
            batch.writes, before=batch.before, after=batch.after, at=self._clock.now()
        )
        self._written(batch)
        return True

    def _require_same_file(self) -> None:
        try:
            found = self._path.stat()
        except OSError as error:
            raise StoreUnavailable(f"{self._path}: {error.strerror}") from None
        if (found.st_dev, found.st_ino) != self._file:
            raise StoreUnavailable(f"{self._path} was replaced")

    async def _exchange_stops(self) -> None:
        if self._stops is None:
            return
        cause = await self._stops.tell_both(self._open_reader(), self._destination)
        if cause != self._stopped_by:
            self._tell(
                f"warning: emergency flag of the storage database: {cause}"
                if cause
                else "the emergency flag of the storage database is not set any more"
            )
        self._stopped_by = cause
        self._figures.is_stopped_by_flag = bool(cause)

    async def _next_batch(self) -> Batch | None:
        await self._take(up_to=self._follower.seq + self._batch_rows)
        after = Cursor(seq=self._follower.seq, hash=self._follower.head_hash)
        if after == self._at:
            return None
        writes = tuple(rows_of(self._follower.changed(), self._layout))
        return Batch(writes=writes, before=self._at, after=after)

    async def _take(self, *, up_to: int) -> None:
        reader = self._open_reader()
        while self._follower.seq < up_to:
            seq = self._follower.seq
            page = await reader.journal(seq, limit=min(PAGE_ROWS, up_to - seq))
            if not page:
                return
            for row in page:
                await self._follower.take(reader, row)
            await asyncio.sleep(0)

    def _written(self, batch: Batch) -> None:
        self._figures.rows += batch.after.seq - max(batch.before.seq, 0)
        self._at, self._batch = batch.after, None

    async def _measure(self) -> None:
        if self._reader is None:
            return
        waiting = await self._reader.journal(max(self._at.seq, 0), limit=1)
        head = (await self._reader.overview()).head_seq
        self._figures.lag_rows = max(head - max(self._at.seq, 0), 0)
        now_us = epoch_us(self._clock.now())
        self._figures.lag_s = max(now_us - waiting[0].at_us, 0) / MILLION if waiting else 0.0

    def _say(self, problem: str) -> None:
        if problem != self._problem:
            self._tell(f"warning: {problem}" if problem else "the storage database answers again")
        self._problem = problem


def rows_of(changed: Changed, layout: Layout) -> list[Write]:
    """All rows that tell of what changed."""
    rows: list[Write] = []
    for position in changed.positions.values():
        rows += layout.position_rows(position)
    for order in changed.orders.values():
        rows += layout.order_rows(order)
    for fill in changed.fills.values():
        rows += layout.fill_rows(fill)
    return rows
