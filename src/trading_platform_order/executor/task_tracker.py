"""The engine's own tasks, counted."""

import asyncio
import types
from collections.abc import Coroutine, Generator
from functools import partial
from typing import Any, TypeVar

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
        group.create_task(self._until_it_ends(), name="tasks begin")

    async def _until_it_ends(self) -> None:
        """A group tells nobody that it ends, but to its tasks: nothing is begun from then on."""
        try:
            await asyncio.Event().wait()
        finally:
            self._group = None

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

    def task(self, tasks: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T] | None:
        """Begin it, not counted; ``None`` while the engine does not run or is stopping."""
        if self._group is not None:
            try:
                return self._group.create_task(tasks, name=name)
            except RuntimeError:
                pass  # the group is stopping: what is not begun now is found again in the journal
        tasks.close()
        return None

    def begin(self, work: Coroutine[Any, Any, T], *, name: str) -> asyncio.Future[T] | None:
        """Do at once what needs no waiting; a task of the engine goes on where it has to wait.

        Work on the way from a signal to its orders does not stand behind whatever the event loop
        has to do first. ``None`` while the engine does not run or is stopping. The work must not
        ask for the current task, nor open a time limit or a group, before it first waits.
        """
        if self._group is None:
            work.close()
            return None
        try:
            awaited = work.send(None)
        except StopIteration as done:
            ended: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            ended.set_result(done.value)
            return ended
        except BaseException as error:  # noqa: BLE001 - the engine ends by it, as by any task's
            return self.task(_failed(error), name=name)
        return self.task(_go_on(work, awaited), name=name)

    def enter(self) -> None:
        """One thing more is under way."""
        self.busy += 1
        self.begun += 1

    def leave(self) -> None:
        """One thing less."""
        self.busy -= 1
        if self.busy == 0:
            self._idle.set()


async def _failed(error: BaseException) -> Any:  # noqa: ANN401 - it never returns
    raise error


async def _go_on(work: Coroutine[Any, Any, T], awaited: object) -> T:
    return await _rest(work, awaited)


@types.coroutine
def _rest(work: Coroutine[Any, Any, T], awaited: object) -> Generator[Any, Any, T]:
    """Work that waits for something already: stepped as ``await`` would, but for the first step."""
    while True:
        try:
            step = partial(work.send, (yield awaited))
        except BaseException as error:  # noqa: BLE001 - it is the work's to take
            step = partial(work.throw, error)
        try:
            awaited = step()
        except StopIteration as done:
            result: T = done.value
            return result
