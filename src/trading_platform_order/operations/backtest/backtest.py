"""A strategy over history, as fast as the machine goes: the replay of the demo without sockets.

The same engine, adapters, exchanges and seconds as the demo's, in virtual time and in this process.
Bars in which nothing can happen are passed over (``passing_over``); the trades are the demo's.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from trading_platform_order.domain.money import plain
from trading_platform_order.market.files.candle_file import Candles, read_candles
from trading_platform_order.market.generated import SYMBOLS, generate_bars
from trading_platform_order.operations.backtest.bed import BacktestBed
from trading_platform_order.operations.backtest.in_process import in_process
from trading_platform_order.operations.backtest.strategy import (
    REFERENCE,
    Parameters,
    make_strategy,
)
from trading_platform_order.operations.demo.replay_bed import ReplayBed, ReplayRefused, replay
from trading_platform_order.operations.demo.report import DemoReport
from trading_platform_order.runtime.engine import BUILD
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.transport.virtual_loop import VirtualLoop

DATABASE = "backtest.db"
YEAR_BARS = 525_600
_KRW = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestOptions:
    """What to trade, and on which history.

    Attributes:
        strategy: its maker, as ``module:object``.
        parameters: handed to the maker by name, besides ``symbol``.
        data: candle file; ``None`` for a market generated from ``seed``.
        symbol: base asset; ``None`` takes it from the file's column or name; generated: BTC.
        bars: how many at most; ``None`` for all (a year of minutes if generated).
        interval_s: length of a generated bar.
        every_bar: the engine is shown every bar, needed or not; many times slower, same trades.
        out: folder that keeps the journal (its backtest.db is replaced); ``None`` for none.
    """

    strategy: str = REFERENCE
    parameters: Parameters = field(default_factory=dict)
    data: Path | None = None
    symbol: str | None = None
    bars: int | None = None
    seed: int = 1
    interval_s: int = 60
    every_bar: bool = False
    out: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestResult:
    """What came of one run; money in KRW.

    Attributes:
        report: as the demo's.
        begin: close of the first bar; ``end``: of the last.
        bars: of the history.
    """

    parameters: Parameters
    report: DemoReport
    begin: datetime
    end: datetime
    bars: int

    @property
    def strategy_krw(self) -> Decimal:
        """What the strategy brought: the total without FX on USDT that lay idle."""
        return self.report.total_krw - self.report.parts.fx_idle

    @property
    def parts_krw(self) -> dict[str, Decimal]:
        """What :attr:`strategy_krw` is the sum of; FX is that on what was held."""
        parts = self.report.parts
        return {
            "premium": parts.premium,
            "funding": parts.funding,
            "fees": parts.fees,
            "slippage": parts.slippage,
            "fx": parts.fx - parts.fx_idle,
        }

    def to_json(self) -> dict[str, object]:
        """For programs; nothing in it depends on the machine or on how long it took."""
        told = self.report.to_json()
        del told["signal_to_wire_us"]
        return {
            "parameters": {
                name: plain(value) if isinstance(value, Decimal) else value
                for name, value in self.parameters.items()
            },
            "begin": self.begin.isoformat(),
            "end": self.end.isoformat(),
            "bars": self.bars,
            "strategy_krw": plain(self.strategy_krw.quantize(_KRW)),
            **told,
        }


def run_backtest(
    options: BacktestOptions, progress: Callable[[int, int], None] = lambda *_: None
) -> BacktestResult:
    """Play the history and report; runs an event loop of its own in virtual time.

    Args:
        options: what to play.
        progress: told (bars done, bars in all).

    Raises:
        CandleFileError: the data file is broken, or nobody says whose candles it holds.
        ReplayRefused: no such strategy, parameters it does not take, or nothing to replay.
    """
    candles = _candles(options)
    strategy = make_strategy(options.strategy, candles.symbol, options.parameters)
    folder = options.out or Path(tempfile.mkdtemp(prefix="tporder-"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{DATABASE}*"):
            old.unlink()
        database = folder / DATABASE

        async def play() -> DemoReport:
            store = SqliteStore(database, build=BUILD, durability="normal")
            try:
                return await replay(
                    candles,
                    strategy,
                    store=store,
                    connect=in_process,
                    market=options.data.name if options.data else "generated",
                    database=None if options.out is None else database,
                    progress=progress,
                    bed=ReplayBed if options.every_bar else BacktestBed,
                )
            finally:
                await store.close()

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            report = runner.run(play())
    finally:
        if options.out is None:
            shutil.rmtree(folder, ignore_errors=True)
    return BacktestResult(
        parameters=options.parameters,
        report=report,
        begin=candles.bars[0].closes_at,
        end=candles.bars[-1].closes_at,
        bars=len(candles.bars),
    )


def _candles(options: BacktestOptions) -> Candles:
    if options.bars is not None and options.bars < 1:
        raise ReplayRefused("no bars to replay; --bars must be at least 1")
    if options.data is not None:
        return _read(options.data, options.symbol, options.bars)
    symbol, bars = options.symbol or SYMBOLS[0], options.bars or YEAR_BARS
    return _generated(options.seed, bars, symbol, options.interval_s)


@lru_cache(maxsize=1)
def _read(path: Path, symbol: str | None, bars: int | None) -> Candles:
    """Kept for the next run of a grid in this process."""
    return read_candles(path, symbol=symbol, bars=bars)


@lru_cache(maxsize=1)
def _generated(seed: int, bars: int, symbol: str, interval_s: int) -> Candles:
    try:
        made = generate_bars(seed=seed, bars=bars, symbol=symbol, interval_s=interval_s)
    except ValueError as error:
        raise ReplayRefused(str(error)) from None
    return Candles(symbol=symbol, bars=made)
