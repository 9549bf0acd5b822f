"""A strategy over history: the trades of the demo, bars that nobody needs, a grid."""

import os
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from strategies.kimchi_premium import BarPrices
from trading_platform_order.market.files.candle_fault import CandleFileError
from trading_platform_order.market.generated import generate_bars
from trading_platform_order.operations.backtest.backtest import BacktestOptions, run_backtest
from trading_platform_order.operations.backtest.passing_over import (
    ShownBar,
    is_hour,
    shown_for_signals,
)
from trading_platform_order.operations.backtest.runs import run_all
from trading_platform_order.operations.backtest.strategy import Grid, make_strategy, read_grid
from trading_platform_order.operations.demo.demo import DemoOptions, run_demo
from trading_platform_order.operations.demo.replay_bed import ReplayRefused

DATA = Path(os.environ.get("SHARED_FOLDER", "../shared")) / "data"


class Once:
    """Enters at one bar and leaves at a later one, whatever the prices are."""

    def __init__(self, symbol: str, enter_at: int = 40, exit_at: int = 900) -> None:
        self.symbol, self.at = symbol, {enter_at: "ENTER", exit_at: "EXIT"}
        self.seen = 0

    def on_bar(self, price: BarPrices) -> list[dict[str, object]]:
        self.seen += 1
        action = self.at.get(self.seen)
        if action is None:
            return []
        return [
            {
                "id": f"once-{action}",
                "strategy": "once",
                "action": action,
                "symbol": self.symbol,
                "created_at": price.at.isoformat(),
                "schema_version": 1,
            }
        ]


class EveryBar:
    """Enters and leaves in turn, one after the other."""

    def __init__(self, symbol: str) -> None:
        self.symbol, self.seen = symbol, 0

    def on_bar(self, price: BarPrices) -> list[dict[str, object]]:
        self.seen += 1
        action = "ENTER" if self.seen % 2 else "EXIT"
        return [
            {
                "id": f"every-{self.seen}",
                "strategy": "every",
                "action": action,
                "symbol": self.symbol,
                "created_at": price.at.isoformat(),
                "schema_version": 1,
            }
        ]


class NoStrategy:
    """Cannot be fed with bars."""

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol


HERE = "tests.unit.operations.backtest.test_backtest"


def test_trades_as_the_replay_over_sockets_does() -> None:
    """Same market, same seed: the digest of the demo's trades."""
    demo = run_demo(DemoOptions(bars=300))
    backtest = run_backtest(BacktestOptions(bars=300, interval_s=300))
    assert backtest.report.trades_digest == demo.trades_digest
    assert backtest.report.signals > 0
    assert backtest.report.total_krw == demo.total_krw


def test_bars_that_are_passed_over_change_nothing() -> None:
    """A pair held over fourteen hours of minutes, funding included."""
    options = BacktestOptions(strategy=f"{HERE}:Once", bars=1_000)
    quick = run_backtest(options)
    whole = run_backtest(BacktestOptions(strategy=f"{HERE}:Once", bars=1_000, every_bar=True))
    assert quick.report.pair_trades["flat"] == 1
    assert quick.report.parts.funding != 0
    told = [result.to_json() for result in (quick, whole)]
    assert told[0] == told[1]


def test_idle_usdt_is_no_profit_of_the_strategy() -> None:
    """Without a single trade the rate moves the account's value, and not the strategy's."""
    never = {"enter_at": 0, "exit_at": -1}
    result = run_backtest(
        BacktestOptions(strategy=f"{HERE}:Once", parameters=never, bars=300, interval_s=3_600)
    )
    assert result.report.signals == 0
    assert result.report.total_krw != 0
    assert result.strategy_krw == 0


def test_every_trade_is_counted_however_many_there_are() -> None:
    """The engine keeps only its last 500 settled trades in memory."""
    bars = 520
    result = run_backtest(BacktestOptions(strategy=f"{HERE}:EveryBar", bars=bars, interval_s=3_600))
    assert result.report.pair_trades["hedged"] == result.report.pair_trades["flat"] == bars / 2
    assert result.report.orders == 2 * bars


def test_a_bar_with_another_price_is_shown() -> None:
    first, second = generate_bars(seed=1, bars=2, symbol="BTC")
    assert ShownBar(bar=first).is_near(second)
    for name in ("up_high", "bn_high"):
        far = replace(second, **{name: getattr(first, name) * Decimal("1.02")})
        assert not ShownBar(bar=first).is_near(far), name
    for name in ("up_low", "bn_low"):
        far = replace(second, **{name: getattr(first, name) * Decimal("0.98")})
        assert not ShownBar(bar=first).is_near(far), name
    far = replace(second, krw_usdt=first.krw_usdt * Decimal("1.003"))
    assert not ShownBar(bar=first).is_near(far)


def test_full_hours_and_what_leads_to_a_signal_are_shown() -> None:
    bars = generate_bars(seed=1, bars=120, symbol="BTC", interval_s=60)
    hours = [n for n in range(1, 120) if is_hour(bars[n - 1], bars[n])]
    assert [bars[n].closes_at.minute for n in hours] == [0] * len(hours)
    assert len(hours) == 2
    shown = shown_for_signals(bars, [50])
    assert {0, 119, 47, 48, 49, 50, 51} <= shown
    assert 20 not in shown


def test_a_standing_price_is_shown_from_its_last_change() -> None:
    """The simulated book counts the bars since: the same book as if all had been shown."""
    bars = generate_bars(seed=1, bars=60, symbol="BTC", interval_s=60)
    still = [*bars[:20], *(replace(bar, up_close=bars[19].up_close) for bar in bars[20:])]
    assert 19 in shown_for_signals(still, [40])


def test_a_grid_is_every_combination(tmp_path: Path) -> None:
    path = tmp_path / "grid.toml"
    path.write_text(
        "[parameters]\nbars_min = 10\n[grid]\nband = [0.002, 0.01]\nwindow_bars = [50]\n"
    )
    grid = read_grid(path)
    assert grid.runs() == [
        {"bars_min": 10, "band": Decimal("0.002"), "window_bars": 50},
        {"bars_min": 10, "band": Decimal("0.01"), "window_bars": 50},
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[grids]\n", "grids"),
        ("parameters = 3\n", "must be a table"),
        ("[grid]\nband = 0.1\n", "list of values"),
        ("[grid]\nband = []\n", "list of values"),
        ("[parameters]\nband = [1]\n", "no number"),
        ("[parameters]\nband = nan\n", "no number"),
        ("[parameters\n", "grid.toml"),
        (f"[grid]\na = {list(range(101))}\nb = {list(range(100))}\n", "10100 combinations"),
    ],
)
def test_a_file_of_parameters_that_is_wrong_is_refused(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "grid.toml"
    path.write_text(text)
    with pytest.raises(ReplayRefused, match=words):
        read_grid(path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("strategies.kimchi_premium", "module:object"),
        ("no_such_module:make", "no_such_module"),
        ("strategies.kimchi_premium:nothing", "nothing of that name"),
        ("strategies.kimchi_premium:NAME", "nothing of that name"),
        (f"{HERE}:NoStrategy", "on_bar"),
    ],
)
def test_a_strategy_that_cannot_be_used_is_refused(name: str, words: str) -> None:
    with pytest.raises(ReplayRefused, match=words):
        make_strategy(name, "BTC", {})


def test_a_parameter_that_the_strategy_does_not_take_is_refused() -> None:
    with pytest.raises(ReplayRefused, match="colour"):
        make_strategy("strategies.kimchi_premium:make", "BTC", {"colour": "red"})
    with pytest.raises(ReplayRefused, match="band"):
        make_strategy("strategies.kimchi_premium:make", "BTC", {"band": Decimal(2)})


def test_processes_give_the_same_in_the_same_order() -> None:
    runs = [
        BacktestOptions(bars=120, interval_s=300, parameters=parameters)
        for parameters in Grid(axes={"band": (Decimal("0.001"), Decimal("0.002"))}).runs()
    ]
    here = [result.to_json() for result in run_all(runs, jobs=1, progress=lambda *_: None)]
    there = [result.to_json() for result in run_all(runs, jobs=2, progress=lambda *_: None)]
    assert here == there
    assert here[0] != here[1]


def test_a_broken_file_is_told_by_another_process_too(tmp_path: Path) -> None:
    broken = tmp_path / "candles_BTC.csv"
    broken.write_text("ts_ms\n")
    runs = [BacktestOptions(data=broken), BacktestOptions(data=broken)]
    with pytest.raises(CandleFileError, match=r"candles_BTC\.csv"):
        list(run_all(runs, jobs=2, progress=lambda *_: None))


@pytest.mark.skipif(not DATA.is_dir(), reason="no shared market data")
@pytest.mark.parametrize(
    "name", ["slices/BTC_1h_2020crash_288.csv.gz", "slices/DOGE_1h_band100.csv.gz"]
)
def test_trades_of_real_candles_are_the_replays(name: str) -> None:
    """Coarse ticks, a crossing of a tick band, a crash; `tests.drills.backtest_digests`: all."""
    demo = run_demo(DemoOptions(data=DATA / name))
    backtest = run_backtest(BacktestOptions(data=DATA / name))
    assert backtest.report.trades_digest == demo.trades_digest
