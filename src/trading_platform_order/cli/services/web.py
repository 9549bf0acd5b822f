"""``web``: the HTTP API of one account as a service."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from trading_platform_order.cli.console.errors import CliFault, TellingCommand, stopped_by
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.interrupts import run_until_stopped
from trading_platform_order.cli.console.settings import config_option, read_settings
from trading_platform_order.cli.console.store_location import find_place
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.overview.standing import read_standing, standing_json
from trading_platform_order.cli.services.page_looks import PageLooks
from trading_platform_order.runtime.settings.shown.origins import told_settings
from trading_platform_order.runtime.startup.machine_check import check_machine
from trading_platform_order.words import actions as words
from trading_platform_order.words import notices
from trading_platform_order.words.sentences import localised


@click.command(cls=TellingCommand)
@config_option
def web(config: Path | None) -> None:
    """Serve the page and the HTTP API of one account until interrupted (Ctrl-C or SIGTERM).

    A process of its own beside the engine: it reads the store, and hands signals and commands in
    through the store. It listens on the loopback unless told otherwise. The page asks for a
    password (`tporder password`) or a key, every other request must be signed with a key (settings
    web.…; docs/WEB.md, docs/HTTP_API.md). Its packages come with `make web`.
    """
    try:
        # Heavy, and absent where only an engine runs.
        from trading_platform_order.web.server import Looks, serve  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        raise CliFault(
            ExitCode.MACHINE_REFUSED,
            notices.PACKAGE_MISSING(name=missing.name),
            remedy=notices.INSTALL_WEB(),
        ) from None
    settings = read_settings(config)
    check_machine(settings, config, _announce)
    place = find_place(config, None, None)

    async def status() -> Mapping[str, Any]:
        return standing_json(place, await read_standing(place, check_chain=False))

    async def now() -> Mapping[str, Any]:
        return (await read_standing(place, check_chain=False, stops=False)).headline.as_json()

    page = PageLooks(place, config)
    looks = Looks(
        status=status,
        now=now,
        home=page.home,
        story=page.story,
        pairs=page.pairs,
        settings=told_settings(settings, config, os.environ),
    )

    async def work(stop: asyncio.Event) -> None:
        await serve(settings, looks, _announce, stop)

    try:
        run_until_stopped(work)
    except* OSError as problems:
        raise stopped_by(words.THE_API(), problems) from problems


def _announce(text: str) -> None:
    say(localised(text))
