"""Counts how often in a row an exchange's private calls failed, for the emergency stop.

What an exchange refuses to the whole account (401, 403) is counted beside it: so it tells of
maintenance and of a dead key, by reads as by orders, and that is a reason to ask for an order test.

Reads that trading does not need are not among them: they may fail alone.

A time-out, a network error and a 5xx count. A refusal, 429 and 418 are answers of a working
exchange and leave the count as it is; only a 2xx on a private call ends the row. Nothing is
retried, delayed or changed on its way.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import attrs

from trading_platform_order.transport.http import (
    HttpRequest,
    HttpResponse,
    HttpResult,
    HttpTransport,
)

ERRORS_MAX = 1_000
"""Times of failures that are remembered."""
_TURNED_AWAY = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


@dataclass(slots=True)
class CallHealth:
    """Of one exchange's private calls.

    Attributes:
        errors_in_a_row: failures without a success between.
        turned_away_in_a_row: answers 401 and 403 without a success between; no failures.
        answer_ms: how long the last answered one took, milliseconds; ``None`` before any.
    """

    errors_in_a_row: int = 0
    turned_away_in_a_row: int = 0
    answer_ms: float | None = None
    _errors_s: deque[float] = field(default_factory=lambda: deque(maxlen=ERRORS_MAX))

    def errors_since(self, since_s: float) -> int:
        """Failures from then on, at most so many as are remembered; of the event loop's clock."""
        return sum(at_s >= since_s for at_s in self._errors_s)

    def saw(self, result: HttpResult, *, began_s: float, ended_s: float) -> None:
        """One private call ended so; both times are of the event loop's clock, seconds."""
        if isinstance(result, HttpResponse):
            self.answer_ms = (ended_s - began_s) * 1_000
        if not isinstance(result, HttpResponse) or result.is_server_error:
            self._errors_s.append(ended_s)
            self.errors_in_a_row += 1
        elif result.is_success:
            self.errors_in_a_row = self.turned_away_in_a_row = 0
        elif result.status in _TURNED_AWAY:
            self.turned_away_in_a_row += 1


@attrs.define(eq=False, repr=False)
class WatchedHttp:
    """A transport whose private calls are counted.

    Args:
        is_private: tells a call that counts from one that does not.
    """

    _http: HttpTransport
    _health: CallHealth
    _is_private: Callable[[HttpRequest], bool]

    def send(self, request: HttpRequest) -> Awaitable[HttpResult]:
        """Started before anything else is done: nothing is added in front of the wire."""
        pending = self._http.send(request)
        return self._seen(pending) if self._is_private(request) else pending

    async def _seen(self, pending: Awaitable[HttpResult]) -> HttpResult:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        result = await pending
        self._health.saw(result, began_s=began_s, ended_s=loop.time())
        return result

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()


ORDER_TESTS = ("/v1/orders/test", "/fapi/v1/order/test")

UNNEEDED = (
    "/v1/api_keys",
    "/v1/status/wallet",
    "/fapi/v1/accountConfig",
    "/fapi/v1/feeBurn",
    "/fapi/v1/symbolConfig",
)
"""Signed reads that nothing depends on: expiry, wallets, settings."""

_UNCOUNTED = (*ORDER_TESTS, *UNNEEDED)


def counts(request: HttpRequest) -> bool:
    """Every signed call but those listed above.

    An order test is asked just because something may be wrong. Upbit signs with a header, Binance
    in the query string.
    """
    if request.label:
        return True  # an order: between its leg and the other one nothing more is looked at
    for path in _UNCOUNTED:  # a generator would cost more than all the looks, between two legs
        if path in request.url:
            return False
    return "Authorization" in request.headers or "signature=" in request.url
