"""Whether a coin can be moved on and off the spot exchange: read now and again, and told.

A suspended wallet cuts the coin's price there from all others, so that a premium need not return.
Entries of the coin are refused unless a setting allows them; exits never.
"""

import asyncio
from collections.abc import Mapping

import attrs

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.risk.hindrances.hindrance_limits import HindranceLimits

FINDER = "wallets"


@attrs.define(kw_only=True, eq=False, repr=False)
class WalletMonitor:
    """Reads until cancelled."""

    _account: AccountService
    _ports: ExecutorPorts
    _limits: HindranceLimits
    _shown: Mapping[str, str] = attrs.field(factory=dict, init=False)

    async def run(self) -> None:
        """Serve until cancelled; one reading at the start."""
        while True:
            await self.evaluate()
            await asyncio.sleep(self._limits.wallet_check_s)

    async def evaluate(self) -> None:
        """One reading; one that fails leaves what is known."""
        states = await self._ports.exchanges.spot.suspended_wallets()
        if isinstance(states, ReadFailed):
            return
        ours = self._account.watched_bases | self._account.book.held_bases()
        found = {base: states[base] for base in sorted(ours) if base in states}
        before, self._shown = self._shown, found
        if not self._limits.allow_suspended_wallets:
            self._account.blocks.replace_found(
                FINDER, {b: _refusal(b, state) for b, state in found.items()}
            )
        for base, state in found.items():
            if before.get(base) != state:
                await self._tell(base, state)
        for base in before.keys() - found.keys():
            await self._tell(base, "working")

    async def _tell(self, base: str, state: str) -> None:
        held = base in self._account.book.held_bases()
        fields = {"symbol": base, "wallet": state, "held": "yes" if held else "no"}
        urgent = held and state != "working"
        alert = Alert(kind=AlertKind.WALLET_SUSPENDED, urgent=urgent, fields=fields)
        await self._account.tell(alert)


def _refusal(base: str, state: str) -> Refusal:
    return Refusal(
        code=RefusalCode.WALLET_SUSPENDED,
        message=f"the wallet of {base} on Upbit is {state}: its premium may not return",
        figures={"wallet": state},
    )
