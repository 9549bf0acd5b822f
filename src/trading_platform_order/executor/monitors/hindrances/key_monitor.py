"""Whether both API keys still live, and for how long: read now and again.

That a key is dead is heard by the adapters themselves, from any read that trading needs; here such
a read is made while nothing else does. How long it lives is told before it ends.
"""

import asyncio
from datetime import datetime

import attrs

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.venue import Venue
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.risk.hindrances.hindrance_limits import HindranceLimits
from trading_platform_order.risk.hindrances.key_expiry import due_warning


@attrs.define(kw_only=True, eq=False, repr=False)
class KeyMonitor:
    """Reads until cancelled."""

    _account: AccountService
    _ports: ExecutorPorts
    _limits: HindranceLimits
    _told: dict[Venue, tuple[datetime, int]] = attrs.field(factory=dict, init=False)

    async def run(self) -> None:
        """Serve until cancelled."""
        async with asyncio.TaskGroup() as group:
            for venue in self._ports.exchanges:
                group.create_task(self._prove(venue), name=f"{venue} key")
            group.create_task(self._watch_expiry(), name="key expiry")

    async def _prove(self, venue: Venue) -> None:
        """The answer is heeded where it is read (see ``AccountConditions.heed``)."""
        while True:
            await asyncio.sleep(self._limits.key_check_s)
            await self._ports.exchanges[venue].balances()

    async def _watch_expiry(self) -> None:
        while True:
            await self.evaluate()
            await asyncio.sleep(self._limits.expiry_check_s)

    async def evaluate(self) -> None:
        """One look at both keys' last days; each warning is told once in a run of the engine."""
        now = self._ports.clock.now()
        for venue, exchange in self._ports.exchanges.items():
            ends = await exchange.key_expires_at()
            if ends is None or isinstance(ends, ReadFailed):
                continue
            due = due_warning(ends, now)
            if due is None or self._told.get(venue) == (ends, due):
                continue
            self._told[venue] = (ends, due)
            fields = {
                "exchange": venue.value,
                "ends": ends.isoformat(timespec="minutes"),
                "left": "it has ended" if due == 0 else f"at most {due} days",
                "cure": "make a new key, put it into the settings, restart engine and watchdog",
            }
            await self._account.tell(Alert(kind=AlertKind.KEY_EXPIRES, urgent=True, fields=fields))
