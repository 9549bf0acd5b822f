"""What log and metrics cost: two engines alike, one silent, asked by turns in the same minutes."""

import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.measure.endurance import START_S, WARM_UP, engine_in
from benchmarks.measure.figures import ratio_of, undisturbed_ratio
from benchmarks.measure.processes import Child
from benchmarks.measure.world import open_world

GAP_MS = 20
SCRAPE_EVERY_S = 1.0
"""Fifteen times as often as Prometheus asks by default."""


def voice_cost(*, rounds: int, trips: int, idle_s: float) -> dict[str, Any]:
    """Ratio of both medians from signal to wire by round, and what each costs when idle.

    Args:
        rounds: turns of each engine, the silent one first in every other.
        trips: entries and exits of a turn, 20 ms apart.
        idle_s: how long each is watched while nothing happens, in each round.
    """
    port = _free_port()
    with (
        open_world(simulated=True) as quiet_world,
        open_world(simulated=True) as told_world,
        engine_in(quiet_world, metrics_port=0) as quiet,
        engine_in(told_world, metrics_port=port) as told,
        _scraping(port),
    ):
        engines = {"quiet": quiet, "told": told}
        for engine in engines.values():
            engine.ask(f"{WARM_UP} 0", START_S)
        turns = [_turn(engines, trips, idle_s, number) for number in range(rounds)]
    found: dict[str, Any] = {}
    for action in ("enter", "exit"):
        ours, theirs = ([turn[name][0][action] for turn in turns] for name in ("told", "quiet"))
        found[f"{action}_told_over_quiet"] = ratio_of(ours, theirs)
        found[f"{action}_undisturbed"] = undisturbed_ratio(ours, theirs)
    for name in engines:
        shares = sorted(turn[name][1] for turn in turns)
        found[f"{name}_idle_percent"] = round(shares[len(shares) // 2] * 100, 3)
    return found


def _turn(
    engines: dict[str, Child], trips: int, idle_s: float, number: int
) -> dict[str, tuple[dict[str, list[float]], float]]:
    order = list(engines.items())
    found = {}
    for name, engine in order if number % 2 else reversed(order):
        samples = engine.ask(f"{trips} {GAP_MS}", START_S)
        idle = float(engine.ask(f"idle {idle_s}", START_S + idle_s))
        found[name] = ({action: samples[action]["wire_us"] for action in samples}, idle)
    return found


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _scraping(port: int) -> Iterator[None]:
    """Somebody reads the metrics all the time."""
    is_over = threading.Event()

    def scrape() -> None:
        while not is_over.wait(SCRAPE_EVERY_S):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page:
                    page.read()
            except urllib.error.URLError:
                continue  # it is asked again

    scraper = threading.Thread(target=scrape, name="scraper")
    scraper.start()
    try:
        yield
    finally:
        is_over.set()
        scraper.join()
