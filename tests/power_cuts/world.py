"""A whole executor on a disk that loses power again and again; judged at the end.

Fake exchanges remember everything, the journal only what reached the disk. Signals come, some of
them twice; orders are answered, lost, refused; in the middle of any write or sync the power goes,
and another engine starts on what is left, on another boot of the machine.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

import apsw

from tests.fakes.fixture import ExecutorFixture, FakeMarket
from tests.fakes.outcomes import FILLED, LOST_ANSWER, LOST_REQUEST, ScriptedOutcome, refused
from tests.fakes.pair import signal
from tests.power_cuts.disk import Disk, DiskVfs, PowerLoss
from trading_platform_order.domain.market import STREAMED, PairView, Source
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.risk.monitors.monitor_limits import MonitorLimits
from trading_platform_order.storage.base import ChainBroken, JournalRow, StoreUnavailable
from trading_platform_order.storage.relational.runner import Inline
from trading_platform_order.storage.relational.store import SqlReader
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.migrations import empty_database
from trading_platform_order.transport.virtual_loop import run_virtual

LEVELS = ("normal", "full", "extra")
UNSAFE = "off"
"""No level of ours: it shows that the disk forgets, and that somebody notices."""
FILE = "store.db"
LIVES_MAX = 12
CHANGES_MAX = 220
SIGNALS_MAX = 6
BOOKS_S = 0.25
QUIET_LIMIT_S = 300.0
AFTER_QUIET_S = 12.0
OUTCOMES = (
    FILLED,
    FILLED,
    FILLED,
    FILLED,
    LOST_ANSWER,
    LOST_REQUEST,
    refused(),
    ScriptedOutcome(answer_s=3.0),
)
CHECKPOINTS = ("PASSIVE", "FULL", "RESTART", "TRUNCATE")

_VFS = DiskVfs("power cuts")


class SteadyMarket(FakeMarket):
    """New books four times a second: whoever looks more often sees the same ones."""

    _seen: PairView | None = None

    def view(
        self, base: str, now: datetime, sources: frozenset[Source] = STREAMED
    ) -> PairView | None:
        if self._seen is None or (now - self._seen.now).total_seconds() > BOOKS_S:
            self._seen = super().view(base, now, sources)
        return self._seen


def _fixture() -> ExecutorFixture:
    fixture = ExecutorFixture(monitors=MonitorLimits(look_s=1.0))
    fixture.market = SteadyMarket()
    return fixture


@dataclass(slots=True)
class World:
    """One account through several losses of power.

    Attributes:
        level: durability of the store: normal, full or extra.
        cuts: how often the power went.
        claimed: ids of signals whose claim was told to be durable.
        violations: what broke the promise, in words.
        lost_rows: a cut took rows that had been told to be durable.
    """

    level: str
    random: Random
    fixture: ExecutorFixture = field(default_factory=_fixture)
    cuts: int = 0
    claimed: set[str] = field(default_factory=set)
    sent_signals: list[Signal] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    lost_rows: int = 0
    disk: Disk = field(default_factory=lambda: Disk({FILE: empty_database()}))

    # -- one life ---------------------------------------------------------------------------------

    async def live(self, number: int) -> None:
        """One boot of the machine: an engine works until the power goes."""
        self.fixture.boot = f"boot {number}"
        self.disk.cut_at = self.random.randint(1, CHANGES_MAX)
        try:
            await self._work()
        except (PowerLoss, RuntimeError, StoreUnavailable) as fault:
            # A caller hears that the engine ended; on a machine that is off words are wind.
            if not self.disk.is_off:
                self.violations.append(f"the engine failed: {fault!r}")
        await self._switch_off()

    async def _work(self) -> None:
        fixture = self.fixture
        database = open_database(self.disk)
        fixture.restore(database)
        fixture.durability = "normal" if self.level == "normal" else "full"
        task: asyncio.Task[None] | None = None
        try:
            task = await fixture.begin()
            if self.level in {"extra", UNSAFE}:
                database.execute(f"PRAGMA synchronous = {self.level}")
            await self._trade(task, database)
        finally:
            if task is not None:
                await fixture.kill(task)
                self._note_end(task)
            self.disk.is_deaf = True  # the machine is off: closing writes nothing any more
            database.close()

    def _note_end(self, task: asyncio.Task[None]) -> None:
        """An engine ends because the power went, and for no other reason."""
        fault = None if task.cancelled() else task.exception()
        if fault is not None and not self.disk.is_off:
            self.violations.append(f"the engine ended: {fault!r}")

    async def _trade(self, task: asyncio.Task[None], database: Database) -> None:
        random = self.random
        for _ in range(random.randint(1, SIGNALS_MAX)):
            for exchange in (self.fixture.upbit, self.fixture.binance):
                exchange.outcomes.append(random.choice(OUTCOMES))
            wish = self._next_signal()
            receipt = await self.fixture.signal(wish)
            if receipt.trade_id is not None or receipt.refusal is not None:
                self.claimed.add(wish.id)
            await asyncio.wait([task], timeout=random.choice((0.0, 0.005, 0.02, 0.6, 4.0)))
            if task.done():
                return
            if random.random() < 0.3:
                await self.fixture.store.project()
            if random.random() < 0.3:
                database.execute(f"PRAGMA wal_checkpoint({random.choice(CHECKPOINTS)})")
        await asyncio.wait([task], timeout=random.choice((0.0, 0.5, 12.0)))

    def _next_signal(self) -> Signal:
        if self.sent_signals and self.random.random() < 0.3:
            return self.random.choice(self.sent_signals)  # its sender heard no answer
        entering = self.random.random() < 0.6
        made = signal(
            Action.ENTER if entering else Action.EXIT,
            name=f"s{len(self.sent_signals)}",
            strategy=self.random.choice(("kimchi", "other")),
            quantity="0.010" if entering else None,
            at=self.fixture.clock.now(),
        )
        self.sent_signals.append(made)
        return made

    # -- the power goes ---------------------------------------------------------------------------

    async def _switch_off(self) -> None:
        """The exchanges finish what they were sent, the machine finds what its disk kept."""
        self.cuts += 1
        for exchange in (self.fixture.upbit, self.fixture.binance):
            exchange.outcomes.clear()
        self.disk = Disk(self.disk.after_cut(self.random))
        await self._check_disk()

    async def _check_disk(self) -> None:
        """What must hold of what is left, before anybody repairs anything."""
        copy = Disk({name: bytes(content.image) for name, content in self.disk.files.items()})
        database = open_database(copy)
        reader = SqlReader(database, Inline(), "main")
        try:
            await reader.verify_chain()
            rows = [row async for row in reader.journal_all()]
            claims = {name for name in self.claimed if await reader.claim_of(name)}
        except (ChainBroken, StoreUnavailable) as broken:
            self.violations.append(f"the store is broken: {broken}")
            return
        finally:
            database.close()
        missing = sorted(self.claimed - claims) + sorted(self._not_journalled(rows))
        if missing:
            self.lost_rows += 1
            if self.level != "normal":
                self.violations.append(f"acknowledged or sent, and not on the disk: {missing}")
        self.claimed = claims

    def _not_journalled(self, rows: Sequence[JournalRow]) -> set[str]:
        text = "\n".join(row.body for row in rows)
        return {name for name in self._sent_ids() if name not in text}

    def _sent_ids(self) -> set[str]:
        fixture = self.fixture
        return {order.client_order_id for order in (*fixture.upbit.sent, *fixture.binance.sent)}

    # -- the end ----------------------------------------------------------------------------------

    async def judge(self) -> None:
        """The last engine had all the time it wanted."""
        fixture = self.fixture
        fixture.boot = "the last boot"
        database = open_database(self.disk)
        fixture.restore(database)
        task = await fixture.begin()
        try:
            async with asyncio.timeout(QUIET_LIMIT_S):
                await fixture.quiet()
        except TimeoutError:
            if not self._was_told_of_lost_rows():
                self.violations.append("something stays unresolved")
        await asyncio.wait([task], timeout=AFTER_QUIET_S)
        if task.done():
            self.violations.append(f"the last engine ended: {task.exception()!r}")
        else:
            await self._judge_account()
        await fixture.kill(task)
        database.close()

    async def _judge_account(self) -> None:
        fixture = self.fixture
        self._judge_ids()
        if self._was_told_of_lost_rows():
            return
        stopped = fixture.executor.account.stopped_reason
        if stopped is not None:
            self.violations.append(f"stopped without lost rows: {stopped}")
        if not fixture.is_even():
            self.violations.append(f"uneven: {fixture.upbit.base} and {fixture.binance.base}")
        held = fixture.executor.book.ledger.holdings.values()
        booked = sum(h.spot for h in held), sum(h.short for h in held)
        if booked != (fixture.upbit.base, -fixture.binance.base):
            self.violations.append(f"booked {booked}, there is {fixture.upbit.base}")
        if any(trade.is_active for trade in fixture.executor.trades.values()):
            self.violations.append("a trade is not settled")

    def _judge_ids(self) -> None:
        """No id is filled twice; nor sent twice, unless its row was lost and it left no trace."""
        for exchange in (self.fixture.upbit, self.fixture.binance):
            sent = [order.client_order_id for order in exchange.sent]
            for name in sorted({each for each in sent if sent.count(each) > 1}):
                placed = exchange.placed.get(name)
                if self.level != "normal":
                    self.violations.append(f"sent twice: {name}")
                elif placed is not None and placed.executed > placed.order.quantity:
                    self.violations.append(f"filled twice: {name}")

    def _was_told_of_lost_rows(self) -> bool:
        """What was lost was found, nothing is sent on top of it, and an operator is asked."""
        stopped = self.fixture.executor.account.stopped_reason
        return self.level == "normal" and self.lost_rows > 0 and stopped is not None


def open_database(disk: Disk) -> Database:
    """The store's file on this disk; one connection has it alone."""
    handle = apsw.Connection(_VFS.insert(disk) + FILE, vfs="power cuts")
    handle.execute("PRAGMA locking_mode = EXCLUSIVE")
    return Database(handle)


async def _play(world: World) -> None:
    lives = world.random.randint(1, LIVES_MAX)
    for number in range(lives):
        await world.live(number)
        if world.violations:
            return  # what follows from it tells nothing
    await world.judge()


def play(level: str, seed: str) -> World:
    """One world; the same seed plays the same one."""
    world = World(level=level, random=Random(seed))  # noqa: S311 - a choice that can be repeated
    run_virtual(_play(world))
    return world
