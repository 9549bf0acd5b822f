"""``maintenance``: what an exchange announced, written down by an operator as a durable latch."""

from datetime import datetime

import click

from trading_platform_order.cli.console.errors import TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.help import Group
from trading_platform_order.cli.console.output import word
from trading_platform_order.cli.console.store_location import Place, at_place
from trading_platform_order.cli.control.announcements import EXCHANGES, Announcements, moment
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.domain.hindrances.maintenance import MaintenanceWindow, window_of
from trading_platform_order.domain.venue import Venue
from trading_platform_order.transport.clock import SystemClock
from trading_platform_order.words import common
from trading_platform_order.words import notices as words
from trading_platform_order.words.text import time_text


def window_options(function: click.decorators.FC) -> click.decorators.FC:
    """Which window is meant."""
    options = (
        click.option(
            "--to", "ends_at", required=True, callback=moment, metavar="TIME", help="When it ends."
        ),
        click.option(
            "--from",
            "begins_at",
            required=True,
            callback=moment,
            metavar="TIME",
            help="When it begins.",
        ),
        click.option("--exchange", type=EXCHANGES, required=True, help="Which one announced it."),
    )
    for option in options:
        function = option(function)
    return function


@click.group(cls=Group)
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
    return WINDOWS.write_down(place, window, as_json=as_json)


@maintenance.command(cls=TellingCommand)
@at_place
@window_options
@json_option
def remove(
    place: Place, *, exchange: str, begins_at: datetime, ends_at: datetime, as_json: bool
) -> ExitCode:
    """Take one window back: it was cancelled, or is over early."""
    window = MaintenanceWindow(exchange=Venue(exchange), begins_at=begins_at, ends_at=ends_at)
    return WINDOWS.take_back(place, window, as_json=as_json)


@maintenance.command("list", cls=TellingCommand)
@at_place
@json_option
def list_command(place: Place, *, as_json: bool) -> None:
    """Every window that is written down, the first to begin first."""
    WINDOWS.show(place, as_json=as_json)


def _fields(window: MaintenanceWindow) -> dict[str, object]:
    return {
        "exchange": window.exchange.value,
        "from": window.begins_at.isoformat(),
        "to": window.ends_at.isoformat(),
    }


def _text(window: MaintenanceWindow) -> str:
    return words.WINDOW(
        exchange=word(common.VENUES, window.exchange.value),
        begin=time_text(window.begins_at),
        end=time_text(window.ends_at),
    )


WINDOWS = Announcements(
    of_latch=window_of,
    at=lambda window: window.begins_at,
    fields=_fields,
    text=_text,
    told=lambda window, result: words.MAINTENANCE(window=window, result=result),
    not_known=lambda window: words.NO_SUCH_MAINTENANCE(window=window),
    nothing=words.NO_MAINTENANCE,
)
