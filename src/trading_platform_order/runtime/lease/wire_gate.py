"""The last look at the lease, between an order's signature and its first byte.

Between the decision and the wire an order may wait: for a request budget, or because the whole
process was stopped. The lease is therefore asked where the signed request is handed over, and
nothing is awaited after it. A process that is stopped behind this point still sends when it wakes,
but what it sends was signed while it held the account: Binance takes it for ``recvWindow`` at most,
which is what a successor waits out, and on Upbit the identifier was used up by the successor's
look-up.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from trading_platform_order.executor.ports import always
from trading_platform_order.transport.decorators.read_only_http import FencedHttp
from trading_platform_order.transport.http import HttpRequest, HttpTransport

CLOSED = "the account's lease is not held"


class WireGate:
    """Shut while the engine cannot be sure that the account is its own.

    Attributes:
        may_send: set by the engine that sends through it; open before.
    """

    def __init__(self) -> None:
        self.may_send: Callable[[], bool] = always

    def before(self, http: HttpTransport, harmless: frozenset[tuple[str, str]]) -> HttpTransport:
        """A transport that lets out reads and ``harmless`` requests, and everything while open."""

        def lets_out(request: HttpRequest) -> bool:
            if request.method == "GET" or self.may_send():
                return True
            return (request.method, urlsplit(request.url).path) in harmless

        return FencedHttp(http, is_harmless=lets_out, because=CLOSED)
