"""``engine``: our whole way, from a signal's bytes to both orders on the wire.

The engine is the shipped one, started as ``tporder run`` starts it (its store, streams, views and
log beside it), on simulated exchanges in another process. Only limits that a benchmark must break
are lifted; every rule still runs. Signals enter and leave one symbol by turns. A trade's protective
stop is placed before the next signal comes, however dense they are.

Command line: STAMPS READY_FILE FOLDER DURABILITY DOOR [SYMBOLS]. A line on standard input is a
round (``count gap_ms``), or one of the words of ``_Served``.
"""

import asyncio
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.clients.doors import Door, InProcess, NotTraded, opened
from benchmarks.clients.engine_load import Load, resident_mb, run_load
from benchmarks.clients.engine_settings import lifted
from benchmarks.clients.profile import Profile
from benchmarks.clients.serving import Samples, Watch, obey, read_round
from benchmarks.clients.signals import Signals
from benchmarks.exchange.stamps import VENUES, Stamps
from trading_platform_order.cli.console.interrupts import run_until_stopped
from trading_platform_order.runtime.engine import Engine
from trading_platform_order.runtime.followers.process_log import process_log
from trading_platform_order.runtime.service import run_service
from trading_platform_order.storage.sqlite.store import open_reader

SETTLED_S = 8.0
POLL_S = 0.000_2
LATER_S = 0.002
CALM_S = 0.5
READY_S = 600.0
LOG, READY = "engine.log", "engine ready"
_OF_STOPS = ("protect ", "stop ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """From the command line."""

    stamps: Path
    ready_file: Path
    folder: Path
    durability: str
    door: str
    symbols: tuple[str, ...]

    @classmethod
    def from_arguments(cls) -> "Options":
        """As the runner starts the engine."""
        stamps, ready_file, folder, durability, door, *more = sys.argv[1:]
        return cls(
            stamps=Path(stamps),
            ready_file=Path(ready_file),
            folder=Path(folder),
            durability=durability,
            door=door,
            symbols=tuple(more[0].split(",")) if more else ("BTC",),
        )

    @property
    def store(self) -> Path:
        """The engine's database."""
        return self.folder / "engine.db"


class Rounds:
    """Signals one after the other, each until its trade is settled."""

    def __init__(self, engine: Engine, stamps: Stamps, door: Door) -> None:
        self._engine = engine
        self._stamps = stamps
        self._door = door
        self._is_outside = not isinstance(door, InProcess)
        self._signals = Signals()

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

    async def measured(self, watch: Watch, action: str, symbol: str) -> None:
        """One signal, until its trade is settled and its stop stands."""
        _, raw = self._signals.new(action, symbol)
        watch.begin()
        before = self._stamps.counts()
        try:
            began_ns = await self._door.take(raw)
            claimed_ns = time.monotonic_ns()
            await self._settled(before)
        except (NotTraded, TimeoutError) as problem:
            # A machine that stands still makes books stale: that signal is no sample.
            watch.samples["missed"] += 1
            sys.stderr.write(f"missed: {action} {problem}\n")
            return
        watch.end(began_ns, claimed_ns)

    async def _settled(self, before: tuple[int, int]) -> None:
        async with asyncio.timeout(SETTLED_S):
            # What comes from outside is not begun yet.
            while self._is_outside and not self._has_arrived(before):  # noqa: ASYNC110
                await asyncio.sleep(LATER_S)
            await quiet(self._engine)

    def _has_arrived(self, before: tuple[int, int]) -> bool:
        return all(self._stamps.count(venue) > before[venue] for venue in VENUES)

    async def fill(self, count: int) -> int:
        """Enter every symbol for ``count`` strategies, and stay in."""
        for number in range(count):
            for symbol in self._engine.bases:
                _, raw = self._signals.new("ENTER", symbol, f"holds-{number}")
                await self._door.take(raw)
                async with asyncio.timeout(SETTLED_S):
                    await quiet(self._engine)
        return count * len(self._engine.bases)


async def quiet(engine: Engine) -> None:
    """Return once nothing is traded and no protective stop is on its way."""
    await engine.executor.wait_idle()
    while any(task.get_name().startswith(_OF_STOPS) for task in asyncio.all_tasks()):  # noqa: ASYNC110
        await asyncio.sleep(POLL_S)


class _Served:
    """Runs beside the engine and obeys the runner; the engine ends with it."""

    def __init__(
        self, engine: Engine, stamps: Stamps, options: Options, stop: asyncio.Event
    ) -> None:
        self._engine = engine
        self._stamps = stamps
        self._options = options
        self._stop = stop
        self._profile = Profile()
        self._serving_ns = self._ready_ns = 0
        self._ready_cpu_s = 0.0

    async def run(self) -> None:
        self._serving_ns = time.monotonic_ns()
        await self._until_ready()
        await asyncio.sleep(CALM_S)
        door = await opened(self._options.door, self._engine, self._options.store)
        self._rounds = Rounds(self._engine, self._stamps, door)
        try:
            await obey(self._asked)
        finally:
            await door.close()
        self._stop.set()

    async def _asked(self, line: str) -> object:
        word, *figures = line.split()
        match word:
            case "load":
                per_s, seconds = map(float, figures)
                return await run_load(
                    Load(
                        engine=self._engine,
                        stamps=self._stamps,
                        signals=Signals(),
                        store=self._options.store,
                    ),
                    per_s=per_s,
                    seconds=seconds,
                )
            case "fill":
                return await self._rounds.fill(int(figures[0]))
            case "profile":
                return await self._profiled(int(figures[0]))
            case "stand":
                return await self._stand()
            case _:
                return await self._rounds.one_round(*read_round(line))

    async def _profiled(self, count: int) -> dict[str, float]:
        """Microseconds of each part of the way, of one signal: medians."""
        with self._profile:
            for _ in range(count):
                await self._rounds.one_round(1, 0)
        return self._profile.medians()

    async def _until_ready(self) -> None:
        """Entries are begun once both exchanges were swept; the service tells it in its log."""
        log = self._options.folder / LOG
        async with asyncio.timeout(READY_S):
            while READY not in log.read_text():  # noqa: ASYNC110
                await asyncio.sleep(LATER_S)
        self._ready_ns, self._ready_cpu_s = time.monotonic_ns(), time.process_time()

    async def _stand(self) -> dict[str, float]:
        reader = open_reader(self._options.store)
        rows = (await reader.overview()).head_seq
        await reader.close()
        return {
            "serving_ns": self._serving_ns,
            "ready_ns": self._ready_ns,
            "ready_cpu_s": self._ready_cpu_s,
            "rows": rows,
            "written_kb": _written_kb(),
            "rss_mb": resident_mb(),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024,
            "database_kb": self._options.store.stat().st_size / 1_024,
            "trades": len(self._engine.executor.trades),
            "connections": sum(self._stamps.connections(venue) for venue in VENUES),
        }


def _written_kb() -> float:
    """What this process had written to disks so far."""
    for line in Path("/proc/self/io").read_text().splitlines():
        if line.startswith("write_bytes"):
            return int(line.split()[1]) / 1_024
    return 0.0


def main() -> None:
    """Run an engine until standard input ends."""
    options = Options.from_arguments()
    settings = lifted(
        store=options.store,
        ready_file=options.ready_file,
        durability=options.durability,
        bases=options.symbols,
    )
    answers = sys.stdout
    with (options.folder / LOG).open("w", encoding="utf-8") as lines:
        sys.stdout = lines  # standard output is for answers
        with process_log(settings) as log, Stamps(options.stamps) as stamps:
            sys.stdout = answers

            async def work(stop: asyncio.Event) -> None:
                def served(engine: Engine) -> _Served:
                    return _Served(engine, stamps, options, stop)

                await run_service(settings, log, stop, (served,))

            run_until_stopped(work)


if __name__ == "__main__":
    main()
