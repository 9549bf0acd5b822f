"""What the exchanges hold of a trade's legs, asked where its own orders do not explain it.

Each read ends in an event of the trade; one that cannot be decided yet is asked for again after a
pause. A trade does not wait for a read for long, so what was read while an order of it was on its
way is thrown away.
"""

import asyncio
from decimal import Decimal

import attrs

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import hedge_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.executor.account.leg_loss.leg_loss import LegLoss
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.trades.evidence.absence_evidence import AccountEvidence
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
    #: what is gone from the hedge and not booked yet, and how often the asset was booked before
    _gone: tuple[te.HedgePositionRead, int] | None = attrs.field(default=None, init=False)

    async def position(self) -> None:
        """Read the hedge's position, and by which executions a part of it is gone."""
        base, executed = self._log.trade.base, self._executed()
        booked = self._leg_loss.bookings.count(base)
        answer = await self._ports.exchanges.hedge.position(hedge_symbol(base))
        if isinstance(answer, ReadFailed):
            await self._read_again()
            return
        held = max(self._log.trade.holding.short, ZERO)
        missing = self._evidence.expected_short(base) + answer.quantity
        gone = min(max(missing, ZERO), held)
        closings = await self._leg_loss.closings(base) if gone else ()
        if self._has_moved(executed):
            await self._read_again()
            return
        fills = () if isinstance(closings, ReadFailed) else self._leg_loss.foreign(gone, closings)
        if sum((fill.quantity for fill in fills), ZERO) < gone:
            # Executions become readable a moment after the position; without end nobody waits.
            self._reads_without_price += 1
            most = READS_UNANSWERED if isinstance(closings, ReadFailed) else READS_FOR_PRICE
            if self._reads_without_price < most:
                await self._read_again()
                return
        now = self._ports.clock.now()
        read = te.HedgePositionRead(short_before=held, short_now=held - gone, fills=fills, at=now)
        self._gone = read, booked
        self._log.post(())

    async def book(self) -> None:
        """Book what was found gone from the hedge; only the trade's own task may.

        Where somebody else booked meanwhile it is thrown away, and the trade asks again.
        """
        gone, self._gone = self._gone, None
        if gone is None:
            return
        read, booked = gone
        with self._leg_loss.bookings.booking(self._log.trade.base, booked) as is_current:
            if is_current:
                await self._log.record((read,))

    async def coins(self) -> None:
        """What is gone is booked on the account first, and then the trade follows our own count.

        The ledger alone would be too little: it does not know what was bought a moment ago until
        the fill is told.
        """
        executed = self._executed()
        is_settled = await self._leg_loss.coins_are_settled(self._log.trade.base)
        if not is_settled or self._has_moved(executed):
            await self._read_again()
            return
        trade = self._log.trade
        held = max(trade.holding.spot, ZERO)
        owned = max(self._evidence.coins_of(trade.signal.strategy, trade.base), ZERO)
        now = self._ports.clock.now()
        self._log.post((te.CoinsRead(coins_before=held, coins_now=min(held, owned), at=now),))

    def _executed(self) -> Decimal:
        """All that the trade's orders executed: it only grows. Base units of both legs."""
        return sum((order.executed_quantity for order in self._log.trade.orders), ZERO)

    def _has_moved(self, executed_before: Decimal) -> bool:
        """Whether an order of the trade may have changed what was read."""
        return bool(self._log.trade.unresolved) or self._executed() != executed_before

    async def _read_again(self) -> None:
        doublings = min(max(self._reads_without_price - 1, 0), READ_PAUSE_DOUBLINGS)
        await asyncio.sleep(self._settings.poll_first_s * 2**doublings)
        self._log.post(())
