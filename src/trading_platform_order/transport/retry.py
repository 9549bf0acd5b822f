"""The one retry helper: for reads, and for what is proven not to have happened. Nothing else.

An order whose fate is unknown must never come here. There is deliberately no default for which
outcomes are worth another try: the caller has to say it, outcome by outcome.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

_Outcome = TypeVar("_Outcome")


async def retry_read(
    call: Callable[[], Awaitable[_Outcome]],
    *,
    attempts: int = 3,
    first_delay_s: float = 1.0,
    should_retry: Callable[[_Outcome], bool],
) -> _Outcome:
    """Call until the outcome is good or the attempts are used up; return the last outcome.

    Waits ``first_delay_s`` after the first try and twice as long after each further one (the
    specification's 1 s, 2 s, 4 s). What ``call`` raises is not caught.

    Args:
        call: makes one try, with a fresh nonce or timestamp each time.
        attempts: tries in all, at least 1.
        first_delay_s: seconds before the second try.
        should_retry: whether an outcome is worth another try.
    """
    if attempts < 1:
        raise ValueError(f"attempts must be at least 1, not {attempts}")
    delay_s = first_delay_s
    for _ in range(attempts - 1):
        outcome = await call()
        if not should_retry(outcome):
            return outcome
        await asyncio.sleep(delay_s)
        delay_s *= 2
    return await call()
