"""The whole port to storage: the journal is the truth, everything else can be rebuilt from it.

Three faces of one store, by who may use them::

    Reader   anyone: journal, read models (documented views), latches
    Inbox    other processes: hand in signals and commands, set or clear a latch
    Store    the account's one engine: append to the journal, take from the inbox, project

A journal append is one durable commit: the signal's claim, all journal rows and the alerts they
cause are written together or not at all. A store that cannot write raises
:class:`StoreUnavailable`, and an engine whose store does so stops trading. A lock held by another
process is no such failure (:class:`StoreBusy`, :class:`StoreLocked`).
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from trading_platform_order.domain.alert import Alert, PendingAlert
from trading_platform_order.domain.value import value

JOURNAL_PAGE = 1_000
MAX_RAW_BYTES = 64 * 1024


class StoreUnavailable(Exception):  # noqa: N818 - a fact about the store, named as the docs do
    """The store did not write (or cannot be read); trading must stop."""


class StoreBusy(StoreUnavailable):
    """Another process holds the write lock: nothing was written, it may be tried again."""


class StoreLocked(StoreUnavailable):
    """Another process did not let go of the write lock: nothing was written, nothing is lost."""


class RowDamaged(StoreUnavailable):
    """The body of a row is not what was written, and cannot be read."""

    def __init__(self, seq: int, fault: str) -> None:
        super().__init__(f"journal row {seq}: {fault}")
        self.seq = seq
        self.fault = fault


class ChainBroken(Exception):  # noqa: N818 - as above
    """The journal is not what was written.

    Attributes:
        seq: the first row that does not fit.
        reason: what does not fit.
    """

    def __init__(self, seq: int, reason: str) -> None:
        super().__init__(f"journal row {seq}: {reason}")
        self.seq = seq
        self.reason = reason


class SchemaMismatch(Exception):  # noqa: N818 - as above
    """The store was written by another version; the message says which, and the cure."""


class InboxFull(Exception):  # noqa: N818 - as above
    """Too many entries wait for the engine; nothing was stored."""


class ProjectionFailed(Exception):  # noqa: N818 - as above
    """A journal row could not be projected: a bug. The journal itself is unharmed."""


@value
class Entry:
    """One event to be journalled.

    Attributes:
        trade_id: the pair trade it belongs to; empty for events of the account.
        kind: snake case, past tense, e.g. ``order_accepted``.
        version: of the body's shape, from 1.
        body: a JSON object as text; amounts as decimal strings, times as ISO 8601 with zone.
    """

    trade_id: str
    kind: str
    version: int
    body: str


class JournalRow(NamedTuple):
    """One event as journalled. A tuple, because a start reads hundreds of thousands.

    Attributes:
        seq: 1, 2, 3 … per account, without gaps.
        at_us: calendar time given by the writer, microseconds since 1970 UTC.
        prev_hash: hash of the row before; 64 zeros for the first.
        hash: SHA-256 over ``prev_hash`` and everything else in the row.
        build: the program that wrote it.
        epoch: counts the account's writers, one per opening of the store.
    """

    account: str
    seq: int
    at_us: int
    trade_id: str
    kind: str
    version: int
    body: str
    prev_hash: str
    hash: str
    build: str
    epoch: int


@value
class Claim:
    """The right to execute one signal, given once per account and signal id.

    Attributes:
        content_hash: tells a repetition (same) from a conflict (another).
        inbox_id: the inbox row that carried the signal; marked claimed in the same commit.
    """

    signal_id: str
    content_hash: str
    strategy: str
    symbol: str
    action: str
    inbox_id: int | None = None


@value
class Commit:
    """What one durable append wrote, for whoever follows the journal beside its writer.

    Attributes:
        at_us: calendar time of the rows, microseconds since 1970 UTC.
    """

    entries: Sequence[Entry]
    alerts: Sequence[Alert]
    at_us: int


class ClaimResult(StrEnum):
    """What came of an append."""

    CLAIMED = "claimed"  # all of it is durable (also when no claim was asked for)
    DUPLICATE = "duplicate"  # same id and content was claimed before; nothing was written
    CONFLICT = "conflict"  # same id was claimed with other content; nothing was written


class InboxResult(StrEnum):
    """How an inbox entry ended."""

    CLAIMED = "claimed"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REFUSED = "refused"
    DONE = "done"  # a command was carried out; a signal said to do nothing


@value
class Command:
    """An operator's command from the inbox; ``body`` is JSON text."""

    id: int
    kind: str
    body: str
    at_us: int


@value
class Latch:
    """A condition that stays set until an operator clears it with a reason."""

    kind: str
    reason: str
    at_us: int


@value
class Overview:
    """How an account's store stands, at one moment.

    Attributes:
        head_seq: number of the last journal row; 0 for an empty journal.
        projected_seq: the last row the read models have seen.
        last_start: the engine's last ``engine_started`` row, if it ever started.
        waiting_alerts: not delivered yet, urgent ones included.
        accounts: every account an engine of which ever opened this store.
    """

    head_seq: int
    projected_seq: int
    last_start: JournalRow | None
    waiting_signals: int
    waiting_commands: int
    waiting_alerts: int
    waiting_urgent_alerts: int
    accounts: tuple[str, ...]


class Reader(ABC):
    """What anyone may read."""

    @abstractmethod
    async def overview(self) -> Overview:
        """How the account's store stands."""

    @abstractmethod
    async def claim_of(self, signal_id: str) -> Claim | None:
        """The claim on a signal id, if any."""

    @abstractmethod
    async def rows_naming(self, signal_id: str) -> list[JournalRow]:
        """The account's rows (not a trade's) that tell of a signal's claim or refusal."""

    @abstractmethod
    async def journal(
        self, after_seq: int = 0, trade_id: str | None = None, *, limit: int = JOURNAL_PAGE
    ) -> list[JournalRow]:
        """At most ``limit`` rows after ``after_seq``, oldest first; of one trade if given."""

    async def journal_all(self, trade_id: str | None = None) -> AsyncIterator[JournalRow]:
        """All rows, oldest first, read page by page."""
        after = 0
        while page := await self.journal(after, trade_id):
            for row in page:
                yield row
            after = page[-1].seq

    @abstractmethod
    async def verify_chain(self) -> int:
        """Recompute the account's hash chain and return how many rows it has.

        Raises:
            ChainBroken: a row was changed, removed or added behind the writer's back.
        """

    @abstractmethod
    async def query(
        self, view: str, *, limit: int = 100, where: Mapping[str, str] | None = None
    ) -> list[dict[str, str | int | None]]:
        """Rows of a documented view (``docs/STORAGE.md``), newest first.

        Args:
            view: one of :data:`trading_platform_order.storage.projections.views.VIEWS`.
            limit: most rows to return.
            where: column to exact value.

        Raises:
            ValueError: no such view or column.
        """

    @abstractmethod
    async def alerts_after(
        self, alert_id: int, *, since_us: int = 0, limit: int = 500
    ) -> list[PendingAlert]:
        """Every alert with a higher id and from this time on, delivered or not, oldest first."""

    @abstractmethod
    async def latch(self, kind: str) -> Latch | None:
        """The latch of this kind, if set."""

    @abstractmethod
    async def latches(self) -> list[Latch]:
        """All latches that are set."""

    @abstractmethod
    async def lifted_reason(self, kind: str) -> str | None:
        """Why the latch of this kind was cleared last; ``None`` if it never was."""

    @abstractmethod
    async def signal_result(self, inbox_id: int) -> tuple[str, str] | None:
        """``(result, detail)`` of a signal that was handed in; ``None`` while it waits."""

    @abstractmethod
    async def command_result(self, command_id: int) -> tuple[str, str] | None:
        """``(result, detail)`` of a command; ``None`` while it waits."""

    @abstractmethod
    async def close(self) -> None:
        """Finish what was begun and let go of the file."""


class Inbox(Reader):
    """What other processes may write besides."""

    @abstractmethod
    async def put_signal(self, raw: str, *, at_us: int) -> int:
        """Hand in a signal as it came; durable on return.

        Raises:
            InboxFull: too many wait already.
            ValueError: over :data:`MAX_RAW_BYTES`.
        """

    @abstractmethod
    async def pending_signals(
        self, limit: int = 100, *, after_id: int = 0
    ) -> list[tuple[int, str]]:
        """``(inbox id, raw text)`` of signals not finished yet, oldest first."""

    @abstractmethod
    async def put_command(self, kind: str, body: str, *, at_us: int) -> int:
        """Hand in a command; durable on return. Raises as :meth:`put_signal`."""

    @abstractmethod
    async def set_latch(self, kind: str, reason: str, *, at_us: int) -> bool:
        """Set a latch durably; false if it was set already (the first reason stays)."""

    @abstractmethod
    async def clear_latch(self, kind: str, reason: str, *, at_us: int) -> bool:
        """Clear a latch with an operator's reason; false if it was not set."""

    @abstractmethod
    async def acknowledge(self, alert_id: int, *, at_us: int) -> bool:
        """An operator has seen this alert: repeats of its incident are silenced from now on.

        Durable on return. False if the account has no such alert; a second time changes nothing.
        """


class ChannelOutbox(ABC):
    """The alerts that wait for one channel; they come in with :meth:`Store.append`."""

    @abstractmethod
    async def pending_alerts(self, limit: int = 20) -> list[PendingAlert]:
        """Those it has not taken, urgent ones first, then oldest first."""

    @abstractmethod
    async def finish_alert(self, alert_id: int, *, result: str = "sent") -> None:
        """This channel needs nothing more of it."""

    @abstractmethod
    async def retry_alert(self, alert_id: int, *, next_at_us: int, attempts: int) -> None:
        """Note a failed delivery, for operators and for the next start."""

    @abstractmethod
    async def drop_alerts(self, *, keep: int) -> int:
        """Give up the oldest non-urgent ones beyond ``keep``; returns how many."""


class Store(Inbox):
    """What only the account's engine may do."""

    epoch: int
    """This writer's number; higher than that of every writer before."""
    started_clean: bool
    """The writer before closed properly (or there was none)."""
    machine_changed: bool
    """The writer before ran on another machine."""
    rows_lost_in: int
    """The last writer's number before which rows may have been lost; 0 if there was none: the one
    before it did not close properly, and the machine was started again in between (power may have
    failed), or it is another machine."""

    @property
    def rows_may_be_lost(self) -> bool:
        """Rows may have been lost just before this writer."""
        return self.rows_lost_in == self.epoch

    @abstractmethod
    async def append(
        self,
        entries: Sequence[Entry],
        *,
        at_us: int,
        claim: Claim | None = None,
        alerts: Sequence[Alert] = (),
        patience_s: float | None = None,
    ) -> ClaimResult:
        """Write claim, rows and alerts in one durable commit, or nothing at all.

        Args:
            entries: become rows, in this order.
            at_us: calendar time of the rows.
            claim: of the signal they belong to, if it is not claimed yet.
            alerts: put into the outbox.
            patience_s: how long another process's lock is waited for, in seconds, before what was
                decided has to be decided anew; without it, as long as the store waits for anything.

        Returns:
            ``CLAIMED`` when all of it is durable; else nothing was written.

        Raises:
            StoreBusy: nothing was written within ``patience_s``.
            StoreUnavailable: not written, or not known to be; open the store again and replay.
        """

    def rehearse(self, entries: Sequence[Entry], *, at_us: int) -> None:
        """Do what :meth:`append` does before it writes; nothing comes of it.

        For whoever keeps the way to the first order warm. A store may leave it undone.
        """

    @abstractmethod
    async def finish_signal(self, inbox_id: int, *, result: str, detail: str = "") -> None:
        """Tell the sender how it ended (an :class:`InboxResult`); the first result stays."""

    @abstractmethod
    async def pending_commands(self, limit: int = 100, *, after_id: int = 0) -> list[Command]:
        """Commands not finished yet, oldest first."""

    @abstractmethod
    async def finish_command(self, command_id: int, *, result: str, detail: str = "") -> None:
        """Tell the sender how it ended; the first result stays."""

    @abstractmethod
    async def project(self) -> int:
        """Bring the read models up to the journal's present head; returns rows applied.

        Raises:
            ProjectionFailed: a row does not have the agreed shape; rows before it are applied.
        """

    @abstractmethod
    async def rebuild(self) -> int:
        """Empty the read models and project the whole journal again, atomically for readers."""

    @abstractmethod
    async def pending_alerts(self, limit: int = 20) -> list[PendingAlert]:
        """Alerts that some channel has not taken, urgent ones first, then oldest first."""

    @abstractmethod
    async def acknowledged_since(self, at_us: int) -> list[int]:
        """Ids of the alerts that operators have acknowledged since then."""

    @abstractmethod
    def outbox(
        self, channel: str, *, beside: Sequence[str] = (), is_paging: bool = False
    ) -> ChannelOutbox:
        """The alerts as they stand with one channel.

        Args:
            channel: its lasting name.
            beside: the other channels in use; an alert is done once all of them have it.
            is_paging: it gets repeats alone; all else is skipped.
        """
