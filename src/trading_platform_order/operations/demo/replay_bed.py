"""Both simulated exchanges, the engine and the bars of a replay: the same for demo and backtest.

The demo reaches the exchanges over real sockets, a backtest in this process. Everything else, the
seconds between two bars included, is here and the same, so that both trade alike.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
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
from strategies.kimchi_premium import BarPrices
from trading_platform_order.domain.order import hedge_symbol, spot_symbol
from trading_platform_order.exchanges.config import BinanceConfig, Credentials, UpbitConfig
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.executor.ports import ExecutorSettings
from trading_platform_order.market.candles import Bar, with_last
from trading_platform_order.market.files.candle_file import Candles
from trading_platform_order.operations.demo.report import DemoReport, make_report
from trading_platform_order.runtime.assembly import Network, executor_settings, make_exchanges
from trading_platform_order.runtime.engine import Engine, EngineWorld
from trading_platform_order.runtime.host.garbage_collector import quiet_memory
from trading_platform_order.runtime.settings.settings import (
    EngineSection,
    RiskSection,
    Settings,
    TradeSection,
)
from trading_platform_order.signals.faults import SignalFault
from trading_platform_order.signals.schema import signal_from_values
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.transport.clock import Clock

OPENING_KRW = Decimal(100_000_000)
OPENING_USDT = Decimal(70_000)
READY_LIMIT_S = 30.0
BAR_LIMIT_S = 60.0
"""Between two bars the calendar jumps before the prices follow; that is no silent exchange."""
QUIET_PAUSE_S = 0.001
LATENCY_S = 0.005
"""Each way to and from both exchanges, in the replay's seconds: as from a machine nearby."""
BETWEEN_BARS_S = 1.0
"""What a second's request budget needs to fill again; the next bar is a minute away at least."""
REPLAY_BUDGET = 1_000_000
PROJECT_NEVER_S = 86_400.0 * 365


class ReplayRefused(Exception):  # noqa: N818 - the text is for the user
    """The replay cannot run as asked; the text says why and what to do."""


class Strategy(Protocol):
    """What a replay feeds with bars."""

    def on_bar(self, price: BarPrices) -> list[dict[str, object]]:
        """The signals this bar gives, as values of the published schema (docs/SIGNALS.md)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The engine's way to the exchanges.

    Attributes:
        wire_time: when the bytes of an order left, seconds of ``time.monotonic``.
    """

    exchanges: PairExchanges
    wire_time: Callable[[str], float | None]


Connect = Callable[[SimulatedWorld, SimulatorKeys, Clock], AbstractAsyncContextManager[Connected]]


def replay_settings(symbol: str) -> ExecutorSettings:
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
        market=f"replayed candles of {symbol}",
        # Candles tell no names: which coin they are of is their owner's to know.
        limits=replace(settings.limits, pairs=None),
        monitors=replace(settings.monitors, stop=stop, gap_s=inf),
    )


class ReplayBed:
    """Exchanges and engine of one replay, over a store that its maker closes.

    Args:
        symbol: base asset of the bars.
        first: the first bar; both exchanges show it when the engine starts.
        store: new and empty.
        connect: joins the engine to the exchanges, on a loop whose seconds are the replay's.
    """

    def __init__(self, *, symbol: str, first: Bar, store: SqliteStore, connect: Connect) -> None:
        self.symbol = symbol
        self.settings = replay_settings(symbol)
        self.store = store
        self.signals = 0
        self._first = first
        self._connect = connect
        self.engine: Engine
        self.world: SimulatedWorld

    @asynccontextmanager
    async def open(self) -> AsyncIterator["ReplayBed"]:
        """The engine runs and is ready while the context lasts."""
        clock = MarketClock(self._first.closes_at, asyncio.get_running_loop().time)
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
        async with self._connect(self.world, keys, clock) as connected:
            self.engine = Engine(
                world=EngineWorld(
                    exchanges=connected.exchanges,
                    store=self.store,
                    clock=clock,
                    wire_time=connected.wire_time,
                    stopwatch=time.monotonic,
                ),
                settings=self.settings,
                leverage=2,
                # Views are written when the report wants them.
                project_every_s=PROJECT_NEVER_S,
            )
            async with asyncio.TaskGroup() as group:
                ready = asyncio.Event()
                running = group.create_task(self.engine.run(ready), name="engine")
                async with asyncio.timeout(READY_LIMIT_S):
                    await ready.wait()
                with quiet_memory():
                    yield self
                running.cancel()

    async def play(
        self, bars: Sequence[Bar], strategy: Strategy, progress: Callable[[int, int], None]
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
        await self.show(bar)
        await self.trade(strategy.on_bar(prices_of(bar, is_last=is_last)))

    async def show(self, bar: Bar) -> None:
        """Close a bar: the market moves, the engine sees it and does what it wants to do."""
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

    async def trade(self, signals: Sequence[Mapping[str, object]]) -> None:
        """Hand in what the strategy said, one after the other.

        Raises:
            ReplayRefused: it is no signal of the published schema.
        """
        for values in signals:
            signal = signal_from_values(values)
            if isinstance(signal, SignalFault):
                raise ReplayRefused(f"the strategy's signal: {signal.field}: {signal.message}")
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


def prices_of(bar: Bar, *, is_last: bool) -> BarPrices:
    """What a strategy sees of a bar."""
    return BarPrices(
        at=bar.closes_at,
        spot_krw=bar.up_close,
        hedge_usdt=bar.bn_close,
        block=bar.block,
        is_last=is_last,
    )


async def replay(
    candles: Candles,
    strategy: Strategy,
    *,
    store: SqliteStore,
    connect: Connect,
    market: str,
    database: Path | None,
    progress: Callable[[int, int], None],
    bed: type["ReplayBed"] | None = None,
) -> DemoReport:
    """Play the bars and report.

    Args:
        candles: the bars, at least one, and whose they are.
        strategy: trades them.
        store: new and empty; its maker closes it.
        connect: joins the engine to the exchanges.
        market: what the report calls it.
        database: what the report says is kept.
        progress: told (bars done, bars in all).
        bed: how they are played; every one of them by default.
    """
    symbol, bars = candles.symbol, candles.bars
    async with (bed or ReplayBed)(
        symbol=symbol, first=bars[0], store=store, connect=connect
    ).open() as testbed:
        await testbed.play(bars, strategy, progress)
        return await make_report(
            engine=testbed.engine,
            store=store,
            world=testbed.world,
            opening_krw=OPENING_KRW,
            opening_usdt=OPENING_USDT,
            signals=testbed.signals,
            market=market,
            symbol=symbol,
            database=database,
        )


def replay_exchanges(
    network: Network, keys: SimulatorKeys, *, upbit: tuple[str, str], binance: tuple[str, str]
) -> PairExchanges:
    """Both adapters with the replay's keys and budgets; addresses of REST and of streams."""
    return make_exchanges(
        network=network,
        upbit_config=UpbitConfig(
            rest_url=upbit[0],
            ws_url=upbit[1],
            credentials=Credentials(key=keys.upbit_access_key, secret=keys.upbit_secret_key),
        ),
        binance_config=BinanceConfig(
            rest_url=binance[0],
            ws_url=binance[1],
            credentials=Credentials(key=keys.binance_api_key, secret=keys.binance_secret_key),
            # Weeks of funding payments and trades pass in seconds; a minute's budget is not theirs.
            orders_per_10s=REPLAY_BUDGET,
            weight_per_min=REPLAY_BUDGET,
        ),
    )
