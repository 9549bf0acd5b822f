"""``delisting``: the end of a coin that an exchange announced, as a durable latch."""

from datetime import datetime

import click

from trading_platform_order.cli.console.errors import TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.help import Group
from trading_platform_order.cli.console.output import word
from trading_platform_order.cli.console.store_location import Place, at_place
from trading_platform_order.cli.control.announcements import EXCHANGES, Announcements, moment
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.domain.hindrances.deadline import Deadline, deadline_of
from trading_platform_order.domain.venue import Venue
from trading_platform_order.transport.clock import SystemClock
from trading_platform_order.words import common
from trading_platform_order.words import notices as words
from trading_platform_order.words.text import time_text


def _symbol(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not (value.isascii() and value.isalnum() and value.upper() == value):
        raise click.BadParameter(words.BASE_EXPECTED())
    return value


def deadline_options(function: click.decorators.FC) -> click.decorators.FC:
    """Which end is meant."""
    options = (
        click.option(
            "--at", required=True, callback=moment, metavar="TIME", help="When trading ends."
        ),
        click.option(
            "--symbol", required=True, callback=_symbol, metavar="BASE", help="Base asset."
        ),
        click.option("--exchange", type=EXCHANGES, required=True, help="Which one announced it."),
    )
    for option in options:
        function = option(function)
    return function


@click.group(cls=Group)
def delisting() -> None:
    """Write down the end of a coin that an exchange announced, list it, take it back.

    Entries of the coin are refused from then on, you are told daily and hourly in the last day, and
    what is held is closed 24 hours before (settings, section hindrances). What Binance tells of its
    own contracts needs no writing down.
    """


@delisting.command(cls=TellingCommand)
@at_place
@deadline_options
@json_option
def add(place: Place, *, exchange: str, symbol: str, at: datetime, as_json: bool) -> ExitCode:
    """Write down one end. The time is ISO 8601 with a zone, to the minute."""
    deadline = Deadline(exchange=Venue(exchange), base=symbol, at=at)
    if at <= SystemClock().now():
        raise click.UsageError(words.END_OVER())
    return ENDS.write_down(place, deadline, as_json=as_json)


@delisting.command(cls=TellingCommand)
@at_place
@deadline_options
@json_option
def remove(place: Place, *, exchange: str, symbol: str, at: datetime, as_json: bool) -> ExitCode:
    """Take one end back: it was put off, or is over."""
    deadline = Deadline(exchange=Venue(exchange), base=symbol, at=at)
    return ENDS.take_back(place, deadline, as_json=as_json)


@delisting.command("list", cls=TellingCommand)
@at_place
@json_option
def list_command(place: Place, *, as_json: bool) -> None:
    """Every end that is written down, the first one first."""
    ENDS.show(place, as_json=as_json)


def _fields(deadline: Deadline) -> dict[str, object]:
    return {
        "exchange": deadline.exchange.value,
        "symbol": deadline.base,
        "at": deadline.at.isoformat(),
    }


def _text(deadline: Deadline) -> str:
    exchange = word(common.VENUES, deadline.exchange.value)
    return words.END(base=deadline.base, exchange=exchange, at=time_text(deadline.at))


ENDS = Announcements(
    of_latch=deadline_of,
    at=lambda deadline: deadline.at,
    fields=_fields,
    text=_text,
    told=lambda end, result: words.DELISTING(end=end, result=result),
    not_known=lambda end: words.NO_SUCH_END(end=end),
    nothing=words.NO_DELISTING,
)
