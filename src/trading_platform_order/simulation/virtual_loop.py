"""An event loop in which time passes only when nothing else can happen.

The standard loop on a selector that never waits: asked to wait, it moves the clock on instead. Time
is counted in whole nanoseconds, so that sums of many small steps stay exact and a seed replays the
same run everywhere.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_NS = 1_000_000_000
LOOKS_MAX = 200_000
# A wait shorter than the clock's resolution would be over without time having passed.
_SHORTEST_WAIT_S = 2 / _NS


class NothingWillHappen(Exception):  # noqa: N818 - named by what it says
    """Every task waits for something that nobody is going to do."""


class _ClockSelector(selectors.BaseSelector):
    """Knows files only as far as the loop insists (its own wake-up pipe)."""

    def __init__(self) -> None:
        self.now_ns = 0
        self._looks = 0
        self.on_advance: Callable[[], None] = _nobody
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:  # noqa: ANN401 - the standard signature
        number = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        key = selectors.SelectorKey(fileobj, number, events, data)
        self._keys[number] = key
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:  # noqa: ANN401 - as above
        number = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        return self._keys.pop(number)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise NothingWillHappen("all tasks wait and no timer is set")
        self._looks += 1
        if self._looks > LOOKS_MAX:
            raise NothingWillHappen(f"{LOOKS_MAX} turns of the loop, and time stands still")
        if timeout > 0:
            self._looks = 0
            # Rounded up, so that a timer is never early by the last bit of a float.
            self.now_ns += max(1, -int(-timeout * _NS // 1))
            self.on_advance()
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose ``time()`` is virtual seconds from 0."""

    def __init__(self) -> None:
        self._clock_selector = _ClockSelector()
        super().__init__(self._clock_selector)
        self._clock_resolution = 1 / _NS

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As the standard loop; any wait at all moves the clock on."""
        wait_s = max(delay, _SHORTEST_WAIT_S) if delay > 0 else delay
        return super().call_later(wait_s, callback, *args, context=context)

    def watch(self, on_advance: Callable[[], None]) -> None:
        """Have this called whenever time has moved on, before what is due then happens."""
        self._clock_selector.on_advance = on_advance

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._clock_selector.now_ns / _NS


def _nobody() -> None:
    """Nobody watches the clock."""


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end in virtual time; leaves no loop behind.

    Raises:
        NothingWillHappen: a deadlock, or a loop that never waits.
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
