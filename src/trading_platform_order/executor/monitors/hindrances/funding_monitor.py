"""What shorts pay in 24 hours at the present funding rates: read now and again, and told."""

import asyncio
from decimal import Decimal

import attrs

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.costs.funding import FundingTerms
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import Leg, leg_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.refusal import Refusal
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.risk.hindrances.funding_bleed import objection, payable_fraction
from trading_platform_order.risk.hindrances.hindrance_limits import HindranceLimits

FINDER = "funding"


@attrs.define(kw_only=True, eq=False, repr=False)
class FundingMonitor:
    """Reads until cancelled."""

    _account: AccountService
    _ports: ExecutorPorts
    _limits: HindranceLimits
    _blocks: dict[str, Refusal] = attrs.field(factory=dict, init=False)
    #: by coin: monotonic time of its last alert; the next one waits for ``repeat_s``
    _alerted_s: dict[str, float] = attrs.field(factory=dict, init=False)
    #: by coin: monotonic time of the first one since it was within the limit
    _began_s: dict[str, float] = attrs.field(factory=dict, init=False)

    async def run(self) -> None:
        """Serve until cancelled; one reading at the start."""
        while True:
            await self.evaluate()
            await asyncio.sleep(self._limits.funding_check_s)

    async def evaluate(self) -> None:
        """One reading of every coin; one that fails leaves what is known of that coin."""
        exchange = self._ports.exchanges.hedge
        for base in sorted(self._account.watched_bases | self._account.book.held_bases()):
            terms = await exchange.funding_terms(leg_symbol(Leg.HEDGE, base))
            if terms is None or isinstance(terms, ReadFailed):
                continue
            refusal = objection(base, terms, self._limits.funding)
            if refusal is None:
                self._blocks.pop(base, None)
                self._alerted_s.pop(base, None)
                self._began_s.pop(base, None)
            else:
                self._blocks[base] = refusal
                await self._tell_if_held(base, terms)
            self._account.blocks.replace_found(FINDER, self._blocks)

    async def _tell_if_held(self, base: str, terms: FundingTerms) -> None:
        book, now_s = self._account.book, self._ports.clock.monotonic()
        short = book.ledger.shorts[base].quantity if base in book.held_bases() else Decimal(0)
        alerted_s = self._alerted_s.get(base)
        if short <= 0 or (alerted_s is not None and now_s - alerted_s < self._limits.repeat_s):
            return
        self._alerted_s[base] = now_s
        began_s = self._began_s.setdefault(base, now_s)
        _, mid_usdt = book.mids.get(base, (Decimal(0), Decimal(0)))
        payable = payable_fraction(terms)
        payable_usdt = (payable * short * mid_usdt).quantize(Decimal("0.01"))
        fields = {
            "symbol": base,
            "payable_24h_usdt": plain(payable_usdt),
            "payable_24h": f"{payable:.3%}",
            "limit": f"{self._limits.funding.day_fraction:.3%}",
            "next_settlement": terms.next_at.isoformat(timespec="minutes"),
            "since": f"{now_s - began_s:.0f} s",
        }
        await self._account.tell(Alert(kind=AlertKind.FUNDING, urgent=True, fields=fields))
