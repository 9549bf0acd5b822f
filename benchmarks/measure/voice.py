"""What log, metrics and an open event stream cost: two engines alike, one silent, by turns.

The engine that talks has a `tporder web` beside it, of which one reader holds an event stream open;
another web process serves the silent engine and nobody reads it.
"""

import http.client
import os
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.measure.endurance import START_S, WARM_UP, engine_in
from benchmarks.measure.figures import ratio_of, undisturbed_ratio
from benchmarks.measure.processes import Child, Failed
from benchmarks.measure.world import World, open_world
from trading_platform_order.client.signing import signed

GAP_MS = 20
EVENTS = "/v1/events"
READER_SECRET = "of-this-benchmark-alone-" + "x" * 16
SCRAPE_EVERY_S = 1.0
"""Fifteen times as often as Prometheus asks by default."""


def voice_cost(*, rounds: int, trips: int, idle_s: float) -> dict[str, Any]:
    """Ratio of both medians from signal to wire by round, and what each costs when idle.

    Args:
        rounds: turns of each engine, the silent one first in every other.
        trips: entries and exits of a turn, 20 ms apart.
        idle_s: how long each is watched while nothing happens, in each round.
    """
    port, web_port = _free_port(), _free_port()
    with (
        open_world(simulated=True) as quiet_world,
        open_world(simulated=True) as told_world,
        engine_in(quiet_world, metrics_port=0) as quiet,
        engine_in(told_world, metrics_port=port) as told,
        _scraping(port),
        _web(quiet_world, _free_port()) as unread,
        _web(told_world, web_port) as web,
        _listening(web_port),
    ):
        engines = {"quiet": quiet, "told": told}
        watched = {"quiet": quiet, "told": told, "web_unread": unread, "web_streaming": web}
        for engine in engines.values():
            engine.ask(f"{WARM_UP} 0", START_S)
        turns = [_turn(engines, trips, number) for number in range(rounds)]
        idle = [_idle(watched, idle_s) for _ in range(rounds)]
    found: dict[str, Any] = {}
    for action in ("enter", "exit"):
        ours, theirs = ([turn[name][action] for turn in turns] for name in ("told", "quiet"))
        found[f"{action}_told_over_quiet"] = ratio_of(ours, theirs)
        found[f"{action}_undisturbed"] = undisturbed_ratio(ours, theirs)
    for name in watched:
        found[f"{name}_idle_percent"] = _middle([shares[name] for shares in idle])
    found["log_and_metrics_percent"] = _middle([one["told"] - one["quiet"] for one in idle])
    found["stream_percent"] = _middle([one["web_streaming"] - one["web_unread"] for one in idle])
    return found


def _middle(shares: list[float]) -> float:
    return round(sorted(shares)[len(shares) // 2] * 100, 3)


def _turn(engines: dict[str, Child], trips: int, number: int) -> dict[str, dict[str, list[float]]]:
    order = list(engines.items())
    found = {}
    for name, engine in order if number % 2 else reversed(order):
        samples = engine.ask(f"{trips} {GAP_MS}", START_S)
        found[name] = {action: samples[action]["wire_us"] for action in samples}
    return found


def _idle(watched: dict[str, Child], seconds: float) -> dict[str, float]:
    """Processor time of each and its children, in the same seconds, in parts of one core."""
    before, began_s = {name: _cpu_s(one.pid) for name, one in watched.items()}, time.monotonic()
    time.sleep(seconds)
    passed_s = time.monotonic() - began_s
    return {name: (_cpu_s(one.pid) - before[name]) / passed_s for name, one in watched.items()}


def _cpu_s(pid: int) -> float:
    """User and system time of a process and its living and ended children, seconds."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own_s = sum(map(int, stat[11:15])) / os.sysconf("SC_CLK_TCK")
    return own_s + sum(_cpu_s(int(child)) for child in children)


@contextmanager
def _web(world: World, port: int) -> Iterator[Child]:
    environment = {
        "TPORDER_STORE_PATH": str(world.folder / "engine.db"),
        "TPORDER_WEB_PORT": str(port),
        "TPORDER_WEB_READER_SECRET": READER_SECRET,
    }
    child = world.start("web", "trading_platform_order.cli.main", "web", environment=environment)
    deadline_s = time.monotonic() + START_S
    while not _answers(port):
        if time.monotonic() > deadline_s:
            raise Failed("tporder web did not answer")
        time.sleep(0.1)
    yield child


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@contextmanager
def _listening(port: int) -> Iterator[None]:
    """One reader of all events, from now on."""
    headers = signed(
        "reader",
        READER_SECRET,
        method="GET",
        target=EVENTS,
        at_ms=time.time_ns() // 1_000_000,
        nonce="one-stream-of-all-events",
        body=b"",
    )
    request = urllib.request.Request(f"http://127.0.0.1:{port}{EVENTS}", headers=headers)
    with urllib.request.urlopen(request, timeout=START_S) as stream:  # noqa: S310 - the loopback
        reader = threading.Thread(target=_read, args=(stream,), name="reader", daemon=True)
        reader.start()
        yield


def _read(stream: http.client.HTTPResponse) -> None:
    with suppress(OSError, ValueError, AttributeError):  # closed under its reader
        while stream.read1():
            pass


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
