"""Signs of life to the outside: a dead man's switch that calls operators when they stop.

One GET now and then to an address that belongs to this program alone. Whoever receives them (any
"heartbeat monitor") alerts when none has come for too long, so that the loss of engine, watchdog
and store together is noticed too. The address is a secret: it is in no text that leaves here.
"""

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

from trading_platform_order.transport.http import HttpRequest, HttpResponse, HttpTransport

TIMEOUT_S = 10.0
_SUCCESS = range(200, 300)
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class ExternalHeartbeat:
    """Runs as one task.

    Args:
        is_healthy: asked before each; while it is false nothing is sent, so that operators are
        called. on_problem: told when the first fails in a row, and when they work again.

    Raises:
        ValueError: the address is not https (http is taken on loopback only); it is not shown.
    """

    def __init__(
        self,
        *,
        http: HttpTransport,
        url: str,
        interval_s: float,
        is_healthy: Callable[[], bool] = lambda: True,
        on_problem: Callable[[str], None] = lambda _: None,
    ) -> None:
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        if not safe or not parts.hostname:
            raise ValueError("a heartbeat address must begin with https://")
        self._http = http
        self._url = url
        self._interval_s = interval_s
        self._is_healthy = is_healthy
        self._on_problem = on_problem
        self._failing = False

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            if self._is_healthy():
                await self._send()
            await asyncio.sleep(self._interval_s)

    async def _send(self) -> None:
        request = HttpRequest(method="GET", url=self._url, timeout_s=TIMEOUT_S)
        answer = await self._http.send(request)
        works = isinstance(answer, HttpResponse) and answer.status in _SUCCESS
        if works is self._failing:
            self._failing = not works
            words = "is received again" if works else "is not received; operators may be called"
            self._on_problem(f"the sign of life to the outside {words}")
