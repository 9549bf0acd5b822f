"""Waiting inside the simulator: counted, so that the replay knows when nothing is under way."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

_Item = TypeVar("_Item")

# What an exchange plans further ahead (a stream key that expires in an hour) is not under way.
_SOON_S = 10.0


class CountingScheduler:
    """The ``Schedule`` handed to a simulated exchange: calls back later, and knows what is due."""

    def __init__(self) -> None:
        #: called after each callback
        self.after: Callable[[], None] | None = None
        self._soon = 0
        self._handles: set[asyncio.TimerHandle] = set()

    def __call__(self, delay_s: float, callback: Callable[[], None]) -> None:
        """Run ``callback`` after ``delay_s`` of the loop's time."""
        soon = delay_s <= _SOON_S
        self._soon += soon

        def run() -> None:
            self._handles.discard(handle)
            self._soon -= soon
            callback()
            if self.after is not None:
                self.after()

        handle = asyncio.get_running_loop().call_later(delay_s, run)
        self._handles.add(handle)

    def idle(self) -> bool:
        """Nothing is due soon."""
        return self._soon == 0

    def close(self) -> None:
        """Forget everything planned."""
        for handle in self._handles:
            handle.cancel()
        self._handles.clear()
        self._soon = 0


class DelayLine(Generic[_Item]):
    """Hands items on in their order, each after its delay and never before the one ahead of it."""

    def __init__(self, sink: Callable[[_Item], None]) -> None:
        self._sink = sink
        self._line: deque[tuple[float, _Item]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._line)

    def push(self, item: _Item, delay_s: float) -> None:
        """Hand ``item`` on after ``delay_s``; at once if that is zero and nobody is ahead."""
        if not self._line and delay_s <= 0:
            self._sink(item)
            return
        due = asyncio.get_running_loop().time() + delay_s
        if self._line:
            due = max(due, self._line[-1][0])
        self._line.append((due, item))
        if self._timer is None:
            self._set_timer()

    def clear(self) -> None:
        """Drop everything in line."""
        self._line.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self) -> None:
        self._timer = asyncio.get_running_loop().call_at(self._line[0][0], self._hand_on)

    def _hand_on(self) -> None:
        self._timer = None
        # Whatever was due by the head's own moment goes together; a timer may fire a tick early.
        due = self._line[0][0]
        while self._line and self._line[0][0] <= due:
            self._sink(self._line.popleft()[1])
        if self._line and self._timer is None:
            self._set_timer()
