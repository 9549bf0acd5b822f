"""``delisting``: the end of a coin that an exchange announced, as a durable latch."""

import asyncio
from datetime import datetime

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
from trading_platform_order.cli.control.maintenance import EXCHANGES, moment
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.domain.hindrances.deadline import Deadline, deadline_of
from trading_platform_order.domain.venue import Venue
from trading_platform_order.signals.wakeup import knock_at, wake_path
from trading_platform_order.storage.base import Reader
from trading_platform_order.transport.clock import SystemClock, epoch_us
from trading_platform_order.words import actions, common
from trading_platform_order.words import notices as words
from trading_platform_order.words.text import time_text


def _symbol(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not (value.isascii() and value.isalnum() and value.upper() == value):
        raise click.BadParameter(words.BASE_EXPECTED())
    return value


def deadline_options(function: click.decorators.FC) -> click.decorators.FC:
    """Which end is meant."""
    options = (
        click.option("--at", required=True, callback=moment, metavar="TIME"),
        click.option("--symbol", required=True, callback=_symbol, metavar="BASE"),
        click.option("--exchange", type=EXCHANGES, required=True),
    )
    for option in options:
        function = option(function)
    return function


@click.group()
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
    changed = asyncio.run(_add(place, deadline))
    what = "written down" if changed else "was written down already"
    _tell(place, deadline, what, as_json=as_json)
    return ExitCode.OK


@delisting.command(cls=TellingCommand)
@at_place
@deadline_options
@json_option
def remove(place: Place, *, exchange: str, symbol: str, at: datetime, as_json: bool) -> ExitCode:
    """Take one end back: it was put off, or is over."""
    deadline = Deadline(exchange=Venue(exchange), base=symbol, at=at)
    known = asyncio.run(_remove(place, deadline))
    if deadline not in known:
        listed = "; ".join(map(_text, known)) or words.NONE()
        raise CliFault(
            ExitCode.NOT_FOUND,
            words.NO_SUCH_END(end=_text(deadline)),
            remedy=words.WRITTEN_DOWN_ARE(listed=listed),
        )
    _tell(place, deadline, "taken back", as_json=as_json)
    return ExitCode.OK


@delisting.command("list", cls=TellingCommand)
@at_place
@json_option
def list_command(place: Place, *, as_json: bool) -> ExitCode:
    """Every end that is written down, the first one first."""
    known = asyncio.run(_read(place))
    if as_json:
        print_json([_fields(each) for each in known])
    elif not known:
        say(words.NO_DELISTING())
    else:
        for each in known:
            say(_text(each))
    return ExitCode.OK


async def _add(place: Place, deadline: Deadline) -> bool:
    async with writing(place, make=False) as inbox:
        warn_of_state(await inbox.overview(), place.account)
        at_us = epoch_us(SystemClock().now())
        return await inbox.set_latch(deadline.latch, "announced by the exchange", at_us=at_us)


async def _remove(place: Place, deadline: Deadline) -> list[Deadline]:
    """What was written down before."""
    async with writing(place, make=False) as inbox:
        known = await _known(inbox)
        at_us = epoch_us(SystemClock().now())
        await inbox.clear_latch(deadline.latch, "taken back by an operator", at_us=at_us)
        return known


async def _read(place: Place) -> list[Deadline]:
    async with reading(place) as reader:
        return await _known(reader)


async def _known(reader: Reader) -> list[Deadline]:
    found = (deadline_of(latch.kind) for latch in await reader.latches())
    return sorted((one for one in found if one is not None), key=lambda one: one.at)


def _fields(deadline: Deadline) -> dict[str, object]:
    return {
        "exchange": deadline.exchange.value,
        "symbol": deadline.base,
        "at": deadline.at.isoformat(),
    }


def _tell(place: Place, deadline: Deadline, what: str, *, as_json: bool) -> None:
    told = knock_at(wake_path(place.db, place.account))
    if as_json:
        print_json({"account": place.account, **_fields(deadline), "result": what})
        return
    say(words.DELISTING(end=_text(deadline), result=word(words.RESULTS, what)))
    say(actions.ENGINE_TOLD() if told else actions.READ_AT_NEXT_LOOK())


def _text(deadline: Deadline) -> str:
    exchange = word(common.VENUES, deadline.exchange.value)
    return words.END(base=deadline.base, exchange=exchange, at=time_text(deadline.at))
