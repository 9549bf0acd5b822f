"""``demo``: the main job from end to end on this machine, with play money."""

from pathlib import Path

import click

from trading_platform_order.cli.console.errors import CliFault, TellingCommand, leaves_of
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.output import print_json
from trading_platform_order.cli.console.progress import progress_bar
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.operations.demo.demo import DemoOptions, run_demo
from trading_platform_order.operations.demo.replay_bed import ReplayRefused
from trading_platform_order.operations.demo.report import DemoReport
from trading_platform_order.words import actions as words
from trading_platform_order.words.sentences import localised


@click.command(cls=TellingCommand)
@click.option("--data", type=click.Path(path_type=Path), help="Candles to replay, CSV or CSV.gz.")
@click.option(
    "--symbol", help="Base asset; else told by the file's column or name; generated: BTC."
)
@click.option("--bars", type=click.IntRange(min=1), help="At most so many bars; else all.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the generated market.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that keeps the database (its demo.db is replaced); else nothing is kept.",
)
@json_option
def demo(  # noqa: PLR0917 - click passes options by name
    data: Path | None,
    symbol: str | None,
    bars: int | None,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> ExitCode:
    """Replay a market through both simulated exchanges and report.

    The reference strategy makes the signals, the engine trades them over real connections on the
    loopback. Without --data the market is generated from the seed, and profit in it means nothing.
    """
    options = DemoOptions(data=data, symbol=symbol, bars=bars, seed=seed, out=out)
    report = _run(options)
    if as_json:
        print_json(report.to_json())
    else:
        for line in report.lines():
            say(line)
    return ExitCode.VIOLATIONS if report.differences else ExitCode.OK


def _run(options: DemoOptions) -> DemoReport:
    try:
        with progress_bar(words.REPLAYING()) as progress:
            return run_demo(options, progress)
    except* ReplayRefused as refused:
        raise CliFault(ExitCode.BAD_INPUT, localised(str(next(leaves_of(refused))))) from None
    except* OSError as problems:  # a folder that cannot be written, a limit of time
        told = "; ".join(str(problem) or type(problem).__name__ for problem in leaves_of(problems))
        raise CliFault(ExitCode.ENGINE_PROBLEM, words.DEMO_STOPPED(why=told)) from problems
