"""Our calendar held against both exchanges', again and again, while the engine runs.

What is measured is kept on the adapter (``clock_off_s``); risk refuses entries while it is beyond
``risk.clock_off_s_max``. On Binance each measurement also corrects the timestamps of our requests.
Exits are never held back by it.
"""

import asyncio
from collections.abc import Callable, Mapping

from trading_platform_order.domain.order import Venue
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.exchanges.base import BaseExchange
from trading_platform_order.transport.clock import Clock


class ClockWatch:
    """Measures every ``every_s``, at first at once.

    Args:
        off_s_max: beyond this a person is told, once until it is well again.
        on_problem: told in one line.
    """

    def __init__(
        self,
        *,
        exchanges: Mapping[Venue, BaseExchange],
        clock: Clock,
        every_s: float,
        off_s_max: float,
        on_problem: Callable[[str], None],
    ) -> None:
        self._exchanges = exchanges
        self._clock = clock
        self._every_s = every_s
        self._off_s_max = off_s_max
        self._on_problem = on_problem
        self._told: set[Venue] = set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            for venue, exchange in self._exchanges.items():
                self._judge(venue, await exchange.measure_clock(self._clock))
            await asyncio.sleep(self._every_s)

    def _judge(self, venue: Venue, off_s: float | ReadFailed) -> None:
        if isinstance(off_s, ReadFailed):
            return  # what was known before stays; an exchange that is away is noticed elsewhere
        if abs(off_s) <= self._off_s_max:
            self._told.discard(venue)
        elif venue not in self._told:
            self._told.add(venue)
            self._on_problem(
                f"this machine's clock is {off_s:+.1f} s off {venue}'s: no entries until it is "
                "right; check the time synchronisation"
            )
