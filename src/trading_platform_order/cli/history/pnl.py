"""``pnl``: profit of a day or a period by part, from the valuations in the journal."""

import asyncio
from datetime import UTC, datetime

import click

from trading_platform_order.cli.console.errors import CliFault, TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.output import krw, labelled, print_json
from trading_platform_order.cli.console.store_location import (
    Place,
    at_place,
    reading,
    warn_of_state,
)
from trading_platform_order.cli.history.period import day_of, moment, not_a_time
from trading_platform_order.cli.history.views import LIMIT_MAX, json_option
from trading_platform_order.observability.period_pnl import TRADING, PeriodPnl, period_pnl
from trading_platform_order.words import common
from trading_platform_order.words import money as words
from trading_platform_order.words.text import time_text


def _period(day: str | None, begin: str | None, end: str | None) -> tuple[datetime, datetime]:
    """A day of Korea, or from one moment to another.

    Raises:
        CliFault: not a date or a time with a zone, or nothing lies between.
    """
    try:
        if begin is not None:
            period = moment(begin), datetime.now(UTC) if end is None else moment(end)
        else:
            period = day_of(day)
    except ValueError as error:
        raise not_a_time(error) from None
    if period[0] >= period[1]:
        raise CliFault(ExitCode.BAD_INPUT, words.ENDS_FIRST(), remedy=words.SWAP())
    return period


@click.command(cls=TellingCommand)
@at_place
@click.option("--day", metavar="DATE", help="A day of Korea (00:00 to 24:00 KST); today if none.")
@click.option("--from", "begin", metavar="TIME", help="From this time, with its zone.")
@click.option("--to", "end", metavar="TIME", help="Until this time, with its zone; now if none.")
@json_option
def pnl(
    place: Place, *, day: str | None, begin: str | None, end: str | None, as_json: bool
) -> None:
    """Profit of a day or a period by part; FX on idle USDT stands apart from trading.

    Open pairs count at their prices of then, as the engine valued them in its journal.
    """
    if (day is not None and (begin or end)) or (end is not None and begin is None):
        raise CliFault(ExitCode.BAD_INPUT, words.WHICH_PERIOD(), remedy=words.GIVE_PERIOD())
    found = asyncio.run(_read(place, _period(day, begin, end)))
    if as_json:
        print_json(found.as_json())
        return
    period = words.PERIOD(begin=time_text(found.begin), end=time_text(found.end))
    labelled(words.PERIOD_LABEL(), period)
    if found.last_at is None:
        labelled(words.REALISED_LABEL(), words.NOT_VALUED())
        return
    first = words.OPENING() if found.first_at is None else time_text(found.first_at)
    labelled(words.VALUED_LABEL(), words.VALUED(begin=first, end=time_text(found.last_at)))
    labelled(words.TRADING_LABEL(), krw(found.trading))
    for name in TRADING:
        labelled(f"  {common.PARTS[name]()}", krw(found.parts[name]))
    labelled(words.IDLE_LABEL(), words.IDLE(amount=krw(found.parts["fx_idle"])))
    labelled(words.TOTAL_LABEL(), krw(found.trading + found.parts["fx_idle"]))


async def _read(place: Place, period: tuple[datetime, datetime]) -> PeriodPnl:
    async with reading(place) as reader:
        warn_of_state(await reader.overview(), place.account)
        rows = await reader.query("v_equity", limit=LIMIT_MAX)
        return period_pnl(rows, *period, limit=LIMIT_MAX)
