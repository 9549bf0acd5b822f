"""The main job from end to end on one machine.

A replayed market, two simulated exchanges on real sockets, a strategy (the reference one, or one of
your own: see examples/), the engine, and a report.

A bar of the market is shown only when the exchanges and the engine have nothing left to do, and
the seconds between two bars are the replay's own (``replay_loop``), so the same data and seed give
the same trades, however fast the machine is and however long it stands still in between.
"""

import asyncio
import shutil
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from exchange_simulator.exchanges import SimulatedWorld, SimulatorKeys
from exchange_simulator.serving.control import Control
from exchange_simulator.serving.loopback import LoopbackServers
from strategies.kimchi_premium import KimchiPremium, Parameters
from trading_platform_order.market.files.candle_file import Candles, read_candles
from trading_platform_order.market.generated import SYMBOLS, generate_bars
from trading_platform_order.operations.demo.replay_bed import (
    Connected,
    ReplayRefused,
    Strategy,
    replay,
    replay_exchanges,
)
from trading_platform_order.operations.demo.replay_loop import ReplayLoop
from trading_platform_order.operations.demo.report import DemoReport
from trading_platform_order.runtime.assembly import Network
from trading_platform_order.runtime.engine import BUILD
from trading_platform_order.runtime.host.wire_times import WireTimes
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport, AiohttpWebSockets
from trading_platform_order.transport.clock import Clock

GENERATED_BARS = 4_032
DATABASE = "demo.db"


def reference_strategy(symbol: str) -> Strategy:
    """The strategy that research shares with us, with its default parameters."""
    return KimchiPremium(Parameters(symbol=symbol))


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """What to replay.

    Attributes:
        data: candle file; ``None`` for a market generated from ``seed``.
        symbol: base asset; ``None`` takes it from the file's column or name, or, of a generated
            market, BTC.
        bars: how many bars at most; ``None`` for all (4,032 if generated).
        out: folder that keeps the journal; ``None`` for none.
        strategy: makes the strategy that trades the base asset it is given.
    """

    data: Path | None = None
    symbol: str | None = None
    bars: int | None = None
    seed: int = 1
    out: Path | None = None
    strategy: Callable[[str], Strategy] = reference_strategy


def run_demo(
    options: DemoOptions, progress: Callable[[int, int], None] = lambda *_: None
) -> DemoReport:
    """Replay, trade, report; runs an event loop of its own, in which the replay's seconds pass.

    Args:
        options: what to replay.
        progress: told (bars done, bars in all).

    Raises:
        CandleFileError: the data file is broken, or nobody says whose candles it holds; the text
            names file, line and cure.
        ReplayRefused: nothing to replay, or a symbol the generator does not know.
    """
    with asyncio.Runner(loop_factory=ReplayLoop) as runner:
        return runner.run(_run(options, progress))


async def _run(options: DemoOptions, progress: Callable[[int, int], None]) -> DemoReport:
    candles = _candles(options)
    keeps = options.out is not None
    folder = options.out if options.out is not None else Path(tempfile.mkdtemp(prefix="tporder-"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{DATABASE}*"):
            old.unlink()
        store = SqliteStore(folder / DATABASE, build=BUILD, durability="normal")
        try:
            return await replay(
                candles,
                options.strategy(candles.symbol),
                store=store,
                connect=_over_sockets,
                market=str(options.data.name) if options.data else "generated",
                database=folder / DATABASE if keeps else None,
                progress=progress,
            )
        finally:
            await store.close()
    finally:
        if not keeps:
            shutil.rmtree(folder, ignore_errors=True)


def _candles(options: DemoOptions) -> Candles:
    if options.bars is not None and options.bars < 1:
        raise ReplayRefused("no bars to replay; --bars must be at least 1")
    if options.data is not None:
        return read_candles(options.data, symbol=options.symbol, bars=options.bars)
    symbol, count = options.symbol or SYMBOLS[0], options.bars or GENERATED_BARS
    try:
        bars = generate_bars(seed=options.seed, bars=count, symbol=symbol)
    except ValueError as error:
        raise ReplayRefused(str(error)) from None
    return Candles(symbol=symbol, bars=bars)


@asynccontextmanager
async def _over_sockets(
    world: SimulatedWorld, keys: SimulatorKeys, clock: Clock
) -> AsyncIterator[Connected]:
    loop = asyncio.get_running_loop()
    if not isinstance(loop, ReplayLoop):
        raise TypeError(f"a replay over sockets needs a ReplayLoop, not {loop!r}")
    traffic = loop.traffic
    wire = WireTimes(time.monotonic)
    http = AiohttpTransport(on_wire=wire.note, socket_factory=traffic.for_address)
    websockets = AiohttpWebSockets(socket_factory=traffic.for_address)
    try:
        async with LoopbackServers(
            world, keys, Control(world), bound_socket=traffic.listening
        ) as servers:
            network = Network(
                http=http, websockets=websockets, clock=clock, nonce=lambda: str(uuid.uuid4())
            )
            ready = servers.ready()
            exchanges = replay_exchanges(
                network,
                keys,
                upbit=(ready["upbit"]["rest"], ready["upbit"]["ws"]),
                binance=(ready["binance"]["rest"], ready["binance"]["ws"]),
            )
            yield Connected(exchanges=exchanges, wire_time=wire.of)
    finally:
        await http.close()
        await websockets.close()
