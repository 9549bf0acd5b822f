"""The simulated exchange on loopback sockets, and other people's clients pointed at it.

The clients are unmodified; only addresses and keys are set (see the exchange facts, section 18).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import binance
import ccxt.pro

from exchange_simulator.binance.venue import SimulatedBinance
from exchange_simulator.exchanges import (
    Opening,
    SimulatedWorld,
    SimulatorKeys,
    open_world,
)
from exchange_simulator.ports import MarketTick
from exchange_simulator.serving.control import Control
from exchange_simulator.serving.loopback import LoopbackServers
from tests.conformance.counting import count_calls
from trading_platform_order.domain.venue import Venue
from trading_platform_order.transport.clock import SystemClock

KEYS = SimulatorKeys()
PRICE = "100000"
Json = Any  # whatever a client makes of an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRequest:
    """One request as it came to the exchange, without its signature."""

    method: str
    path: str
    params: dict[str, str]


class TestBed:
    """A running exchange."""

    def __init__(self, world: SimulatedWorld, ready: dict[str, Any]) -> None:
        self.world = world
        self.rest: str = ready["binance"]["rest"]
        self.ws: str = ready["binance"]["ws"]
        self.gateway = world.gateways[Venue.BINANCE]

    @property
    def venue(self) -> SimulatedBinance:
        assert isinstance(self.world.binance, SimulatedBinance)
        return self.world.binance

    def tick(self, price: str = PRICE, *, low: str | None = None, high: str | None = None) -> None:
        self.world.show(
            [
                MarketTick(
                    base="BTC",
                    at=self.world.clock.now(),
                    upbit_close=Decimal(price) * 1_390,
                    upbit_high=Decimal(high or price) * 1_390,
                    upbit_low=Decimal(low or price) * 1_390,
                    binance_close=Decimal(price),
                    binance_high=Decimal(high or price),
                    binance_low=Decimal(low or price),
                    krw_usdt=Decimal(1_390),
                    funding_rate=Decimal("0.0001"),
                )
            ]
        )

    def seen(self) -> list[SeenRequest]:
        """Every request so far."""
        return [_seen(row.method, row.target, row.body) for row in self.gateway.requests]

    def last(self, method: str, path: str) -> SeenRequest:
        """The newest request of this kind."""
        return next(r for r in reversed(self.seen()) if (r.method, r.path) == (method, path))


def _seen(method: str, target: str, body: str) -> SeenRequest:
    parts = urlsplit(target)
    params = dict(parse_qsl(body, keep_blank_values=True))
    params |= dict(parse_qsl(parts.query, keep_blank_values=True))
    params.pop("signature", None)
    return SeenRequest(method=method, path=parts.path, params=params)


@asynccontextmanager
async def running(*, raise_limits: bool = False) -> AsyncIterator[TestBed]:
    """An exchange with 70,000 USDT and BTC at 100,000."""
    world = open_world(
        clock=SystemClock(),
        keys=KEYS,
        opening=Opening(krw=Decimal(1_000_000), usdt=Decimal(70_000)),
        raise_limits=raise_limits,
    )
    async with LoopbackServers(world, KEYS, Control(world), hold_s=0.2) as servers:
        testbed = TestBed(world, servers.ready())
        testbed.tick()
        try:
            yield testbed
        finally:
            count_calls(world)


def ccxt_settings(testbed: TestBed) -> dict[str, Any]:
    """The configuration of ccxt's ``binanceusdm`` for this exchange."""
    rest = {
        name: f"{testbed.rest}/{base}"
        for name, base in {
            "fapiPublic": "fapi/v1",
            "fapiPublicV2": "fapi/v2",
            "fapiPublicV3": "fapi/v3",
            "fapiPrivate": "fapi/v1",
            "fapiPrivateV2": "fapi/v2",
            "fapiPrivateV3": "fapi/v3",
            "sapi": "sapi/v1",
            "sapiV2": "sapi/v2",
            "sapiV3": "sapi/v3",
            "public": "api/v3",
            "private": "api/v3",
        }.items()
    }
    sockets = {"linear": f"{testbed.ws}/ws", "ws-api": {"linear": f"{testbed.ws}/ws-fapi/v1"}}
    return {
        "apiKey": KEYS.binance_api_key,
        "secret": KEYS.binance_secret_key,
        "enableRateLimit": False,
        "urls": {"api": {**rest, "ws": sockets}},
    }


@asynccontextmanager
async def ccxt_client(testbed: TestBed, **settings: object) -> AsyncIterator[Json]:
    """ccxt.pro (REST and streams) for USDS-M futures."""
    client = ccxt.pro.binanceusdm({**ccxt_settings(testbed), **settings})
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def python_binance(testbed: TestBed, *, key: str | None = None) -> AsyncIterator[Json]:
    """python-binance's asynchronous client; its addresses are class attributes."""

    class Client(binance.AsyncClient):  # type: ignore[misc]  # it carries no types
        API_URL = f"{testbed.rest}/api"
        MARGIN_API_URL = f"{testbed.rest}/sapi"
        FUTURES_URL = f"{testbed.rest}/fapi"
        WS_FUTURES_URL = f"{testbed.ws}/ws-fapi/v1"

    client = await Client.create(key or KEYS.binance_api_key, KEYS.binance_secret_key)
    try:
        yield client
    finally:
        await client.close_connection()
