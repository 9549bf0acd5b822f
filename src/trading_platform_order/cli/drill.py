"""``drill``: emergency stop and watchdog tried in earnest with play money, and measured."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path

import click

from trading_platform_order.cli.errors import CliFault, TellingCommand, leaves_of
from trading_platform_order.cli.exit_codes import ExitCode
from trading_platform_order.cli.output import print_json
from trading_platform_order.cli.settings import read_settings
from trading_platform_order.cli.terminal import say
from trading_platform_order.cli.views import json_option
from trading_platform_order.operations.drills.drill import (
    DrillReport,
    drill_emergency,
    drill_watchdog,
)
from trading_platform_order.operations.drills.testbed import DrillFailed

config_option = click.option(
    "--config", type=click.Path(path_type=Path), help="Settings, a TOML file; for the budget."
)


@click.group()
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
