"""Closes that an operator orders: each becomes an EXIT of its own, claimed once, on the normal way.

Its id is made of the command's number and time, so that a command which a crash repeats is the same
EXIT again and closes nothing twice.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import attrs

from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade.hand_close import (
    HandClose,
    Naked,
    naked_after,
    owners,
    unconfirmed,
)
from trading_platform_order.executor.intake.signal_intake import Intake
from trading_platform_order.executor.journal.claims import claim_for
from trading_platform_order.executor.trades.trade_registry import TradeRegistry
from trading_platform_order.storage.base import ClaimResult, Reader


@attrs.define(kw_only=True, eq=False, repr=False)
class HandCloses:
    """Of one engine."""

    _intake: Intake
    _book: AccountBook
    _registry: TradeRegistry
    _store: Reader

    def naked(self, wish: HandClose, leg: Leg) -> Naked | str:
        """What would stand without a hedge, or why that cannot be said."""
        whose = self._owners(wish)
        if isinstance(whose, str):
            return whose
        price_krw, _ = self._mids.get(wish.symbol, (ZERO, ZERO))
        if price_krw <= 0:
            return f"no price of {wish.symbol} is known yet"
        held = self._book.holding(whose[0], wish.symbol)
        if (held.spot if leg is Leg.SPOT else held.short) <= 0:
            return f"{whose[0]} holds nothing on {leg} of {wish.symbol}"
        return naked_after(wish, leg, held, price_krw)

    async def close(self, wish: HandClose, *, name: str, at: datetime, reason: str) -> str:
        """Order the close and answer the operator; ``name`` and ``at`` identify the command."""
        whose = self._owners(wish)
        if isinstance(whose, str):
            return f"refused: {whose}"
        if wish.leg is not None:
            naked = self.naked(wish, wish.leg)
            problem = naked if isinstance(naked, str) else unconfirmed(wish, naked)
            # ``owners`` names one strategy when a leg is given. A command that a crash repeats is
            # claimed already and not refused: the value may have changed since it was confirmed.
            claim = await self._store.claim_of(_signal_id(name, whose[0]))
            if problem is not None and claim is None:
                return f"refused: {problem}"
        answers = [await self._close(wish, strategy, name, at, reason) for strategy in whose]
        refused = all(answer.startswith("refused") for answer in answers)
        return f"{'' if refused else 'ordered: '}{'; '.join(answers)}"

    async def _close(
        self, wish: HandClose, strategy: str, name: str, at: datetime, reason: str
    ) -> str:
        signal = Signal(
            id=_signal_id(name, strategy),
            strategy=strategy,
            action=Action.EXIT,
            symbol=wish.symbol,
            created_at=at,
            notional_krw=wish.krw,
            metadata={"reason": reason or "closed by hand"},
            leg=wish.leg,
        )
        receipt = await self._intake.handle(signal, claim_for(signal))
        if receipt.refusal is not None:
            return f"refused: {signal.id}: {receipt.refusal.code}: {receipt.refusal.message}"
        if receipt.result is not ClaimResult.CLAIMED:
            return f"{signal.id} was ordered before"
        if receipt.trade_id is None:
            return f"{signal.id} waits: tporder status"
        return f"{signal.id} has begun: tporder explain {signal.id}"

    def _owners(self, wish: HandClose) -> tuple[str, ...] | str:
        trading = (
            trade.signal.strategy
            for trade in self._registry.running_trades()
            if trade.base == wish.symbol
        )
        return owners(wish, self._book.ledger.holdings, trading)

    @property
    def _mids(self) -> Mapping[str, tuple[Decimal, Decimal]]:
        return self._book.mids


def _signal_id(name: str, strategy: str) -> str:
    return f"{name}-{strategy}"
