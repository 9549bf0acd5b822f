"""Tells operators and other processes which symbols are not ready, and why.

One latch per symbol, written only when that changes, shows in ``status``; one alert says that a
symbol is not ready, one that it is again. Refusing its entries is done where the troubles are kept.
"""

import asyncio
from collections.abc import Mapping

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.hindrances.not_ready import EVERY, base_of, latch_of
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.transport.clock import epoch_us

LOOK_S = 1.0
READY = "it can be served again"
SETTLES_S = 60.0
"""So long after a start what was shown before stays: it may not have been tried again yet."""


class SymbolMonitor:
    """Runs as one task."""

    def __init__(self, *, account: AccountService, ports: ExecutorPorts) -> None:
        self._account = account
        self._ports = ports
        self._shown: dict[str, str] = {}

    async def run(self) -> None:
        """Serve until cancelled. What a run before this one showed is taken up first."""
        latches = await self._ports.store.latches()
        self._shown = {
            "" if base == EVERY else base: latch.reason
            for latch in latches
            if (base := base_of(latch.kind)) is not None
        }
        started_s = self._ports.clock.monotonic()
        while True:
            found = self._account.troubles.lasting()
            if self._ports.clock.monotonic() - started_s < SETTLES_S:
                found = {**self._shown, **found}
            await self.evaluate(found)
            await asyncio.sleep(LOOK_S)

    async def evaluate(self, found: Mapping[str, str]) -> None:
        """Bring operators and the board up to date; a new reason alone is not told again."""
        store, at_us = self._ports.store, epoch_us(self._ports.clock.now())
        for base in sorted(found.keys() - self._shown.keys()):
            self._shown[base] = found[base]
            await store.set_latch(latch_of(base), found[base], at_us=at_us)
            await self._tell(AlertKind.SYMBOL_NOT_READY, base, found[base])
        for base in sorted(self._shown.keys() - found.keys()):
            del self._shown[base]
            await store.clear_latch(latch_of(base), READY, at_us=at_us)
            await self._tell(AlertKind.SYMBOL_READY, base, READY)

    async def _tell(self, kind: AlertKind, base: str, reason: str) -> None:
        held = base in self._account.book.held_bases()
        fields = {"symbol": base or EVERY, "reason": reason, "held": "yes" if held else "no"}
        urgent = held and kind is AlertKind.SYMBOL_NOT_READY
        await self._account.tell(Alert(kind=kind, urgent=urgent, fields=fields))
