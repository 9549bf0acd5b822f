"""Acts in the engine's place, once: latch, cancel, have the engine make way, close.

Whoever decides that it must be done is ``watchdog.py``. How anything is closed is the engine's own
code (:class:`~trading_platform_order.watchdog.ports.OpenClosing`): the same replay, resolution and
closes as after any restart, in an engine that can open nothing. This one starts it, looks whether
it gets on, and starts it anew if it does not. If that is of no use, it starts the last resort.
"""

import asyncio
from collections.abc import Awaitable, Callable

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.risk.monitors.emergency_stop import STOP_LATCH
from trading_platform_order.storage.liveness import Heartbeat, Takeover, Who
from trading_platform_order.storage.replica import Replica
from trading_platform_order.transport.clock import epoch_us
from trading_platform_order.watchdog.cancelling import cancel_raising, left_over
from trading_platform_order.watchdog.engine.engine_watch import EngineWatch
from trading_platform_order.watchdog.journal_snapshot import read_journal
from trading_platform_order.watchdog.last_resort_rule import LastResortRule
from trading_platform_order.watchdog.ports import (
    CannotClose,
    ClosingEngine,
    OwnedStore,
    Scope,
    WatchdogPorts,
    WatchdogSettings,
)

CANCEL_WAIT_S = 0.5
"""So long the cancelling is waited for; an exchange that does not answer holds up no close."""
LOOK_AGAIN_S = 3.0
"""Pause between looks at what an engine that has nothing more to do has left."""
_NOT_DEAD = Heartbeat(who=Who.ENGINE, boot="", beat=-1, at_us=0)
"""No engine beats so: a takeover then waits until the engine has made way."""


class TakeoverRun:
    """Carries takeovers out, one after another."""

    def __init__(
        self,
        *,
        ports: WatchdogPorts,
        settings: WatchdogSettings,
        replica: Replica,
        engine: EngineWatch,
        last_resort: LastResortRule,
        also: Callable[[OwnedStore], Awaitable[Scope]],
    ) -> None:
        """``also``: what else must be closed by now, asked while a takeover is at work."""
        self._last_resort = last_resort
        self._ports = ports
        self._settings = settings
        self._replica = replica
        self._engine = engine
        self._also = also
        self._now = ports.clock.monotonic
        self._scopes: dict[int, Scope] = {}
        self.is_acting = False

    async def cancel_raising(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """End what rests and would raise exposure; which orders, and what did not answer."""
        prefix = self._settings.prefix
        return await cancel_raising(self._ports.exchanges, self._bases(), prefix=prefix)

    def _bases(self) -> frozenset[str]:
        return read_journal(self._replica).bases | set(self._settings.symbols)

    async def act(
        self,
        store: OwnedStore,
        reason: str,
        *,
        scope: Scope = None,
        closes: bool = True,
        begun: Callable[[], object] = lambda: None,
    ) -> None:
        """Latch, cancel, have the engine make way, close. Returns when nothing is left to do.

        Args:
            store: ours.
            reason: told to an operator.
            scope: what is closed; one that is open already keeps its own.
            closes: what is held, too.
            begun: called once the store knows what is to be done: from then on another look, or
                another watchdog, goes on with it. A store that fails before means: all over again.
        """
        closes = closes and self._settings.reduce
        self.is_acting = True
        try:
            async with asyncio.TaskGroup() as group:
                at_us = epoch_us(self._ports.clock.now())
                await store.inbox.set_latch(STOP_LATCH, f"watchdog: {reason}", at_us=at_us)
                cancelling = group.create_task(self.cancel_raising())
                await asyncio.wait([cancelling], timeout=CANCEL_WAIT_S)
                self._tell_acted(reason, cancelling, scope, closes=closes)
                takeover = await self._request(store, reason, scope) if closes else None
                begun()
                if takeover is not None and await self._wait_for_the_engine(store, takeover):
                    await self._close(store, takeover)
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        finally:
            self.is_acting = False

    def _tell_acted(
        self,
        reason: str,
        cancelling: asyncio.Task[tuple[tuple[str, ...], tuple[str, ...]]],
        scope: Scope,
        *,
        closes: bool,
    ) -> None:
        cancelled, unanswered = "still asking", "not known yet"
        if cancelling.done():
            names, failed = cancelling.result()
            cancelled, unanswered = str(len(names)), "; ".join(failed) or "none"
        what = "all that is held" if scope is None else _in_words(scope)
        self._tell(
            AlertKind.WATCHDOG_ACTED,
            reason=reason,
            cancelled=cancelled,
            not_answered=unanswered,
            closes=what if closes else "no",
        )

    async def _request(self, store: OwnedStore, reason: str, scope: Scope) -> Takeover:
        at_us = epoch_us(self._ports.clock.now())
        takeover = await store.watch.request_takeover(reason, at_us=at_us)
        self._scopes.setdefault(takeover.generation, scope)
        return takeover

    async def resume(self, store: OwnedStore, takeover: Takeover) -> None:
        """Go on with one that is open. Another process's ends what that one had begun.

        What it had not begun is looked at anew: a pair that is even may be held.
        """
        self._scopes.setdefault(takeover.generation, frozenset())
        await self.act(store, takeover.reason, scope=self._scopes[takeover.generation])

    async def _wait_for_the_engine(self, store: OwnedStore, takeover: Takeover) -> bool:
        """Until it has made way or is certainly dead; false if it took the matter over itself."""
        while True:
            engine = await self._engine.look()
            last = self._engine.last
            seen = last if last is None or engine.condition.has_ended else _NOT_DEAD
            if await store.watch.begin_acting(takeover.generation, engine=seen):
                return True
            if await store.watch.open_takeover() is None:
                return False
            await asyncio.sleep(self._settings.tick_s)

    async def _close(self, store: OwnedStore, takeover: Takeover) -> None:
        """Start an engine that closes, again and again, until all is done or an engine is back."""
        calls = _Calls(self._ports, self._settings, since_s=self._now())
        pause_s = self._settings.retry_first_s
        self._last_resort.begin(takeover.generation)
        while await store.watch.open_takeover() is not None:
            if self._last_resort.has_failures and await self._closed_at_last(store, calls):
                await store.watch.finish_takeover(takeover.generation)
                return
            self._last_resort.note_begun()
            try:
                async with self._ports.closing(takeover.reason, self._closes(takeover)) as engine:
                    done = await self._until_it_ends(store, takeover, engine, calls)
            except CannotClose as problem:
                done = False
                calls.call_if_due(str(problem))
            except BaseException:
                self._last_resort.note_unjudged()
                raise
            if done:
                await store.watch.finish_takeover(takeover.generation)
                self._last_resort.forget()
                seconds = f"{self._now() - calls.since_s:.1f} s"
                self._tell(AlertKind.WATCHDOG_DONE, reason=takeover.reason, took=seconds)
                return
            if await store.watch.open_takeover() is None:
                self._last_resort.note_unjudged()  # another engine goes on
                return
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, self._settings.retry_max_s)

    async def _closed_at_last(self, store: OwnedStore, calls: "_Calls") -> bool:
        """Start the last resort if it is due; whether it has closed everything that is owned."""
        await self._replica.follow(store.inbox)
        why = await self._last_resort.why(read_journal(self._replica))
        problem = self._ports.last_resort.why_not() if why else ""
        calls.besides = problem and f"{why}; the last resort cannot be started by it: {problem}"
        if not why or problem:
            return False
        self._tell(AlertKind.LAST_RESORT_STARTED, reason=why)
        running = asyncio.ensure_future(self._ports.last_resort.run(why))
        try:
            while not running.done():
                calls.call_if_due(f"the last resort is at work: {self._ports.last_resort.words()}")
                await asyncio.wait([running], timeout=self._settings.tick_s)
        finally:
            running.cancel()
            await asyncio.wait([running])
        left = _left_by(running)
        said = self._ports.last_resort.words() or "nothing"
        self._tell(AlertKind.LAST_RESORT_ENDED, left=left or "nothing of ours", said=said)
        self._last_resort.note_run(left=left)
        return not left

    async def _until_it_ends(
        self, store: OwnedStore, takeover: Takeover, engine: ClosingEngine, calls: "_Calls"
    ) -> bool:
        """True once nothing is left; false if another engine is to go on, or the next one of us."""
        idle_since_s: float | None = None
        while await store.watch.open_takeover() is not None:
            mine = self._scopes[takeover.generation]
            self._scopes[takeover.generation] = _both(mine, await self._also(store))
            left, pause_s = engine.left(), self._settings.tick_s
            now_s = self._now()
            idle_since_s = (idle_since_s or now_s) if left and engine.is_idle else None
            if idle_since_s is not None and now_s - idle_since_s >= self._settings.idle_s:
                return False
            if not left:
                left, pause_s = await self._left_over(store, takeover), LOOK_AGAIN_S
                if not left:
                    return True
            calls.call_if_due("; ".join(left))
            await asyncio.sleep(pause_s)
        return False

    async def _left_over(self, store: OwnedStore, takeover: Takeover) -> tuple[str, ...]:
        """By our own reading; what other pairs hold is nobody's to close."""
        if self._scopes[takeover.generation] is not None:
            return ()
        await self._replica.follow(store.inbox)
        journal, prefix = read_journal(self._replica), self._settings.prefix
        return await left_over(self._ports.exchanges, journal, self._bases(), prefix=prefix)

    def _closes(self, takeover: Takeover) -> Callable[[str, str], str | None]:
        def why(strategy: str, base: str) -> str | None:
            scope = self._scopes[takeover.generation]
            is_in = scope is None or (strategy, base) in scope
            return f"the watchdog closes: {takeover.reason}" if is_in else None

        return why

    def _tell(self, kind: AlertKind, **fields: str) -> None:
        self._ports.tell(Alert(kind=kind, urgent=True, fields=fields))


class _Calls:
    """Calls operators while one takeover lasts: first after the budget, then again and again."""

    def __init__(self, ports: WatchdogPorts, settings: WatchdogSettings, *, since_s: float) -> None:
        self._ports = ports
        self._settings = settings
        self._due_s = since_s + settings.flat_budget_s
        self.since_s = since_s
        #: said with each call
        self.besides = ""

    def call_if_due(self, reason: str) -> None:
        now_s = self._ports.clock.monotonic()
        if now_s < self._due_s:
            return
        self._due_s = now_s + self._settings.remind_s
        reason = "; ".join(filter(None, (reason, self.besides)))
        fields = {"reason": reason, "since": f"{now_s - self.since_s:.0f} s"}
        self._ports.tell(Alert(kind=AlertKind.WATCHDOG_STUCK, urgent=True, fields=fields))


def _left_by(running: asyncio.Future[str]) -> str:
    try:
        return running.result()
    except CannotClose as problem:
        return str(problem)


def _both(one: Scope, other: Scope) -> Scope:
    return None if one is None or other is None else one | other


def _in_words(scope: frozenset[tuple[str, str]]) -> str:
    return ", ".join(f"{base} of {strategy}" for strategy, base in sorted(scope)) or "nothing"
