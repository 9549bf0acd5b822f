"""The processes of a drill: both exchanges in one, one engine at a time beside them."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.drills.kill_drill import exchanges
from tests.drills.kill_drill.logged_process import DrillBroken, LoggedProcess
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport
from trading_platform_order.transport.http import HttpRequest, HttpResponse

TPORDER = Path(sys.executable).with_name("tporder")
WAY_S = 0.25
"""An order needs so long to arrive, and its answer so long to come back."""

# A start costs some 110 of Binance's 2,400 units of weight a minute: one too many waits its turn.
# A machine that does much else starts a process in minutes: the limit only ends what hangs.
START_LIMIT_S = 300.0
READY = "engine ready"
SERVED = '"control"'
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


class DrillFixture:
    """The processes, all in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "drill.db"
        self._ready_file = folder / "ready.json"
        self._processes: list[LoggedProcess] = []

    async def start_exchanges(self) -> None:
        """Serve both exchanges, until :meth:`close`."""
        simulator = await self._spawn(
            sys.executable, str(exchanges.__file__), str(self._ready_file)
        )
        await simulator.until_heard(SERVED, limit_s=START_LIMIT_S)

    async def start_engine(self) -> LoggedProcess:
        """A new engine process over the old database; it may not be ready yet."""
        return await self._spawn(str(TPORDER), "run")

    async def _spawn(self, *words: str) -> LoggedProcess:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("TPORDER_")}
        places = {
            "TPORDER_STORE_PATH": str(self.database),
            "TPORDER_PAPER_READY_FILE": str(self._ready_file),
            "PYTHONUNBUFFERED": "1",
        }
        started = await LoggedProcess.started(
            *words,
            environment=kept | SETTINGS | places,
            folder=self.folder,
            log=self.folder / f"process-{len(self._processes)}.log",
        )
        self._processes.append(started)
        return started

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
        """End all processes, whatever they do."""
        for process in self._processes:
            await process.end()


async def until_ready(engine: LoggedProcess) -> None:
    """Return when the engine says so.

    Raises:
        DrillBroken: it ended, or said nothing in time.
    """
    await engine.until_heard(READY, limit_s=START_LIMIT_S)
