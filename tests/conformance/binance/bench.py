"""Both sides of a card at once, in virtual time: the bare exchange by hand, and our adapter on it.

:meth:`Bench.ask` signs and sends a request as the documentation says, without any code of ours;
``bench.exchange`` is our adapter, unmodified, on the same simulated exchange.
"""

import asyncio
import functools
import hashlib
import hmac
import inspect
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from exchange_simulator.binance import SimulatedBinance
from exchange_simulator.clock import MarketClock
from exchange_simulator.exchanges import (
    Opening,
    SimulatedWorld,
    SimulatorKeys,
    open_world,
)
from exchange_simulator.faults.kinds import parse_faults
from exchange_simulator.ports import MarketTick
from tests.conformance.binance.our_side import our_order
from tests.conformance.counting import count_calls
from trading_platform_order.domain.order import Order
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.binance import BinanceExchange
from trading_platform_order.exchanges.binance.requests.rest import budgets
from trading_platform_order.exchanges.config import BinanceConfig, Credentials
from trading_platform_order.exchanges.port.stream_events import PrivateEvent
from trading_platform_order.runtime.paper.in_process_transport import (
    InProcessConnection,
    InProcessHttp,
    InProcessWebSockets,
)
from trading_platform_order.transport.clock import epoch_ms
from trading_platform_order.transport.http import HttpRequest, HttpResponse
from trading_platform_order.transport.limiter import RateLimiter
from trading_platform_order.transport.virtual_loop import run_virtual

START = datetime(2026, 11, 22, 9, tzinfo=UTC)
HOST = "https://binance.invalid"
KEYS = SimulatorKeys()
S = "BTCUSDT"
Json = Any  # whatever the exchange says


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """An answer of the bare exchange."""

    status: int
    headers: dict[str, str]
    body: Json

    @property
    def code(self) -> int:
        """The error code; zero where there is none."""
        return int(self.body.get("code", 0)) if isinstance(self.body, dict) else 0


class Bench:
    """A running exchange with BTC at 100,000 USDT, and both ways to it."""

    def __init__(self, world: SimulatedWorld, clock: MarketClock, config: BinanceConfig) -> None:
        self.world = world
        self.clock = clock
        self.gateway = world.gateways[Venue.BINANCE]
        routes = {HOST: self.gateway}
        self._http = InProcessHttp(routes)
        self.sockets = InProcessWebSockets(routes)
        self.exchange = BinanceExchange(
            http=self._http,
            websocket=self.sockets,
            clock=clock,
            limiter=RateLimiter(budgets(config), asyncio.get_running_loop().time),
            config=config,
            retry_delay_s=0.01,
        )

    @property
    def venue(self) -> SimulatedBinance:
        assert isinstance(self.world.binance, SimulatedBinance)
        return self.world.binance

    async def ask(
        self,
        method: str,
        path: str,
        *,
        late_ms: int = 0,
        key: str = KEYS.binance_api_key,
        secret: str = KEYS.binance_secret_key,
        **params: object,
    ) -> Reported:
        """One signed request, made by hand; ``late_ms`` ages its timestamp."""
        params["timestamp"] = epoch_ms(self.clock.now()) - late_ms
        query = urlencode(params)
        signature = hmac.new(secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        answer = await self._http.send(
            HttpRequest(
                method=method,
                url=f"{HOST}{path}?{query}&signature={signature}",
                headers={"X-MBX-APIKEY": key} if key else {},
            )
        )
        assert isinstance(answer, HttpResponse)
        return Reported(
            status=answer.status, headers=dict(answer.headers), body=json.loads(answer.body)
        )

    async def order(self, side: str = "SELL", quantity: str = "0.01", **more: Json) -> Reported:
        """A MARKET order, or a LIMIT one where a price is given."""
        if "price" in more:
            more = {"timeInForce": "GTC", "type": "LIMIT", **more}
        wish = {"type": "MARKET", "newOrderRespType": "RESULT", **more}
        return await self.ask(
            "POST", "/fapi/v1/order", symbol=S, side=side, quantity=quantity, **wish
        )

    async def stop(self, trigger: str, *, side: str = "BUY", **more: Json) -> Reported:
        """A STOP_MARKET of 0.01."""
        wish = {"type": "STOP_MARKET", "quantity": "0.01", "triggerPrice": trigger, **more}
        return await self.ask(
            "POST", "/fapi/v1/algoOrder", algoType="CONDITIONAL", symbol=S, side=side, **wish
        )

    async def position(self) -> Json:
        """The first row of positionRisk, ``None`` when flat."""
        rows = (await self.ask("GET", "/fapi/v3/positionRisk", symbol=S)).body
        return rows[0] if rows else None

    def ours(self, name: str, **changes: Any) -> Order:  # noqa: ANN401 - any field of Order
        """An order of our adapter, made now."""
        return our_order(name, created_at=self.clock.now(), **changes)

    def tick(self, price: str) -> None:
        """The market moves to this price."""
        at = Decimal(price)
        self.world.show(
            [
                MarketTick(
                    base="BTC",
                    at=self.clock.now(),
                    upbit_close=at * 1_390,
                    upbit_high=at * 1_390,
                    upbit_low=at * 1_390,
                    binance_close=at,
                    binance_high=at,
                    binance_low=at,
                    krw_usdt=Decimal(1_390),
                    funding_rate=Decimal("0.0001"),
                )
            ]
        )

    def arm(self, fault: str) -> None:
        """Something shall go wrong at this exchange."""
        for one in parse_faults(fault.replace("{", '{"venue":"binance",', 1).encode()):
            self.world.arm(one)

    async def listen(self, path: str) -> "Ear":
        """A bare WebSocket."""
        return Ear(await self.sockets.connect(f"{HOST}{path}", headers={}, timeout_s=5))

    async def private(self) -> "Ear":
        """A bare private stream on the account's key."""
        key = (await self.ask("POST", "/fapi/v1/listenKey")).body["listenKey"]
        return await self.listen(f"/private/ws?listenKey={key}")


class Ear:
    """A bare connection, and everything it told."""

    def __init__(self, connection: InProcessConnection) -> None:
        self._connection = connection
        self.heard: list[Json] = []
        self.is_closed = False

    async def listen_on(self, seconds: float = 0.5) -> list[Json]:
        """Everything told until it is silent for so long."""
        fresh: list[Json] = []
        while not self.is_closed:
            try:
                async with asyncio.timeout(seconds):
                    message = await self._connection.receive()
            except TimeoutError:
                break
            if isinstance(message, bytes):
                fresh.append(json.loads(message))
            else:
                self.is_closed = True
        self.heard += fresh
        return fresh

    async def ends_within(self, seconds: float) -> bool:
        """Whether the connection is closed after so long a silence."""
        await self.listen_on(seconds)
        return self.is_closed


BenchTest = Callable[..., Coroutine[Any, Any, None]]


def on_bench(
    *,
    limits: bool = False,
    usdt: str = "70000",
    **settings: Any,  # noqa: ANN401 - any field of the adapter's configuration
) -> Callable[[BenchTest], Callable[..., None]]:
    """Run a test with a fresh :class:`Bench` as its first argument, in virtual time."""

    def decorate(test: BenchTest) -> Callable[..., None]:
        @functools.wraps(test)
        def run(**named: object) -> None:
            run_virtual(_play(test, named, limits=limits, usdt=usdt, settings=settings))

        signature = inspect.signature(test)
        run.__signature__ = signature.replace(  # type: ignore[attr-defined]  # pytest reads it
            parameters=list(signature.parameters.values())[1:]
        )
        return run

    return decorate


in_virtual_time = on_bench()


async def _play(
    test: BenchTest,
    named: dict[str, object],
    *,
    limits: bool,
    usdt: str,
    settings: dict[str, Any],
) -> None:
    clock = MarketClock(START, asyncio.get_running_loop().time)
    world = open_world(
        clock=clock,
        keys=KEYS,
        opening=Opening(krw=Decimal(1_000_000), usdt=Decimal(usdt)),
        raise_limits=limits,
    )
    config = BinanceConfig(
        rest_url=HOST,
        ws_url=HOST,
        spot_url=HOST,
        credentials=Credentials(key=KEYS.binance_api_key, secret=KEYS.binance_secret_key),
        orders_per_10s=300,
        weight_per_min=2_400,
    )
    bench = Bench(world, clock, replace(config, **settings))
    bench.tick("100000")
    try:
        await test(bench, **named)
    finally:
        count_calls(world)
        world.close()


async def until(holds: Callable[[], bool], *, within_s: float = 10.0) -> None:
    """Wait for something another task brings about."""
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - plain state; time is virtual
            await asyncio.sleep(0.01)


def kinds(events: list[PrivateEvent]) -> list[str]:
    """The names of the events our adapter told."""
    return [type(event).__name__ for event in events]
