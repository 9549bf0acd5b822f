"""Running something until the keyboard or the service manager says stop."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

import uvloop


def run_until_stopped(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run ``work`` on uvloop; SIGINT and SIGTERM set its event, and it ends by itself."""

    async def guarded() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await work(stop)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(guarded())
