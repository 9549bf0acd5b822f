"""Our adapter on the same stage as the other clients."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.conformance.binance.testbed import KEYS, TestBed
from trading_platform_order.domain.order import Leg, Order, OrderSide, OrderType, Purpose
from trading_platform_order.domain.order_identity.client_order_id import order_uuid
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.binance import BinanceExchange
from trading_platform_order.exchanges.binance.orders.algo import AlgoKind, AlgoOrder
from trading_platform_order.exchanges.binance.requests.rest import budgets
from trading_platform_order.exchanges.config import BinanceConfig, Credentials
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport, AiohttpWebSockets
from trading_platform_order.transport.clock import SystemClock
from trading_platform_order.transport.limiter import RateLimiter

SYMBOL = "BTCUSDT"


@asynccontextmanager
async def our_exchange(testbed: TestBed, **settings: Any) -> AsyncIterator[BinanceExchange]:  # noqa: ANN401 - any field of the configuration
    """The adapter with real sockets."""
    config = BinanceConfig(
        rest_url=testbed.rest,
        ws_url=testbed.ws,
        credentials=Credentials(key=KEYS.binance_api_key, secret=KEYS.binance_secret_key),
    )
    config = replace(config, **settings)
    sockets = AiohttpWebSockets()
    exchange = BinanceExchange(
        http=AiohttpTransport(),
        websocket=sockets,
        clock=SystemClock(),
        limiter=RateLimiter(budgets(config), monotonic=asyncio.get_running_loop().time),
        config=config,
        retry_delay_s=0.01,
    )
    try:
        yield exchange
    finally:
        await exchange.close()
        await sockets.close()


def our_order(client_order_id: str, **changes: Any) -> Order:  # noqa: ANN401 - any field of Order
    """A market sell of 0.01 BTC unless told otherwise."""
    order = Order(
        id=order_uuid(client_order_id),
        client_order_id=client_order_id,
        exchange=Venue.BINANCE,
        symbol=SYMBOL,
        side=OrderSide.SELL,
        type=OrderType.MARKET,
        quantity=Decimal("0.01"),
        leg=Leg.HEDGE,
        purpose=Purpose.OPEN,
        attempt=1,
        signal_id="s1",
        created_at=SystemClock().now(),
    )
    return replace(order, **changes)


def our_stop(client_algo_id: str, kind: AlgoKind, **changes: Any) -> AlgoOrder:  # noqa: ANN401 - any field of AlgoOrder
    """A conditional buy of 0.01 BTC."""
    order = AlgoOrder(
        client_algo_id=client_algo_id,
        symbol=SYMBOL,
        side=OrderSide.BUY,
        kind=kind,
        quantity=Decimal("0.01"),
    )
    return replace(order, **changes)
