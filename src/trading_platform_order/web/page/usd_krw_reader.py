"""Asks a service for KRW for one US dollar, once a minute, and keeps what it says in a file.

The engine neither asks nor reads it. Two forms are understood: an object ``{"krw_per_usd": "…",
"at": "…"}``, which anybody can serve, and the list of Dunamu's quotation service (code
``FRX.KRWUSD``: ``basePrice``, and ``timestamp`` in milliseconds), which is not documented and may
end any day. What is neither, or not believable, changes nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec

from trading_platform_order.observability.usd_krw import noted, read_usd_krw, write_usd_krw
from trading_platform_order.transport.http import HttpRequest, HttpResponse, HttpTransport

EVERY_S = 60.0
TIMEOUT_S = 5.0
BELIEVED_KRW = (Decimal(300), Decimal(10_000))
"""A rate beyond these is a rate of something else, or in another unit."""
AHEAD_MAX = timedelta(minutes=5)


class _Plain(msgspec.Struct):
    krw_per_usd: Decimal
    at: datetime


class _Quoted(msgspec.Struct, rename="camel"):
    code: str
    base_price: Decimal
    timestamp: int


_plain = msgspec.json.Decoder(_Plain)
_quoted = msgspec.json.Decoder(list[_Quoted])
CODE = "FRX.KRWUSD"


def rate_in(body: bytes) -> tuple[Decimal, datetime] | None:
    """The rate and the service's time of it; ``None`` if the text has no believable one."""
    try:
        if body.lstrip()[:1] == b"[":
            row = next((one for one in _quoted.decode(body) if one.code == CODE), None)
            if row is None:
                return None
            rate, at = row.base_price, datetime.fromtimestamp(row.timestamp / 1_000, UTC)
        else:
            plain = _plain.decode(body)
            rate, at = plain.krw_per_usd, plain.at
    except (msgspec.MsgspecError, OverflowError, ValueError, OSError):
        return None
    if at.tzinfo is None or not rate.is_finite():
        return None
    return (rate, at) if BELIEVED_KRW[0] <= rate <= BELIEVED_KRW[1] else None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsdKrwReader:
    """Of one address.

    Attributes:
        url: empty: nobody is asked.
        path: the file.
    """

    url: str
    http: HttpTransport
    path: Path
    now: Callable[[], datetime]

    async def read(self) -> bool:
        """Ask once; false if nothing believable came."""
        answer = await self.http.send(HttpRequest("GET", self.url, timeout_s=TIMEOUT_S))
        if not isinstance(answer, HttpResponse) or not answer.is_success:
            return False
        found = rate_in(answer.body)
        now = self.now()
        if found is None or found[1] > now + AHEAD_MAX:
            return False
        await asyncio.to_thread(self._keep, *found, now)
        return True

    def _keep(self, rate: Decimal, at: datetime, now: datetime) -> None:
        try:
            write_usd_krw(self.path, noted(read_usd_krw(self.path), rate, at, now))
        except OSError:
            return  # the old file says how old it is

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Ask while it lasts."""
        if not self.url:
            yield
            return
        task = asyncio.create_task(self._run(), name="USD/KRW")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait((task,))

    async def _run(self) -> None:
        while True:
            await self.read()
            await asyncio.sleep(EVERY_S)
