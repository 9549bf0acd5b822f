"""An event loop in which time passes only when nothing else can happen.

The standard loop with a turn of its own: where that would wait, it moves the clock on instead. Time
is counted in whole nanoseconds, so that sums of many small steps stay exact and a seed replays the
same run everywhere.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from heapq import heappop, heappush
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_NS = 1_000_000_000
LOOKS_MAX = 200_000
# A wait shorter than the clock's resolution would be over without time having passed.
_SHORTEST_WAIT_S = 2 / _NS
_RESOLUTION_S = 1 / _NS


class NothingWillHappen(Exception):  # noqa: N818 - named by what it says
    """Every task waits for something that nobody is going to do."""


class _Planned(asyncio.TimerHandle):
    """Something to be done, now or at its time: the standard handle without a debugger's notes.

    Whoever makes one fills it in: a thousand are made in each run, and the standard one asks the
    loop four times whether anybody debugs, and keeps the answer.
    """

    __slots__ = ("args", "callback", "context")
    callback: Callable[..., object] | None
    args: tuple[object, ...]
    context: Context
    __init__ = object.__init__
    __eq__, __hash__ = object.__eq__, object.__hash__

    def cancel(self) -> None:
        """Nothing is done; what it would have been done with is let go at once."""
        self.callback, self.args = None, ()

    def cancelled(self) -> bool:
        """Whether it will never be done."""
        return self.callback is None

    def __repr__(self) -> str:
        """What would be done."""
        return f"<planned {self.callback!r}>"


class VirtualLoop(asyncio.BaseEventLoop):
    """A loop whose ``time()`` is virtual seconds from 0.

    The standard one, but for the turn itself: there are no files, so a turn is what is due and what
    was asked for since the last.
    """

    def __init__(self) -> None:
        self._now_ns = 0
        self._now_s = 0.0
        self._turns = 0
        self._callbacks: deque[_Planned] = deque()
        # When, how manieth, what: at one moment the first that was set fires first, whatever other
        # timers stand or stood in the heap; and Python is never asked to compare two timers.
        self._timers: list[tuple[float, int, _Planned]] = []
        self._timers_set = 0
        self._on_advance: Callable[[], None] | None = None
        super().__init__()

    def close(self) -> None:
        """As the standard loop; nothing that was still planned keeps its world alive."""
        self._callbacks.clear()
        self._timers.clear()
        super().close()

    # -- asking for something ---------------------------------------------------------------------

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """As the standard loop."""
        planned: _Planned = _Planned()
        planned.callback, planned.args = callback, args
        planned.context = copy_context() if context is None else context
        self._callbacks.append(planned)
        return planned

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """As :meth:`call_soon`: a virtual loop never sleeps, so nobody must wake it."""
        return self.call_soon(callback, *args, context=context)

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As the standard loop; any wait at all moves the clock on."""
        wait_s = _SHORTEST_WAIT_S if 0 < delay < _SHORTEST_WAIT_S else delay
        return self.call_at(self._now_s + wait_s, callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As the standard loop."""
        planned: _Planned = _Planned()
        planned.callback, planned.args = callback, args
        planned.context = copy_context() if context is None else context
        self._timers_set += 1
        heappush(self._timers, (when, self._timers_set, planned))
        return planned

    # -- time -------------------------------------------------------------------------------------

    def watch(self, on_advance: Callable[[], None]) -> None:
        """Have this called whenever time has moved on, before what is due then happens."""
        self._on_advance = on_advance

    def stand_still(self, seconds: float) -> None:
        """The whole process is stopped for so long: time passes, and nothing else happens.

        All timers that fall into that time fire when it is over, in their order.
        """
        self._advance(seconds)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now_s

    def _run_once(self) -> None:
        """One turn: move the clock on if nothing is to be done now, then do all that is."""
        callbacks, timers = self._callbacks, self._timers
        self._turns += 1
        if self._turns > LOOKS_MAX:
            raise NothingWillHappen(f"{LOOKS_MAX} turns of the loop, and time stands still")
        if not callbacks:
            while timers and timers[0][2].cancelled():
                heappop(timers)
            if not timers:
                raise NothingWillHappen("all tasks wait and no timer is set")
            self._advance(timers[0][0] - self._now_s)
        end_s = self._now_s + _RESOLUTION_S
        while timers and timers[0][0] < end_s:
            callbacks.append(heappop(timers)[2])
        for _ in range(len(callbacks)):
            planned = callbacks.popleft()
            callback = planned.callback
            if callback is None:
                continue
            try:
                planned.context.run(callback, *planned.args)
            except (SystemExit, KeyboardInterrupt):
                raise
            except BaseException as error:  # noqa: BLE001 - as the standard loop: its handler tells it
                told = {"message": f"in callback {callback!r}", "exception": error}
                self.call_exception_handler(told)

    def _advance(self, seconds: float) -> None:
        if seconds <= 0:
            return
        self._turns = 0
        # Rounded up, so that a timer is never early by the last bit of a float.
        self._now_ns += max(1, -int(-seconds * _NS // 1))
        self._now_s = self._now_ns / _NS
        if self._on_advance is not None:
            self._on_advance()


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end in virtual time; leaves no loop behind.

    Raises:
        NothingWillHappen: a deadlock, or a loop that never waits.
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
