import asyncio
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.bars import bar
from trading_platform_order.simulator.serve import serve
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport, AiohttpWebSockets
from trading_platform_order.transport.http import HttpRequest, HttpResponse


async def read_state(http: AiohttpTransport, control: str) -> dict[str, Any]:
    answer = await http.send(HttpRequest(method="GET", url=control + "/state"))
    assert isinstance(answer, HttpResponse)
    state: dict[str, Any] = json.loads(answer.body)
    return state


async def test_it_serves_until_stopped_and_says_where(tmp_path: Path) -> None:
    ready_file, output, stop = tmp_path / "ready.json", io.StringIO(), asyncio.Event()
    http = AiohttpTransport()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(
            serve(
                bars=[bar(), bar(1, price_usdt="101000")],
                symbol="BTC",
                ready_file=ready_file,
                bar_seconds=0.01,
                stop=stop,
                output=output,
            )
        )
        while not ready_file.exists():  # noqa: ASYNC110 - what another process would do
            await asyncio.sleep(0.001)
        ready = json.loads(ready_file.read_text())
        assert json.loads(output.getvalue()) == ready
        assert os.listdir(tmp_path) == ["ready.json"]  # noqa: PTH208 - no draft is left behind
        await asyncio.sleep(0.02)
        state = await read_state(http, ready["control"])
        assert state["upbit"]["prices"]["KRW-BTC"] == "141400000"
        stop.set()
    await http.close()


async def test_standing_prices_are_published_again(tmp_path: Path) -> None:
    output, stop = io.StringIO(), asyncio.Event()
    sockets = AiohttpWebSockets()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(
            serve(
                bars=[bar(), bar(1, price_usdt="101000")],
                symbol="BTC",
                ready_file=None,
                bar_seconds=0.05,
                stop=stop,
                republish_s=0.002,
                output=output,
            )
        )
        while not output.getvalue():  # noqa: ASYNC110 - what another process would do
            await asyncio.sleep(0.001)
        url = json.loads(output.getvalue())["binance"]["ws"] + "/public/ws/btcusdt@bookTicker"
        stream = await sockets.connect(url, headers={}, timeout_s=1)
        prices: list[str] = []
        while len(set(prices)) < 2 or prices.count(prices[-1]) < 3:
            message = await stream.receive()
            assert isinstance(message, bytes)
            prices.append(json.loads(message)["b"])
        assert prices.count(prices[0]) >= 3
        await stream.close()
        stop.set()
    await sockets.close()


async def test_an_empty_market_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no bars"):
        await serve(bars=[], symbol="BTC", ready_file=None, bar_seconds=1, stop=asyncio.Event())
