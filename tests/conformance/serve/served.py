"""``tporder simulator serve`` in a process of its own, and other people's clients pointed at it."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import binance
import ccxt.pro
import upbit

SRC = Path(__file__).resolve().parents[3] / "src"
READY_S = 20.0
Client = Any  # other people's clients carry no types


@dataclass(frozen=True, slots=True)
class Served:
    """Where the simulated exchanges are."""

    ready: dict[str, Any]

    async def control(self, path: str) -> Any:  # noqa: ANN401 - any JSON
        """Ask the control interface."""
        async with aiohttp.ClientSession() as http, http.get(self.ready["control"] + path) as told:
            return await told.json()


@asynccontextmanager
async def serving(folder: Path, *options: str) -> AsyncIterator[Served]:
    """The command as an operator starts it."""
    ready = folder / "ready.json"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TPORDER_")}
    environment["PYTHONPATH"] = os.pathsep.join((str(SRC), environment.get("PYTHONPATH", "")))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "trading_platform_order.cli.main", "simulator", "serve"),
        *("--ready-file", str(ready), *options),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(READY_S):
            while not ready.exists():
                assert process.returncode is None, "the simulator did not start"
                await asyncio.sleep(0.02)
        yield Served(json.loads(ready.read_text(encoding="utf-8")))
        assert process.returncode is None, "the simulator did not survive"
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), 10)
    assert process.returncode == 0


@asynccontextmanager
async def ccxt_upbit(served: Served) -> AsyncIterator[Client]:
    """ccxt for Upbit, by its settings alone."""
    where, keys = served.ready["upbit"], served.ready["keys"]["upbit"]
    client = ccxt.pro.upbit(
        {
            "apiKey": keys["access_key"],
            "secret": keys["secret_key"],
            "enableRateLimit": False,
            "urls": {"api": {"public": where["rest"], "private": where["rest"], "ws": where["ws"]}},
        }
    )
    try:
        await client.load_markets()
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def upbit_sdk(served: Served) -> AsyncIterator[upbit.AsyncUpbit]:
    """The official client, by its arguments alone."""
    where, keys = served.ready["upbit"], served.ready["keys"]["upbit"]
    async with upbit.AsyncUpbit(
        access_key=keys["access_key"],
        secret_key=keys["secret_key"],
        base_url=where["rest"],
        max_retries=0,
    ) as client:
        yield client


@asynccontextmanager
async def ccxt_binance(served: Served) -> AsyncIterator[Client]:
    """ccxt for USDS-M futures, by its settings alone."""
    where, keys = served.ready["binance"], served.ready["keys"]["binance"]
    rest = {
        f"fapi{side}{version.upper()}": f"{where['rest']}/fapi/{version or 'v1'}"
        for side in ("Public", "Private")
        for version in ("", "v2", "v3")
    }
    spot = {
        "sapi": "sapi/v1",
        "sapiV2": "sapi/v2",
        "sapiV3": "sapi/v3",
        "public": "api/v3",
        "private": "api/v3",
    }
    rest |= {name: f"{where['rest']}/{path}" for name, path in spot.items()}
    client = ccxt.pro.binanceusdm(
        {
            "apiKey": keys["api_key"],
            "secret": keys["secret_key"],
            "enableRateLimit": False,
            "urls": {"api": rest},
        }
    )
    try:
        await client.load_markets()
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def python_binance(served: Served) -> AsyncIterator[Client]:
    """python-binance, by its class attributes alone."""
    where, keys = served.ready["binance"], served.ready["keys"]["binance"]

    class Pointed(binance.AsyncClient):  # type: ignore[misc]  # it carries no types
        API_URL = f"{where['rest']}/api"
        MARGIN_API_URL = f"{where['rest']}/sapi"
        FUTURES_URL = f"{where['rest']}/fapi"

    client = await Pointed.create(keys["api_key"], keys["secret_key"])
    try:
        yield client
    finally:
        await client.close_connection()
