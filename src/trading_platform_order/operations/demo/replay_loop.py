"""An event loop over real sockets whose seconds do not depend on the machine.

Time passes in it only when nothing else can happen: no callback is ready, no byte is on its way
between two of its sockets, no connection is being made. Then the clock jumps to the next timer. A
process that is slow, stopped for a minute or starved by its neighbours comes to the same verdicts
as any other: time-outs, request budgets and monitors count these seconds and no others.

All sockets must come from :attr:`ReplayLoop.traffic`, with both ends in this loop. Never for
anything that talks to the world outside: a wait for it would last no time at all.
"""

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from selectors import EVENT_WRITE
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

from trading_platform_order.operations.demo.counted_sockets import SocketTraffic

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")
_NS = 1_000_000_000
REAL_WAIT_S = 60.0
"""Bytes of this machine to itself that take longer never come."""


class ReplayStalled(Exception):  # noqa: N818 - named by what happened
    """Bytes were sent and never arrived, or nothing is left that could happen."""


class _Selector(selectors.DefaultSelector):
    """Waits for the sockets as long as anything is on its way, else moves the clock on."""

    def __init__(self, traffic: SocketTraffic) -> None:
        super().__init__()
        self.now_ns = 0
        self._traffic = traffic
        self._writers: set[FileDescriptorLike] = set()

    def register(
        self, fileobj: "FileDescriptorLike", events: int, data: object = None
    ) -> selectors.SelectorKey:
        self._note(fileobj, events)
        return super().register(fileobj, events, data)

    def modify(
        self, fileobj: "FileDescriptorLike", events: int, data: object = None
    ) -> selectors.SelectorKey:
        self._note(fileobj, events)
        return super().modify(fileobj, events, data)

    def unregister(self, fileobj: "FileDescriptorLike") -> selectors.SelectorKey:
        self._note(fileobj, 0)
        return super().unregister(fileobj)

    def _note(self, fileobj: "FileDescriptorLike", events: int) -> None:
        """Who waits to write is connecting, or the other end has not read yet."""
        if events & EVENT_WRITE:
            self._writers.add(fileobj)
        else:
            self._writers.discard(fileobj)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if self._traffic.unread_bytes > 0 or self._writers or timeout is None:
            # Asked once more after a pause that may have been a stop of the whole process.
            ready = super().select(REAL_WAIT_S) or super().select(0)
            if not ready:
                raise ReplayStalled(f"nothing arrived within {REAL_WAIT_S:.0f} s")
            return ready
        # Rounded up, so that a timer is never early by the last bit of a float.
        self.now_ns += max(1, -int(-timeout * _NS // 1))
        return ready


class ReplayLoop(asyncio.SelectorEventLoop):
    """A loop whose ``time()`` is the replay's seconds from 0."""

    def __init__(self) -> None:
        self.traffic = SocketTraffic()
        self._replay = _Selector(self.traffic)
        super().__init__(self._replay)

    def time(self) -> float:
        """Seconds of the replay since the loop was made."""
        return self._replay.now_ns / _NS

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*_Ts], _T], *args: *_Ts
    ) -> "asyncio.Future[_T]":
        """Refused: what another thread does takes as long as the machine likes."""
        del executor, args
        raise ReplayStalled(f"a replay does not wait for another thread: {func!r}")
