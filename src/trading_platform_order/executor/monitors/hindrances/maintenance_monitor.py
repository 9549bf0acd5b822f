"""Announced maintenance: told as it comes near, its need of margin too, and cleared once over.

What it asks for is decided in ``risk/announced_maintenance``; entries are refused where the account
is looked at.
"""

import asyncio
from decimal import ROUND_UP, Decimal

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.hindrances.maintenance import MaintenanceWindow
from trading_platform_order.domain.money import plain
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.risk.hindrances.announced_maintenance import near_windows
from trading_platform_order.risk.hindrances.hindrance_limits import HindranceLimits
from trading_platform_order.risk.monitors.margin import runway_shortfall_usdt
from trading_platform_order.transport.clock import epoch_us

LOOK_S = 10.0
CENT = Decimal("0.01")


class MaintenanceMonitor:
    """Looks until cancelled."""

    def __init__(
        self,
        *,
        account: AccountService,
        ports: ExecutorPorts,
        limits: HindranceLimits,
        maintenance_rate: Decimal,
    ) -> None:
        """``maintenance_rate``: maintenance margin per notional that is reckoned with."""
        self._account = account
        self._ports = ports
        self._limits = limits
        self._rate = maintenance_rate
        self._told: set[tuple[str, str]] = set()
        self._warned_s: float | None = None

    async def run(self) -> None:
        """Serve until cancelled."""
        while True:
            await self.evaluate()
            await asyncio.sleep(LOOK_S)

    async def evaluate(self) -> None:
        """One look at everything that was written down."""
        now, limits = self._ports.clock.now(), self._limits.maintenance
        windows = self._account.maintenance
        for window in windows:
            if now >= window.ends_at:
                await self._clear(window)
        for window in near_windows(windows, now, limits.entries_end_s):
            if (window.latch, "entries") not in self._told:
                self._told.add((window.latch, "entries"))
                fields = {"maintenance": window.text, "entries": "refused until it is over"}
                await self._tell(fields, urgent=False)
        near = near_windows(windows, now, limits.runway_lead_s)
        ahead = [window for window in near if now < window.begins_at]
        if ahead:
            await self._check_runway(ahead[0])
        else:
            self._warned_s = None

    async def _check_runway(self, window: MaintenanceWindow) -> None:
        rise = self._limits.maintenance.runway_fraction
        balance_usdt, notional_usdt = self._account.book.hedge_account_usdt()
        missing_usdt = runway_shortfall_usdt(
            balance_usdt=balance_usdt,
            notional_usdt=notional_usdt,
            maintenance_rate=self._rate,
            rise=rise,
        )
        if notional_usdt <= 0 or missing_usdt <= 0:
            self._warned_s = None
            return
        now_s = self._ports.clock.monotonic()
        if self._warned_s is not None and now_s - self._warned_s < self._limits.maintenance_warn_s:
            return
        self._warned_s = now_s
        move = plain(missing_usdt.quantize(CENT, rounding=ROUND_UP))
        fields = {
            "maintenance": window.text,
            "margin": f"a rise of {rise:.0%} would not be survived while it lasts",
            "usdt_to_move": move,
        }
        await self._tell(fields, urgent=True)

    async def _clear(self, window: MaintenanceWindow) -> None:
        at_us = epoch_us(self._ports.clock.now())
        if await self._ports.store.clear_latch(window.latch, "it is over", at_us=at_us):
            await self._tell({"maintenance": window.text, "entries": "it is over"}, urgent=False)
        await self._account.read_latch()

    async def _tell(self, fields: dict[str, str], *, urgent: bool) -> None:
        await self._account.tell(Alert(kind=AlertKind.MAINTENANCE, urgent=urgent, fields=fields))
