"""The processes of a drill: both exchanges in one, one engine at a time beside them."""

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import Process
from pathlib import Path
from typing import Any

from tests.drills.kill_drill import exchanges
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport
from trading_platform_order.transport.http import HttpRequest, HttpResponse

TPORDER = Path(sys.executable).with_name("tporder")
WAY_S = 0.25
"""An order needs so long to arrive, and its answer so long to come back."""

# A start costs some 110 of Binance's 2,400 units of weight a minute: one too many waits its turn.
START_LIMIT_S = 90.0
READY = b"engine ready"
_ORDERS = {"match": {"is_order": True}}
SETTINGS = {
    "TPORDER_ENGINE_SYMBOLS": ",".join(exchanges.SYMBOLS),
    "TPORDER_RISK_ORDER_KRW_MAX": "10000000",
    "TPORDER_RISK_TRADE_KRW_MAX": "20000000",
    "TPORDER_RISK_DAILY_TURNOVER_KRW_MAX": "100000000000",
    "TPORDER_RISK_HOURLY_LOSS_KRW_MAX": "100000000",
    "TPORDER_RISK_ENTRIES_PER_MINUTE_MAX": "1000",
    "TPORDER_BINANCE_WEIGHT_PER_MIN": "2400",
    "TPORDER_HINDRANCES_TAKEN_BACK_IN_A_ROW": "1000",
    "TPORDER_HINDRANCES_TAKEN_BACK_STOP_COUNT": "1000",
    "TPORDER_HINDRANCES_TAKEN_BACK_STOP_KRW": "100000000",
}


class DrillBroken(Exception):  # noqa: N818 - says what could not be done, not what was violated
    """The drill itself could not go on: a process did not start, or nothing came to rest."""


class DrillFixture:
    """The processes, all in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "drill.db"
        self._ready_file = folder / "ready.json"
        self._simulator: Process | None = None
        self._engine: Process | None = None

    async def start_exchanges(self) -> None:
        """Serve both exchanges, until :meth:`close`."""
        self._simulator = await self._spawn(
            sys.executable, str(exchanges.__file__), str(self._ready_file)
        )
        async with asyncio.timeout(START_LIMIT_S):
            while not self._ready_file.exists():  # noqa: ASYNC110 - a file has no event to wait for
                await asyncio.sleep(0.02)

    async def start_engine(self) -> Process:
        """A new engine process over the old database; it may not be ready yet."""
        self._engine = await self._spawn(str(TPORDER), "run")
        return self._engine

    async def _spawn(self, *words: str) -> Process:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("TPORDER_")}
        places = {
            "TPORDER_STORE_PATH": str(self.database),
            "TPORDER_PAPER_READY_FILE": str(self._ready_file),
            "PYTHONUNBUFFERED": "1",
        }
        return await asyncio.create_subprocess_exec(
            *words,
            env=kept | SETTINGS | places,
            cwd=self.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def state(self) -> dict[str, Any]:
        """Both exchanges as the control port tells them."""
        state: dict[str, Any] = json.loads(await self._control("GET", "/state"))
        return state

    async def slow_down(self) -> None:
        """Every order is on its way for a while, and so is its answer."""
        faults = [
            {"kind": kind, "venue": venue, "delay_s": WAY_S, "count": 1_000_000} | _ORDERS
            for venue in ("upbit", "binance")
            for kind in ("delay_request", "delay_response")
        ]
        await self._control("POST", "/faults", json.dumps(faults).encode())

    async def _control(self, method: str, path: str, body: bytes = b"") -> bytes:
        base = json.loads(self._ready_file.read_text(encoding="utf-8"))["control"]
        http = AiohttpTransport()
        try:
            answer = await http.send(HttpRequest(method=method, url=f"{base}{path}", body=body))
        finally:
            await http.close()
        if not isinstance(answer, HttpResponse) or answer.status >= 400:
            raise DrillBroken(f"the simulator does not do {method} {path}: {answer}")
        return answer.body

    async def close(self) -> None:
        """End both processes, whatever they do."""
        for process in (self._engine, self._simulator):
            if process is not None and process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()


async def until_ready(engine: Process) -> None:
    """Return when the engine says so.

    Raises:
        DrillBroken: it ended, or said nothing in time.
    """
    heard = b""
    try:
        async with asyncio.timeout(START_LIMIT_S):
            while engine.stdout is not None:
                line = await engine.stdout.readline()
                heard += line
                if READY in line:
                    return
                if not line:
                    break
    except TimeoutError:
        pass
    raise DrillBroken(f"the engine did not become ready: {heard.decode(errors='replace')}")
