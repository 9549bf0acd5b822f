"""A transport that lets only harmless requests out: nothing else can be placed through it."""

import asyncio
from collections.abc import Awaitable, Callable

from trading_platform_order.transport.http import HttpRequest, HttpResult, HttpTransport, NotSent


class FencedHttp:
    """Refuses everything that is not declared harmless, before a byte leaves.

    Args:
        inner: carries what is harmless.
        is_harmless: judges a request; whatever it does not know must be harmful to it.
        because: why the others are not let out.
    """

    def __init__(
        self,
        inner: HttpTransport,
        *,
        is_harmless: Callable[[HttpRequest], bool],
        because: str = "only reads are",
    ) -> None:
        self._inner = inner
        self._is_harmless = is_harmless
        self._because = because

    def send(self, request: HttpRequest) -> Awaitable[HttpResult]:
        """Start sending now, or refuse now."""
        if self._is_harmless(request):
            return self._inner.send(request)
        refused: asyncio.Future[HttpResult] = asyncio.get_running_loop().create_future()
        refused.set_result(NotSent(reason=f"{request.method} is not let out: {self._because}"))
        return refused

    async def close(self) -> None:
        """Close the inner transport."""
        await self._inner.close()
