"""The engine's own tasks, counted: what is under way, and whether anything is."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class Work:
    """Tasks of one engine; they end with its task group.

    Attributes:
        begun: grows with everything that is begun, so that two looks can tell if anything was.
    """

    def __init__(self) -> None:
        self.begun = 0
        self._busy = 0
        self._group: asyncio.TaskGroup | None = None
        self._idle = asyncio.Event()

    def attach(self, group: asyncio.TaskGroup) -> None:
        """From now on tasks can be begun."""
        self._group = group

    @property
    def is_attached(self) -> bool:
        """Tasks can be begun."""
        return self._group is not None

    @property
    def is_idle(self) -> bool:
        """Nothing counted is under way."""
        return self._busy == 0

    async def wait_idle(self) -> None:
        """Return once nothing counted is under way."""
        while not self.is_idle:
            self._idle.clear()
            await self._idle.wait()

    def start(self, work: Coroutine[None, None, None], *, name: str) -> None:
        """Begin counted work; it is dropped while the engine does not run or is stopping."""
        task = self.task(work, name=name)
        if task is not None:
            self._enter()
            task.add_done_callback(lambda _: self._leave())

    def task(self, work: Coroutine[None, None, T], *, name: str) -> asyncio.Task[T] | None:
        """Begin work of the engine's own; ``None`` while it does not run or is stopping."""
        if self._group is not None:
            try:
                return self._group.create_task(work, name=name)
            except RuntimeError:
                pass  # the group is stopping: what is not begun now is found again in the journal
        work.close()
        return None

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what happens inside as under way."""
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def _enter(self) -> None:
        self._busy += 1
        self.begun += 1

    def _leave(self) -> None:
        self._busy -= 1
        if self._busy == 0:
            self._idle.set()
