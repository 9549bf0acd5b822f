"""``exporter``: the journal of one account into the storage repository's tables, as a service."""

import asyncio
from pathlib import Path

import click

from trading_platform_order.cli.console.errors import (
    CliFault,
    TellingCommand,
    leaves_of,
    stopped_by,
)
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.interrupts import run_until_stopped
from trading_platform_order.cli.console.settings import config_option, read_settings
from trading_platform_order.runtime.followers.process_log import process_log
from trading_platform_order.runtime.startup.machine_check import check_machine
from trading_platform_order.words import actions as words
from trading_platform_order.words import notices


@click.command(cls=TellingCommand)
@config_option
def exporter(config: Path | None) -> None:
    """Export orders, fills and positions to PostgreSQL until interrupted (Ctrl-C or SIGTERM).

    A process of its own beside the engine, which it never holds up: it reads the store and writes
    the tables of the storage repository (settings exporter.…; docs/STORAGE.md), each row once,
    whatever is killed. The shared emergency flag there stops the engine too. Its package comes
    with `make exporter`.
    """
    try:
        # Absent where only an engine runs.
        from trading_platform_order.exporter.service import (  # noqa: PLC0415
            DestinationUnfit,
            ExportedElsewhere,
            run_exporter,
        )
    except ModuleNotFoundError as missing:
        raise CliFault(
            ExitCode.MACHINE_REFUSED,
            notices.EXPORTER_PACKAGE_MISSING(name=missing.name),
            remedy=notices.INSTALL_EXPORTER(),
        ) from None
    settings = read_settings(config)
    with process_log(settings) as log:
        check_machine(settings, config, log.announce)

        async def work(stop: asyncio.Event) -> None:
            await run_exporter(settings, log.announce, stop)

        try:
            run_until_stopped(work)
        except* (DestinationUnfit, ExportedElsewhere) as problems:
            told = next(leaves_of(problems))
            raise CliFault(
                ExitCode.DATABASE_PROBLEM, str(told), remedy=notices.MEND_STORAGE()
            ) from problems
        except* OSError as problems:
            raise stopped_by(words.THE_EXPORTER(), problems) from problems
