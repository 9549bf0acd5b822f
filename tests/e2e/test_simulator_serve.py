import asyncio
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from exchange_simulator.serving.serve import serve
from tests.fakes.bars import bar
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
                markets={"BTC": [bar(), bar(1, price_usdt="101000")]},
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


@pytest.mark.parametrize("bars", [1, 2], ids=["after the last bar", "between bars"])
async def test_standing_prices_are_published_again(bars: int) -> None:
    output, stop = io.StringIO(), asyncio.Event()
    sockets = AiohttpWebSockets()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(
            serve(
                markets={"BTC": [bar(n) for n in range(bars)]},
                ready_file=None,
                bar_seconds=60,
                stop=stop,
                republish_s=0.002,
                output=output,
            )
        )
        while not output.getvalue():  # noqa: ASYNC110 - what another process would do
            await asyncio.sleep(0.001)
        url = json.loads(output.getvalue())["binance"]["ws"] + "/public/ws/btcusdt@bookTicker"
        stream = await sockets.connect(url, headers={}, timeout_s=1)
        times = []
        for _ in range(3):
            message = await stream.receive()
            assert isinstance(message, bytes)
            times.append(json.loads(message)["T"])
        assert times[0] < times[-1]
        await stream.close()
        stop.set()
    await sockets.close()


async def test_an_empty_market_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no bars"):
        await serve(markets={"BTC": []}, ready_file=None, bar_seconds=1, stop=asyncio.Event())
