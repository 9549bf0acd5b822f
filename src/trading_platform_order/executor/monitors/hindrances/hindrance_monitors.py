"""All monitors of what may keep us from trading, as tasks of one group beside the trades.

None of them stands in front of an order: each has a task of its own, waits for nobody, and takes
none of the request budget that is kept for urgent requests.
"""

import asyncio
from collections.abc import Callable

from trading_platform_order.domain.hindrance import Hindrance
from trading_platform_order.domain.order import Leg
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.monitors.hindrances.account_settings_monitor import (
    AccountSettingsMonitor,
)
from trading_platform_order.executor.monitors.hindrances.dead_key_board import DeadKeyBoard
from trading_platform_order.executor.monitors.hindrances.fee_price_monitor import FeePriceMonitor
from trading_platform_order.executor.monitors.hindrances.frozen_book_monitor import (
    FrozenBookMonitor,
)
from trading_platform_order.executor.monitors.hindrances.funding_monitor import FundingMonitor
from trading_platform_order.executor.monitors.hindrances.key_monitor import KeyMonitor
from trading_platform_order.executor.monitors.hindrances.maintenance_monitor import (
    MaintenanceMonitor,
)
from trading_platform_order.executor.monitors.hindrances.order_access_port import OrderAccessPort
from trading_platform_order.executor.monitors.hindrances.pair_monitor import PairMonitor
from trading_platform_order.executor.monitors.hindrances.premium_monitor import PremiumMonitor
from trading_platform_order.executor.monitors.hindrances.symbol_monitor import SymbolMonitor
from trading_platform_order.executor.monitors.hindrances.wallet_monitor import WalletMonitor
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings

SHOW_S = 1.0
"""Pause between two looks at what the watchdog is to know."""


class HindranceMonitors:
    """Of one engine."""

    def __init__(
        self,
        *,
        account: AccountService,
        ports: ExecutorPorts,
        settings: ExecutorSettings,
        access: OrderAccessPort,
    ) -> None:
        """``access``: told what is learned about an exchange's readiness to take orders."""
        limits = settings.hindrances
        self._ports = ports
        self._access = access
        self._settings = AccountSettingsMonitor(
            account=account, ports=ports, limits=limits, access=access
        )
        self._wallets = WalletMonitor(account=account, ports=ports, limits=limits)
        self._keys = KeyMonitor(account=account, ports=ports, limits=limits)
        self._fees = FeePriceMonitor(ports)
        self._funding = FundingMonitor(account=account, ports=ports, limits=limits)
        self._maintenance = MaintenanceMonitor(
            account=account,
            ports=ports,
            limits=limits,
            maintenance_rate=settings.limits.maintenance_rate,
        )
        self._dead_keys = DeadKeyBoard(ports)
        self._symbols = SymbolMonitor(account=account, ports=ports)
        self._books = FrozenBookMonitor(account=account, ports=ports, limits=limits)
        self._pairs = PairMonitor(account=account, ports=ports, limits=settings.limits)
        self._premiums = PremiumMonitor(
            account=account, ports=ports, limits=settings.limits.plausibility
        )
        # From the first read on: an engine may start with a key that is dead already.
        for leg in Leg:
            ports.exchanges.of(leg).on_hindrance = self._on_hindrance(leg)

    def start(self, group: asyncio.TaskGroup) -> None:
        """Run until the group ends."""
        group.create_task(self._settings.run(), name="account settings")
        group.create_task(self._wallets.run(), name="wallets")
        group.create_task(self._keys.run(), name="keys")
        group.create_task(self._funding.run(), name="funding")
        group.create_task(self._fees.run(), name="fee prices")
        group.create_task(self._maintenance.run(), name="announced maintenance")
        group.create_task(self._books.run(), name="frozen books")
        group.create_task(self._pairs.run(), name="reviewed pairs")
        group.create_task(self._premiums.run(), name="premiums")
        group.create_task(self._show_dead_keys(), name="dead keys")
        group.create_task(self._symbols.run(), name="symbols that are not ready")

    def report_to(self, access: OrderAccessPort) -> None:
        """From now on this one keeps what is learned."""
        self._access = access
        self._settings.report_to(access)

    def refused(self, hindrance: Hindrance) -> None:
        """An order was refused for this: if it tells of a setting, all settings are read anew."""
        if hindrance is Hindrance.ACCOUNT_SETTING:
            self._settings.look_soon()

    def is_frozen(self, base: str) -> bool:
        """A book of this base asset shows prices that nothing may be decided on."""
        return self._books.is_frozen(base)

    async def _show_dead_keys(self) -> None:
        while True:
            await self._dead_keys.show(self._access.dead_keys())
            await asyncio.sleep(SHOW_S)

    def _on_hindrance(self, leg: Leg) -> Callable[[Hindrance, str], None]:
        def report(hindrance: Hindrance, reason: str) -> None:
            self._access.hindered(leg, "", hindrance, reason)

        return report
