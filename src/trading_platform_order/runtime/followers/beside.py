"""What runs beside the engine and may fail without it: its log, its metrics.

A task of the engine's group would end it when it breaks. A line or a figure that cannot be made is
no reason to stop trading, so these belong to their own scope instead, and their failure is told.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager


@asynccontextmanager
async def beside(
    work: Coroutine[None, None, None], *, name: str, announce: Callable[[str], None]
) -> AsyncIterator[None]:
    """Run ``work`` until the end of the block; if it breaks before, the block goes on.

    Args:
        work: ends when cancelled.
        name: what is said to have ended.
        announce: told that it broke, in one line.
    """

    def ended(task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            announce(f"warning: {name} has ended ({error!r}); trading goes on without it")

    task = asyncio.create_task(work, name=name)
    task.add_done_callback(ended)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait((task,))
