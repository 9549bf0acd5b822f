"""``send``: our adapters alone, signing included; no journal, no rules, no streams."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from benchmarks.clients.orders import (
    BINANCE_KEY,
    BINANCE_SECRET,
    UPBIT_ACCESS,
    UPBIT_SECRET,
    Pair,
    pair,
)
from benchmarks.clients.serving import SendPair, Target, run
from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderSide,
    OrderType,
    Purpose,
    TimeInForce,
)
from trading_platform_order.domain.outcome import Accepted
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.config import BinanceConfig, Credentials, UpbitConfig
from trading_platform_order.runtime.assembly import Network, make_exchanges, warm_servers
from trading_platform_order.transport.aiohttp_transport import AiohttpWebSockets
from trading_platform_order.transport.clock import SystemClock
from trading_platform_order.transport.http1.http1_transport import Http1Transport

_UNLIMITED = 10**9


def orders_of(wanted: Pair) -> tuple[Order, Order]:
    """Spot and hedge order of a pair."""
    spot = Order(
        id=wanted.name,
        client_order_id=f"{wanted.name}-so1",
        exchange=Venue.UPBIT,
        symbol=f"{wanted.base}-KRW",
        side=OrderSide.BUY,
        type=OrderType.LIMIT,
        quantity=Decimal(wanted.quantity),
        price=Decimal(wanted.price_krw),
        time_in_force=TimeInForce.IOC,
        leg=Leg.SPOT,
        purpose=Purpose.OPEN,
        attempt=1,
        signal_id=wanted.name,
        created_at=datetime.now(UTC),
    )
    hedge = replace(
        spot,
        client_order_id=f"{wanted.name}-ho1",
        exchange=Venue.BINANCE,
        symbol=f"{wanted.base}USDT",
        side=OrderSide.SELL,
        price=Decimal(wanted.price_usdt),
        leg=Leg.HEDGE,
    )
    return spot, hedge


@asynccontextmanager
async def connected(target: Target) -> AsyncIterator[SendPair]:
    """Both adapters as an engine makes them, with budgets that never run out."""
    upbit = UpbitConfig(
        rest_url=target.upbit,
        ws_url="",
        credentials=Credentials(key=UPBIT_ACCESS, secret=UPBIT_SECRET),
        orders_per_s=_UNLIMITED,
    )
    binance = BinanceConfig(
        rest_url=target.binance,
        ws_url="",
        credentials=Credentials(key=BINANCE_KEY, secret=BINANCE_SECRET),
        orders_per_10s=_UNLIMITED,
        weight_per_min=_UNLIMITED,
    )
    http, websockets = Http1Transport(warm=warm_servers(upbit, binance)), AiohttpWebSockets()
    exchanges = make_exchanges(
        network=Network(
            http=http,
            websockets=websockets,
            clock=SystemClock(),
            nonce=lambda: str(uuid.uuid4()),
        ),
        upbit_config=upbit,
        binance_config=binance,
    )

    async def send_pair(number: int) -> None:
        spot, hedge = orders_of(pair(number))
        waiting = exchanges.hedge.send(hedge), exchanges.spot.send(spot)
        for outcome in waiting:
            answer = await outcome
            if not isinstance(answer, Accepted):
                raise ConnectionError(f"not accepted: {answer}")

    yield send_pair
    await http.close()
    await websockets.close()


if __name__ == "__main__":
    run(connected)
