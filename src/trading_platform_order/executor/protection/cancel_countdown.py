"""While an order of ours rests on Binance, the exchange itself is told to end it if we fall silent.

The countdown belongs to the exchange: when the engine dies, the machine burns or the network goes,
the resting order is cancelled all the same. It is told again long before it runs out, and called
off when nothing rests. Orders that fill or end at once, as market orders do, never start one.
Conditional orders are taken to stay (ASSUMPTIONS): a protective stop must outlive us.
"""

import asyncio
from collections.abc import Callable, Iterable

from trading_platform_order.domain.order import Leg, Order, OrderStatus
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings

RESTING_S = 1.0
"""An order is resting when it is still open after this."""

REFRESHES = 3
"""Told this often within one countdown, so that one lost request ends nothing."""


class CancelCountdown:
    """Of one account."""

    def __init__(
        self,
        *,
        ports: ExecutorPorts,
        settings: ExecutorSettings,
        running: Callable[[], Iterable[PairTrade]],
    ) -> None:
        """``running``: the trades that are under way."""
        self._ports = ports
        self._wait_s = settings.protect.countdown_s
        self._look_s = min(settings.command_poll_s, self._wait_s / REFRESHES)
        self._running = running
        self._told_at: dict[str, float] = {}
        self._working_since_s: dict[str, float] = {}

    async def run(self) -> None:
        """Run until cancelled; a countdown that runs then is left to run out."""
        while True:
            await asyncio.sleep(self._look_s)
            await self.look()

    async def look(self) -> None:
        """Tell the exchange again where orders rest; call it off where none do."""
        now = self._ports.clock.monotonic()
        resting = {order.symbol for order in self._resting(now)}
        for symbol in sorted(resting):
            told_at = self._told_at.get(symbol)
            if told_at is None or now - told_at >= self._wait_s / REFRESHES:
                await self._tell(symbol, round(self._wait_s * 1_000), now)
        for symbol in sorted(set(self._told_at) - resting):
            await self._tell(symbol, 0, now)

    def _resting(self, now_s: float) -> list[Order]:
        """Counted from when an order was first seen working: its own time is our calendar's."""
        working = [
            order
            for trade in self._running()
            for order in trade.unresolved
            if order.leg is Leg.HEDGE and order.status is OrderStatus.WORKING
        ]
        since = {o.client_order_id: self._first_seen_s(o, now_s) for o in working}
        self._working_since_s = since
        return [o for o in working if now_s - since[o.client_order_id] >= RESTING_S]

    def _first_seen_s(self, order: Order, now_s: float) -> float:
        return self._working_since_s.get(order.client_order_id, now_s)

    async def _tell(self, symbol: str, wait_ms: int, now: float) -> None:
        answer = await self._ports.exchanges.hedge.countdown(symbol, wait_ms)
        if isinstance(answer, ReadFailed):
            return  # told again at the next look
        if wait_ms:
            self._told_at[symbol] = now
        else:
            self._told_at.pop(symbol, None)
