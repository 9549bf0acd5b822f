"""``watchdog``: the second pair of eyes of one account as a service."""

import asyncio
from pathlib import Path

import click

from trading_platform_order.cli.console.errors import TellingCommand, stopped_by
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.interrupts import run_until_stopped
from trading_platform_order.cli.console.settings import config_option, read_settings
from trading_platform_order.runtime.followers.process_log import process_log
from trading_platform_order.runtime.startup.machine_check import check_machine
from trading_platform_order.runtime.watchdog_service import run_watchdog
from trading_platform_order.words import actions as words


@click.command(cls=TellingCommand)
@config_option
def watchdog(config: Path | None) -> ExitCode:
    """Watch the engine of one account until interrupted (Ctrl-C or SIGTERM).

    It can stop, cancel and reduce, never open. It acts when the engine is dead while something is
    held, when the day's loss, as the watchdog itself computes it, exceeds the limit, or when orders
    of ours are found that are in no journal. In live mode it needs keys of its own (settings
    watchdog.…).
    """
    settings = read_settings(config)
    with process_log(settings) as log:
        check_machine(settings, config, log.announce)

        async def work(stop: asyncio.Event) -> None:
            await run_watchdog(settings, log.announce, stop)

        try:
            run_until_stopped(work)
        except* OSError as problems:
            raise stopped_by(words.THE_WATCHDOG(), problems) from problems
    return ExitCode.OK
