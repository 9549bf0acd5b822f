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
from dataclasses import dataclass, replace
from decimal import Decimal
from math import inf
from pathlib import Path
from typing import Protocol

from exchange_simulator.clock import MarketClock
from exchange_simulator.exchanges import (
    Opening,
    SimulatedWorld,
    SimulatorKeys,
    open_world,
)
from exchange_simulator.serving.control import Control
from exchange_simulator.serving.loopback import LoopbackServers
from strategies.kimchi_premium import BarPrices, KimchiPremium, Parameters
from trading_platform_order.domain.order import hedge_symbol, spot_symbol
from trading_platform_order.exchanges.config import BinanceConfig, Credentials, UpbitConfig
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.executor.ports import ExecutorSettings
from trading_platform_order.market.candle_file import Candles, read_candles
from trading_platform_order.market.candles import Bar, with_last
from trading_platform_order.market.generated import SYMBOLS, generate_bars
from trading_platform_order.operations.demo.replay_loop import ReplayLoop
from trading_platform_order.operations.demo.report import DemoReport, make_report
from trading_platform_order.runtime.assembly import Network, executor_settings, make_exchanges
from trading_platform_order.runtime.engine import BUILD, Engine, EngineWorld
from trading_platform_order.runtime.host.garbage_collector import quiet_memory
from trading_platform_order.runtime.host.wire_times import WireTimes
from trading_platform_order.runtime.settings.settings import (
    EngineSection,
    RiskSection,
    Settings,
    TradeSection,
)
from trading_platform_order.signals.faults import SignalFault
from trading_platform_order.signals.schema import signal_from_values
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport, AiohttpWebSockets

OPENING_KRW = Decimal(100_000_000)
OPENING_USDT = Decimal(70_000)
GENERATED_BARS = 4_032
READY_LIMIT_S = 30.0
BAR_LIMIT_S = 60.0
"""Between two bars the calendar jumps before the prices follow; that is no silent exchange."""
QUIET_PAUSE_S = 0.001
LATENCY_S = 0.005
"""Each way to and from both exchanges, in the replay's seconds: as from a machine nearby."""
BETWEEN_BARS_S = 1.0
"""What a second's request budget needs to fill again; the next bar is a minute away at least."""
REPLAY_BUDGET = 1_000_000
DATABASE = "demo.db"


class DemoRefused(Exception):  # noqa: N818 - the text is for the user
    """The demo cannot run as asked; the text says why and what to do."""


class Strategy(Protocol):
    """What a replay feeds with bars."""

    def on_bar(self, price: BarPrices) -> list[dict[str, object]]:
        """The signals this bar gives, as values of the published schema (docs/SIGNALS.md)."""
        ...


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
        DemoRefused: nothing to replay, or a symbol the generator does not know.
    """
    with asyncio.Runner(loop_factory=ReplayLoop) as runner:
        return runner.run(_run(options, progress))


async def _run(options: DemoOptions, progress: Callable[[int, int], None]) -> DemoReport:
    candles = _candles(options)
    symbol, bars = candles.symbol, candles.bars
    market = str(options.data.name) if options.data else "generated"
    keeps = options.out is not None
    folder = options.out if options.out is not None else Path(tempfile.mkdtemp(prefix="tporder-"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{DATABASE}*"):
            old.unlink()
        async with _DemoBed(symbol=symbol, first=bars[0], folder=folder).open() as testbed:
            await testbed.play(bars, options.strategy(symbol), progress)
            return await make_report(
                engine=testbed.engine,
                store=testbed.store,
                world=testbed.world,
                opening_krw=OPENING_KRW,
                opening_usdt=OPENING_USDT,
                signals=testbed.signals,
                market=market,
                symbol=symbol,
                database=folder / DATABASE if keeps else None,
            )
    finally:
        if not keeps:
            shutil.rmtree(folder, ignore_errors=True)


def _candles(options: DemoOptions) -> Candles:
    if options.bars is not None and options.bars < 1:
        raise DemoRefused("no bars to replay; --bars must be at least 1")
    if options.data is not None:
        return read_candles(options.data, symbol=options.symbol, bars=options.bars)
    symbol, count = options.symbol or SYMBOLS[0], options.bars or GENERATED_BARS
    try:
        bars = generate_bars(seed=options.seed, bars=count, symbol=symbol)
    except ValueError as error:
        raise DemoRefused(str(error)) from None
    return Candles(symbol=symbol, bars=bars)


def demo_settings(symbol: str) -> ExecutorSettings:
    """Room for a demonstration: play money needs no small caps.

    Every bar moves the market's time on by its length at once. That is no gap in which nobody
    looked, and a hole in the data makes no price stale.
    """
    settings = executor_settings(
        Settings(
            # A slow machine lets seconds pass between a bar and its trade; the market stands still.
            engine=EngineSection(symbols=(symbol,), signal_ttl_s=BAR_LIMIT_S, rehearse_every_ms=0),
            trade=TradeSection(default_capital_fraction=Decimal("0.05")),
            risk=RiskSection(
                book_age_s_max=BAR_LIMIT_S,
                entry_book_age_s_max=BAR_LIMIT_S,
                books_apart_s_max=BAR_LIMIT_S,
                fx_age_s_max=BAR_LIMIT_S,
                capital_age_s_max=BAR_LIMIT_S,
                order_krw_max=Decimal(50_000_000),
                trade_krw_max=Decimal(100_000_000),
                daily_turnover_krw_max=Decimal(10_000_000_000),
                hourly_loss_krw_max=Decimal(10_000_000),
            ),
        )
    )
    stop = replace(settings.monitors.stop, stale_s_max=inf)
    return replace(
        settings,
        # Candles tell no names: which coin they are of is their owner's to know.
        limits=replace(settings.limits, pairs=None),
        monitors=replace(settings.monitors, stop=stop, gap_s=inf),
    )


class _DemoBed:
    """Exchanges, engine and strategy of one demo."""

    def __init__(self, *, symbol: str, first: Bar, folder: Path) -> None:
        self.symbol = symbol
        self.signals = 0
        self._first = first
        self._folder = folder
        self.engine: Engine
        self.store: SqliteStore
        self.world: SimulatedWorld

    @asynccontextmanager
    async def open(self) -> AsyncIterator["_DemoBed"]:
        loop = asyncio.get_running_loop()
        if not isinstance(loop, ReplayLoop):
            raise TypeError(f"a replay needs a ReplayLoop, not {loop!r}")
        traffic = loop.traffic
        clock = MarketClock(self._first.closes_at, loop.time)
        keys = SimulatorKeys()
        self.world = open_world(
            clock=clock,
            keys=keys,
            opening=Opening(krw=OPENING_KRW, usdt=OPENING_USDT),
            latency_s=LATENCY_S,
            raise_limits=False,
            learns_ticks=True,
        )
        self.world.step([(self.symbol, self._first)])
        self.store = SqliteStore(self._folder / DATABASE, build=BUILD, durability="normal")
        wire = WireTimes(time.monotonic)
        http = AiohttpTransport(on_wire=wire.note, socket_factory=traffic.for_address)
        websockets = AiohttpWebSockets(socket_factory=traffic.for_address)
        try:
            async with LoopbackServers(
                self.world, keys, Control(self.world), bound_socket=traffic.listening
            ) as servers:
                network = Network(
                    http=http, websockets=websockets, clock=clock, nonce=lambda: str(uuid.uuid4())
                )
                self.engine = Engine(
                    world=EngineWorld(
                        exchanges=_exchanges(network, servers, keys),
                        store=self.store,
                        clock=clock,
                        wire_time=wire.of,
                        stopwatch=time.monotonic,
                    ),
                    settings=demo_settings(self.symbol),
                    leverage=2,
                )
                async with asyncio.TaskGroup() as group:
                    ready = asyncio.Event()
                    running = group.create_task(self.engine.run(ready), name="engine")
                    async with asyncio.timeout(READY_LIMIT_S):
                        await ready.wait()
                    with quiet_memory():
                        yield self
                    running.cancel()
        finally:
            await http.close()
            await websockets.close()
            await self.store.close()

    async def play(
        self, bars: list[Bar], strategy: Strategy, progress: Callable[[int, int], None]
    ) -> None:
        """Bar by bar: the market, the strategy, the trades it asks for."""
        for number, (bar, is_last) in enumerate(with_last(bars), 1):
            try:
                async with asyncio.timeout(BAR_LIMIT_S):
                    await self._bar(bar, strategy, is_last=is_last)
            except TimeoutError:
                told = f"the bar of {bar.at.isoformat()} is not done after {BAR_LIMIT_S:.0f} s"
                raise TimeoutError(told) from None
            progress(number, len(bars))

    async def _bar(self, bar: Bar, strategy: Strategy, *, is_last: bool) -> None:
        self.world.step([(self.symbol, bar)])
        board = self.engine.market.board
        await board.wait_for(
            bar.closes_at,
            spot_symbol(self.symbol),
            hedge_symbol(self.symbol),
            timeout_s=BAR_LIMIT_S,
        )
        await asyncio.sleep(BETWEEN_BARS_S)
        await self._quiet()
        await self.engine.executor.account.mark_market_fx()
        prices = BarPrices(
            at=bar.closes_at,
            spot_krw=bar.up_close,
            hedge_usdt=bar.bn_close,
            block=bar.block,
            is_last=is_last,
        )
        for values in strategy.on_bar(prices):
            signal = signal_from_values(values)
            if isinstance(signal, SignalFault):
                raise DemoRefused(f"the strategy's signal: {signal.field}: {signal.message}")
            self.signals += 1
            await self.engine.submit(signal)
            await self._quiet()

    async def _quiet(self) -> None:
        """Until the exchanges and the engine have nothing left to do."""
        executor = self.engine.executor
        while True:
            await executor.wait_idle()
            if self.world.idle() and executor.is_idle:
                return
            await asyncio.sleep(QUIET_PAUSE_S)


def _exchanges(network: Network, servers: LoopbackServers, keys: SimulatorKeys) -> PairExchanges:
    ready = servers.ready()
    return make_exchanges(
        network=network,
        upbit_config=UpbitConfig(
            rest_url=ready["upbit"]["rest"],
            ws_url=ready["upbit"]["ws"],
            credentials=Credentials(key=keys.upbit_access_key, secret=keys.upbit_secret_key),
        ),
        binance_config=BinanceConfig(
            rest_url=ready["binance"]["rest"],
            ws_url=ready["binance"]["ws"],
            credentials=Credentials(key=keys.binance_api_key, secret=keys.binance_secret_key),
            # Weeks of funding payments and trades pass in seconds; a minute's budget is not theirs.
            orders_per_10s=REPLAY_BUDGET,
            weight_per_min=REPLAY_BUDGET,
        ),
    )
