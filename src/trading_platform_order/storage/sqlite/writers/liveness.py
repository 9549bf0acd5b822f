"""Signs of life and takeovers in the SQLite store: small tables, one transaction per verb.

A connection of its own: a beat must never queue behind a trade's commit, nor a trade behind a beat
for longer than one commit that does not wait for the disk. Most beats are no commit at all: they go
into a file beside the store (``storage/side_files/beat_file.py``), and the row is written when more
than the count has changed, and now and then.

Only one of engine and watchdog acts, although a beat and a takeover are not one transaction: a beat
stands in the file before it looks for an open takeover, and a takeover is committed as requested
before the beat is looked at. One of both sees the other.
"""

# ruff: noqa: D102 - each verb does what the docstring of its port (storage/liveness.py) says

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from trading_platform_order.storage.liveness import (
    Heartbeat,
    LivenessStore,
    ProcessState,
    Takeover,
    TakeoverState,
    Who,
)
from trading_platform_order.storage.relational.database import Row
from trading_platform_order.storage.relational.runner import Inline, Runner, WriterThread
from trading_platform_order.storage.side_files.beat_file import BeatFile, beat_path
from trading_platform_order.storage.sqlite.connection import FileIdentity, open_existing
from trading_platform_order.storage.sqlite.database import READ_WRITE, Database, transaction
from trading_platform_order.storage.sqlite.migrations import require_current

P = ParamSpec("P")
T = TypeVar("T")

ROW_EVERY_BEATS = 240
"""Two minutes of an engine: so long its beats do not notice a store that takes no writes."""

_BEAT = (
    "INSERT OR REPLACE INTO heartbeats (account, who, boot, beat, at_us, state, unresolved,"
    " exposure_krw, latched, yielded) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_LAST_BEAT = (
    "SELECT who, boot, beat, at_us, state, unresolved, exposure_krw, latched, yielded"
    " FROM heartbeats WHERE account = ? AND who = ?"
)
_OPEN = (
    "SELECT generation, reason, at_us, state FROM takeovers WHERE account = ?"
    " AND state IN ('requested', 'acting') ORDER BY generation"
)
_RELIEVE = "UPDATE takeovers SET state = ? WHERE account = ? AND state IN ('requested', 'acting')"
_MOVE = "UPDATE takeovers SET state = ? WHERE account = ? AND generation = ? AND state = ?"


class SqliteLivenessStore(LivenessStore):
    """See :class:`LivenessStore`; :func:`open_liveness_store` opens one on a file."""

    def __init__(
        self,
        database: Database,
        *,
        account: str = "main",
        runner: Runner | None = None,
        path: Path | None = None,
        beats: BeatFile | None = None,
    ) -> None:
        """Without a path the connection is borrowed (a simulation's) and not closed.

        ``beats``: takes the signs of life; without it each is a row.
        """
        self._beats = beats
        self._row: Heartbeat | None = None
        self._database = database
        self._account = account
        self._runner = runner or Inline()
        self._borrowed = path is None
        self._file = None if path is None else FileIdentity(path)

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._file is not None:
            self._file.require_same()
        return await self._runner.run(work, *args, **kwargs)

    async def beat(self, heartbeat: Heartbeat) -> Takeover | None:
        return await self._run(self._beat, heartbeat)

    def _beat(self, heartbeat: Heartbeat) -> Takeover | None:
        in_file = self._beats is not None and self._beats.write(heartbeat)
        if in_file and self._row is not None and not _needs_row(self._row, heartbeat):
            return self._open()
        values = (
            *(self._account, heartbeat.who, heartbeat.boot, heartbeat.beat, heartbeat.at_us),
            *(heartbeat.state, heartbeat.unresolved, heartbeat.exposure_krw),
            *(heartbeat.latched, heartbeat.yielded),
        )
        with transaction(self._database):
            self._database.execute(_BEAT, values)
            found = self._open()
        self._row = heartbeat
        return found

    async def heartbeat(self, who: Who) -> Heartbeat | None:
        return await self._run(self._heartbeat, who)

    def _heartbeat(self, who: Who) -> Heartbeat | None:
        row = self._heartbeat_row(who)
        told = None if self._beats is None else self._beats.read(who)
        # A file of another boot lies beside a store that was restored, or could not be written.
        if row is None or told is None or told.boot != row.boot:
            return row
        return told if told.beat >= row.beat else row

    def _heartbeat_row(self, who: Who) -> Heartbeat | None:
        row = self._database.first(_LAST_BEAT, (self._account, who))
        if row is None:
            return None
        name, boot, beat, at_us, state, unresolved, exposure_krw, latched, yielded = row
        return Heartbeat(
            who=Who(name),
            boot=boot,
            beat=beat,
            at_us=at_us,
            state=ProcessState(state),
            unresolved=unresolved,
            exposure_krw=exposure_krw,
            latched=bool(latched),
            yielded=yielded,
        )

    async def request_takeover(self, reason: str, *, at_us: int) -> Takeover:
        return await self._run(self._request, reason, at_us)

    def _request(self, reason: str, at_us: int) -> Takeover:
        with transaction(self._database):
            present = self._open()
            if present is not None:
                return present
            [(last,)] = self._database.execute(
                "SELECT coalesce(max(generation), 0) FROM takeovers WHERE account = ?",
                (self._account,),
            )
            made = Takeover(
                generation=last + 1, reason=reason, at_us=at_us, state=TakeoverState.REQUESTED
            )
            self._database.execute(
                "INSERT INTO takeovers (account, generation, reason, at_us, state)"
                " VALUES (?, ?, ?, ?, ?)",
                (self._account, made.generation, reason, at_us, made.state),
            )
            return made

    async def begin_acting(self, generation: int, *, engine: Heartbeat | None) -> bool:
        return await self._run(self._begin_acting, generation, engine)

    def _begin_acting(self, generation: int, engine: Heartbeat | None) -> bool:
        with transaction(self._database):
            now = self._heartbeat(Who.ENGINE)
            made_way = now is not None and now.yielded >= generation
            if now != engine and not made_way:
                return False
            self._move(generation, TakeoverState.REQUESTED, TakeoverState.ACTING)
            present = self._open()
            return present is not None and present.generation == generation

    async def open_takeover(self) -> Takeover | None:
        return await self._run(self._open)

    async def finish_takeover(self, generation: int) -> None:
        await self._run(self._move, generation, TakeoverState.ACTING, TakeoverState.DONE)

    async def relieve(self) -> None:
        await self._run(self._relieve)

    def _relieve(self) -> None:
        self._execute(_RELIEVE, (TakeoverState.ADOPTED, self._account))

    async def baseline(self, day: str) -> str | None:
        row = await self._run(self._baseline, day)
        return None if row is None else str(row[0])

    def _baseline(self, day: str) -> Row | None:
        return self._database.first(
            "SELECT body FROM baselines WHERE account = ? AND day = ?", (self._account, day)
        )

    async def set_baseline(self, day: str, body: str, *, at_us: int) -> bool:
        done = await self._run(
            self._execute,
            "INSERT INTO baselines (account, day, at_us, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (self._account, day, at_us, body),
        )
        return done == 1

    async def close(self) -> None:
        self.let_go()

    def let_go(self) -> None:
        self._runner.stop()
        if self._beats is not None:
            self._beats.close()
        if not self._borrowed:
            self._database.close()

    # -- pieces -----------------------------------------------------------------------------------

    def _execute(self, sql: str, values: tuple[str | int, ...]) -> int:
        return self._database.change(sql, values)

    def _move(self, generation: int, before: TakeoverState, after: TakeoverState) -> None:
        self._execute(_MOVE, (after, self._account, generation, before))

    def _open(self) -> Takeover | None:
        row = self._database.first(_OPEN, (self._account,))
        if row is None:
            return None
        number, reason, at_us, state = row
        return Takeover(generation=number, reason=reason, at_us=at_us, state=TakeoverState(state))


def _needs_row(row: Heartbeat, heartbeat: Heartbeat) -> bool:
    """More than the count and what is held is worth has changed, or the row is old."""
    told = (heartbeat.who, heartbeat.boot, heartbeat.state, heartbeat.unresolved)
    before = (row.who, row.boot, row.state, row.unresolved)
    more = heartbeat.latched is not row.latched or heartbeat.yielded != row.yielded
    return told != before or more or heartbeat.beat - row.beat >= ROW_EVERY_BEATS


def open_liveness_store(path: str | Path, *, account: str = "main") -> SqliteLivenessStore:
    """Open an existing store to watch.

    A commit survives the program's crash and waits for no disk.

    Raises:
        StoreUnavailable: there is none.
        SchemaMismatch: it is another version's.
    """
    database = open_existing(path, READ_WRITE)
    try:
        require_current(database)
        database.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        database.close()
        raise
    file = Path(path)
    beats = BeatFile(beat_path(file, account))
    runner = WriterThread()
    return SqliteLivenessStore(database, account=account, runner=runner, path=file, beats=beats)
