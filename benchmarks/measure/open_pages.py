"""What pages left open cost the engine: none, one and ten of them, by turns in the same minutes.

One engine, one `tporder web` on its store. An open page is what the browser does: it listens to
`/v1/events`, and reads the home screen whenever something happened and every three seconds anyway.
"""

import asyncio
import contextlib
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.measure.endurance import START_S, WARM_UP, engine_in
from benchmarks.measure.figures import ratio_of, undisturbed_ratio
from benchmarks.measure.processes import Child
from benchmarks.measure.world import open_world
from trading_platform_order.client.signing import signed

GAP_MS = 20
PAGES = (0, 1, 10)
HOME_EVERY_S = 3.0
HOME_APART_S = 0.7
SECRET = secrets.token_hex(32)


def page_cost(*, rounds: int, trips: int, idle_s: float) -> dict[str, Any]:
    """Ratios from signal to wire over none open, and the engine's share of a core when idle.

    Args:
        rounds: turns of each number of pages, in another order each round.
        trips: entries and exits of a turn, 20 ms apart.
        idle_s: how long the engine is watched while nothing happens, in each turn.
    """
    turns: dict[int, list[tuple[dict[str, Any], float]]] = {count: [] for count in PAGES}
    with open_world(simulated=True) as world, engine_in(world) as engine:
        engine.ask(f"{WARM_UP} 0", START_S)
        with _web(world.folder / "engine.db") as address:
            for number in range(rounds):
                for count in PAGES[number % 3 :] + PAGES[: number % 3]:
                    with _open(address, count):
                        turns[count].append(_turn(engine, trips, idle_s))
    found: dict[str, Any] = {}
    for count, seen in turns.items():
        shares = sorted(share for _, share in seen)
        found[f"idle_percent_{count}"] = round(shares[len(shares) // 2] * 100, 3)
    for count in PAGES[1:]:
        for action in ("enter", "exit"):
            ours, theirs = (
                [samples[action]["wire_us"] for samples, _ in turns[n]] for n in (count, 0)
            )
            found[f"{action}_{count}_over_none"] = ratio_of(ours, theirs)
            found[f"{action}_{count}_undisturbed"] = undisturbed_ratio(ours, theirs)
    return found


def _turn(engine: Child, trips: int, idle_s: float) -> tuple[dict[str, Any], float]:
    samples = engine.ask(f"{trips} {GAP_MS}", START_S)
    return samples, float(engine.ask(f"idle {idle_s}", START_S + idle_s))


@contextmanager
def _web(db: Path) -> Iterator[str]:
    """The process of the page; its address."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TPORDER_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "trading_platform_order.cli.main", "web"],
        stdout=subprocess.PIPE,
        text=True,
        env={
            **kept,
            "TPORDER_LANG": "en",
            "TPORDER_STORE_PATH": str(db),
            "TPORDER_WEB_PORT": "0",
            "TPORDER_WEB_READER_SECRET": SECRET,
        },
    )
    assert process.stdout is not None
    try:
        line = next(line for line in process.stdout if "web ready: " in line)
        yield line.split("web ready: ")[1].split(",")[0]
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _open(address: str, count: int) -> Iterator[None]:
    """So many pages, in a thread of this process."""
    is_over = threading.Event()
    pages = threading.Thread(target=lambda: asyncio.run(_pages(address, count, is_over)))
    pages.start()
    try:
        yield
    finally:
        is_over.set()
        pages.join()


async def _pages(address: str, count: int, is_over: threading.Event) -> None:
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        open_ = [group.create_task(_page(address, session)) for _ in range(count)]
        await asyncio.to_thread(is_over.wait)
        for one in open_:
            one.cancel()


async def _page(address: str, session: aiohttp.ClientSession) -> None:
    """One page, until it is cancelled."""
    happened = asyncio.Event()

    async def listen() -> None:
        async with session.get(
            f"{address}/v1/events", headers=_headers("/v1/events"), timeout=aiohttp.ClientTimeout()
        ) as stream:
            stream.raise_for_status()
            async for line in stream.content:
                if line.startswith(b"data"):
                    happened.set()

    async def look() -> None:
        while True:
            async with session.get(f"{address}/page/home", headers=_headers("/page/home")) as home:
                home.raise_for_status()
                await home.read()
            happened.clear()
            await asyncio.sleep(HOME_APART_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(happened.wait(), HOME_EVERY_S - HOME_APART_S)

    async with asyncio.TaskGroup() as group:
        group.create_task(listen())
        group.create_task(look())


def _headers(target: str) -> dict[str, str]:
    return signed(
        "reader",
        SECRET,
        method="GET",
        target=target,
        at_ms=int(time.time() * 1_000),
        nonce=secrets.token_hex(8),
        body=b"",
    )
