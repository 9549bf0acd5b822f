"""The watchdog: looks, judges, and acts in the engine's place when it must.

One loop. Nothing that an exchange or the store does ends it: what cannot be read is told to
operators and tried again. It acts on what it has seen itself, and only after it has latched the
stop.
"""

import asyncio
from contextlib import suppress
from functools import partial

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.trade.pair_trade import UNEVEN_KRW
from trading_platform_order.storage.base import (
    ChainBroken,
    ProjectionFailed,
    SchemaMismatch,
    StoreUnavailable,
)
from trading_platform_order.storage.liveness import Heartbeat, ProcessState, Who
from trading_platform_order.storage.replica import Replica
from trading_platform_order.transport.clock import epoch_us
from trading_platform_order.transport.running_time import RunningTime
from trading_platform_order.watchdog.engine.engine_watch import EngineWatch
from trading_platform_order.watchdog.engine.key_watch import KeyWatch
from trading_platform_order.watchdog.engine.liveness import Condition, Judgement
from trading_platform_order.watchdog.holding.exposure import exposure_lines
from trading_platform_order.watchdog.holding.hold_watch import NOTHING, Decision, HoldWatch, keys_of
from trading_platform_order.watchdog.holding.waiting_exits import Key
from trading_platform_order.watchdog.journal_snapshot import (
    JournalSnapshot,
    known_order,
    read_journal,
)
from trading_platform_order.watchdog.last_resort_rule import LastResortRule
from trading_platform_order.watchdog.loss_limit.loss_watch import LossFound, LossWatch
from trading_platform_order.watchdog.ports import (
    ALL_COINS,
    OwnedStore,
    Scope,
    WatchdogPorts,
    WatchdogSettings,
)
from trading_platform_order.watchdog.resting_orders import Resting, resting_orders
from trading_platform_order.watchdog.startup_audit import Survey
from trading_platform_order.watchdog.takeover_run import TakeoverRun
from trading_platform_order.watchdog.unjournalled_orders import UnjournalledOrders

STORE_PATIENCE_S = 2.0
STALLED_S = 60.0
CARE_S = 1.0
"""Pause between looks at what is open while no engine serves."""
MISSED_S = 2.0
"""So long without a beat, and something may be wrong."""
LOSS_REMIND_S = 600.0
NONE_RESTS = Resting(reports=(), failed=())
STORE_FAULTS = (StoreUnavailable, SchemaMismatch, ChainBroken, ProjectionFailed)


class Watchdog:
    """Runs beside an engine, in a process of its own."""

    def __init__(self, *, ports: WatchdogPorts, settings: WatchdogSettings) -> None:
        self._ports = ports
        self._settings = settings
        self._now = ports.clock.monotonic
        self._running = RunningTime(ports.clock.boottime, settings.gap_s)
        self._replica = Replica(settings.account)
        self._engine = EngineWatch(
            ports=ports,
            settings=settings,
            running=self._running,
            is_amid_trade=lambda: read_journal(self._replica).is_amid_trade,
        )
        self._hold = HoldWatch(ports=ports, settings=settings, replica=self._replica)
        self._keys = KeyWatch(ports=ports, hold=self._hold, running=self._running)
        self._last_resort = LastResortRule(ports=ports, settings=settings)
        self._takeover = TakeoverRun(
            ports=ports,
            last_resort=self._last_resort,
            settings=settings,
            replica=self._replica,
            engine=self._engine,
            also=self._also_to_close,
        )
        self._unjournalled = UnjournalledOrders(prefix=settings.prefix, monotonic=self._now)
        self._loss = LossWatch(ports=ports, settings=settings, running=self._running)
        self._survey = Survey(ports=ports, settings=settings, replica=self._replica)
        self._has_read = asyncio.Event()
        self._store: OwnedStore | None = None
        self._beat = 0
        self._handled: set[tuple[str, str]] = set()
        self._closed: set[tuple[str, Key]] = set()
        self._owed: list[tuple[str, bool]] = []
        self._told_silent = False
        self._cared_at = self._rested_at = self._keys_seen_at = -settings.look_s
        self._aside_seen_at = -settings.look_s
        self._condition = Condition.NEVER_SEEN
        self._lost: LossFound | None = None
        self._store_lost_at: float | None = None
        self._store_told_at: float | None = None
        self._turned_at = self._now()
        self._loss_told_at: float | None = None

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as group:
            for exchange in self._ports.exchanges.values():
                group.create_task(
                    exchange.run_private_stream(self._unjournalled.on_private_event),
                    name=f"{exchange.venue} private stream",
                )
            group.create_task(self._running.run(), name="running time")
            group.create_task(self._give_signs(), name="signs of life")
            group.create_task(self._watch(), name="watchdog")
            group.create_task(self._look_around(), name="survey")
            group.create_task(self._look_for_losses(), name="day's loss")
            group.create_task(self._hold.run(), name="what may be held")

    def is_looking(self) -> bool:
        """The store is read and the loop turns: what a sign of life to the outside vouches for."""
        return self._takeover.is_acting or self._now() - self._turned_at < STALLED_S

    # -- the loop ----------------------------------------------------------------------------------

    async def _watch(self) -> None:
        while True:
            try:
                await self._look(self._owned_store())
                self._store_lost_at = self._store_told_at = None
                self._turned_at = self._now()
            except STORE_FAULTS as problem:
                await self._without_store(str(problem))
            await asyncio.sleep(self._settings.tick_s)

    async def _look_around(self) -> None:
        """Once the journal is read: everything on both exchanges, until all of it was seen."""
        await self._has_read.wait()
        while not await self._survey.list_orders():  # noqa: ASYNC110 - an exchange tells nobody
            await asyncio.sleep(self._settings.look_s)
        while (lines := await self._survey.positions()) is None:  # noqa: ASYNC110 - as above
            await asyncio.sleep(self._settings.look_s)
        if lines:
            self._tell(AlertKind.MISMATCH, urgent=True, positions="; ".join(lines))

    async def _give_signs(self) -> None:
        while True:
            store = self._store
            if store is not None:
                # Whether the store can be used is the other loop's to find out and tell.
                with suppress(StoreUnavailable):
                    await store.watch.beat(self._heartbeat())
            await asyncio.sleep(self._settings.beat_s)

    def _heartbeat(self) -> Heartbeat:
        self._beat += 1
        return Heartbeat(
            who=Who.WATCHDOG,
            boot=self._settings.boot,
            beat=self._beat,
            at_us=epoch_us(self._ports.clock.now()),
        )

    def _owned_store(self) -> OwnedStore:
        if self._store is None:
            self._store = self._ports.open_store()
            self._engine.through(self._store.watch)
            self._replica.restart()
        return self._store

    async def _look(self, store: OwnedStore) -> None:
        engine = await self._engine.look()
        self._condition = engine.condition
        await self._replica.follow(store.inbox)
        self._has_read.set()
        unfinished = await store.watch.open_takeover()
        if unfinished is not None:
            await self._takeover.resume(store, unfinished)
            return
        self._tell_silence(engine)
        # From its first missing beats on, so that an EXIT's wait counts from then.
        is_active = (
            not engine.condition.serves_exits
            or engine.starting_s > 0
            or engine.silent_s >= MISSED_S
        )
        is_new = engine.condition.is_dead and not self._told_silent
        if is_active and (is_new or self._now() - self._cared_at >= CARE_S):
            self._cared_at = self._now()
            await self._look_after(store, engine)
        await self._judge_orders(store)
        await self._judge_keys(store)
        await self._judge_what_is_aside(store)
        await self._judge_loss(store)

    # -- what makes it act -------------------------------------------------------------------------

    async def _look_after(self, store: OwnedStore, engine: Judgement) -> None:
        """No engine serves: what is open is held, or closed."""
        journal = read_journal(self._replica)
        lines = self._lines(journal, NONE_RESTS)
        resting_due = self._now() - self._rested_at >= self._settings.look_s
        if engine.condition.is_dead and not lines and resting_due:
            self._rested_at = self._now()
            lines = await self._exposure(journal)
        if engine.condition.is_dead and not self._told_silent:
            self._told_silent = True
            is_stuck = engine.condition is Condition.STUCK
            self._tell(
                AlertKind.ENGINE_NOT_READY if is_stuck else AlertKind.ENGINE_SILENT,
                urgent=bool(lines),
                engine=engine.in_words(),
                exposure="; ".join(lines) or "nothing is open",
            )
        if not lines:
            return
        name = self._engine_name(engine)
        decision = await self._decide(store, journal, engine)
        scope = decision.scope
        if scope is not None:
            scope = frozenset(key for key in scope if (name, key) not in self._closed)
        if scope == NOTHING:
            is_handled = decision.scope != NOTHING and set(decision.scope or ()) >= keys_of(journal)
            if engine.condition.is_dead and not is_handled:
                self._hold.page(engine, lines)
            return
        if scope is None and ("dead", name) in self._handled:
            return
        reason = f"{engine.in_words()} and {'; '.join(decision.reasons or lines)}"
        await self._takeover.act(
            store, reason, scope=scope, begun=lambda: self._note_closed(name, scope)
        )

    def _note_closed(self, name: str, scope: Scope) -> None:
        if scope is None:
            self._handled.add(("dead", name))
        else:
            self._closed |= {(name, key) for key in scope}

    async def _decide(
        self, store: OwnedStore, journal: JournalSnapshot, engine: Judgement
    ) -> Decision:
        return await self._hold.decide(store, journal, engine, alone_s=self._engine.alone_s())

    async def _also_to_close(self, store: OwnedStore) -> Scope:
        """What must be closed by now, besides what a takeover at work closes already."""
        if self._now() - self._cared_at < CARE_S:
            return NOTHING
        self._cared_at = self._now()
        engine = await self._engine.look()
        await self._replica.follow(store.inbox)
        if engine.condition.serves_exits and not engine.starting_s:
            return NOTHING
        return (await self._decide(store, read_journal(self._replica), engine)).scope

    def _engine_name(self, engine: Judgement) -> str:
        """What was done for this engine is not done again; the beats of one that starts go on."""
        last = self._engine.last
        if last is None:
            return ""
        return f"{last.boot}/{last.beat}" if engine.condition.has_ended else last.boot

    def _tell_silence(self, engine: Judgement) -> None:
        if engine.condition is not Condition.ALIVE:
            return
        self._hold.engine_serves()
        if self._told_silent:
            self._told_silent = False
            self._tell(AlertKind.ENGINE_BACK, urgent=False, engine="it gives signs of life again")

    async def _exposure(self, journal: JournalSnapshot) -> tuple[str, ...]:
        """One line for everything open; the exchanges are asked only if the journal shows nothing.

        An exchange that does not answer holds up nothing that is known.
        """
        lines = self._lines(journal, NONE_RESTS)
        if lines:
            return lines
        bases = journal.bases | set(self._settings.symbols)
        prefix = self._settings.prefix
        return self._lines(
            journal, await resting_orders(self._ports.exchanges, bases, prefix=prefix)
        )

    def _lines(self, journal: JournalSnapshot, resting: Resting) -> tuple[str, ...]:
        return exposure_lines(
            journal,
            resting,
            views=self._ports.market.view,
            now=self._ports.clock.now(),
            dust_krw=UNEVEN_KRW,
        )

    async def _judge_orders(self, store: OwnedStore) -> None:
        await self._replica.follow(store.inbox)
        lines = self._unjournalled.judge(
            lambda name: known_order(self._replica, name),
            limit_s=self._settings.unknown_order_s,
        )
        if lines:
            text = "; ".join(lines)
            self._tell(AlertKind.UNKNOWN_ORDERS, urgent=True, orders=text)
            self._owed.append((f"orders out exceed intents in: {text}", True))
        before = "; ".join(self._survey.judge())
        if before:
            self._tell(AlertKind.UNKNOWN_ORDERS, urgent=True, orders=before, since="before it ran")
            self._owed.append((f"orders out exceed intents in: {before}", False))
        while self._owed:
            reason, closes = self._owed[0]
            begun = partial(self._owed.pop, 0)
            await self._takeover.act(store, reason, closes=closes, begun=begun)

    async def _judge_keys(self, store: OwnedStore) -> None:
        """The engine lives and cannot order: what must be done is done by our own keys."""
        last, now = self._engine.last, self._now()
        if last is None or self._condition is not Condition.ALIVE:
            return
        if now - self._keys_seen_at < CARE_S:
            return
        self._keys_seen_at = now
        due = await self._keys.look(store, read_journal(self._replica), last.boot)
        if due is not None:
            begun = partial(self._keys.note_taken, due.scope)
            await self._takeover.act(store, due.reason, scope=due.scope, begun=begun)

    async def _judge_what_is_aside(self, store: OwnedStore) -> None:
        """The engine lives, and looks away from a coin; only the last resort closes that one."""
        if self._condition is not Condition.ALIVE:
            return
        if self._now() - self._aside_seen_at < self._settings.look_s:
            return
        self._aside_seen_at = self._now()
        aside = self._ports.coins_aside()
        if not aside:
            self._last_resort.forget()
            return
        if self._last_resort.leaves_engines_alone or self._ports.last_resort.why_not():
            return
        journal = read_journal(self._replica)
        why = await self._last_resort.pressing(journal)
        if why:
            # Whatever else is open is even or seen to: the engine that closes need not touch it.
            scope = frozenset(key for key in keys_of(journal) if aside & {key[1], ALL_COINS})
            reason = f"no engine looks at {', '.join(sorted(aside))}, and {why}"
            await self._takeover.act(store, reason, scope=scope)
            self._last_resort.note_tried()

    async def _look_for_losses(self) -> None:
        """Beside the loop: an exchange that does not answer must not hide a dead engine from it."""
        await self._has_read.wait()
        while True:
            store = self._store
            if store is not None and not self._takeover.is_acting:
                # Whether the store can be used is the other loop's to find out and tell.
                with suppress(*STORE_FAULTS):
                    await self._note_resting()
                    await self._look_for_loss(store)
            await asyncio.sleep(self._settings.look_s)

    async def _look_for_loss(self, store: OwnedStore) -> None:
        last = self._engine.last
        is_alive = self._condition is Condition.ALIVE
        runs = is_alive and last is not None and last.state is ProcessState.RUNNING
        journal = read_journal(self._replica)
        found = await self._loss.look(store, self._replica, journal, engine_runs=runs)
        if found is not None and await self._exposure(read_journal(self._replica)):
            self._lost = found

    async def _judge_loss(self, store: OwnedStore) -> None:
        found, self._lost = self._lost, None
        if found is None or ("loss", found.day) in self._handled:
            return
        if not found.is_confirmed:
            self._tell_unconfirmed(found)
            return
        begun = partial(self._handled.add, ("loss", found.day))
        await self._takeover.act(store, found.reason, begun=begun)

    def _tell_unconfirmed(self, found: LossFound) -> None:
        told = self._loss_told_at
        if told is None or self._now() - told >= LOSS_REMIND_S:
            self._loss_told_at = self._now()
            self._tell(
                AlertKind.LOSS_UNCONFIRMED,
                urgent=True,
                loss=found.reason,
                closes="no",
                loss_krw=plain(found.loss_krw.to_integral_value()),
                since=f"{found.since_s:.0f} s",
            )

    async def _note_resting(self) -> None:
        """Orders that rest were maybe placed before this watchdog's streams were there."""
        bases = read_journal(self._replica).bases | set(self._settings.symbols)
        resting = await resting_orders(self._ports.exchanges, bases, prefix=self._settings.prefix)
        for report in resting.reports:
            self._unjournalled.note(report)

    # -- without a store ---------------------------------------------------------------------------

    async def _without_store(self, problem: str) -> None:
        """Nothing is sold: only the store tells what is ours. Resting entry orders are ended."""
        store, self._store = self._store, None
        if store is not None:
            with suppress(StoreUnavailable):
                await store.close()
        now = self._now()
        if self._store_lost_at is None:
            self._store_lost_at = now
        lost_s = now - self._store_lost_at
        patience_over = lost_s >= STORE_PATIENCE_S
        told = self._store_told_at
        if not patience_over or (told is not None and now - told < self._settings.remind_s):
            return
        self._store_told_at = now
        self._ports.leave_stop_file(f"watchdog: the store cannot be used: {problem}")
        tell = partial(self._tell, AlertKind.STORE_GONE, problem=problem, since=f"{lost_s:.0f} s")
        async with asyncio.TaskGroup() as group:
            cancelling = group.create_task(self._takeover.cancel_raising())
            await asyncio.wait([cancelling], timeout=STORE_PATIENCE_S)
            # An exchange that does not answer holds up nobody's alarm.
            in_time = cancelling.done()
            if not in_time:
                tell(cancelled="still asking", not_answered="not known yet", urgent=True)
        cancelled, failed = cancelling.result()
        tell(
            cancelled=str(len(cancelled)),
            not_answered="; ".join(failed) or "none",
            urgent=in_time,
        )

    def _tell(self, kind: AlertKind, *, urgent: bool, **fields: str) -> None:
        self._ports.tell(Alert(kind=kind, urgent=urgent, fields=fields))
