"""``nautilus``: NautilusTrader's own Binance order call, and its HTTP client for Upbit.

It has no Upbit adapter, so that leg is signed by hand and sent by the HTTP client that its adapters
use. Only sending is measured: its strategies, risk and execution engines are not.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nautilus_trader.adapters.binance.common.enums import (
    BinanceOrderSide,
    BinanceOrderType,
    BinanceTimeInForce,
)
from nautilus_trader.adapters.binance.futures.http.account import BinanceFuturesAccountHttpAPI
from nautilus_trader.adapters.binance.http.client import BinanceHttpClient
from nautilus_trader.common.component import LiveClock
from nautilus_trader.core.nautilus_pyo3 import HttpClient, HttpMethod

from benchmarks.clients.orders import (
    BINANCE_KEY,
    BINANCE_SECRET,
    RECV_WINDOW_MS,
    UPBIT_PATH,
    pair,
    upbit_request,
)
from benchmarks.clients.serving import SendPair, Target, run


@asynccontextmanager
async def connected(target: Target) -> AsyncIterator[SendPair]:
    """Both clients."""
    clock = LiveClock()
    binance = BinanceFuturesAccountHttpAPI(
        BinanceHttpClient(clock, BINANCE_KEY, BINANCE_SECRET, target.binance), clock
    )
    upbit = HttpClient()

    async def spot(token: str, body: bytes) -> None:
        answer = await upbit.request(
            HttpMethod.POST,
            url=f"{target.upbit}{UPBIT_PATH}",
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json; charset=utf-8",
                "Accept": "application/json",
            },
            body=body,
        )
        json.loads(answer.body)

    async def send_pair(number: int) -> None:
        order = pair(number)
        token, body = upbit_request(order)
        await asyncio.gather(
            binance.new_order(
                symbol=f"{order.base}USDT",
                side=BinanceOrderSide.SELL,
                order_type=BinanceOrderType.LIMIT,
                time_in_force=BinanceTimeInForce.IOC,
                quantity=order.quantity,
                price=order.price_usdt,
                new_client_order_id=f"{order.name}-ho1",
                recv_window=str(RECV_WINDOW_MS),
            ),
            spot(token, body),
        )

    yield send_pair


if __name__ == "__main__":
    run(connected)
