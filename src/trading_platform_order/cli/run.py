"""``run``: the engine of one account as a service."""

import asyncio
import os
from pathlib import Path

import click

from trading_platform_order.cli.errors import CliFault, TellingCommand, leaves_of
from trading_platform_order.cli.exit_codes import ExitCode
from trading_platform_order.cli.interrupts import run_until_stopped
from trading_platform_order.runtime.service import run_service
from trading_platform_order.runtime.settings.settings import load_settings


@click.command(cls=TellingCommand)
@click.option("--config", type=click.Path(path_type=Path), help="Settings, a TOML file.")
def run(config: Path | None) -> ExitCode:
    """Run the engine until interrupted (Ctrl-C or SIGTERM; a second one ends it at once).

    Mode `paper` is the default: simulated exchanges, no keys. `testnet` trades on Binance's demo
    hosts, `live` trades real money and needs keys and an explicit confirmation. What is open when
    it ends is journalled and taken up at the next start.
    """
    settings = load_settings(config, os.environ)

    async def work(stop: asyncio.Event) -> None:
        await run_service(settings, click.echo, stop)

    try:
        run_until_stopped(work)
    except* OSError as problems:
        told = "; ".join(str(problem) or type(problem).__name__ for problem in leaves_of(problems))
        raise CliFault(ExitCode.ENGINE_PROBLEM, f"the engine stopped: {told}") from problems
    return ExitCode.OK
