"""What the exchanges hold of a trade's legs, asked where its own orders do not explain it.

Each read is handed to the trade as an event; one that cannot be decided yet is asked for again
after a pause.
"""

import asyncio

import attrs

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import hedge_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.executor.account.leg_loss import LegLoss
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.trades.absence_evidence import AccountEvidence
from trading_platform_order.executor.trades.trade_log import TradeLog

READS_FOR_PRICE = 5
READS_UNANSWERED = 15
READ_PAUSE_DOUBLINGS = 3


@attrs.define(kw_only=True, eq=False, repr=False)
class LegReads:
    """Of one trade."""

    _log: TradeLog
    _ports: ExecutorPorts
    _settings: ExecutorSettings
    _evidence: AccountEvidence
    _leg_loss: LegLoss
    _reads_without_price: int = attrs.field(default=0, init=False)

    async def position(self) -> None:
        """Read the hedge's position, and by which executions a part of it is gone."""
        trade = self._log.trade
        answer = await self._ports.exchanges.hedge.position(hedge_symbol(trade.base))
        closings = await self._leg_loss.closings(trade.base)
        if isinstance(answer, ReadFailed):
            await self._read_again()
            return
        held = max(self._log.trade.holding.short, ZERO)
        missing = self._evidence.expected_short(trade.base) + answer.quantity
        gone = min(max(missing, ZERO), held)
        fills = () if isinstance(closings, ReadFailed) else self._leg_loss.foreign(gone, closings)
        if sum((fill.quantity for fill in fills), ZERO) < gone:
            # Executions become readable a moment after the position; without end nobody waits.
            self._reads_without_price += 1
            most = READS_UNANSWERED if isinstance(closings, ReadFailed) else READS_FOR_PRICE
            if self._reads_without_price < most:
                await self._read_again()
                return
        self._log.post(
            (
                te.HedgePositionRead(
                    short_before=held,
                    short_now=held - gone,
                    fills=fills,
                    at=self._ports.clock.now(),
                ),
            )
        )

    async def coins(self) -> None:
        """What is gone is booked on the account first, and then the trade follows our own count.

        The ledger alone would be too little: it does not know what was bought a moment ago until
        the fill is told.
        """
        if not await self._leg_loss.coins_are_settled(self._log.trade.base):
            await self._read_again()
            return
        trade = self._log.trade
        held = max(trade.holding.spot, ZERO)
        owned = max(self._evidence.coins_of(trade.signal.strategy, trade.base), ZERO)
        now = self._ports.clock.now()
        self._log.post((te.CoinsRead(coins_before=held, coins_now=min(held, owned), at=now),))

    async def _read_again(self) -> None:
        doublings = min(max(self._reads_without_price - 1, 0), READ_PAUSE_DOUBLINGS)
        await asyncio.sleep(self._settings.poll_first_s * 2**doublings)
        self._log.post(())
