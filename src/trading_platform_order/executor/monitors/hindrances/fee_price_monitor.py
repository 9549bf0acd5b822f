"""What BNB costs, read while fees are paid in it; see ``fee_prices`` of the exchange."""

import asyncio

from trading_platform_order.executor.ports import ExecutorPorts

EVERY_S = 15.0
"""A fee is valued by a price at most a minute old: three reads in a row may fail."""


class FeePriceMonitor:
    """Reads until cancelled; costs nothing where fees are paid in the quote asset."""

    def __init__(self, ports: ExecutorPorts) -> None:
        self._ports = ports

    async def run(self) -> None:
        """Serve until cancelled; the next read makes a failed one good."""
        while True:
            for exchange in self._ports.exchanges.values():
                await exchange.price_fees()
            await asyncio.sleep(EVERY_S)
