"""Keeps the premium of the large coins, and since when which coin stands apart from it.

The median is made here, once a second and beside the trades, so that a signal compares two numbers.
Only while a coin stands apart are both exchanges asked for its last trade.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime

import attrs

from trading_platform_order.domain.order import Leg, leg_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.pairs.market_premium import MarketPremium
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.risk.entry_rules.plausibility import PremiumGaps, Trades, middle_of
from trading_platform_order.risk.plausibility_limits import PlausibilityLimits

LOOK_S = 1.0
ASK_EVERY_LOOKS = 15
"""The last trades of a coin that stands apart: four readings of each exchange a minute."""


@attrs.define(kw_only=True, eq=False, repr=False)
class PremiumMonitor:
    """Looks until cancelled."""

    _account: AccountService
    _ports: ExecutorPorts
    _limits: PlausibilityLimits
    _gaps: PremiumGaps = attrs.field(factory=PremiumGaps, init=False)
    _trades: dict[tuple[str, Leg], datetime] = attrs.field(factory=dict, init=False)

    async def run(self) -> None:
        """Serve until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look_on(), name="premiums of the large coins")
            group.create_task(self._ask_on(), name="last trades")

    async def _look_on(self) -> None:
        while True:
            self.evaluate()
            await asyncio.sleep(LOOK_S)

    async def _ask_on(self) -> None:
        while True:
            await self.ask()
            await asyncio.sleep(LOOK_S * ASK_EVERY_LOOKS)

    def evaluate(self) -> None:
        """One look at every price that is watched."""
        limits, now_s = self._limits, self._ports.clock.boottime()
        found = {}
        for base in dict.fromkeys((*limits.coins, *sorted(self._account.watched_bases))):
            prices = self._ports.market.prices(base)
            if prices is None or prices.age_s > limits.price_age_s_max:
                continue
            if prices.hedge_usdt > 0 and prices.krw_per_usdt > 0:
                found[base] = prices.premium
        middle = middle_of(found, limits)
        if middle is None:
            self._gaps.forget()
        else:
            self._gaps.seen(found, now_s, limits, middle)
        self._account.premiums = MarketPremium(
            known=len(found.keys() & set(limits.coins)),
            median=middle,
            lasting=self._gaps.lasting(self._ages_of(self._gaps.open()), now_s, limits),
            waiting_s=self._gaps.waiting_s(now_s),
            looked_s=now_s,
        )

    async def ask(self) -> None:
        """Read the last trade of each coin that stands apart; what fails leaves what is known."""
        apart = sorted(self._gaps.open() & self._account.watched_bases)
        async with asyncio.TaskGroup() as group:
            for base in apart:
                for leg in Leg:
                    group.create_task(self._ask(base, leg))

    async def _ask(self, base: str, leg: Leg) -> None:
        answer = await self._ports.exchanges.of(leg).last_trade_at(leg_symbol(leg, base))
        if not isinstance(answer, ReadFailed):
            self._trades[base, leg] = answer

    def _ages_of(self, bases: Iterable[str]) -> dict[str, Trades]:
        return {
            base: Trades(spot_s=self._age_s(base, Leg.SPOT), hedge_s=self._age_s(base, Leg.HEDGE))
            for base in bases
        }

    def _age_s(self, base: str, leg: Leg) -> float | None:
        """Seconds since the last trade; ``None`` while it, or the exchange's time, is not known."""
        at, measured = (
            self._trades.get((base, leg)),
            self._ports.exchanges.of(leg).measured_time,
        )
        if at is None or measured is None:
            return None
        return max(measured.age_s(at, self._ports.clock.boottime()), 0.0)
