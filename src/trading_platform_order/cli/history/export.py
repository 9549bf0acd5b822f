"""``export``: the ledger as tables for an accountant, in CSV and Parquet."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from trading_platform_order.cli.console.errors import CliFault, TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.output import print_json
from trading_platform_order.cli.console.store_location import Place, at_place, reading
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.history.period import (
    moment,
    not_a_time,
    period_options,
    period_or_all,
)
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.executor.journal.event_codec import JournalUnreadable
from trading_platform_order.operations.ledger_export.files import (
    NoParquet,
    write_about,
    write_csv,
    write_parquet,
)
from trading_platform_order.operations.ledger_export.holdings import read_holdings
from trading_platform_order.operations.ledger_export.movements import read_journal
from trading_platform_order.operations.ledger_export.tables import Period, Row, tables_of
from trading_platform_order.words.results import ledger_export as words
from trading_platform_order.words.results import report
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import time_text

Tables = Mapping[str, Sequence[Row]]


@click.command(cls=TellingCommand)
@at_place
@period_options
@click.option("--at", "instant", metavar="TIME", help="Holdings then; else at the period's end.")
@click.option(
    "--ledger",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for the tables, new or empty.",
)
@click.option("--parquet", is_flag=True, help="Parquet files besides (make analysis).")
@json_option
def export(
    place: Place,
    *,
    day: str | None,
    begin: str | None,
    end: str | None,
    instant: str | None,
    folder: Path,
    parquet: bool,
    as_json: bool,
) -> None:
    """Every acquisition, disposal, fee, funding payment and transfer with its value in KRW.

    And what was held at an instant. Each value names its source. No tax advice.
    """
    period = Period(**dict(zip(("begin", "end"), period_or_all(day, begin, end), strict=True)))
    try:
        at = (period.end or datetime.now(UTC)) if instant is None else moment(instant)
    except ValueError as error:
        raise not_a_time(error) from None
    if folder.exists() and any(folder.iterdir()):
        raise CliFault(ExitCode.BAD_INPUT, words.EXISTS(folder=folder), remedy=words.NAME_ANOTHER())
    tables = asyncio.run(_read(place, period, at))
    folder.mkdir(parents=True, exist_ok=True)
    written = write_csv(folder, tables)
    if parquet:
        written += _parquet(folder, tables)
    write_about(folder, _about(place, period, at))
    counts = {name: len(rows) for name, rows in tables.items()}
    if as_json:
        print_json({"at": at, "rows": counts, "files": [str(path) for path in written]})
        return
    for path in written:
        say(words.WRITTEN(path=path, rows=counts[path.stem]))
    say(words.NO_ADVICE())


async def _read(place: Place, period: Period, at: datetime) -> Tables:
    async with reading(place) as reader:
        try:
            tables = tables_of(await read_journal(reader), period)
            return {**tables, "holdings": await read_holdings(reader, at)}
        except JournalUnreadable as problem:
            raise CliFault(
                ExitCode.DATABASE_VERSION,
                words.UNREADABLE(why=problem),
                remedy=words.NEWER(),
            ) from None


def _parquet(folder: Path, tables: Tables) -> list[Path]:
    try:
        return write_parquet(folder, tables)
    except NoParquet as missing:
        raise CliFault(
            ExitCode.ENGINE_PROBLEM,
            words.NO_PARQUET(why=localised(str(missing))),
            remedy=report.INSTALL(),
        ) from None


def _about(place: Place, period: Period, at: datetime) -> str:
    begin = words.BEGINNING() if period.begin is None else time_text(period.begin)
    end = words.NOW() if period.end is None else time_text(period.end)
    told = words.PERIOD(begin=begin, end=end)
    return words.ABOUT(account=place.account, period=told, at=time_text(at))
