"""``drill``: emergency stop and watchdog tried in earnest with play money, and measured."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path

import click

from trading_platform_order.cli.console.errors import CliFault, TellingCommand, leaves_of
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.help import Group
from trading_platform_order.cli.console.output import print_json
from trading_platform_order.cli.console.settings import read_settings
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.operations.drills.drill import (
    DrillReport,
    drill_emergency,
    drill_watchdog,
)
from trading_platform_order.operations.drills.paper_day import drill_paper
from trading_platform_order.operations.drills.testbed import DrillFailed

config_option = click.option(
    "--config", type=click.Path(path_type=Path), help="Settings, a TOML file; for the budget."
)


@click.group(cls=Group)
def drill() -> None:
    """Try the emergency stop and the watchdog, on simulated exchanges, and measure them."""


@drill.command(cls=TellingCommand)
@config_option
@json_option
def emergency(config: Path | None, *, as_json: bool) -> ExitCode:
    """Set the stop and have everything closed while an entry is under way.

    Succeeds only within the budgets: entries blocked and exposure-raising orders cancelled within
    1,000 ms, flat within watchdog.flat_budget_s, and the ledger equal to both exchanges.
    """
    return _report(drill_emergency(flat_budget_s=_budget_s(config)), as_json=as_json)


@drill.command(cls=TellingCommand)
@config_option
@json_option
def watchdog(config: Path | None, *, as_json: bool) -> ExitCode:
    """Kill the engine while an entry is under way; the watchdog acts in its place.

    Succeeds only within the same budgets. The drill's watchdog waits 0.3 s for the engine to come
    back, yours waits watchdog.engine_gone_s. The drill's pairs have no stop on Binance: with one,
    a pair that is even is held for watchdog.hedged_hold_s, and an operator is called.
    """
    return _report(drill_watchdog(flat_budget_s=_budget_s(config)), as_json=as_json)


@drill.command(cls=TellingCommand)
@click.option(
    "--data", type=click.Path(path_type=Path), help="Candles of BTC, CSV or CSV.gz; else generated."
)
@click.option(
    "--bars",
    type=click.IntRange(8, 100_000),
    default=288,
    show_default=True,
    help="How many bars are traded.",
)
@click.option(
    "--bar-seconds",
    type=click.FloatRange(0.05, 3_600),
    default=0.25,
    show_default=True,
    help="How long the prices of one bar stand.",
)
@json_option
def paper(*, data: Path | None, bars: int, bar_seconds: float, as_json: bool) -> ExitCode:
    """Trade a day in paper mode on the public feeds of another process.

    Entries and exits by turns; the engine is killed once with a pair open. Succeeds only if every
    fill lies on a book that the feeds showed at its moment, and the journal leads to what the paper
    accounts hold. By default 288 bars: a day of five-minute candles in 72 s.
    """
    try:
        report = asyncio.run(drill_paper(data=data, bars=bars, bar_seconds=bar_seconds))
    except* DrillFailed as failed:
        raise CliFault(ExitCode.ENGINE_PROBLEM, str(next(leaves_of(failed)))) from None
    if as_json:
        print_json(report.to_json())
    else:
        for line in report.lines():
            click.echo(line)
    return ExitCode.OK if report.holds else ExitCode.VIOLATIONS


def _budget_s(config: Path | None) -> float:
    return read_settings(config).watchdog.flat_budget_s


def _report(work: Coroutine[None, None, DrillReport], *, as_json: bool) -> ExitCode:
    try:
        report = asyncio.run(work)
    except* DrillFailed as failed:
        raise CliFault(ExitCode.ENGINE_PROBLEM, str(next(leaves_of(failed)))) from None
    if as_json:
        print_json(report.to_json())
    else:
        for line in report.lines():
            say(line)
    return ExitCode.OK if report.is_within_budgets else ExitCode.VIOLATIONS
