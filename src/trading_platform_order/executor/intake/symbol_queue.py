"""What the executor keeps of one base asset, and of its own work. No decisions here."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import TypeVar

from trading_platform_order.domain.signal import Signal
from trading_platform_order.executor.trades.trade_runner import TradeRunner

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Lane:
    """Signals of one base asset.

    A signal is admitted only while nobody else holds the lane: what a strategy owns is read at the
    admission, and must not be about to be changed by a trade that still runs. One that was opened
    again by a late fill runs beside whatever runs then, and holds the lane as well.

    Attributes:
        holders: trades that run, and the one admission that may go on.
        waiting: claimed, in order of arrival.
        runner: of the trade whose signal came last.
        look: the holdings are to be compared with the exchanges before the next signal.
    """

    holders: int = 0
    waiting: deque[Signal] = field(default_factory=deque)
    runner: TradeRunner | None = None
    look: bool = False
    _fewer: asyncio.Event = field(default_factory=asyncio.Event)

    def hold(self) -> None:
        """One more."""
        self.holders += 1

    def let_go(self) -> None:
        """One less."""
        self.holders -= 1
        self._fewer.set()

    async def alone(self) -> None:
        """Return once the caller, who holds the lane, is the only one who does."""
        while self.holders > 1:
            self._fewer.clear()
            await self._fewer.wait()


class Work:
    """The engine's own tasks, counted, in the one group that all of them end with.

    Attributes:
        begun: how often something was begun; changes with every deed of ours.
    """

    def __init__(self) -> None:
        self.begun = 0
        self._group: asyncio.TaskGroup | None = None
        self._busy = 0
        self._idle = asyncio.Event()

    def belongs_to(self, group: asyncio.TaskGroup) -> None:
        """Everything begun from now on runs in this group."""
        self._group = group

    @property
    def is_idle(self) -> bool:
        """Nothing is under way."""
        return self._busy == 0

    async def wait_idle(self) -> None:
        """Return once nothing is under way."""
        while not self.is_idle:
            self._idle.clear()
            await self._idle.wait()

    def start(self, work: Coroutine[None, None, None], *, name: str) -> None:
        """Begin it, and count it until it ends."""
        task = self.task(work, name=name)
        if task is not None:
            self.enter()
            task.add_done_callback(lambda _: self.leave())

    def task(self, work: Coroutine[None, None, T], *, name: str) -> asyncio.Task[T] | None:
        """Begin it, not counted; ``None`` while the engine does not run or is stopping."""
        if self._group is not None:
            try:
                return self._group.create_task(work, name=name)
            except RuntimeError:
                pass  # the group is stopping: what is not begun now is found again in the journal
        work.close()
        return None

    def enter(self) -> None:
        """One thing more is under way."""
        self._busy += 1
        self.begun += 1

    def leave(self) -> None:
        """One thing less."""
        self._busy -= 1
        if self._busy == 0:
            self._idle.set()
