"""Acts in the engine's place, once: latch, cancel, have the engine make way, reduce.

Whoever decides that it must be done is ``watchdog.py``; how each order comes about is ``reducer``.
"""

import asyncio
from collections.abc import Awaitable, Callable

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.risk.monitors.emergency_stop import STOP_LATCH
from trading_platform_order.storage.liveness import (
    OPEN_STATES,
    Heartbeat,
    Takeover,
    Who,
)
from trading_platform_order.storage.replica import Replica
from trading_platform_order.storage.takeover_body import intent_of
from trading_platform_order.transport.clock import epoch_us
from trading_platform_order.watchdog.engine_watch import EngineWatch
from trading_platform_order.watchdog.journal_snapshot import read_journal
from trading_platform_order.watchdog.naked_legs import Scope
from trading_platform_order.watchdog.ports import OwnedStore, WatchdogPorts, WatchdogSettings
from trading_platform_order.watchdog.reducer import Progress, Reducer

CANCEL_WAIT_S = 0.5
"""So long the cancelling is waited for; an exchange that does not answer holds up no reduction."""
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
        also: Callable[[OwnedStore], Awaitable[Scope]],
    ) -> None:
        """``also``: what else must be closed by now, asked while a takeover is at work."""
        self._ports = ports
        self._settings = settings
        self._replica = replica
        self._engine = engine
        self._also = also
        self._now = ports.clock.monotonic
        self._scopes: dict[int, Scope] = {}
        self.reducer = Reducer(
            ports=ports,
            settings=settings,
            replica=replica,
            rows_are_certain=lambda: engine.has_served,
        )
        self.is_acting = False

    async def act(
        self,
        store: OwnedStore,
        reason: str,
        *,
        scope: Scope = None,
        closes: bool = True,
        begun: Callable[[], object] = lambda: None,
    ) -> None:
        """Latch, cancel, have the engine make way, reduce. Returns when nothing is left to do.

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
                bases = read_journal(self._replica).bases | set(self._settings.symbols)
                cancelling = group.create_task(self.reducer.cancel_raising(bases))
                await asyncio.wait([cancelling], timeout=CANCEL_WAIT_S)
                self._tell_acted(reason, cancelling, scope, closes=closes)
                takeover = await self._request(store, reason, scope) if closes else None
                begun()
                if takeover is not None and await self._wait_for_the_engine(store, takeover):
                    await self._reduce(store, takeover)
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        finally:
            self.is_acting = False

    def _tell_acted(
        self,
        reason: str,
        cancelling: asyncio.Task[tuple[int, tuple[str, ...]]],
        scope: Scope,
        *,
        closes: bool,
    ) -> None:
        cancelled, unanswered = "still asking", "not known yet"
        if cancelling.done():
            count, failed = cancelling.result()
            cancelled, unanswered = str(count), "; ".join(failed) or "none"
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
        """Go on with one that is open. Another process's closes what that one had begun to.

        What it had not begun is looked at anew: a pair that is even may be held.
        """
        if takeover.generation not in self._scopes:
            rows = [
                row
                for one, rows in await store.watch.unadopted()
                for row in rows
                if one.generation == takeover.generation
            ]
            begun = [intent_of(row.body) for row in rows]
            self._scopes[takeover.generation] = frozenset((i.strategy, i.base) for i in begun)
        await self.act(store, takeover.reason, scope=self._scopes[takeover.generation])

    async def _wait_for_the_engine(self, store: OwnedStore, takeover: Takeover) -> bool:
        """Until it has made way or is certainly dead; false if it took the matter over itself."""
        while True:
            engine = await self._engine.look()
            last = self._engine.last
            seen = last if last is None or engine.condition.has_ended else _NOT_DEAD
            if await store.watch.begin_acting(takeover.generation, engine=seen):
                return True
            if await open_takeover(store) is None:
                return False
            await asyncio.sleep(self._settings.tick_s)

    async def _reduce(self, store: OwnedStore, takeover: Takeover) -> None:
        began = self._now()
        called_at, pause_s = None, self._settings.retry_first_s
        while await open_takeover(store) is not None:
            scope = _both(self._scopes[takeover.generation], await self._also(store))
            self._scopes[takeover.generation] = scope
            done = await self.reducer.round(store, takeover, scope)
            if done.progress is Progress.ENDED:
                return
            if done.progress is Progress.DONE:
                await store.watch.finish_takeover(takeover.generation)
                seconds = f"{self._now() - began:.1f} s"
                self._tell(AlertKind.WATCHDOG_DONE, reason=takeover.reason, took=seconds)
                return
            if done.progress is Progress.MOVED:
                pause_s = self._settings.retry_first_s
                await asyncio.sleep(self._settings.retry_first_s / 4)
                continue
            called_at = self._call_operator(done.reason, began, called_at)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, self._settings.retry_max_s)

    def _call_operator(self, reason: str, began: float, called_at: float | None) -> float | None:
        now = self._now()
        due = began + self._settings.flat_budget_s
        if called_at is not None:
            due = called_at + self._settings.remind_s
        if now < due:
            return called_at
        self._tell(AlertKind.WATCHDOG_STUCK, reason=reason, since=f"{now - began:.0f} s")
        return now

    def _tell(self, kind: AlertKind, **fields: str) -> None:
        self._ports.tell(Alert(kind=kind, urgent=True, fields=fields))


async def open_takeover(store: OwnedStore) -> Takeover | None:
    """The one that is requested or acted on, if there is one."""
    found = (takeover for takeover, _ in await store.watch.unadopted())
    return next((takeover for takeover in found if takeover.state in OPEN_STATES), None)


def _both(one: Scope, other: Scope) -> Scope:
    return None if one is None or other is None else one | other


def _in_words(scope: frozenset[tuple[str, str]]) -> str:
    return ", ".join(f"{base} of {strategy}" for strategy, base in sorted(scope)) or "nothing"
