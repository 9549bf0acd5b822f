"""The account for a watchdog that closes: taken as a standby takes it, within a limit of time."""

import asyncio

from trading_platform_order.runtime.lease.lease_candidate import Candidate, Grounds
from trading_platform_order.watchdog.ports import CannotClose

TAKE_S = 10.0
"""So long an account is waited for before it is told and tried again; a lapse was seen before."""


async def in_time(candidate: Candidate) -> Grounds:
    """Wait until the account may be taken; a hung holder is killed.

    Raises:
        CannotClose: it may not be taken yet.
    """
    try:
        async with asyncio.timeout(TAKE_S):
            return await candidate.grounds()
    except TimeoutError:
        raise CannotClose(f"the account cannot be taken: {candidate.told}") from None
