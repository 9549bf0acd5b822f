"""An event loop in which time passes only when nothing else can happen.

The standard loop with a turn of its own: where that would wait, it moves the clock on instead. Time
is counted in whole nanoseconds, so that sums of many small steps stay exact and a seed replays the
same run everywhere.
"""

import asyncio
import selectors
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
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


class _NoFiles(selectors.BaseSelector):
    """Knows files only as far as the standard loop insists (its own wake-up pipe)."""

    def __init__(self) -> None:
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:  # noqa: ANN401 - the standard signature
        number = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        key = selectors.SelectorKey(fileobj, number, events, data)
        self._keys[number] = key
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:  # noqa: ANN401 - as above
        number = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        return self._keys.pop(number)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:  # noqa: ARG002 - the standard signature
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys


class _Planned(asyncio.TimerHandle):
    """Something to be done, now or at its time: the standard handle without a debugger's notes."""

    __slots__ = ()
    _source_traceback = None

    def __init__(
        self,
        when: float,
        callback: Callable[..., object],
        args: Sequence[object],
        loop: "VirtualLoop",
        context: Context | None,
    ) -> None:
        # The standard one asks the loop four times whether anybody debugs, and keeps the answer.
        self._when = when
        self._callback: Callable[..., object] | None = callback
        self._args: Sequence[object] = args
        self._loop = loop
        self._context = copy_context() if context is None else context

    def cancel(self) -> None:
        """Nothing is done; what it would have been done with is let go at once."""
        self._callback, self._args = None, ()

    def cancelled(self) -> bool:
        """Whether it will never be done."""
        return self._callback is None

    def run(self) -> None:
        """Do it, unless it was cancelled; as the standard loop does."""
        callback = self._callback
        if callback is None:
            return
        try:
            self._context.run(callback, *self._args)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001 - as the standard loop: its handler tells it
            told = {"message": f"in callback {callback!r}", "exception": error, "handle": self}
            self._loop.call_exception_handler(told)


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose ``time()`` is virtual seconds from 0.

    The standard one, but for the turn itself: no file is ever ready, so a turn is what is due and
    what was asked for since the last.
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
        self._on_advance: Callable[[], None] = _nobody
        super().__init__(_NoFiles())

    # -- asking for something ---------------------------------------------------------------------

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """As the standard loop."""
        handle = _Planned(0.0, callback, args, self, context)
        self._callbacks.append(handle)
        return handle

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
        timer = _Planned(when, callback, args, self, context)
        self._timers_set += 1
        heappush(self._timers, (when, self._timers_set, timer))
        return timer

    # -- time -------------------------------------------------------------------------------------

    def watch(self, on_advance: Callable[[], None]) -> None:
        """Have this called whenever time has moved on, before what is due then happens."""
        self._on_advance = on_advance

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
            callbacks.popleft().run()

    def _advance(self, seconds: float) -> None:
        if seconds <= 0:
            return
        self._turns = 0
        # Rounded up, so that a timer is never early by the last bit of a float.
        self._now_ns += max(1, -int(-seconds * _NS // 1))
        self._now_s = self._now_ns / _NS
        self._on_advance()


def _nobody() -> None:
    """Nobody watches the clock."""


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end in virtual time; leaves no loop behind.

    Raises:
        NothingWillHappen: a deadlock, or a loop that never waits.
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
