"""Our own adapter over real sockets, beside the other people's clients."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

from tests.conformance.upbit.fixture import KEYS, UpbitFixture
from tests.fakes.bars import START
from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderSide,
    OrderType,
    Purpose,
    TimeInForce,
)
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.config import Credentials, UpbitConfig
from trading_platform_order.exchanges.upbit import UpbitExchange, budgets
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport, AiohttpWebSockets
from trading_platform_order.transport.clock import SystemClock
from trading_platform_order.transport.limiter import RateLimiter


@asynccontextmanager
async def our_adapter(fixture: UpbitFixture) -> AsyncIterator[UpbitExchange]:
    config = UpbitConfig(
        rest_url=fixture.rest,
        ws_url=fixture.ws,
        credentials=Credentials(key=KEYS.upbit_access_key, secret=KEYS.upbit_secret_key),
        orders_per_s=12,
        default_per_s=30,
    )
    sockets = AiohttpWebSockets()
    clock = SystemClock()
    adapter = UpbitExchange(
        http=AiohttpTransport(),
        websocket=sockets,
        clock=clock,
        limiter=RateLimiter(budgets(config), asyncio.get_running_loop().time),
        config=config,
        nonce=lambda: str(uuid.uuid4()),
    )
    try:
        yield adapter
    finally:
        await adapter.close()
        await sockets.close()


def an_order(
    identifier: str,
    *,
    symbol: str = "BTC-KRW",
    side: OrderSide = OrderSide.BUY,
    kind: OrderType = OrderType.MARKET,
    quantity: str = "0.001",
    price: str | None = None,
    quote: str | None = None,
    time_in_force: TimeInForce | None = None,
) -> Order:
    """An intent."""
    return Order(
        id="0",
        client_order_id=identifier,
        exchange=Venue.UPBIT,
        symbol=symbol,
        side=side,
        type=kind,
        quantity=Decimal(quantity),
        price=None if price is None else Decimal(price),
        quote_amount=None if quote is None else Decimal(quote),
        time_in_force=time_in_force,
        leg=Leg.SPOT,
        purpose=Purpose.OPEN,
        attempt=1,
        signal_id="conformance",
        created_at=START,
    )
