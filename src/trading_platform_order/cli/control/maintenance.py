"""``maintenance``: what an exchange announced, written down by an operator as a durable latch."""

import asyncio
from datetime import UTC, datetime

import click

from trading_platform_order.cli.console.errors import CliFault, TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.output import print_json, word
from trading_platform_order.cli.console.store_location import (
    Place,
    at_place,
    reading,
    warn_of_state,
    writing,
)
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.domain.hindrances.maintenance import MaintenanceWindow, window_of
from trading_platform_order.domain.venue import Venue
from trading_platform_order.signals.wakeup import knock_at, wake_path
from trading_platform_order.storage.base import Reader
from trading_platform_order.transport.clock import SystemClock, epoch_us
from trading_platform_order.words import actions, common
from trading_platform_order.words import notices as words
from trading_platform_order.words.text import time_text

EXCHANGES = click.Choice([venue.value for venue in Venue])


def moment(_ctx: click.Context, _param: click.Parameter, value: str) -> datetime:
    """A time to the minute: an hour without a zone is off by nine hours for half of its readers."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(words.TIME_EXPECTED()) from None
    if found.tzinfo is None:
        raise click.BadParameter(words.ZONE_EXPECTED())
    return found.astimezone(UTC).replace(second=0, microsecond=0)


def window_options(function: click.decorators.FC) -> click.decorators.FC:
    """Which window is meant."""
    options = (
        click.option("--to", "ends_at", required=True, callback=moment, metavar="TIME"),
        click.option("--from", "begins_at", required=True, callback=moment, metavar="TIME"),
        click.option("--exchange", type=EXCHANGES, required=True),
    )
    for option in options:
        function = option(function)
    return function


@click.group()
def maintenance() -> None:
    """Write down maintenance that an exchange announced, list it, take it back.

    Entries end 30 minutes before it and are refused until it is over; in the four hours before it
    the margin must survive a rise of 50 % (settings, section hindrances). Exits are never refused.
    """


@maintenance.command(cls=TellingCommand)
@at_place
@window_options
@json_option
def add(
    place: Place, *, exchange: str, begins_at: datetime, ends_at: datetime, as_json: bool
) -> ExitCode:
    """Write down one window. Times are ISO 8601 with a zone, to the minute."""
    window = MaintenanceWindow(exchange=Venue(exchange), begins_at=begins_at, ends_at=ends_at)
    if ends_at <= begins_at:
        raise click.UsageError(words.TO_AFTER_FROM())
    if ends_at <= SystemClock().now():
        raise click.UsageError(words.MAINTENANCE_OVER())
    changed = asyncio.run(_add(place, window))
    _tell(place, window, "written down" if changed else "was written down already", as_json=as_json)
    return ExitCode.OK


@maintenance.command(cls=TellingCommand)
@at_place
@window_options
@json_option
def remove(
    place: Place, *, exchange: str, begins_at: datetime, ends_at: datetime, as_json: bool
) -> ExitCode:
    """Take one window back: it was cancelled, or is over early."""
    window = MaintenanceWindow(exchange=Venue(exchange), begins_at=begins_at, ends_at=ends_at)
    known = asyncio.run(_remove(place, window))
    if window not in known:
        listed = "; ".join(map(_text, known)) or words.NONE()
        raise CliFault(
            ExitCode.NOT_FOUND,
            words.NO_SUCH_MAINTENANCE(window=_text(window)),
            remedy=words.WRITTEN_DOWN_ARE(listed=listed),
        )
    _tell(place, window, "taken back", as_json=as_json)
    return ExitCode.OK


@maintenance.command("list", cls=TellingCommand)
@at_place
@json_option
def list_command(place: Place, *, as_json: bool) -> ExitCode:
    """Every window that is written down, the first to begin first."""
    windows = asyncio.run(_read(place))
    if as_json:
        print_json([_fields(window) for window in windows])
    elif not windows:
        say(words.NO_MAINTENANCE())
    else:
        for window in windows:
            say(_text(window))
    return ExitCode.OK


async def _add(place: Place, window: MaintenanceWindow) -> bool:
    async with writing(place, make=False) as inbox:
        warn_of_state(await inbox.overview(), place.account)
        at_us = epoch_us(SystemClock().now())
        return await inbox.set_latch(window.latch, "announced by the exchange", at_us=at_us)


async def _remove(place: Place, window: MaintenanceWindow) -> list[MaintenanceWindow]:
    """What was written down before."""
    async with writing(place, make=False) as inbox:
        known = await _windows(inbox)
        at_us = epoch_us(SystemClock().now())
        await inbox.clear_latch(window.latch, "taken back by an operator", at_us=at_us)
        return known


async def _read(place: Place) -> list[MaintenanceWindow]:
    async with reading(place) as reader:
        return await _windows(reader)


async def _windows(reader: Reader) -> list[MaintenanceWindow]:
    found = (window_of(latch.kind) for latch in await reader.latches())
    return sorted(
        (window for window in found if window is not None), key=lambda window: window.begins_at
    )


def _fields(window: MaintenanceWindow) -> dict[str, object]:
    return {
        "exchange": window.exchange.value,
        "from": window.begins_at.isoformat(),
        "to": window.ends_at.isoformat(),
    }


def _tell(place: Place, window: MaintenanceWindow, what: str, *, as_json: bool) -> None:
    told = knock_at(wake_path(place.db, place.account))
    if as_json:
        print_json({"account": place.account, **_fields(window), "result": what})
        return
    say(words.MAINTENANCE(window=_text(window), result=word(words.RESULTS, what)))
    say(actions.ENGINE_TOLD() if told else actions.READ_AT_NEXT_LOOK())


def _text(window: MaintenanceWindow) -> str:
    return words.WINDOW(
        exchange=word(common.VENUES, window.exchange.value),
        begin=time_text(window.begins_at),
        end=time_text(window.ends_at),
    )
