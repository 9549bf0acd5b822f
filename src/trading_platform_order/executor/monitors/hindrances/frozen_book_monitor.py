"""Notices books that stand still while the other leg moves: what they show counts as stale."""

import asyncio

import attrs

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.market import ANY_SOURCE
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.risk.hindrances.frozen_book import FrozenBooks
from trading_platform_order.risk.hindrances.hindrance_limits import HindranceLimits

FINDER = "frozen books"
LOOK_S = 1.0


@attrs.define(kw_only=True, eq=False, repr=False)
class FrozenBookMonitor:
    """Looks until cancelled."""

    _account: AccountService
    _ports: ExecutorPorts
    _limits: HindranceLimits
    _books: FrozenBooks = attrs.field(factory=FrozenBooks, init=False)
    _frozen: dict[str, str] = attrs.field(factory=dict, init=False)

    def is_frozen(self, base: str) -> bool:
        """A book of this base asset shows prices that nothing may be decided on."""
        return base in self._frozen

    async def run(self) -> None:
        """Serve until cancelled."""
        while True:
            await self.evaluate()
            await asyncio.sleep(LOOK_S)

    async def evaluate(self) -> None:
        """One look at every market."""
        now, now_s = self._ports.clock.now(), self._ports.clock.monotonic()
        before, self._frozen = self._frozen, {}
        for base in sorted(self._account.watched_bases | self._account.book.held_bases()):
            view = self._ports.market.view(base, now, ANY_SOURCE)
            if view is None:
                self._books.forget(base)
                continue
            words = self._books.seen(view, now_s, self._limits.frozen_book)
            if words is not None:
                self._frozen[base] = words
        self._account.blocks.replace_found(
            FINDER,
            {
                base: Refusal(code=RefusalCode.STALE_MARKET_DATA, message=words)
                for base, words in self._frozen.items()
            },
        )
        for base in sorted(self._frozen.keys() - before.keys()):
            held = base in self._account.book.held_bases()
            fields = {"symbol": base, "found": self._frozen[base]}
            alert = Alert(kind=AlertKind.FROZEN_BOOK, urgent=held, fields=fields)
            await self._account.tell(alert)
