"""The HTTP port: one request, one outcome, no re-sending of any kind.

What matters to an order is not which error a library raised but whether the request can have
reached the exchange. So a transport returns one of three values and raises nothing for what the
network does::

    HttpResponse   the exchange (or something before it) answered
    NotSent        provably no byte of the request left (refused connection, name not resolved)
    MaybeSent      anything else: time-out, reset, broken answer

A transport never retries, follows no redirect, and never re-sends on a stale connection.
"""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, Protocol

# As numbers: asking the enumeration for its members costs more than the comparison.
_FIRST_SUCCESS, _FIRST_REDIRECT, _FIRST_SERVER_ERROR = 200, 300, 500


class HttpRequest(NamedTuple):
    """One request, complete and signed. A tuple, because making one is on the order path.

    Attributes:
        method: upper case.
        url: absolute, query string included and already percent-encoded.
        headers: as sent.
        body: as sent; empty for none.
        timeout_s: from the first byte out to the last byte in.
        label: names the request to whoever measures (a client order id); never sent.
    """

    method: str
    url: str
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes = b""
    timeout_s: float = 10.0
    label: str = ""


class HttpResponse(NamedTuple):
    """An answer; header names are lower case."""

    status: int
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes = b""

    @property
    def is_success(self) -> bool:
        """2xx."""
        return _FIRST_SUCCESS <= self.status < _FIRST_REDIRECT

    @property
    def is_server_error(self) -> bool:
        """5xx."""
        return self.status >= _FIRST_SERVER_ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """Provably nothing left this machine."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MaybeSent:
    """It may have reached the exchange; nothing more is known."""

    reason: str


HttpResult = HttpResponse | NotSent | MaybeSent


class HttpTransport(Protocol):
    """Carries requests."""

    def send(self, request: HttpRequest) -> Awaitable[HttpResult]:
        """Start sending; await the outcome. Never raises for what the network does."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
