"""What the two simulated exchanges offer to their faces (loopback server, in-process transport).

A simulated exchange is synchronous and owns all of its state: a request is handled at one instant
of the shared clock. Latency, loss and every other fault belong to the gateway in front of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol, TypeGuard, runtime_checkable

from exchange_simulator.faults.kinds import VenueFault
from exchange_simulator.wire import HttpRequest, HttpResponse

Deliver = Callable[[str], None]
Schedule = Callable[[float, Callable[[], None]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketTick:
    """One step of the replayed market for one base asset.

    Attributes:
        upbit_*: KRW; ``binance_*``: USDT. ``high``/``low`` are of the bar that just closed.
        krw_usdt: KRW for one USDT on Upbit's KRW-USDT market.
        funding_rate: the rate that the next funding settlement would use.
    """

    base: str
    at: datetime
    upbit_close: Decimal
    upbit_high: Decimal
    upbit_low: Decimal
    binance_close: Decimal
    binance_high: Decimal
    binance_low: Decimal
    krw_usdt: Decimal
    funding_rate: Decimal


class StreamSession(Protocol):
    """One open WebSocket as the exchange sees it."""

    def on_message(self, text: str) -> None:
        """The client sent a text message."""
        ...

    def on_close(self) -> None:
        """The client is gone; nothing more is delivered."""
        ...


@runtime_checkable
class EndsConnections(StreamSession, Protocol):
    """A session that closes its connection itself: idle ones, and those that are too old."""

    def on_open(self, hang_up: Callable[[str], None]) -> None:
        """The connection stands; ``hang_up`` closes it, with a reason."""
        ...

    def on_ping(self) -> None:
        """The client sent a ping frame: it is not idle."""
        ...


def ends_connections(session: StreamSession) -> TypeGuard[EndsConnections]:
    """Whether it is one that does; to look at each of its methods is slow, so a kind once."""
    return _is_of_those(type(session))


@lru_cache(maxsize=64)
def _is_of_those(kind: type) -> bool:
    return issubclass(kind, EndsConnections)


class SimulatedVenue(Protocol):
    """One simulated exchange."""

    name: str

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one REST request. ``request.url`` may be absolute; path and query count."""
        ...

    def open_stream(
        self, target: str, headers: Mapping[str, str], deliver: Deliver
    ) -> StreamSession | HttpResponse:
        """Accept a WebSocket for a path with query, or refuse the handshake."""
        ...

    def advance(self, ticks: Sequence[MarketTick]) -> None:
        """The market moved: rebuild books, match resting orders, pay funding, push streams."""
        ...

    def refuse_next_order(self, code: str | None) -> None:
        """The next order request is refused (and, on Upbit, burns its identifier).

        ``code``: the exchange's own error name or code; ``None`` picks insufficient funds/margin.
        """
        ...

    def suffer(self, trouble: VenueFault) -> None:
        """What a fault does inside the exchange, just before it handles the next order."""
        ...

    def is_order_request(self, request: HttpRequest) -> bool:
        """Whether the request would place an order (not a test or a cancel)."""
        ...

    def state(self) -> dict[str, Any]:
        """Balances, positions and all orders ever placed, JSON-ready, decimals as text."""
        ...
