"""Whether the hedge account is still set as the limits need it: read now and again, and told.

It reads only. A setting that keeps every order back is a hindrance of the exchange; one that spoils
our arithmetic refuses entries; one that only blurs figures is told.
"""

import asyncio

import attrs

from trading_platform_order.domain.account.account_settings import SettingFault, faults_of
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.hindrances.entry_blocks import ALL
from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.order import Leg, base_asset, leg_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.monitors.hindrances.order_access_port import OrderAccessPort
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.risk.hindrances.hindrance_limits import HindranceLimits

FINDER = "account settings"
SOON_S = 2.0
"""Least pause between two readings, however many refusals ask for one."""


@attrs.define(kw_only=True, eq=False, repr=False)
class AccountSettingsMonitor:
    """Reads until cancelled."""

    _account: AccountService
    _ports: ExecutorPorts
    _limits: HindranceLimits
    _access: OrderAccessPort
    _asked: asyncio.Event = attrs.field(factory=asyncio.Event, init=False)
    _shown: dict[str, SettingFault] = attrs.field(factory=dict, init=False)

    def report_to(self, access: OrderAccessPort) -> None:
        """From now on this one keeps what is learned."""
        self._access = access

    def look_soon(self) -> None:
        """A refusal tells of a setting: read them now and not only in some minutes."""
        self._asked.set()

    async def run(self) -> None:
        """Read at the start, then at the usual interval or soon after it is asked for."""
        while True:
            self._asked.clear()
            await self.evaluate()
            await asyncio.sleep(SOON_S)
            try:
                async with asyncio.timeout(self._limits.settings_check_s):
                    await self._asked.wait()
            except TimeoutError:
                continue

    async def evaluate(self) -> None:
        """Read the settings once; if the read fails, what was found last stands."""
        bases = sorted(self._account.watched_bases | self._account.book.held_bases())
        symbols = tuple(leg_symbol(Leg.HEDGE, base) for base in bases)
        found = await self._ports.exchanges.hedge.account_settings(symbols)
        if found is None or isinstance(found, ReadFailed):
            return
        faults = {fault.name: fault for fault in faults_of(found, leverage=self._limits.leverage)}
        before, self._shown = self._shown, faults
        self._account.blocks.replace_found(FINDER, _blocks(faults))
        self._report_order_access(before)
        for name in sorted(faults.keys() - before.keys()):
            await self._tell(faults[name])
        for name in sorted(before.keys() - faults.keys()):
            await self._tell_over(before[name])

    def _report_order_access(self, before: dict[str, SettingFault]) -> None:
        """Anew after each read: no order test reopens an exchange that still refuses orders."""
        closing = [fault.text for fault in self._shown.values() if fault.blocks_all_orders]
        if closing:
            reason = "; ".join(closing)
            self._access.hindered(Leg.HEDGE, ALL, Hindrance.ACCOUNT_SETTING, reason)
        elif any(fault.blocks_all_orders for fault in before.values()):
            self._access.lapsed(Leg.HEDGE, ALL, Hindrance.ACCOUNT_SETTING)

    async def _tell(self, fault: SettingFault) -> None:
        fields = {"setting": fault.name, "found": fault.text, "cure": fault.remedy}
        fields["entries"] = "refused" if fault.refuses_entries else "go on"
        urgent = fault.refuses_entries
        await self._account.tell(
            Alert(kind=AlertKind.ACCOUNT_SETTING, urgent=urgent, fields=fields)
        )

    async def _tell_over(self, fault: SettingFault) -> None:
        fields = {"setting": fault.name, "found": "it is as it must be again"}
        await self._account.tell(Alert(kind=AlertKind.ACCOUNT_SETTING, urgent=False, fields=fields))


def _blocks(faults: dict[str, SettingFault]) -> dict[str, Refusal]:
    """The first fault of the account, and the first of each symbol."""
    blocks: dict[str, Refusal] = {}
    for fault in faults.values():
        if fault.refuses_entries:
            key = base_asset(fault.symbol) if fault.symbol else ALL
            refusal = Refusal(
                code=RefusalCode.ACCOUNT_SETTING,
                message=f"{fault.text}; {fault.remedy}",
                figures={"setting": fault.name},
            )
            blocks.setdefault(key, refusal)
    return blocks
