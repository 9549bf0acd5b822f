"""What the executor keeps of one base asset, and of its own work. No decisions here."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from trading_platform_order.domain.signal import Signal
from trading_platform_order.executor.trades.trade_runner import TradeRunner


@dataclass(slots=True, kw_only=True)
class Lane:
    """Signals of one base asset.

    A signal is admitted only while nobody else holds the lane: what a strategy owns is read at the
    admission, and must not be about to be changed by a trade that still runs. One that was opened
    again by a late fill runs beside whatever runs then, and holds the lane as well.

    Attributes:
        holders: trades that run, and the one admission that may go on.
        waiting: claimed, in order of arrival.
        runner: of the trade whose signal came last.
        look: the holdings are to be compared with the exchanges before the next signal.
    """

    holders: int = 0
    waiting: deque[Signal] = field(default_factory=deque)
    runner: TradeRunner | None = None
    look: bool = False
    _fewer: asyncio.Event = field(default_factory=asyncio.Event)

    def hold(self) -> None:
        """One more."""
        self.holders += 1

    def let_go(self) -> None:
        """One less."""
        self.holders -= 1
        self._fewer.set()

    async def alone(self) -> None:
        """Return once the caller, who holds the lane, is the only one who does."""
        while self.holders > 1:
            self._fewer.clear()
            await self._fewer.wait()
