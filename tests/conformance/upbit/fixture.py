"""A simulated Upbit on the loopback interface and other people's clients, unmodified, around it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import ccxt.pro
import upbit

from exchange_simulator.clock import MarketClock
from exchange_simulator.exchanges import (
    Opening,
    SimulatedWorld,
    SimulatorKeys,
    open_world,
)
from exchange_simulator.gateway.gateway import Gateway
from exchange_simulator.serving.control import Control
from exchange_simulator.serving.loopback import LoopbackServers
from exchange_simulator.upbit import SimulatedUpbit
from tests.conformance.counting import count_calls
from tests.fakes.bars import START, bar
from trading_platform_order.domain.venue import Venue

KEYS = SimulatorKeys()
#: every test is over after this, whatever a client does
LIMIT_S = 10.0
Ccxt = Any  # it has no types
Setting = Any  # whatever a client's constructor takes


class UpbitFixture:
    """One exchange over real sockets.

    Attributes:
        world: what is behind the sockets.
        rest: address of the REST side, ``ws``: of the streams.
    """

    def __init__(self, world: SimulatedWorld, rest: str, ws: str) -> None:
        self.world = world
        self.rest = rest
        self.ws = ws

    @property
    def venue(self) -> SimulatedUpbit:
        """The exchange itself."""
        assert isinstance(self.world.upbit, SimulatedUpbit)
        return self.world.upbit

    @property
    def gateway(self) -> Gateway:
        """Its door, which remembers every request."""
        return self.world.gateways[Venue.UPBIT]

    def orders(self) -> list[dict[str, Any]]:
        """Every order the exchange ever took."""
        rows: list[dict[str, Any]] = self.venue.state()["orders"]
        return rows

    def heard_by_private_streams(self) -> set[str]:
        """What private streams are subscribed to by now: a client cannot tell when it is."""
        return {
            wish.type
            for session in self.venue._feed._sessions
            if session._is_private
            for wish in session._subscriptions
        }

    def ccxt(self, **settings: object) -> Ccxt:
        """ccxt (REST and streams), told where to go by its settings alone."""
        api = {"public": self.rest, "private": self.rest, "ws": self.ws}
        return ccxt.pro.upbit(
            {
                "apiKey": KEYS.upbit_access_key,
                "secret": KEYS.upbit_secret_key,
                "enableRateLimit": False,
                "urls": {"api": api},
                **settings,
            }
        )

    def sdk(self, **settings: Setting) -> upbit.AsyncUpbit:
        """The official client, told where to go by its arguments alone."""
        return upbit.AsyncUpbit(**self._sdk_settings(settings))

    def sync_sdk(self, **settings: Setting) -> upbit.Upbit:
        """The official blocking client."""
        return upbit.Upbit(**self._sdk_settings(settings))

    def _sdk_settings(self, settings: dict[str, Setting]) -> dict[str, Setting]:
        # Retries of its own would send an order twice.
        return {
            "access_key": KEYS.upbit_access_key,
            "secret_key": KEYS.upbit_secret_key,
            "base_url": self.rest,
            "websocket_base_url": self.ws.removesuffix("/websocket/v1"),
            "max_retries": 0,
            **settings,
        }


@asynccontextmanager
async def open_fixture(
    *, raise_limits: bool = False, limit_s: float = LIMIT_S
) -> AsyncIterator[UpbitFixture]:
    """A market with one price, an account with money and coins, and sockets."""
    loop = asyncio.get_running_loop()
    world = open_world(
        clock=MarketClock(START, loop.time),
        keys=KEYS,
        opening=Opening(
            krw=Decimal(100_000_000), usdt=Decimal(1_000), coins={"BTC": Decimal("0.5")}
        ),
        raise_limits=raise_limits,
    )
    world.step([("BTC", bar())])
    async with (
        asyncio.timeout(limit_s),
        LoopbackServers(world, KEYS, Control(world), hold_s=0.2) as servers,
    ):
        ready = servers.ready()["upbit"]
        try:
            yield UpbitFixture(world, ready["rest"], ready["ws"])
        finally:
            count_calls(world)


async def until(is_true: Callable[[], bool], *, limit_s: float = 2.0) -> None:
    """Wait for something that another task brings about."""
    async with asyncio.timeout(limit_s):
        while not is_true():  # noqa: ASYNC110 - what is waited for is plain state
            await asyncio.sleep(0.001)
