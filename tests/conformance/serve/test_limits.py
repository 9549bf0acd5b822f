"""``tporder simulator serve`` with its limits: headers, refusals and bans as documented.

Upbit docs rate-limits, autumn 2026; Binance docs general info, 2026-11.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import ccxt.pro
import pytest
import upbit
from binance.exceptions import BinanceAPIException

from tests.conformance.serve.served import (
    Served,
    ccxt_upbit,
    python_binance,
    serving,
    upbit_sdk,
)

LIMIT_S = 90.0
SELL = {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": "0.001"}


async def test_headers_refusals_and_bans_are_as_documented(tmp_path: Path) -> None:
    async with asyncio.timeout(LIMIT_S), serving(tmp_path, "--bar-seconds", "600") as served:
        await upbit_counts_down_refuses_in_plain_text_and_bans(served)
        await binance_counts_orders_and_weight_refuses_and_bans(served)


async def test_clients_of_upbit_react_to_a_broken_limit(tmp_path: Path) -> None:
    async with asyncio.timeout(LIMIT_S), serving(tmp_path, "--bar-seconds", "600") as served:
        await clients_of_upbit_react_to_a_broken_limit(served)


async def get(served: Served, venue: str, path: str) -> tuple[int, dict[str, str], str]:
    url = served.ready[venue]["rest"] + path
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return answer.status, headers, await answer.text()


async def upbit_counts_down_refuses_in_plain_text_and_bans(served: Served) -> None:
    path = "/v1/ticker?markets=KRW-BTC"
    status, headers, _ = await get(served, "upbit", path)
    assert status == 200
    assert re.fullmatch(r"group=ticker; min=1800; sec=\d", headers["remaining-req"])
    seen: dict[int, tuple[dict[str, str], str]] = {}
    while 418 not in seen:
        status, headers, body = await get(served, "upbit", path)
        seen.setdefault(status, (headers, body))
    assert set(seen) == {200, 429, 418}
    headers, body = seen[429]
    assert headers["remaining-req"].endswith("sec=0")
    assert body == "Too many API requests."
    assert re.search(r"\d+ seconds", seen[418][1])


async def clients_of_upbit_react_to_a_broken_limit(served: Served) -> None:
    async with ccxt_upbit(served) as client:
        with pytest.raises((ccxt.pro.RateLimitExceeded, ccxt.pro.DDoSProtection)):
            await until_it_raises(client.fetch_balance)
    async with upbit_sdk(served) as sdk:
        with pytest.raises((upbit.RateLimitError, upbit.RateLimitPenaltyError)):
            await until_it_raises(sdk.accounts.list)


async def until_it_raises(call: Callable[[], Awaitable[object]]) -> None:
    for _ in range(20):
        await asyncio.gather(*(call() for _ in range(40)))


async def binance_counts_orders_and_weight_refuses_and_bans(served: Served) -> None:
    async with python_binance(served) as client:
        placed = await client.futures_create_order(**SELL)
        assert placed["status"] == "NEW"
        headers: Any = client.response.headers
        assert int(headers["x-mbx-order-count-10s"]) == 1
        assert int(headers["x-mbx-order-count-1m"]) == 1
        told = await until_refused(lambda: client.futures_create_order(**SELL), 1_000)
        assert (told.code, told.status_code) == (-1015, 429)
        told = await until_refused(client.futures_income_history, 200)
        assert (told.code, told.status_code) == (-1003, 429)
        assert 0 < int(told.response.headers["retry-after"]) <= 60
        assert int(told.response.headers["x-mbx-used-weight-1m"]) > 2_400
        while told.status_code == 429:
            told = await until_refused(client.futures_account, 1)
        assert (told.code, told.status_code) == (-1003, 418)
        assert re.search(r"banned until \d{13}", told.message)
        assert 0 < int(told.response.headers["retry-after"]) <= 120
    # A ban is of the address, and holds for everything.
    status, _, _ = await get(served, "binance", "/fapi/v1/time")
    assert status == 418


async def until_refused(call: Any, at_most: int) -> BinanceAPIException:  # noqa: ANN401 - the client's method
    for _ in range(at_most):
        try:
            await call()
        except BinanceAPIException as refused:
            return refused
    raise AssertionError(f"not refused within {at_most} calls")
