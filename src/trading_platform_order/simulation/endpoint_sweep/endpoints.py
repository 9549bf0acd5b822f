"""What can fail: every endpoint and stream that engine and watchdog use, and how each may fail.

The list is not written by hand. The cases are recorded once without a fault, and once more with
orders that are lost, so that look-ups and proofs of absence are asked for too; whatever the two
exchanges were asked for then is what the sweep arms. A test holds the list against the adapters.
"""

from collections.abc import Callable
from dataclasses import dataclass

from exchange_simulator.faults.kinds import (
    CutStream,
    DelayRequest,
    DelayResponse,
    DelayStream,
    DropRequest,
    DropResponse,
    Fault,
    HttpStatus,
    MessageMatch,
    MuteStream,
    OddAnswer,
    OddStream,
    RequestMatch,
    StreamMatch,
)
from trading_platform_order.domain.venue import Venue

LASTS_S = 600.0
LAG_S = 30.0
STREAM = "STREAM"
EVER = 1_000_000
PLACES_ORDERS = frozenset({"/v1/orders", "/fapi/v1/order"})
"""With POST: what a close cannot do without. All others are only read, or can be done without."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Endpoint:
    """One address of one exchange; ``method`` of a stream is ``STREAM``."""

    venue: Venue
    method: str
    path: str

    @property
    def name(self) -> str:
        """As it is shown and asked for."""
        return f"{self.venue} {self.method} {self.path}"

    @property
    def is_stream(self) -> bool:
        """Messages come by it."""
        return self.method == STREAM

    @property
    def is_market_stream(self) -> bool:
        """Prices come by it."""
        return self.is_stream and "private" not in self.path

    @property
    def places_orders(self) -> bool:
        """Without it no order gets there."""
        return self.method == "POST" and self.path in PLACES_ORDERS


Make = Callable[[Endpoint], Fault]


def _match(endpoint: Endpoint) -> RequestMatch:
    return RequestMatch(method=endpoint.method, path=endpoint.path)


def _messages(endpoint: Endpoint) -> MessageMatch:
    return MessageMatch(path=endpoint.path)


def _error(endpoint: Endpoint) -> Fault:
    match = _match(endpoint)
    return HttpStatus(venue=endpoint.venue, match=match, status=500, count=EVER)


def _error_taken(endpoint: Endpoint) -> Fault:
    return HttpStatus(
        venue=endpoint.venue, match=_match(endpoint), status=500, count=EVER, execute=True
    )


def _hang(endpoint: Endpoint) -> Fault:
    return DropRequest(venue=endpoint.venue, match=_match(endpoint), count=EVER)


def _hang_taken(endpoint: Endpoint) -> Fault:
    return DropResponse(venue=endpoint.venue, match=_match(endpoint), count=EVER)


def _lag(endpoint: Endpoint) -> Fault:
    match = _match(endpoint)
    return DelayResponse(venue=endpoint.venue, match=match, delay_s=LAG_S, count=EVER)


def _late(endpoint: Endpoint) -> Fault:
    match = _match(endpoint)
    return DelayRequest(venue=endpoint.venue, match=match, delay_s=LAG_S, count=EVER)


def _odd(endpoint: Endpoint) -> Fault:
    return OddAnswer(venue=endpoint.venue, match=_match(endpoint), count=EVER)


REQUEST_FAULTS: dict[str, Make] = {"500": _error, "hang": _hang, "lag": _lag, "odd_row": _odd}
ORDER_FAULTS: dict[str, Make] = REQUEST_FAULTS | {
    "500_taken": _error_taken,
    "hang_taken": _hang_taken,
    "late_arrival": _late,
}
"""An order may have been taken though its sender hears nothing of it, or arrive late."""
STREAM_FAULTS: dict[str, Make] = {
    "500": lambda endpoint: CutStream(
        venue=endpoint.venue, refuse_s=LASTS_S, match=StreamMatch(path=endpoint.path)
    ),
    "hang": lambda endpoint: MuteStream(
        venue=endpoint.venue, match=_messages(endpoint), count=EVER
    ),
    "lag": lambda endpoint: DelayStream(
        venue=endpoint.venue, match=_messages(endpoint), delay_s=LAG_S, count=EVER
    ),
    "odd_row": lambda endpoint: OddStream(
        venue=endpoint.venue, match=_messages(endpoint), count=EVER
    ),
}
"""A handshake that is refused, a stream that is silent, and one whose news is half a minute old."""


def faults_of(endpoint: Endpoint) -> dict[str, Make]:
    """By name, everything that the sweep does to one endpoint."""
    if endpoint.is_stream:
        return STREAM_FAULTS
    return ORDER_FAULTS if endpoint.places_orders else REQUEST_FAULTS
