"""The one line of execution that may use a connection.

``Inline`` runs each call on the event loop: right where a commit costs microseconds. In
``WriterThread`` they run one after another in a thread of its own: right where a commit waits for
a disk or for another machine.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

QUEUE_MAX = 256


class Runner(Protocol):
    """Runs database work in order, one piece at a time."""

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one piece of work and return what it returns."""
        ...

    def stop(self) -> None:
        """Take no more work and wait for what was begun."""
        ...


class Inline:
    """Runs work at once, on the caller's thread."""

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run it now; there is no await in between, so nothing else can interleave."""
        return work(*args, **kwargs)

    def stop(self) -> None:
        """Nothing to stop."""


class WriterThread:
    """Runs work in one dedicated thread, first come first served, at most ``QUEUE_MAX`` waiting.

    A caller that is cancelled does not know whether its work was done; the next start replays the
    journal and learns it.
    """

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._places = asyncio.Semaphore(QUEUE_MAX)

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Queue the work and wait for it."""
        async with self._places:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._executor, lambda: work(*args, **kwargs))

    def stop(self) -> None:
        """Finish what was queued, then end the thread."""
        self._executor.shutdown(wait=True)
