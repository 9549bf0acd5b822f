"""The engine's own tasks, counted."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


class TaskTracker:
    """The engine's own tasks, counted, in the one group that all of them end with.

    Attributes:
        begun: how often something was begun; changes with every deed of ours.
        busy: how many are under way.
    """

    def __init__(self) -> None:
        self.begun = 0
        self._group: asyncio.TaskGroup | None = None
        self.busy = 0
        self._idle = asyncio.Event()

    def belongs_to(self, group: asyncio.TaskGroup) -> None:
        """Everything begun from now on runs in this group."""
        self._group = group

    @property
    def is_idle(self) -> bool:
        """Nothing is under way."""
        return self.busy == 0

    async def wait_idle(self) -> None:
        """Return once nothing is under way."""
        while not self.is_idle:
            self._idle.clear()
            await self._idle.wait()

    def start(self, tasks: Coroutine[None, None, None], *, name: str) -> None:
        """Begin it, and count it until it ends."""
        task = self.task(tasks, name=name)
        if task is not None:
            self.enter()
            task.add_done_callback(lambda _: self.leave())

    def task(self, tasks: Coroutine[None, None, T], *, name: str) -> asyncio.Task[T] | None:
        """Begin it, not counted; ``None`` while the engine does not run or is stopping."""
        if self._group is not None:
            try:
                return self._group.create_task(tasks, name=name)
            except RuntimeError:
                pass  # the group is stopping: what is not begun now is found again in the journal
        tasks.close()
        return None

    def enter(self) -> None:
        """One thing more is under way."""
        self.busy += 1
        self.begun += 1

    def leave(self) -> None:
        """One thing less."""
        self.busy -= 1
        if self.busy == 0:
            self._idle.set()
