"""``simulate``: the whole system in virtual time, against faults, judged by checkers."""

import os

import click

from trading_platform_order.cli.exit_codes import ExitCode
from trading_platform_order.cli.faults import TellingCommand
from trading_platform_order.cli.output import print_json
from trading_platform_order.cli.progress import progress_bar
from trading_platform_order.cli.tables import json_option
from trading_platform_order.simulation import runner


@click.command(cls=TellingCommand)
@click.option("--runs", type=click.IntRange(min=1), default=100, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the whole series.")
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Processes that share the runs; else one a core."
)
@click.option(
    "--replay", "run_seed", metavar="SEED", help="Tell one run step by step; its seed is like 1:17."
)
@json_option
def simulate(
    *, runs: int, seed: int, jobs: int | None, run_seed: str | None, as_json: bool
) -> ExitCode:
    """Run the engine against injected faults and crashes, and check what it promises.

    Nothing is placed twice, all ends hedged or flat, the ledger equals the exchanges. Violations
    name the run's seed, which replays it exactly.
    """
    if run_seed is not None:
        return _replay(run_seed, as_json=as_json)
    with progress_bar("simulating") as progress:
        summary = runner.simulate(
            runs=runs, seed=seed, jobs=jobs or os.cpu_count() or 1, progress=progress
        )
    if as_json:
        print_json(summary.to_json())
    else:
        for line in summary.lines():
            click.echo(line)
    return ExitCode.VIOLATIONS if summary.violations else ExitCode.OK


def _replay(run_seed: str, *, as_json: bool) -> ExitCode:
    report = runner.play(run_seed)
    lines = [*report.timeline, *(f"VIOLATION: {text}" for text in report.violations)]
    if as_json:
        print_json({"seed": run_seed, "timeline": lines, "violations": len(report.violations)})
    else:
        for line in lines:
            click.echo(line)
    return ExitCode.VIOLATIONS if report.violations else ExitCode.OK
