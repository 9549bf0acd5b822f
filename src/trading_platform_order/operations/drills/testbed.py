"""Where a drill takes place: simulated exchanges and real processes on the loopback, in a folder.

Nothing of the operator's settings reaches it: the environment is emptied of ours first. All that
was started is ended again, however the drill ends.
"""

import asyncio
import io
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from exchange_simulator.exchanges import Opening
from exchange_simulator.serving.serve import serve
from trading_platform_order.market.generated import generate_bars
from trading_platform_order.signals.arrival.wakeup import knock_at, wake_path
from trading_platform_order.storage.sqlite.store import open_inbox
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport
from trading_platform_order.transport.clock import SystemClock, epoch_us
from trading_platform_order.transport.http import HttpRequest, HttpResponse

BASES = ("BTC", "ETH")
READY_S = 60.0
POLL_S = 0.01
END_S = 10.0
NOTIONAL_KRW = "900000"
DUST_KRW = Decimal(5_000)
MODULE = "trading_platform_order.cli.main"
_OPEN_ON_UPBIT = {"wait", "watch"}
_OPEN_ON_BINANCE = {"NEW", "PARTIALLY_FILLED"}


class DrillFailed(Exception):  # noqa: N818 - the text is for the operator
    """The drill could not be carried out; the text says where it ended."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """What both simulated exchanges hold, from their own state.

    Attributes:
        raising: open orders that would raise exposure.
        open_orders: all open orders.
    """

    coins: Mapping[str, Decimal]
    positions: Mapping[str, Decimal]
    prices_krw: Mapping[str, Decimal]
    krw: Decimal
    wallet_usdt: Decimal
    raising: int
    open_orders: int

    @property
    def is_flat(self) -> bool:
        """Nothing is held that could be sold, nothing is short, nothing rests."""
        worth = (quantity * self.prices_krw[base] for base, quantity in self.coins.items())
        is_sold = all(krw < DUST_KRW for krw in worth)
        return is_sold and not any(self.positions.values()) and not self.open_orders

    def is_hedged_in(self, base: str) -> bool:
        """Coins on one side, as much short on the other."""
        short = -self.positions.get(base, Decimal(0))
        return short > 0 and abs(self.coins.get(base, Decimal(0)) - short) < short / 10


def inherited() -> dict[str, str]:
    """The environment without settings of the operator's."""
    return {k: v for k, v in os.environ.items() if not k.startswith("TPORDER_")}


def accounts_of(state: Mapping[str, Any]) -> Accounts:
    """From the simulators' own account of themselves."""
    upbit, binance = state["upbit"], state["binance"]
    totals = {
        asset: Decimal(row["available"]) + Decimal(row["locked"])
        for asset, row in upbit["balances"].items()
    }
    spot = [order for order in upbit["orders"] if order["state"] in _OPEN_ON_UPBIT]
    hedge = [order for order in binance["orders"] if order["status"] in _OPEN_ON_BINANCE]
    raising = [o for o in spot if o["side"] == "bid"] + [o for o in hedge if o["side"] == "SELL"]
    return Accounts(
        coins={base: totals.get(base, Decimal(0)) for base in BASES},
        positions={
            symbol.removesuffix("USDT"): Decimal(row["quantity"])
            for symbol, row in binance["positions"].items()
        },
        prices_krw={base: Decimal(upbit["prices"][f"KRW-{base}"]) for base in BASES},
        krw=totals.get("KRW", Decimal(0)),
        wallet_usdt=Decimal(binance["wallet_usdt"]),
        raising=len(raising),
        open_orders=len(spot) + len(hedge),
    )


class DrillBed:
    """Simulators, and processes of this program, in one folder."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.store = folder / "drill.db"
        self._ready_file = folder / "ready.json"
        self._settings = settings
        self._http = AiohttpTransport()
        self._control = ""
        self._stop = asyncio.Event()

    async def open(self, stack: AsyncExitStack, group: asyncio.TaskGroup) -> None:
        """Start the simulators; they end with the stack."""
        stack.push_async_callback(self._http.close)
        group.create_task(
            serve(
                markets={base: generate_bars(seed=1, bars=1, symbol=base) for base in BASES},
                ready_file=self._ready_file,
                bar_seconds=1.0,
                stop=self._stop,
                opening=Opening(krw=Decimal(20_000_000), usdt=Decimal(15_000)),
                republish_s=0.5,
                output=io.StringIO(),
            ),
            name="simulators",
        )
        stack.callback(self._stop.set)
        await self.until("the simulators serve", self._ready_file.exists)
        self._control = msgspec.json.decode(self._ready_file.read_bytes())["control"]

    async def start(self, stack: AsyncExitStack, *command: str) -> "Running":
        """Start a process of this program, and wait until it says that it is ready."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", MODULE, *command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=inherited()
            | dict(self._settings)
            | {
                "TPORDER_STORE_PATH": str(self.store),
                "TPORDER_PAPER_READY_FILE": str(self._ready_file),
                "TPORDER_ENGINE_SYMBOLS": ",".join(BASES),
                "PYTHONUNBUFFERED": "1",
            },
        )
        running = Running(command[0], process)
        stack.push_async_callback(running.end)
        await running.until_ready()
        return running

    async def accounts(self) -> Accounts:
        """As the exchanges stand now."""
        return accounts_of(await self._ask("GET", "/state"))

    async def hold_next_spot_order(self, seconds: float) -> None:
        """Upbit's next order is accepted and rests for so long before it meets the book."""
        fault = {"kind": "hold_order", "venue": "upbit", "hold_s": seconds}
        await self._ask("POST", "/faults", msgspec.json.encode(fault))

    async def signal(self, name: str, base: str) -> None:
        """Hand an entry in, as another program does."""
        now = datetime.now(UTC)
        body = {
            "schema_version": 1,
            "id": name,
            "strategy": "drill",
            "action": "ENTER",
            "symbol": base,
            "created_at": now.isoformat(),
            "notional_krw": NOTIONAL_KRW,
        }
        inbox = open_inbox(self.store)
        try:
            await inbox.put_signal(msgspec.json.encode(body).decode(), at_us=epoch_us(now))
        finally:
            await inbox.close()
        knock_at(wake_path(self.store, "main"))

    async def until(
        self, what: str, check: Callable[[], bool], *, limit_s: float = READY_S
    ) -> None:
        """Poll until true.

        Raises:
            DrillFailed: not within the limit.
        """
        try:
            async with asyncio.timeout(limit_s):
                while not check():  # noqa: ASYNC110 - of files and other processes
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise DrillFailed(f"not within {limit_s:.0f} s: {what}") from None

    async def until_accounts(
        self, what: str, check: Callable[[Accounts], bool], *, limit_s: float = READY_S
    ) -> None:
        """Poll the exchanges until true. Raises as :meth:`until`."""
        try:
            async with asyncio.timeout(limit_s):
                while not check(await self.accounts()):  # noqa: ASYNC110 - as above
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise DrillFailed(f"not within {limit_s:.0f} s: {what}") from None

    @staticmethod
    def now_us() -> int:
        """Calendar time, microseconds."""
        return epoch_us(SystemClock().now())

    async def _ask(self, method: str, path: str, body: bytes = b"") -> Any:  # noqa: ANN401 - JSON
        request = HttpRequest(method=method, url=self._control + path, body=body)
        answer = await self._http.send(request)
        if not isinstance(answer, HttpResponse):
            raise DrillFailed(f"the simulators do not answer: {answer.reason}")
        return msgspec.json.decode(answer.body)


class Running:
    """One process of this program; its words are kept for the case that it fails."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self._process = process
        self._words: list[str] = []
        self._ready = asyncio.Event()
        self._reading = asyncio.get_running_loop().create_task(self._read())

    async def until_ready(self) -> None:
        """It has said so.

        Raises:
            DrillFailed: it ended, or took too long.
        """
        ready = asyncio.ensure_future(self._ready.wait())
        await asyncio.wait(
            [ready, self._reading], timeout=READY_S, return_when=asyncio.FIRST_COMPLETED
        )
        ready.cancel()
        if not self._ready.is_set():
            raise DrillFailed(f"{self.name} did not get ready: {' | '.join(self._words[-5:])}")

    async def kill(self) -> None:
        """As a power cut would."""
        self._process.kill()
        await self._process.wait()

    async def end(self) -> None:
        """Ask it to end, and make it."""
        if self._process.returncode is None:
            self._process.terminate()
            try:
                async with asyncio.timeout(END_S):
                    await self._process.wait()
            except TimeoutError:
                await self.kill()
        await self._reading

    async def _read(self) -> None:
        out = self._process.stdout
        while out is not None and (line := await out.readline()):
            text = line.decode(errors="replace").strip()
            self._words = [*self._words[-50:], text]
            if " ready: " in text:
                self._ready.set()
