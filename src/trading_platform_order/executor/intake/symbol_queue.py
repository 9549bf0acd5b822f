"""The queue of every base asset: who trades it, what waits for it, and when that can be begun.

Entries of an asset run one after the other, and none begins while an order of the asset has no
known end. Closes are queued by strategy: what a strategy is known to own can be closed whatever
becomes of another one's orders, and a close that waits holds up nobody but its own strategy's
entries. How something is begun is known to whoever takes signals in (``QueueWork``).
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import attrs

from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.value import value
from trading_platform_order.executor.start_progress import StartProgress
from trading_platform_order.executor.task_tracker import TaskTracker
from trading_platform_order.executor.trades.trade_runner import TradeRunner


@dataclass(slots=True, kw_only=True)
class SymbolQueue:
    """Signals of one base asset.

    Attributes:
        holders: trades that run and do not wait, and admissions and bookings under way.
        begun: how often somebody began to hold it.
        waiting: entries, claimed, in order of arrival.
        closes: by strategy: EXITs that are claimed and not begun, in order of arrival.
        starting: by strategy: the id of its close that is being decided on.
        runners: trades that have not ended, by trade id; those that wait are among them.
        check_wanted: compare the holdings with the exchanges as soon as nobody holds the queue.
        is_being_checked: that comparison is under way.
    """

    holders: int = 0
    begun: int = 0
    waiting: deque[Signal] = field(default_factory=deque)
    closes: dict[str, deque[Signal]] = field(default_factory=dict)
    starting: dict[str, str] = field(default_factory=dict)
    runners: dict[str, TradeRunner] = field(default_factory=dict)
    check_wanted: bool = False
    is_being_checked: bool = False

    def hold(self) -> None:
        """One holder more."""
        self.holders += 1
        self.begun += 1

    def let_go(self) -> None:
        """One holder less."""
        self.holders -= 1

    @property
    def is_clear(self) -> bool:
        """Nothing stands before an entry.

        Not while a comparison is wanted or under way: who owns what of a leg that may be gone is
        settled before anything is added to it.
        """
        return not (self.holders or self.check_wanted or self.is_being_checked)

    def closes_of(self, strategy: str) -> deque[Signal]:
        """The closes of a strategy that wait."""
        return self.closes.setdefault(strategy, deque())

    def is_busy(self, strategy: str) -> bool:
        """A trade of the strategy has not ended, or its next close is being decided on."""
        if strategy in self.starting:
            return True
        return any(r.trade.signal.strategy == strategy for r in self.runners.values())

    def only_waits(self, strategy: str, *, beside: str = "") -> bool:
        """Nothing of the strategy is under way: its trades, but for the one ``beside``, wait."""
        if strategy in self.starting:
            return False
        return all(
            runner.waits_for is not None
            for trade_id, runner in self.runners.items()
            if runner.trade.signal.strategy == strategy and trade_id != beside
        )

    def closes_wait(self, strategy: str) -> bool:
        """Something of the strategy is to be closed and is not closed yet."""
        if self.closes.get(strategy):
            return True
        return any(
            runner.waits_for is not None
            and runner.trade.signal.strategy == strategy
            and runner.trade.action is Action.EXIT
            for runner in self.runners.values()
        )

    def stop_completing(self, signal: Signal, at: datetime) -> None:
        """An EXIT of the strategy that is entering: nothing more is added for that entry."""
        for runner in self.runners.values():
            entering = runner.trade
            if entering.action is Action.ENTER and entering.signal.strategy == signal.strategy:
                runner.post((te.CompletionStopped(reason=f"EXIT {signal.id} arrived", at=at),))


@value
class QueueWork:
    """What is begun for a queue as soon as it can be; each serves the queue again when it is done.

    Attributes:
        close: a strategy's next close; the queue is held and the strategy marked as starting.
        check: compare one base asset with the exchanges. It only reads: nothing waits for it.
        enter: entries that waited, as long as nothing else comes; the queue is held.
    """

    close: Callable[[SymbolQueue, Signal], Coroutine[None, None, None]]
    check: Callable[[str], Awaitable[None]]
    enter: Callable[[SymbolQueue, str], Coroutine[None, None, None]]


@attrs.define(kw_only=True, eq=False, repr=False)
class SymbolQueues:
    """All queues of one engine, by base asset.

    ``booking_lock``: whoever holds it decides on what is owned, and books, alone.
    """

    _tasks: TaskTracker
    _progress: StartProgress
    _booking_lock: asyncio.Lock
    _queues: dict[str, SymbolQueue] = attrs.field(factory=dict, init=False)
    _do: QueueWork = attrs.field(init=False)

    def join(self, tasks: QueueWork) -> None:
        """What is begun; before anything is."""
        self._do = tasks

    # -- what is asked ----------------------------------------------------------------------------

    def of(self, base: str) -> SymbolQueue:
        """Where signals of this base asset queue."""
        return self._queues.setdefault(base, SymbolQueue())

    def all(self) -> Iterable[SymbolQueue]:
        """Every queue that was ever used."""
        return self._queues.values()

    def is_held(self, base: str) -> bool:
        """A trade of this asset runs and does not wait, or something of it is decided or booked."""
        return base in self._queues and self._queues[base].holders > 0

    def is_idle(self) -> bool:
        """Nothing is being executed, resolved or booked, and no close waits."""
        return self._tasks.is_idle and not any(
            closes for queue in self.all() for closes in queue.closes.values()
        )

    def is_free(self, strategy: str, base: str) -> bool:
        """No trade of the strategy in this base asset runs or waits, and no close of it."""
        queue = self.of(base)
        return not queue.is_busy(strategy) and not queue.closes.get(strategy)

    def only_waits(self, strategy: str, base: str) -> bool:
        """All trades of the strategy in this base asset, if there are any, wait."""
        return self.of(base).only_waits(strategy)

    def begun(self, base: str) -> int:
        """How often something of this asset was begun."""
        return self.of(base).begun

    # -- what is begun ----------------------------------------------------------------------------

    def release(self, base: str) -> None:
        """One who held the queue is done."""
        self.of(base).let_go()
        self.serve(base)

    def serve_all(self) -> None:
        """Begin what can be begun, of every asset: the start has come further."""
        for base in list(self._queues):
            self.serve(base)

    def has_closes(self) -> bool:
        """Some close is claimed and not begun."""
        return any(any(queue.closes.values()) for queue in self.all())

    def serve_closes(self) -> None:
        """Try again what waits to be closed."""
        for base, queue in self._queues.items():
            if any(queue.closes.values()):
                self.serve(base)

    def serve(self, base: str) -> None:
        """Begin what can be begun: closes, then a comparison with the exchanges, then entries."""
        queue = self.of(base)
        if not self._progress.may_close:
            return  # too early in a start: every queue is served again as soon as closes may begin
        for strategy, closes in queue.closes.items():
            if closes and not queue.is_busy(strategy):
                queue.starting[strategy] = closes[0].id
                queue.hold()
                self._tasks.start(self._do.close(queue, closes[0]), name=f"close {closes[0].id}")
        if not self._progress.swept.is_set():
            return
        if queue.check_wanted and not queue.holders and not queue.is_being_checked:
            queue.check_wanted, queue.is_being_checked = False, True
            self._tasks.start(self._check(base, queue), name=f"comparison {base}")
        if queue.waiting and self._progress.may_enter and queue.is_clear:
            queue.hold()
            self._tasks.start(self._do.enter(queue, base), name=f"entries {base}")

    def request_position_check(self, base: str) -> None:
        """Compare this asset with both exchanges as soon as nothing of it is under way."""
        self.of(base).check_wanted = True
        self.serve(base)

    async def _check(self, base: str, queue: SymbolQueue) -> None:
        begun = queue.begun
        await self._do.check(base)
        queue.is_being_checked = False
        if queue.begun != begun:
            queue.check_wanted = True  # what was read is not what is held now
        self.serve(base)

    @asynccontextmanager
    async def alone(self, base: str, begun: int) -> AsyncIterator[bool]:
        """Book something of this asset: false if a trade of it runs, or ran since ``begun``.

        While it is booked no close of the asset is decided on.
        """
        async with self._booking_lock:
            queue = self.of(base)
            if queue.holders or queue.begun != begun:
                yield False
                return
            queue.hold()
            begun_by_us = queue.begun
            try:
                yield True
            finally:
                queue.let_go()
                if queue.begun == begun_by_us:
                    queue.begun -= 1  # booking what was read makes no reading old
