"""Running something until the keyboard or the service manager says stop."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

import uvloop


def run_until_stopped(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run ``work`` on uvloop; SIGINT or SIGTERM sets its event, and it ends by itself.

    A second signal has its usual effect, for when the end takes too long.
    """

    async def guarded() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGINT, signal.SIGTERM)

        def heard() -> None:
            stop.set()
            for number in numbers:
                loop.remove_signal_handler(number)

        for number in numbers:
            loop.add_signal_handler(number, heard)
        await work(stop)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(guarded())
