"""Our clocks held against both exchanges', again and again, while the engine runs.

What is measured is kept on the adapters. By ``measured_time`` ages are told. Beyond
``risk.clock_off_s_max`` of ``clock_off_s`` risk refuses entries, and operators are told until it is
well again: signals carry calendar times. On Binance each measurement also corrects the timestamps
of our requests. Exits, the stop-loss and every other guard are never held back by a wrong calendar.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import attrs

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.trade.escalation import is_call_due
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.transport.clock import Clock

CALLS_S = (0.0, 300.0, 900.0, 3_600.0)
"""After how long off operators are told; the last step repeats."""
REMEDY = "check the time synchronisation of this machine (timedatectl, chronyc tracking)"


async def measure_clocks(exchanges: PairExchanges, clock: Clock, *, limit_s: float) -> None:
    """All at once; one that does not answer in time leaves what was known before."""
    with suppress(TimeoutError):
        async with asyncio.timeout(limit_s), asyncio.TaskGroup() as group:
            for exchange in exchanges.values():
                group.create_task(exchange.measure_clock(clock))


def measured_lately(exchanges: PairExchanges, clock: Clock, *, within_s: float) -> bool:
    """Both clocks are known already: an adapter was told what another one has measured."""
    since_s = clock.boottime() - within_s
    times = [exchange.measured_time for exchange in exchanges.values()]
    return all(time is not None and time.answered_s >= since_s for time in times)


async def keep_measuring(exchanges: PairExchanges, clock: Clock, *, every_s: float) -> None:
    """Until cancelled, for a process that tells nobody: the engine does."""
    while True:
        await measure_clocks(exchanges, clock, limit_s=every_s)
        await asyncio.sleep(every_s)


@attrs.define(kw_only=True, eq=False, repr=False)
class ClockWatch:
    """Measures every ``every_s``, at first at once.

    Args:
        off_s_max: beyond this operators are told, again and again with back-off until it is well.
        tell: takes the alert.
    """

    _exchanges: PairExchanges
    _clock: Clock
    _every_s: float
    _off_s_max: float
    _tell: Callable[[Alert], Awaitable[None]]
    _off_since_s: float | None = attrs.field(default=None, init=False)
    _told: int = attrs.field(default=0, init=False)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await measure_clocks(self._exchanges, self._clock, limit_s=self._every_s)
            await self._judge()
            await asyncio.sleep(self._every_s)

    async def _judge(self) -> None:
        measured = {
            v: e.clock_off_s for v, e in self._exchanges.items() if e.clock_off_s is not None
        }
        off = {venue: off_s for venue, off_s in measured.items() if abs(off_s) > self._off_s_max}
        now_s = self._clock.monotonic()
        if off:
            since_s = self._off_since_s = now_s if self._off_since_s is None else self._off_since_s
            if is_call_due(CALLS_S, now_s - since_s, self._told):
                self._told += 1
                is_all = len(off) == len(measured)
                await self._tell(self._alert(measured, since_s=now_s - since_s, is_all=is_all))
        elif self._off_since_s is not None:
            self._off_since_s, self._told = None, 0
            await self._tell(
                Alert(kind=AlertKind.CLOCK_RIGHT, urgent=False, fields=_in_words(measured))
            )

    def _alert(self, measured: Mapping[Venue, float], *, since_s: float, is_all: bool) -> Alert:
        whose = "this machine's clock" if is_all else "this machine's clock, or one exchange's"
        fields = {
            "clock": f"{whose} is off by more than {self._off_s_max:g} s",
            **_in_words(measured),
            "effect": "entries are refused; exits, stop-loss and the emergency stop go on",
            "cure": REMEDY,
            "since": f"{since_s:.0f} s",
        }
        return Alert(kind=AlertKind.CLOCK_OFF, urgent=True, fields=fields)


def _in_words(measured: Mapping[Venue, float]) -> dict[str, str]:
    return {f"against_{venue}": f"{off_s:+.1f} s" for venue, off_s in measured.items()}
