"""The engine's own adapters, joined to the simulated exchanges in this process."""

from collections.abc import Awaitable, Callable, Sequence

from exchange_simulator.exchanges import SimulatedWorld, SimulatorKeys
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.config import BinanceConfig, Credentials, UpbitConfig
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.runtime.assembly import Network, make_exchanges
from trading_platform_order.runtime.lease.wire_gate import WireGate
from trading_platform_order.runtime.paper.in_process_transport import (
    InProcessHttp,
    InProcessWebSockets,
)
from trading_platform_order.simulation.testbed.crash_ports import (
    CrashableHttp,
    CrashableWebSockets,
    CrashPoint,
    Listener,
)
from trading_platform_order.transport.clock import Clock
from trading_platform_order.transport.http import HttpRequest, HttpResult, HttpTransport


class HeardHttp:
    """Tells of each request when it is handed over."""

    def __init__(self, inner: HttpTransport, handed: Listener) -> None:
        self._inner = inner
        self._handed = handed

    def send(self, request: HttpRequest) -> Awaitable[HttpResult]:
        """As the transport beneath."""
        self._handed(request)
        return self._inner.send(request)

    async def close(self) -> None:
        """Close the transport beneath."""
        await self._inner.close()


URLS = {
    Venue.UPBIT: ("https://upbit.invalid", "wss://upbit.invalid"),
    Venue.BINANCE: ("https://binance.invalid", "wss://binance.invalid"),
}


def in_process_pair(
    world: SimulatedWorld,
    keys: SimulatorKeys,
    *,
    crash_point: CrashPoint,
    clock: Clock,
    nonce: Callable[[], str],
    listeners: Sequence[Listener] = (),
    gate: WireGate | None = None,
    handed: Listener | None = None,
) -> PairExchanges:
    """Both exchanges as whoever dies at ``crash_point`` reaches them, with these keys.

    ``listeners``: told of every request as it leaves; ``handed``: when it is handed over, signed;
    ``nonce``: of what Upbit is sent; ``gate``: of the engine that holds the account.
    """
    gates = {Venue(name): gateway for name, gateway in world.gateways.items()}
    http = InProcessHttp({URLS[venue][0]: gate for venue, gate in gates.items()})
    sockets = InProcessWebSockets({URLS[venue][1]: gate for venue, gate in gates.items()})
    wire = CrashableHttp(http, crash_point, listeners)
    return make_exchanges(
        network=Network(
            http=wire if handed is None else HeardHttp(wire, handed),
            gate=gate or WireGate(),
            websockets=CrashableWebSockets(sockets, crash_point),
            clock=clock,
            nonce=nonce,
        ),
        upbit_config=UpbitConfig(
            rest_url=URLS[Venue.UPBIT][0],
            ws_url=URLS[Venue.UPBIT][1] + "/websocket/v1",
            credentials=Credentials(key=keys.upbit_access_key, secret=keys.upbit_secret_key),
        ),
        binance_config=BinanceConfig(
            rest_url=URLS[Venue.BINANCE][0],
            ws_url=URLS[Venue.BINANCE][1],
            credentials=Credentials(key=keys.binance_api_key, secret=keys.binance_secret_key),
        ),
    )
