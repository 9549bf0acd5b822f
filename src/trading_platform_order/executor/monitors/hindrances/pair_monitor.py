"""Tells operators of a pair without entries because its coin is unreviewed or changed."""

import asyncio

import attrs

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.order import Leg
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.risk.entry_rules.identity_rules import doubt_about
from trading_platform_order.risk.limits import RiskLimits

LOOK_S = 10.0


@attrs.define(kw_only=True, eq=False, repr=False)
class PairMonitor:
    """Looks until cancelled; the rule itself stands before each entry."""

    _account: AccountService
    _ports: ExecutorPorts
    _limits: RiskLimits
    _told: dict[str, str] = attrs.field(factory=dict, init=False)

    async def run(self) -> None:
        """Serve until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.evaluate()

    async def evaluate(self) -> None:
        """One look at every pair that may be traded."""
        pairs = self._limits.pairs
        if pairs is None:
            return
        for code in sorted(self._account.watched_bases):
            found = self._ports.market.instruments(code)
            if len(found) < len(Leg):
                continue
            spot, hedge = found[Leg.SPOT].listing, found[Leg.HEDGE].listing
            doubt = doubt_about(code, spot, hedge, pairs, self._account.confirmed_pairs)
            if doubt is None or spot is None or hedge is None:
                self._told.pop(code, None)
            elif self._told.get(code) != doubt:
                self._told[code] = doubt
                await self._tell(code, doubt)

    async def _tell(self, code: str, doubt: str) -> None:
        """``code``: the base asset; an operator is called at once where it is held."""
        held = code in self._account.book.held_bases()
        fields = {
            "symbol": code,
            "found": doubt,
            "entries": f"refused until `tporder pairs confirm {code}`; exits go on",
        }
        alert = Alert(kind=AlertKind.PAIR_UNCONFIRMED, urgent=held, fields=fields)
        await self._account.tell(alert)
