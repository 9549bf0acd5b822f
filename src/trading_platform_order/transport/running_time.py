"""Time in which this process ran, for whatever is judged by how long it lasts.

It must never count what nobody watched: a stopped process (SIGSTOP, a frozen container) or a
machine in suspend wakes to conditions that look a minute old and were not seen for a second of it.
"""

import asyncio
import math
from collections.abc import Callable

TURNS = 4
"""Turned this often within the shortest gap."""
TURN_S_MAX = 1.0


class RunningTime:
    """Seconds in which this process really ran: what passed while it stood still is left out.

    A stopped or suspended process sees nothing. What it saw before and sees again afterwards has
    not been watched in between, so the gap is evidence of nothing: no price went stale by it, no
    loss lasted. Whoever asks turns it, and :meth:`run` turns it often enough, so that a long time
    between two turns can only mean that the event loop stood still or the machine slept.
    """

    def __init__(self, boottime: Callable[[], float], gap_s: float) -> None:
        """``gap_s``: a turn later than this is a gap, and counts nothing."""
        self._boottime = boottime
        self._gap_s = gap_s
        self._turned_at_s = boottime()
        self._running_s = 0.0
        self._woke_at_s = -math.inf

    def seconds(self) -> float:
        """Seconds of running since this was made; never goes back."""
        now_s = self._boottime()
        passed_s, self._turned_at_s = now_s - self._turned_at_s, now_s
        if passed_s > self._gap_s:
            self._woke_at_s = self._running_s
        else:
            self._running_s += passed_s
        return self._running_s

    def since_gap_s(self) -> float:
        """Seconds of running since the last gap; infinite before there was one."""
        return self.seconds() - self._woke_at_s

    async def run(self) -> None:
        """Turn it until cancelled."""
        while True:
            self.seconds()
            await asyncio.sleep(min(self._gap_s / TURNS, TURN_S_MAX))
