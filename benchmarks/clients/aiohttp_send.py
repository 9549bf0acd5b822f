"""``aiohttp``: both legs by aiohttp's session as its documents show it; signing by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from benchmarks.clients.orders import (
    BINANCE_KEY,
    BINANCE_PATH,
    UPBIT_PATH,
    binance_query,
    pair,
    upbit_request,
)
from benchmarks.clients.serving import SendPair, Target, run


@asynccontextmanager
async def connected(target: Target) -> AsyncIterator[SendPair]:
    """One session for both."""
    session = aiohttp.ClientSession()

    async def post(url: str, headers: dict[str, str], body: bytes) -> None:
        async with session.post(url, headers=headers, data=body) as response:
            response.raise_for_status()
            await response.json(content_type=None)

    async def send_pair(number: int) -> None:
        order = pair(number)
        token, body = upbit_request(order)
        spot = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
        }
        await asyncio.gather(
            post(
                f"{target.binance}{BINANCE_PATH}?{binance_query(order)}",
                {"X-MBX-APIKEY": BINANCE_KEY},
                b"",
            ),
            post(f"{target.upbit}{UPBIT_PATH}", spot, body),
        )

    yield send_pair
    await session.close()


if __name__ == "__main__":
    run(connected)
