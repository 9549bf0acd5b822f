"""One thing asked of two endpoints: whichever answers first is believed.

An endpoint that fails or hangs is then not in the way of what must be known at once. The second is
asked only if the first has failed or lets us wait, so that an exchange in health is asked once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from trading_platform_order.domain.outcome import ReadFailed

PATIENCE_S = 0.5

Answer = TypeVar("Answer")


async def either(
    *reads: Callable[[], Awaitable[Answer | ReadFailed]], patience_s: float = PATIENCE_S
) -> Answer | ReadFailed:
    """The first answer; a failure only once all have failed.

    Args:
        reads: in the order in which they are asked, each after the one before has failed or has not
            answered for so long.
        patience_s: so long.
    """
    running: set[asyncio.Task[Answer | ReadFailed]] = set()
    failure = ReadFailed(reason="nothing was asked")
    try:
        for number, read in enumerate(reads, start=1):
            running.add(asyncio.ensure_future(read()))
            while running:
                wait_s = None if number == len(reads) else patience_s
                done, running = await asyncio.wait(
                    running, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    answer = task.result()
                    if not isinstance(answer, ReadFailed):
                        return answer
                    failure = answer
                if not done:
                    break
        return failure
    finally:
        for task in running:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
