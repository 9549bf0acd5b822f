"""``backtest``: a strategy over history, and a grid of its parameters."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from os import cpu_count
from pathlib import Path

import click

from trading_platform_order.cli.console.errors import CliFault, TellingCommand, leaves_of
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.output import print_json, print_table
from trading_platform_order.cli.console.progress import progress_bar
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.operations.backtest.backtest import BacktestOptions, BacktestResult
from trading_platform_order.operations.backtest.grid_page import write_grid_page
from trading_platform_order.operations.backtest.runs import run_all
from trading_platform_order.operations.backtest.strategy import REFERENCE, Grid, Value, read_grid
from trading_platform_order.operations.demo.replay_bed import ReplayRefused
from trading_platform_order.words import actions, common
from trading_platform_order.words.results import backtest as words
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import locale, time_text
from trading_platform_order.words.width import padded

GRID_PAGE = "grid.html"
_LABEL = 16


@click.command(cls=TellingCommand)
@click.option(
    "--strategy",
    default=REFERENCE,
    show_default=True,
    metavar="MODULE:OBJECT",
    help="Makes the strategy; called with symbol= and the parameters.",
)
@click.option(
    "--data",
    "files",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Candles, CSV or CSV.gz; may be given several times. Without: generated.",
)
@click.option("--parameters", type=click.Path(path_type=Path), help="TOML: [parameters], [grid].")
@click.option("--symbol", help="Base asset; else told by the file's column or name.")
@click.option("--bars", type=click.IntRange(min=1), help="At most so many bars; else all.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the generated market.")
@click.option(
    "--interval",
    "interval_s",
    type=click.IntRange(min=60),
    default=60,
    show_default=True,
    help="Seconds of a generated bar.",
)
@click.option("--every-bar", is_flag=True, help="Show the engine every bar: slower, same trades.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes for a grid; else one a core.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that keeps the journal (backtest.db), or a grid's table (grid.html).",
)
@json_option
def backtest(  # noqa: PLR0917 - click passes options by name
    strategy: str,
    files: tuple[Path, ...],
    parameters: Path | None,
    symbol: str | None,
    bars: int | None,
    seed: int,
    interval_s: int,
    every_bar: bool,
    jobs: int | None,
    out: Path | None,
    as_json: bool,
) -> ExitCode:
    """A strategy over history: the same engine and simulated exchanges as the demo's, no sockets.

    The trades are those of `tporder demo` on the same bars. FX on USDT that lay idle stands apart.
    Each file is a run of its own, with every combination of a grid's parameters.
    """
    try:
        grid = Grid() if parameters is None else read_grid(parameters)
        base = BacktestOptions(
            strategy=strategy,
            symbol=symbol,
            bars=bars,
            seed=seed,
            interval_s=interval_s,
            every_bar=every_bar,
        )
        runs = [
            replace(base, data=data, parameters=chosen)
            for data in files or (None,)
            for chosen in grid.runs()
        ]
        if len(runs) == 1:
            runs = [replace(runs[0], out=out)]
        with progress_bar(words.PLAYING()) as progress:
            results = list(run_all(runs, jobs=jobs or cpu_count() or 1, progress=progress))
    except* ReplayRefused as refused:
        raise CliFault(ExitCode.BAD_INPUT, localised(str(next(leaves_of(refused))))) from None
    except* OSError as problems:
        told = "; ".join(str(problem) or type(problem).__name__ for problem in leaves_of(problems))
        raise CliFault(ExitCode.ENGINE_PROBLEM, actions.DEMO_STOPPED(why=told)) from problems
    _tell(results, grid, strategy, out if len(runs) > 1 else None, as_json=as_json)
    differs = any(result.report.differences for result in results)
    return ExitCode.VIOLATIONS if differs else ExitCode.OK


def _tell(
    results: Sequence[BacktestResult], grid: Grid, strategy: str, out: Path | None, *, as_json: bool
) -> None:
    page = None
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        page = out / GRID_PAGE
        write_grid_page(page, results, grid, strategy=strategy, language=locale().language)
    if as_json:
        print_json([result.to_json() for result in results])
        return
    if len(results) == 1:
        _say_one(results[0])
    else:
        _say_table(results, grid)
    if page is not None:
        say(words.GRID_KEPT(path=page))


def _say_one(result: BacktestResult) -> None:
    period = words.FROM_TO(
        begin=time_text(result.begin), end=time_text(result.end), bars=f"{result.bars:,}"
    )
    chosen = ", ".join(f"{name} {value}" for name, value in result.parameters.items())
    _line(words.PERIOD(), period)
    _line(words.PARAMETERS(), chosen or words.DEFAULTS())
    _line(words.STRATEGY(), words.WITHOUT_IDLE(krw=_krw(result.strategy_krw)))
    for line in result.report.lines(measured=False):
        say(line)
    say(words.NOT_ADVICE())


def _line(name: str, text: str) -> None:
    say(f"{padded(name, _LABEL)}{text}")


def _say_table(results: Sequence[BacktestResult], grid: Grid) -> None:
    several = len({result.report.market for result in results}) > 1
    columns = [
        *([words.FILE()] if several else []),
        *grid.axes,
        words.TRADES(),
        words.STRATEGY_KRW(),
        *(common.PARTS[name]() for name in results[0].parts_krw),
        words.IDLE_KRW(),
        words.DIGEST(),
    ]
    rows = [
        [
            *([result.report.market] if several else []),
            *(_value(result.parameters[name]) for name in grid.axes),
            str(result.report.round_trips + result.report.forced_exits),
            _krw(result.strategy_krw),
            *(_krw(part) for part in result.parts_krw.values()),
            _krw(result.report.parts.fx_idle),
            result.report.trades_digest[:16],
        ]
        for result in results
    ]
    print_table(columns, rows, empty="")
    say(words.NOT_ADVICE())


def _value(value: Value) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _krw(value: Decimal) -> str:
    return f"{value:,.0f}"
