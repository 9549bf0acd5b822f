"""The options that name a period: a day of Korea, or from one moment to another."""

import functools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

from trading_platform_order.cli.console.errors import CliFault
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.domain.account.account_book import KST
from trading_platform_order.words import money as words

R = TypeVar("R")


def period_options(function: Callable[..., R]) -> Callable[..., R]:
    """Add ``--day``, ``--from`` and ``--to``."""

    @functools.wraps(function)
    def command(*args: Any, **values: Any) -> R:  # noqa: ANN401 - click's options
        return function(*args, **values)

    options = (
        click.option("--to", "end", metavar="TIME", help="Until this time, with its zone."),
        click.option("--from", "begin", metavar="TIME", help="From this time, with its zone."),
        click.option("--day", metavar="DATE", help="A day of Korea (00:00 to 24:00 KST)."),
    )
    decorated: Callable[..., R] = command
    for option in options:
        decorated = option(decorated)
    return decorated


def moment(text: str) -> datetime:
    """A time with its zone.

    Raises:
        ValueError: it is none, or names no zone.
    """
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("no time zone")
    return found


def day_of(date: str | None) -> tuple[datetime, datetime]:
    """A day of Korea; today if none is named.

    Raises:
        ValueError: not a date.
    """
    now = datetime.now(UTC)
    day = now.astimezone(KST).date() if date is None else datetime.fromisoformat(date).date()
    start = datetime(day.year, day.month, day.day, tzinfo=KST)
    return start, start + timedelta(days=1)


def not_a_time(error: ValueError) -> CliFault:
    """What a mistyped time is answered with."""
    return CliFault(ExitCode.BAD_INPUT, words.NOT_A_TIME(fault=error), remedy=words.A_TIME_IS())


def period_or_all(
    day: str | None, begin: str | None, end: str | None
) -> tuple[datetime | None, datetime | None]:
    """What the options say; ``None`` where they leave an end open.

    Raises:
        CliFault: not a date or a time with a zone, or nothing lies between.
    """
    if day is not None and (begin is not None or end is not None):
        raise CliFault(ExitCode.BAD_INPUT, words.WHICH_PERIOD(), remedy=words.GIVE_PERIOD())
    try:
        if day is not None:
            return day_of(day)
        first = None if begin is None else moment(begin)
        last = None if end is None else moment(end)
    except ValueError as error:
        raise not_a_time(error) from None
    if first is not None and last is not None and first >= last:
        raise CliFault(ExitCode.BAD_INPUT, words.ENDS_FIRST(), remedy=words.SWAP())
    return first, last
