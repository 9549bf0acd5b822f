"""Both exchanges as loopback servers on wall time, until told to stop."""

import asyncio
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import msgspec

from exchange_simulator.clock import Clock, SystemClock, epoch_ms
from exchange_simulator.exchanges import (
    Opening,
    SimulatedWorld,
    SimulatorKeys,
    open_world,
)
from exchange_simulator.kept_state import KeptWorld, Records, StateFile
from exchange_simulator.market.market import Bar, standing, tick_of
from exchange_simulator.serving.control import Control
from exchange_simulator.serving.loopback import LoopbackServers

DEFAULT_OPENING = Opening(krw=Decimal(100_000_000), usdt=Decimal(70_000))
IDS_FROM, MARKET = "ids_from", "market"
Bars = tuple[tuple[str, Bar], ...]


async def serve(
    *,
    markets: Mapping[str, Iterable[Bar]],
    ready_file: Path | None,
    bar_seconds: float,
    stop: asyncio.Event,
    keys: SimulatorKeys | None = None,
    opening: Opening = DEFAULT_OPENING,
    clock: Clock | None = None,
    republish_s: float = 0.25,
    has_limits: bool = True,
    learns_ticks: bool = False,
    output: TextIO | None = None,
    state: StateFile | None = None,
    market_name: str = "",
) -> None:
    """Serve until ``stop`` is set.

    The bars' prices are shown one after the other under the wall clock's time; the last one stays
    when they are used up. Prices that stand are published again every ``republish_s``: books must
    look alive, the engine refuses to enter on books that are a second old.

    Args:
        markets: bars by base asset (``BTC``), oldest first, at least one each; they are shown side
            by side, as far as the shortest goes.
        ready_file: gets the addresses and keys as one JSON object, whole or not at all.
        bar_seconds: how long each bar's prices stand.
        stop: ends the servers.
        keys: what the exchanges accept; well-known ones by default.
        opening: what the accounts hold at the start.
        clock: the system's by default.
        republish_s: how often standing prices are published again.
        has_limits: answer 429 and 418 when request limits are broken; without, none is refused.
        learns_ticks: the bars are candles of another time, with the price steps of that time.
        output: gets the ready line too; standard output by default.
        state: what the exchanges begin with and are kept in; without, they forget all at the end.
        market_name: tells one market from another: only the one that was shown before is continued.

    Raises:
        ValueError: no bar.
        OSError: the ready file cannot be written.
    """
    keys, clock = keys or SimulatorKeys(), clock or SystemClock()
    records = {} if state is None else state.records
    # Ids are given once, also by a simulator that forgets: it gives fewer than 1,000 a second.
    ids_from = int(records.get(IDS_FROM, epoch_ms(clock.now())))
    world = open_world(
        clock=clock,
        keys=keys,
        opening=opening,
        raise_limits=has_limits,
        learns_ticks=learns_ticks,
        ids_from=ids_from,
    )
    feed = _side_by_side(markets)
    shown = _shown_before(records, market_name)
    first = next(islice(feed, max(shown - 1, 0), None), None)
    if not first:
        raise ValueError("the market to serve has no bars")
    kept = None if state is None else world.keep(state)
    if kept is not None:
        kept.note(IDS_FROM, ids_from)
        feed = _noted(feed, kept, market_name, max(shown, 1))
    # Bars that were shown before have no range any more: nothing meets it a second time.
    (_show_again if shown else _show)(world, first)
    async with LoopbackServers(world, keys, Control(world)) as servers:
        _announce(servers.ready(), ready_file, output or sys.stdout)
        async with asyncio.TaskGroup() as tasks:
            market = tasks.create_task(
                _run_market(world, first, feed, bar_seconds=bar_seconds, republish_s=republish_s)
            )
            await stop.wait()
            market.cancel()
    if kept is not None:
        kept.close()


def _shown_before(records: Records, market_name: str) -> int:
    """How many bars of this market were shown when the simulator last ran."""
    name, shown = records.get(MARKET, ("", 0))
    return int(shown) if name == market_name else 0


def _noted(feed: Iterator[Bars], kept: KeptWorld, name: str, shown: int) -> Iterator[Bars]:
    """The bars, each counted as shown when it is taken; the first one is already."""
    kept.note(MARKET, (name, shown))
    for number, bars in enumerate(feed, start=shown + 1):
        kept.note(MARKET, (name, number))
        yield bars


async def _run_market(
    world: SimulatedWorld,
    bars: Bars,
    feed: Iterable[Bars],
    *,
    bar_seconds: float,
    republish_s: float,
) -> None:
    loop = asyncio.get_running_loop()
    next_bar_at = loop.time() + bar_seconds
    for following in feed:
        while (left_s := next_bar_at - loop.time()) > republish_s:
            await asyncio.sleep(republish_s)
            _show_again(world, bars)
        await asyncio.sleep(max(0.0, left_s))
        bars = following
        next_bar_at += bar_seconds
        _show(world, bars)
    while True:
        await asyncio.sleep(republish_s)
        _show_again(world, bars)


def _side_by_side(markets: Mapping[str, Iterable[Bar]]) -> Iterator[Bars]:
    for bars in zip(*markets.values(), strict=False):
        yield tuple(zip(markets, bars, strict=True))


def _show(world: SimulatedWorld, bars: Bars) -> None:
    now = world.clock.now()
    world.show([replace(tick_of(symbol, bar), at=now) for symbol, bar in bars])


def _show_again(world: SimulatedWorld, bars: Bars) -> None:
    now = world.clock.now()
    world.show([standing(tick_of(symbol, bar), now) for symbol, bar in bars])


def _announce(ready: dict[str, Any], ready_file: Path | None, output: TextIO) -> None:
    line = msgspec.json.encode(ready)
    if ready_file is not None:
        draft = ready_file.with_name(f"{ready_file.name}.partial")
        draft.write_bytes(line + b"\n")
        draft.replace(ready_file)
    output.write(line.decode() + "\n")
    output.flush()
