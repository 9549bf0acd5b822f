"""A calendar that jumps while the clock is measured must not be taken for a difference."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from exchange_simulator.clock import MarketClock
from exchange_simulator.exchanges import Opening, SimulatorKeys, open_world
from exchange_simulator.gateway.gateway import Gateway
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.binance import BinanceExchange, budgets
from trading_platform_order.exchanges.config import BinanceConfig, Credentials
from trading_platform_order.market.generated import generate_bars
from trading_platform_order.runtime.paper.in_process_transport import (
    InProcessHttp,
    InProcessWebSockets,
)
from trading_platform_order.transport.http import HttpRequest, HttpResult
from trading_platform_order.transport.limiter import RateLimiter

START = datetime(2026, 11, 22, tzinfo=UTC)
BINANCE = "https://binance.invalid"


class JumpDuringTheFirstMeasurement:
    """Steps the market's calendar by five minutes while the first time request is under way."""

    def __init__(self, gateways: Mapping[str, Gateway], clock: MarketClock) -> None:
        self._inner = InProcessHttp(gateways)
        self._clock = clock
        self.jumps = 0

    async def send(self, request: HttpRequest) -> HttpResult:
        result = await self._inner.send(request)
        if request.url.endswith("/fapi/v1/time") and not self.jumps:
            self.jumps += 1
            self._clock.set(self._clock.now() + timedelta(minutes=5))
        return result

    async def close(self) -> None:
        await self._inner.close()


@in_virtual_time
async def test_a_jump_during_the_measurement_is_thrown_away() -> None:
    loop = asyncio.get_running_loop()
    clock = MarketClock(START, loop.time)
    keys = SimulatorKeys()
    opening = Opening(krw=Decimal(1_000_000), usdt=Decimal(5_000))
    world = open_world(clock=clock, keys=keys, opening=opening)
    world.step([("BTC", generate_bars(seed=1, bars=1, symbol="BTC")[0])])
    routes = {BINANCE: world.gateways[Venue.BINANCE]}
    http = JumpDuringTheFirstMeasurement(routes, clock)
    config = BinanceConfig(
        rest_url=BINANCE,
        ws_url=BINANCE,
        credentials=Credentials(key=keys.binance_api_key, secret=keys.binance_secret_key),
    )
    exchange = BinanceExchange(
        http=http,
        websocket=InProcessWebSockets(routes),
        clock=clock,
        limiter=RateLimiter(budgets(config), loop.time),
        config=config,
    )

    assert await exchange.prepare(("BTCUSDT",), leverage=2) is None
    assert http.jumps == 1
    # Nothing was refused for its time: the jump was not taken for a difference.
    outcomes = {record.outcome for record in world.gateways[Venue.BINANCE].requests}
    assert outcomes == {"200"}
    world.close()
