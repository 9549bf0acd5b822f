"""``run``: the engine of one account as a service."""

import asyncio
import os
from pathlib import Path

import click

from trading_platform_order.cli.console.errors import TellingCommand, stopped_by
from trading_platform_order.cli.console.interrupts import run_until_stopped
from trading_platform_order.cli.console.settings import config_option, read_settings
from trading_platform_order.runtime.followers.process_log import process_log
from trading_platform_order.runtime.followers.settings_file import settings_file
from trading_platform_order.runtime.service import run_service
from trading_platform_order.runtime.settings.shown.origins import told_settings
from trading_platform_order.runtime.startup.machine_check import check_machine
from trading_platform_order.words import actions as words


@click.command(cls=TellingCommand)
@config_option
@click.option(
    "--standby",
    is_flag=True,
    help="Wait while another engine runs on the account, and take over when it fails.",
)
def run(config: Path | None, *, standby: bool) -> None:
    """Run the engine until interrupted (Ctrl-C or SIGTERM; a second one ends it at once).

    Mode `paper` is the default: simulated exchanges, no keys. `testnet` trades on Binance's demo
    hosts, `live` trades real money and needs keys and an explicit confirmation. What is open when
    it ends is journalled and taken up at the next start.

    With `--standby` it waits for the account: it takes over once the engine that has it ends, dies,
    or hangs for `watchdog.lapse_s` (which is killed then). Two of them on one machine serve each
    other as successor.

    Writes a line for every decision and fact: for a terminal, else as JSON (settings log.…).
    """
    settings = read_settings(config)
    # Now, not when a standby takes over: the file may be another one by then.
    told = told_settings(settings, config, os.environ)
    with process_log(settings) as log:
        check_machine(settings, config, log.announce)
        published = settings_file(settings, told, log.announce)

        async def work(stop: asyncio.Event) -> None:
            await run_service(settings, log, stop, (published,), standby=standby)

        try:
            run_until_stopped(work)
        except* OSError as problems:
            raise stopped_by(words.THE_ENGINE(), problems) from problems
