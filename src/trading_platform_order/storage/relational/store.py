"""The store over a relational database: who may do what, one line of execution for each.

This module only joins: what is done stands in the tables' modules, how a statement is carried out
in ``database``, and where it runs in ``runner``. Which database it is, and how it is opened, stands
in ``storage/sqlite`` and ``storage/postgres``.
"""

# ruff: noqa: D102 - each verb does what the docstring of its port (storage/base.py) says

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import ParamSpec, TypeVar

from trading_platform_order.domain.alert import Alert, PendingAlert
from trading_platform_order.storage.base import (
    JOURNAL_PAGE,
    ChannelOutbox,
    Claim,
    ClaimResult,
    Command,
    Commit,
    Entry,
    Inbox,
    JournalRow,
    Latch,
    Overview,
    Reader,
    Store,
    StoreBusy,
)
from trading_platform_order.storage.relational import journal_table
from trading_platform_order.storage.relational.database import RelationalDatabase
from trading_platform_order.storage.relational.epochs import (
    Place,
    Taking,
    begin_epoch,
    end_epoch,
    let_go,
    require_lease,
    rows_lost_in,
)
from trading_platform_order.storage.relational.inbox_table import InboxTable, LatchTable
from trading_platform_order.storage.relational.journal_writer import JournalWriter
from trading_platform_order.storage.relational.lock_wait import LockWait
from trading_platform_order.storage.relational.outbox_table import OutboxTable, SqlOutbox
from trading_platform_order.storage.relational.overview import read_overview, rows_naming_signal
from trading_platform_order.storage.relational.read_models import ReadModels, read_view, watermark
from trading_platform_order.storage.relational.runner import Runner

P = ParamSpec("P")
T = TypeVar("T")


class SqlReader(Reader):
    """Reads a store."""

    def __init__(self, database: RelationalDatabase, runner: Runner, account: str) -> None:
        self._database = database
        self._runner = runner
        self._account = account
        self._inbox = InboxTable(database=database, account=account)
        self._latches = LatchTable(database=database, account=account)
        self._alerts = OutboxTable(database=database, account=account)

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._runner.run(work, *args, **kwargs)

    async def overview(self) -> Overview:
        return await self._run(read_overview, self._database, self._account)

    async def claim_of(self, signal_id: str) -> Claim | None:
        return await self._run(journal_table.claim_of, self._database, self._account, signal_id)

    async def rows_naming(self, signal_id: str) -> list[JournalRow]:
        return await self._run(rows_naming_signal, self._database, self._account, signal_id)

    async def journal(
        self, after_seq: int = 0, trade_id: str | None = None, *, limit: int = JOURNAL_PAGE
    ) -> list[JournalRow]:
        return await self._run(
            journal_table.read_rows,
            self._database,
            self._account,
            after_seq=after_seq,
            limit=limit,
            trade_id=trade_id,
        )

    async def verify_chain(self) -> int:
        seen = await self._run(watermark, self._database, self._account)
        return await self._run(
            journal_table.verify_chain, self._database, self._account, projected_seq=seen
        )

    async def query(
        self, view: str, *, limit: int = 100, where: Mapping[str, str] | None = None
    ) -> list[dict[str, str | int | None]]:
        return await self._run(read_view, self._database, self._account, view, limit, where or {})

    async def alerts_after(
        self, alert_id: int, *, since_us: int = 0, limit: int = 500
    ) -> list[PendingAlert]:
        return await self._run(self._alerts.after, alert_id, since_us, limit)

    async def latch(self, kind: str) -> Latch | None:
        return next((latch for latch in await self.latches() if latch.kind == kind), None)

    async def latches(self) -> list[Latch]:
        return await self._run(self._latches.all_set)

    async def lifted_reason(self, kind: str) -> str | None:
        return await self._run(self._latches.lifted_reason, kind)

    async def signal_result(self, inbox_id: int) -> tuple[str, str] | None:
        return await self._run(self._inbox.result, "inbox_signals", inbox_id)

    async def command_result(self, command_id: int) -> tuple[str, str] | None:
        return await self._run(self._inbox.result, "inbox_commands", command_id)

    async def close(self) -> None:
        self._runner.stop()
        self._database.close()


class SqlInbox(SqlReader, Inbox):
    """Hands in signals and commands."""

    # Without one a lock is waited for as long as the database itself does.
    _lock_wait: LockWait | None = None

    def waits(self, lock_wait: LockWait) -> None:
        """Wait longer for a lock that another process holds."""
        self._lock_wait = lock_wait

    async def _write(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._lock_wait is None:
            return await self._run(work, *args, **kwargs)
        return await self._lock_wait.through(lambda: self._run(work, *args, **kwargs))

    async def put_signal(self, raw: str, *, at_us: int) -> int:
        return await self._write(self._inbox.put_signal, raw, at_us)

    async def pending_signals(
        self, limit: int = 100, *, after_id: int = 0
    ) -> list[tuple[int, str]]:
        return await self._run(self._inbox.pending_signals, limit, after_id)

    async def put_command(self, kind: str, body: str, *, at_us: int) -> int:
        return await self._write(self._inbox.put_command, kind, body, at_us)

    async def set_latch(self, kind: str, reason: str, *, at_us: int) -> bool:
        return await self._write(self._latches.set, kind, reason, at_us)

    async def acknowledge(self, alert_id: int, *, at_us: int) -> bool:
        return await self._write(self._alerts.acknowledge, alert_id, at_us)

    async def clear_latch(self, kind: str, reason: str, *, at_us: int) -> bool:
        return await self._write(self._latches.clear, kind, reason, at_us)


class SqlStore(SqlInbox, Store):
    """The engine's store; opening it takes the account's lease.

    Args:
        database: up to date, and used by nobody else.
        runner: carries out what is not direct.
        account: whose journal.
        writer: how this kind of database appends.
        build: the program's build id, stamped on every row.
        place: which machine this is, and since which boot.
        lock_wait: how a lock that another process holds is waited for.
        taking: who takes the account's lease by opening the store, and why.
        on_commit: handed every commit once it is durable, before the order of an intent leaves:
            it may only remember it.
        is_direct: a commit costs microseconds, and runs on the event loop.
        is_borrowed: the database is closed by its owner.

    Raises:
        StoreUnavailable: it cannot be written.
        LeaseTaken: another program has taken the lease since it was looked at.
    """

    def __init__(
        self,
        database: RelationalDatabase,
        runner: Runner,
        account: str,
        *,
        writer: type[JournalWriter],
        build: str,
        place: Place,
        taking: Taking,
        lock_wait: LockWait | None,
        on_commit: Callable[[Commit], None] | None,
        is_direct: bool,
        is_borrowed: bool = False,
    ) -> None:
        super().__init__(database, runner, account)
        self._on_commit = on_commit
        self._is_direct = is_direct
        self._is_borrowed = is_borrowed
        self.epoch, before = begin_epoch(database, account, build, place, taking)
        self.rows_lost_in = rows_lost_in(database, account)
        self.started_clean = before.ended_clean
        self.machine_changed = before.place.is_other_machine(place)
        self._writer = writer(database, account=account, build=build, epoch=self.epoch)
        self._store_wait = lock_wait or LockWait()
        self.waits(self._store_wait)
        self._outbox = OutboxTable(database=database, account=account)
        self._models = ReadModels(database, account)
        self._projected_seq = -1  # other processes may have rebuilt the views before

    async def _write(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        # The journal is fenced by the database itself. What is written beside it changes no order;
        # looked at just before, a holder that lost the account does not answer in its name.
        def held() -> T:
            require_lease(self._database, self._account, self.epoch)
            return work(*args, **kwargs)

        return await super()._write(held)

    async def append(
        self,
        entries: Sequence[Entry],
        *,
        at_us: int,
        claim: Claim | None = None,
        alerts: Sequence[Alert] = (),
        patience_s: float | None = None,
    ) -> ClaimResult:
        wait = self._store_wait
        if self._is_direct and wait.is_over:
            # Nearly always: between a signal and its orders nothing is made ready for a wait that
            # does not come.
            try:
                result = self._writer.append(entries, at_us=at_us, claim=claim, alerts=alerts)
            except StoreBusy:
                pass  # nothing has happened: it is tried again as below
            else:
                if result is ClaimResult.CLAIMED and self._on_commit is not None:
                    self._on_commit(Commit(entries=entries, alerts=alerts, at_us=at_us))
                return result
        overdue: tuple[Alert, ...] = ()

        async def attempt() -> ClaimResult:
            nonlocal overdue
            overdue = wait.due_alerts()
            return await self._run(
                self._writer.append,
                entries,
                at_us=at_us,
                claim=claim,
                alerts=[*overdue, *alerts],
            )

        result = await wait.through(attempt, patience_s=patience_s)
        if result is ClaimResult.CLAIMED:
            if overdue:
                wait.alerted()
            if self._on_commit is not None:
                alerts = [*overdue, *alerts]
                self._on_commit(Commit(entries=entries, alerts=alerts, at_us=at_us))
        return result

    def rehearse(self, entries: Sequence[Entry], *, at_us: int) -> None:
        if self._is_direct:  # else another thread makes the rows, on whatever core it has
            self._writer.rehearse(entries, at_us=at_us)

    async def finish_signal(self, inbox_id: int, *, result: str, detail: str = "") -> None:
        await self._write(self._inbox.finish, "inbox_signals", inbox_id, result, detail)

    async def pending_commands(self, limit: int = 100, *, after_id: int = 0) -> list[Command]:
        return await self._run(self._inbox.pending_commands, limit, after_id)

    async def finish_command(self, command_id: int, *, result: str, detail: str = "") -> None:
        await self._write(self._inbox.finish, "inbox_commands", command_id, result, detail)

    @property
    def head_seq(self) -> int:
        """Number of the last journal row; 0 before the first."""
        return self._writer.head_seq

    async def project(self) -> int:
        # batch by batch, so that appends get between
        head, total = self._writer.head_seq, 0
        if head == self._projected_seq:
            return 0
        while applied := await self._write(self._models.project_batch, head):
            total += applied
            # Inline a batch runs on the event loop: a whole journal at once would be minutes of it.
            await asyncio.sleep(0)
        self._projected_seq = head
        return total

    async def rebuild(self) -> int:
        return await self._write(self._models.rebuild)

    async def pending_alerts(self, limit: int = 20) -> list[PendingAlert]:
        return await self._run(self._outbox.pending, limit)

    async def acknowledged_since(self, at_us: int) -> list[int]:
        return await self._run(self._outbox.acknowledged_since, at_us)

    def outbox(
        self, channel: str, *, beside: Sequence[str] = (), is_paging: bool = False
    ) -> ChannelOutbox:
        return SqlOutbox(
            self._outbox, self._write, channel=channel, beside=beside, is_paging=is_paging
        )

    async def close(self) -> None:
        """Mark this writer's end as clean and let go of it."""
        try:
            await super()._write(self._end)
        finally:
            self._runner.stop()
            if not self._is_borrowed:
                self._database.close()

    def _end(self) -> None:
        end_epoch(self._database, self._account, self.epoch)
        let_go(self._database, self._account, self.epoch)
