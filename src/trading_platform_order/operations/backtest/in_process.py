"""A replay's engine and its exchanges in one process: no sockets, in virtual time."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from exchange_simulator.exchanges import SimulatedWorld, SimulatorKeys
from exchange_simulator.names import BINANCE, UPBIT
from trading_platform_order.operations.demo.replay_bed import Connected, replay_exchanges
from trading_platform_order.runtime.assembly import Network
from trading_platform_order.runtime.paper.in_process_transport import (
    InProcessHttp,
    InProcessWebSockets,
)
from trading_platform_order.transport.clock import Clock

_UPBIT = ("https://upbit.invalid", "wss://upbit.invalid/websocket/v1")
_BINANCE = ("https://binance.invalid", "wss://binance.invalid")


@asynccontextmanager
async def in_process(
    world: SimulatedWorld, keys: SimulatorKeys, clock: Clock
) -> AsyncIterator[Connected]:
    """The engine's own adapters on the exchanges' gateways."""
    nonces = itertools.count(1)
    upbit, binance = world.gateways[UPBIT], world.gateways[BINANCE]
    http = InProcessHttp({_UPBIT[0]: upbit, _BINANCE[0]: binance})
    websockets = InProcessWebSockets({"wss://upbit.invalid": upbit, _BINANCE[1]: binance})
    network = Network(
        http=http, websockets=websockets, clock=clock, nonce=lambda: f"backtest-{next(nonces)}"
    )
    exchanges = replay_exchanges(network, keys, upbit=_UPBIT, binance=_BINANCE)
    try:
        # Nothing is on a wire, so nothing is measured there.
        yield Connected(exchanges=exchanges, wire_time=lambda _: None)
    finally:
        await http.close()
