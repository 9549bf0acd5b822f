"""``engine``: our whole way, from a signal's bytes in the process to both orders on the wire.

The engine is the shipped one, started as ``tporder run`` starts it (its store, streams, views and
log beside it), on simulated exchanges in another process. Only limits that a benchmark must break
are lifted; every rule still runs. Signals enter and leave one symbol by turns.

A trade's protective stop is placed before the next signal comes, however dense they are.

Command line: STAMPS READY_FILE FOLDER DURABILITY ENTRANCE [SYMBOLS].
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec

from benchmarks.clients.serving import Samples, Watch, obey
from benchmarks.exchange.stamps import Stamps
from trading_platform_order.cli.interrupts import run_until_stopped
from trading_platform_order.domain.signal import Signal
from trading_platform_order.runtime.engine import Engine
from trading_platform_order.runtime.process_log import process_log
from trading_platform_order.runtime.service import run_service
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.signals.any_format import read_any
from trading_platform_order.storage.base import ClaimResult

NOTIONAL_KRW = "500000"
SETTLED_S = 20.0
POLL_S = 0.000_2
_UNLIMITED = 10**9
_MONEY = Decimal(10) ** 15
"""Above every sum that a benchmark trades."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """From the command line."""

    stamps: Path
    ready_file: Path
    folder: Path
    durability: str
    entrance: str
    symbols: tuple[str, ...]

    @classmethod
    def from_arguments(cls) -> "Options":
        """As the runner starts the engine."""
        stamps, ready_file, folder, durability, entrance, *more = sys.argv[1:]
        return cls(
            stamps=Path(stamps),
            ready_file=Path(ready_file),
            folder=Path(folder),
            durability=durability,
            entrance=entrance,
            symbols=tuple(more[0].split(",")) if more else ("BTC",),
        )


def lifted(options: Options) -> Settings:
    """The shipped settings, but for the caps, budgets and rates that no benchmark could keep."""
    base = Settings()
    of = msgspec.structs.replace
    return of(
        base,
        engine=of(base.engine, symbols=options.symbols),
        store=of(base.store, path=str(options.folder / "engine.db"), durability=options.durability),
        paper=of(base.paper, ready_file=str(options.ready_file)),
        upbit=of(base.upbit, orders_per_s=_UNLIMITED, default_per_s=_UNLIMITED),
        binance=of(base.binance, orders_per_10s=_UNLIMITED, weight_per_min=_UNLIMITED),
        risk=of(
            base.risk,
            order_krw_max=_MONEY,
            trade_krw_max=_MONEY,
            daily_turnover_krw_max=_MONEY,
            hourly_loss_krw_max=_MONEY,
            daily_loss_fraction=Decimal(1),
            entries_per_minute_max=_UNLIMITED,
            repeat_max=_UNLIMITED,
        ),
        hindrances=of(base.hindrances, **_no_rates(base)),
    )


def _no_rates(base: Settings) -> dict[str, int]:
    """Every bound of how often something may happen, out of the way."""
    names = (field.name for field in msgspec.structs.fields(type(base.hindrances)))
    return {name: _UNLIMITED for name in names if name.endswith("_per_hour_max")}


class Door:
    """The in-process door: bytes of a signal in, claimed and on the wire."""

    def __init__(self, engine: Engine, stamps: Stamps) -> None:
        self._engine = engine
        self._stamps = stamps
        self._run = f"{time.time_ns():x}"
        self._number = 0

    def signal(self, action: str, symbol: str) -> bytes:
        """A new signal's bytes."""
        self._number += 1
        fields = {
            "id": f"bench-{self._run}-{self._number:08d}",
            "strategy": "bench",
            "action": action,
            "symbol": symbol,
            "created_at": datetime.now(UTC).isoformat(),
        }
        if action == "ENTER":
            fields["notional_krw"] = NOTIONAL_KRW
        return json.dumps(fields).encode()

    async def take(self, raw: bytes) -> None:
        """Hand a signal in.

        Raises:
            RuntimeError: it was refused: what is measured would be something else.
        """
        signal = read_any(raw)
        if not isinstance(signal, Signal):
            raise RuntimeError(f"not read: {signal}")  # noqa: TRY004 - a value is wrong, no type
        receipt = await self._engine.submit(signal)
        if receipt.result is not ClaimResult.CLAIMED or receipt.refusal is not None:
            raise RuntimeError(f"not traded: {receipt}")

    async def measured(self, watch: Watch, action: str, symbol: str) -> None:
        """One signal, until its trade is settled."""
        raw = self.signal(action, symbol)
        began_ns = watch.begin()
        await self.take(raw)
        claimed_ns = time.monotonic_ns()
        async with asyncio.timeout(SETTLED_S):
            await self._engine.executor.wait_idle()
            while _is_protecting():  # noqa: ASYNC110 - tasks of the engine's own
                await asyncio.sleep(POLL_S)
        watch.end(began_ns, claimed_ns)

    async def one_round(self, count: int, gap_s: float) -> dict[str, Samples]:
        """So many entries and exits of the first symbol, by turns."""
        symbol = self._engine.bases[0]
        watches = {"ENTER": Watch(self._stamps), "EXIT": Watch(self._stamps)}
        cpu_ns = time.process_time_ns()
        for _ in range(count):
            for action, watch in watches.items():
                await self.measured(watch, action, symbol)
                if gap_s > 0:
                    await asyncio.sleep(gap_s)
        cpu_us = (time.process_time_ns() - cpu_ns) / 1_000 / (2 * count)
        for watch in watches.values():
            watch.samples["cpu_us"] = cpu_us
        return {action.lower(): watch.samples for action, watch in watches.items()}


def _is_protecting() -> bool:
    """A protective stop is being placed, moved or cancelled."""
    return any(task.get_name().startswith(("protect ", "stop ")) for task in asyncio.all_tasks())


class _Served:
    """Runs beside the engine and obeys the runner; the engine ends with it."""

    def __init__(self, door: Door, engine: Engine, stop: asyncio.Event) -> None:
        self._door = door
        self._engine = engine
        self._stop = stop

    async def run(self) -> None:
        await _may_enter(self._engine)
        await obey(self._door.one_round)
        self._stop.set()


async def _may_enter(engine: Engine) -> None:
    """Entries are begun once both exchanges were swept."""
    async with asyncio.timeout(SETTLED_S):
        while not engine.executor.prepared.is_set():  # noqa: ASYNC110 - only at the start
            await asyncio.sleep(0.05)
        await asyncio.sleep(1.0)


def main() -> None:
    """Run an engine until standard input ends."""
    options = Options.from_arguments()
    settings = lifted(options)
    answers = sys.stdout
    with (options.folder / "engine.log").open("w", encoding="utf-8") as lines:
        sys.stdout = lines
        with process_log(settings) as log, Stamps(options.stamps) as stamps:
            sys.stdout = answers

            async def work(stop: asyncio.Event) -> None:
                def served(engine: Engine) -> _Served:
                    return _Served(Door(engine, stamps), engine, stop)

                await run_service(settings, log, stop, (served,))

            run_until_stopped(work)


if __name__ == "__main__":
    main()
