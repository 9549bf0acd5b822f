"""What an engine does under load, under noise, after years, and while nothing happens."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.clients.engine_settings import symbols
from benchmarks.measure import history
from benchmarks.measure.figures import spread_of
from benchmarks.measure.processes import Child
from benchmarks.measure.world import World, open_world

ENGINE = "benchmarks.clients.engine"
WARM_UP = 40
START_S = 600.0
IDLE_S = 30.0


@contextmanager
def engine_in(
    world: World,
    *,
    durability: str = "normal",
    bases: Sequence[str] = ("BTC",),
    metrics_port: int | None = None,
) -> Iterator[Child]:
    """An engine that is ready; ``metrics_port``: see the module that is started."""
    child = world.start(
        "engine",
        ENGINE,
        *(str(world.stamps), str(world.ready_file()), str(world.folder), durability, "process"),
        ",".join(bases),
        *([] if metrics_port is None else [str(metrics_port)]),
    )
    child.answer(START_S)
    yield child


def under_load(*, per_s: float, seconds: float, count: int, durability: str) -> dict[str, Any]:
    """So many signals a second over so many symbols."""
    bases = symbols(count)
    with (
        open_world(simulated=True, symbols=bases) as world,
        engine_in(world, durability=durability, bases=bases) as engine,
    ):
        engine.ask(f"{WARM_UP} 0")
        found: dict[str, Any] = engine.ask(f"load {per_s} {seconds}", START_S + seconds)
        return found | {"stand": engine.ask("stand")}


def under_noise(*, frames_per_s: float, trips: int) -> dict[str, Any]:
    """Round trips while the market streams send so many frames more each second."""
    with open_world(simulated=True) as world, engine_in(world) as engine:
        engine.ask(f"{WARM_UP} 0")
        assert world.front is not None
        quiet = engine.ask(f"{trips} 20", START_S)
        is_loud = world.front.ask(f"0 {frames_per_s}") == 1
        loud = engine.ask(f"{trips} 20", START_S) if is_loud else None
        return {
            f"{action}_{name}": _spread(samples[action]["wire_us"]) if samples else None
            for name, samples in (("quiet", quiet), ("loud", loud))
            for action in ("enter", "exit")
        }


def late_answers(*, delay_ms: float, trips: int) -> dict[str, Any]:
    """Round trips while answers to orders come so long after the streams' news."""
    with open_world(simulated=True) as world, engine_in(world) as engine:
        assert world.front is not None
        world.front.ask(f"{delay_ms * 1_000} 0")
        engine.ask(f"{WARM_UP} 0", START_S)
        before = engine.ask("stand")["connections"]
        samples = engine.ask(f"{trips} 0", START_S)
        opened = engine.ask("stand")["connections"] - before
        return {
            "signals": 2 * trips,
            "connections_opened": opened,
            "enter_wire_us": _spread(samples["enter"]["wire_us"]),
            "exit_wire_us": _spread(samples["exit"]["wire_us"]),
        }


def recovery(*, trades: int) -> dict[str, Any]:
    """From the start of a process on a journal of so many trades to ready, twice.

    The first start has the journal alone; the second one what the first had kept at its end.
    """
    past = history.made(trades)
    with TemporaryDirectory(prefix="bench-past-") as temporary:
        folder = history.copied(past, Path(temporary) / "engine")
        size_mb = sum(path.stat().st_size for path in folder.glob("engine.db*")) / 1_048_576
        with open_world(simulated=True, folder=folder, opening=past.opening) as world:
            return {
                "trades": trades,
                "journal_mb": round(size_mb, 1),
                "first": _start(world),
                "again": _start(world),
            }


def _start(world: World) -> dict[str, float]:
    began_ns = time.monotonic_ns()
    with engine_in(world) as engine:
        stand = engine.ask("stand")
        engine.end()
    return {
        "serving_s": round((stand["serving_ns"] - began_ns) / 1e9, 2),
        "ready_s": round((stand["ready_ns"] - began_ns) / 1e9, 2),
        "cpu_s": round(stand["ready_cpu_s"], 2),
        "rows": stand["rows"],
        "rss_mb": round(stand["rss_mb"], 1),
        "peak_mb": round(stand["peak_mb"], 1),
    }


def on_disk(*, trips: int, durability: str) -> dict[str, Any]:
    """Bytes of a round trip with its views, and what an idle engine writes."""
    with (
        open_world(simulated=True) as world,
        engine_in(world, durability=durability) as engine,
    ):
        engine.ask(f"{WARM_UP} 0")
        time.sleep(2.0)  # views follow the journal
        before = engine.ask("stand")
        engine.ask(f"{trips} 0", START_S)
        time.sleep(2.0)
        after = engine.ask("stand")
        time.sleep(IDLE_S)
        idle = engine.ask("stand")
        return {
            "rows": round((after["rows"] - before["rows"]) / trips, 1),
            "database_kb": round((after["database_kb"] - before["database_kb"]) / trips, 2),
            "written_kb": round((after["written_kb"] - before["written_kb"]) / trips, 2),
            "idle_mb_per_hour": round(
                (idle["written_kb"] - after["written_kb"]) / 1_024 * 3_600 / IDLE_S, 2
            ),
        }


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    found = spread_of(values)
    return None if found is None else found._asdict()
