"""The watchdog: looks, judges, and acts in the engine's place when it must.

One loop. Nothing that an exchange or the store does ends it: what cannot be read is told to people
and tried again. It acts on what it has seen itself, and only after it has latched the stop.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.trade.pair_trade import UNEVEN_KRW
from trading_platform_order.risk.emergency_stop import STOP_LATCH
from trading_platform_order.storage.base import (
    ChainBroken,
    ProjectionFailed,
    SchemaMismatch,
    StoreUnavailable,
)
from trading_platform_order.storage.liveness import (
    OPEN_STATES,
    Heartbeat,
    Life,
    Observed,
    Takeover,
    Who,
)
from trading_platform_order.storage.replica import Replica
from trading_platform_order.storage.takeover_body import intent_of
from trading_platform_order.transport.clock import epoch_us
from trading_platform_order.transport.running_time import RunningTime
from trading_platform_order.watchdog.exchange_snapshot import resting_orders
from trading_platform_order.watchdog.exposure import exposure_lines
from trading_platform_order.watchdog.journal_snapshot import Books, known_order, read_books
from trading_platform_order.watchdog.liveness import Condition, Judgement, Signs, judge
from trading_platform_order.watchdog.loss_watch import LossWatch
from trading_platform_order.watchdog.ports import StoreSeat, WatchdogPorts, WatchdogSettings
from trading_platform_order.watchdog.reducer import Progress, Reducer
from trading_platform_order.watchdog.reduction_plan import Sent
from trading_platform_order.watchdog.startup_audit import Survey
from trading_platform_order.watchdog.unjournalled_orders import Strays

STORE_PATIENCE_S = 2.0
STALLED_S = 60.0
STORE_FAULTS = (StoreUnavailable, SchemaMismatch, ChainBroken, ProjectionFailed)
_NOT_DEAD = Heartbeat(who=Who.ENGINE, boot="", beat=-1, at_us=0)
"""No engine beats so: a takeover then waits until the engine has made way."""


class Watchdog:
    """Runs beside an engine, in a process of its own."""

    def __init__(self, *, ports: WatchdogPorts, settings: WatchdogSettings) -> None:
        self._ports = ports
        self._settings = settings
        self._now = ports.clock.monotonic
        self._running = RunningTime(ports.clock.boottime, settings.gap_s)
        self._replica = Replica(settings.account)
        self._reducer = Reducer(ports=ports, settings=settings, replica=self._replica)
        self._strays = Strays(prefix=settings.prefix, monotonic=self._now)
        self._loss = LossWatch(ports=ports, settings=settings, running=self._running)
        self._survey = Survey(ports=ports, settings=settings, replica=self._replica)
        self._has_read = asyncio.Event()
        self._store: StoreSeat | None = None
        self._engine: Observed | None = None
        self._beat = 0
        self._handled: set[tuple[str, str]] = set()
        self._owed: list[tuple[str, bool]] = []
        self._told_silent = False
        self._looked_at = -settings.look_s
        self._store_lost_at: float | None = None
        self._store_told_at: float | None = None
        self._turned_at = self._now()
        self._gone_at = self._now()
        self.busy = False

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as group:
            for exchange in self._ports.exchanges.values():
                group.create_task(
                    exchange.run_private_stream(self._strays.on_private_event),
                    name=f"{exchange.venue} private stream",
                )
            group.create_task(self._running.run(), name="running time")
            group.create_task(self._give_signs(), name="signs of life")
            group.create_task(self._watch(), name="watchdog")
            group.create_task(self._look_around(), name="survey")

    def is_looking(self) -> bool:
        """The store is read and the loop turns: what a sign of life to the outside vouches for."""
        return self.busy or self._now() - self._turned_at < STALLED_S

    # -- the loop ----------------------------------------------------------------------------------

    async def _watch(self) -> None:
        while True:
            try:
                await self._look(self._seat())
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

    def _seat(self) -> StoreSeat:
        if self._store is None:
            self._store = self._ports.open_store()
            if self._engine is None:
                self._engine = Observed(
                    watch=self._store.watch,
                    who=Who.ENGINE,
                    # Who stood still saw no sign of life, and no silence either.
                    monotonic=self._running.seconds,
                )
            self._engine.through(self._store.watch)
            self._replica.restart()
        return self._store

    async def _look(self, store: StoreSeat) -> None:
        engine = await self._judged()
        await self._replica.follow(store.inbox)
        self._has_read.set()
        unfinished = await self._open_takeover(store)
        if unfinished is not None:
            await self._act(store, unfinished.reason)
            return
        await self._tell_silence(engine)
        due = self._now() - self._looked_at >= self._settings.look_s
        if engine.condition.is_dead and (due or not self._told_silent):
            await self._look_after(store, engine)
        await self._judge_orders(store)
        if due:
            self._looked_at = self._now()
            await self._judge_loss(store, engine)

    async def _judged(self) -> Judgement:
        if self._engine is None:
            raise StoreUnavailable("not opened yet")
        await self._engine.look()
        last, gone = self._engine.last, self._ports.engine_is_gone()
        if gone:
            self._gone_at = self._now()
        has_ended = gone and last is not None and last.state is Life.ENDED
        signs = Signs(
            last=last,
            silent_s=self._engine.silent_s(),
            gone=gone,
            there_s=self._now() - self._gone_at,
            is_amid_trade=has_ended and read_books(self._replica).is_amid_trade,
        )
        return judge(signs, self._settings)

    @staticmethod
    async def _open_takeover(store: StoreSeat) -> Takeover | None:
        found = (takeover for takeover, _ in await store.watch.unadopted())
        return next((takeover for takeover in found if takeover.state in OPEN_STATES), None)

    # -- what makes it act -------------------------------------------------------------------------

    async def _look_after(self, store: StoreSeat, engine: Judgement) -> None:
        """The engine is dead: is anything open?"""
        first = not self._told_silent
        self._told_silent = True
        self._looked_at = self._now()
        lines = await self._exposure(store)
        if first:
            text = "; ".join(lines) or "nothing is open"
            self._tell(
                AlertKind.ENGINE_SILENT,
                urgent=bool(lines),
                engine=engine.in_words(),
                exposure=text,
            )
        key = ("dead", self._engine_name())
        if lines and key not in self._handled:
            reason = f"{engine.in_words()} and {'; '.join(lines)}"
            await self._act(store, reason, begun=lambda: self._handled.add(key))

    def _engine_name(self) -> str:
        last = None if self._engine is None else self._engine.last
        return "" if last is None else f"{last.boot}/{last.beat}"

    async def _tell_silence(self, engine: Judgement) -> None:
        if self._told_silent and engine.condition is Condition.ALIVE:
            self._told_silent = False
            self._tell(AlertKind.ENGINE_BACK, urgent=False, engine="it gives signs of life again")

    async def _exposure(self, store: StoreSeat) -> tuple[str, ...]:
        rows = [row for _, orders in await store.watch.unadopted() for row in orders]
        sent = [Sent(intent=intent_of(row.body), executed=Decimal(row.executed)) for row in rows]
        books = read_books(self._replica).less(one.taken for one in sent)
        bases = books.bases | set(self._settings.symbols)
        resting = await resting_orders(self._ports.exchanges, bases, prefix=self._settings.prefix)
        return exposure_lines(
            books,
            resting,
            views=self._ports.market.view,
            now=self._ports.clock.now(),
            dust_krw=UNEVEN_KRW,
        )

    async def _judge_orders(self, store: StoreSeat) -> None:
        # In this order: what the engine has adopted meanwhile is in the journal before it is gone.
        ours = {
            order.client_order_id for _, orders in await store.watch.unadopted() for order in orders
        }
        await self._replica.follow(store.inbox)
        lines = self._strays.judge(
            lambda name: known_order(self._replica, name),
            ours,
            limit_s=self._settings.unknown_order_s,
        )
        if lines:
            text = "; ".join(lines)
            self._tell(AlertKind.UNKNOWN_ORDERS, urgent=True, orders=text)
            self._owed.append((f"orders out exceed intents in: {text}", True))
        before = "; ".join(self._survey.judge(ours))
        if before:
            self._tell(AlertKind.UNKNOWN_ORDERS, urgent=True, orders=before, since="before it ran")
            self._owed.append((f"orders out exceed intents in: {before}", False))
        while self._owed:
            reason, closes = self._owed[0]
            await self._act(store, reason, closes=closes, begun=lambda: self._owed.pop(0))

    async def _judge_loss(self, store: StoreSeat, engine: Judgement) -> None:
        books = read_books(self._replica)
        await self._note_resting(books)
        last = None if self._engine is None else self._engine.last
        is_alive = engine.condition is Condition.ALIVE
        runs = is_alive and last is not None and last.state is Life.RUNNING
        found = await self._loss.look(store, self._replica, books, engine_runs=runs)
        if found is None or ("loss", found.day) in self._handled or not await self._exposure(store):
            return
        key = ("loss", found.day)
        await self._act(store, found.reason, begun=lambda: self._handled.add(key))

    async def _note_resting(self, books: Books) -> None:
        """Orders that rest were maybe placed before this watchdog's streams were there."""
        bases = books.bases | set(self._settings.symbols)
        resting = await resting_orders(self._ports.exchanges, bases, prefix=self._settings.prefix)
        for report in resting.reports:
            self._strays.note(report)

    # -- acting ------------------------------------------------------------------------------------

    async def _act(
        self,
        store: StoreSeat,
        reason: str,
        *,
        closes: bool = True,
        begun: Callable[[], object] = lambda: None,
    ) -> None:
        """Latch, cancel, have the engine make way, reduce. Returns when nothing is left to do.

        Args:
            store: ours.
            reason: told to people.
            closes: what is held, too.
            begun: called once the store knows what is to be done: from then on another look, or
                another watchdog, goes on with it. A store that fails before means: all over again.
        """
        closes = closes and self._settings.reduce
        self.busy = True
        try:
            await self._latch(store, reason)
            bases = read_books(self._replica).bases | set(self._settings.symbols)
            cancelled, failed = await self._reducer.cancel_raising(bases)
            self._tell(
                AlertKind.WATCHDOG_ACTED,
                urgent=True,
                reason=reason,
                cancelled=str(cancelled),
                not_answered="; ".join(failed) or "none",
                closes="yes" if closes else "no",
            )
            takeover = await self._request(store, reason) if closes else None
            begun()
            if takeover is not None and await self._wait_for_the_engine(store, takeover):
                await self._reduce(store, takeover)
        finally:
            self.busy = False

    async def _request(self, store: StoreSeat, reason: str) -> Takeover:
        at_us = epoch_us(self._ports.clock.now())
        return await store.watch.request_takeover(reason, at_us=at_us)

    async def _latch(self, store: StoreSeat, reason: str) -> None:
        at_us = epoch_us(self._ports.clock.now())
        await store.inbox.set_latch(STOP_LATCH, f"watchdog: {reason}", at_us=at_us)

    async def _wait_for_the_engine(self, store: StoreSeat, takeover: Takeover) -> bool:
        """Until it has made way or is certainly dead; false if it took the matter over itself."""
        while True:
            engine = await self._judged()
            last = None if self._engine is None else self._engine.last
            seen = last if last is None or engine.condition.is_dead else _NOT_DEAD
            if await store.watch.begin_acting(takeover.generation, engine=seen):
                return True
            if await self._open_takeover(store) is None:
                return False
            await asyncio.sleep(self._settings.tick_s)

    async def _reduce(self, store: StoreSeat, takeover: Takeover) -> None:
        began = self._now()
        called_at, pause_s = None, self._settings.retry_first_s
        while await self._open_takeover(store) is not None:
            done = await self._reducer.round(store, takeover)
            if done.progress is Progress.ENDED:
                return
            if done.progress is Progress.DONE:
                await store.watch.finish_takeover(takeover.generation)
                seconds = f"{self._now() - began:.1f} s"
                self._tell(
                    AlertKind.WATCHDOG_DONE, urgent=True, reason=takeover.reason, took=seconds
                )
                return
            if done.progress is Progress.MOVED:
                pause_s = self._settings.retry_first_s
                await asyncio.sleep(self._settings.retry_first_s / 4)
                continue
            called_at = self._call_people(done.reason, began, called_at)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, self._settings.retry_max_s)

    def _call_people(self, reason: str, began: float, called_at: float | None) -> float | None:
        now = self._now()
        due = began + self._settings.flat_budget_s
        if called_at is not None:
            due = called_at + self._settings.remind_s
        if now < due:
            return called_at
        self._tell(
            AlertKind.WATCHDOG_STUCK, urgent=True, reason=reason, since=f"{now - began:.0f} s"
        )
        return now

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
        patience_over = now - self._store_lost_at >= STORE_PATIENCE_S
        told = self._store_told_at
        if not patience_over or (told is not None and now - told < self._settings.remind_s):
            return
        self._store_told_at = now
        self._ports.leave_stop_file(f"watchdog: the store cannot be used: {problem}")
        bases = read_books(self._replica).bases | set(self._settings.symbols)
        async with asyncio.TaskGroup() as group:
            cancelling = group.create_task(self._reducer.cancel_raising(bases))
            await asyncio.wait([cancelling], timeout=STORE_PATIENCE_S)
            # An exchange that does not answer holds up nobody's alarm.
            in_time = cancelling.done()
            if not in_time:
                self._tell_store_gone(problem, "still asking", "not known yet", urgent=True)
        cancelled, failed = cancelling.result()
        unanswered = "; ".join(failed) or "none"
        self._tell_store_gone(problem, str(cancelled), unanswered, urgent=in_time)

    def _tell_store_gone(
        self, problem: str, cancelled: str, unanswered: str, *, urgent: bool
    ) -> None:
        self._tell(
            AlertKind.STORE_GONE,
            urgent=urgent,
            problem=problem,
            cancelled=cancelled,
            not_answered=unanswered,
        )

    def _tell(self, kind: AlertKind, *, urgent: bool, **fields: str) -> None:
        self._ports.tell(Alert(kind=kind, urgent=urgent, fields=fields))
