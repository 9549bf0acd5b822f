"""``store``: ask the database something, copy it; with the engine's SQLite and nothing else."""

from pathlib import Path

import click

from trading_platform_order.cli.console.errors import CliFault, TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.help import Group
from trading_platform_order.cli.console.output import print_json, print_table
from trading_platform_order.cli.console.store_location import Place, at_place
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.history.views import LIMIT_MAX, json_option
from trading_platform_order.storage.sqlite.by_hand import QueryRefused, ask, back_up, retell_views
from trading_platform_order.words import notices as words
from trading_platform_order.words.sentences import localised


@click.group(cls=Group)
def store() -> None:
    """Look into the database, or copy it, also while the engine runs.

    Do not open it with a sqlite3 of your own: versions 3.7.0 to 3.51.2 can lose rows that the
    engine has committed, and every program that may write can hold its lock.
    """


@store.command(cls=TellingCommand)
@at_place
@click.argument("query")
@click.option(
    "--limit",
    type=click.IntRange(1, LIMIT_MAX),
    default=1_000,
    show_default=True,
    help="Most rows.",
)
@click.option(
    "--limit-s",
    type=click.FloatRange(0.1, 600),
    default=30.0,
    show_default=True,
    help="Seconds after which the query is broken off.",
)
@json_option
def sql(place: Place, *, query: str, limit: int, limit_s: float, as_json: bool) -> ExitCode:
    """Carry out one SELECT, read-only: the views are in docs/STORAGE.md."""
    place.require()
    try:
        answer = ask(place.db, query, limit=limit, limit_s=limit_s)
    except QueryRefused as refused:
        raise CliFault(
            ExitCode.BAD_INPUT,
            words.NOT_CARRIED_OUT(why=localised(str(refused))),
            remedy=words.ONE_SELECT(),
        ) from None
    if as_json:
        print_json([dict(zip(answer.columns, row, strict=True)) for row in answer.rows])
    else:
        rows = [["-" if value is None else str(value) for value in row] for row in answer.rows]
        print_table(answer.columns, rows, empty=words.NO_ROWS())
    if answer.is_cut:
        say(words.MORE_ROWS(limit=limit), err=True)
    return ExitCode.OK


@store.command(cls=TellingCommand)
@at_place
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def backup(place: Place, *, file: Path, as_json: bool) -> ExitCode:
    """Copy the database to FILE as it is now, and check the copy's journals.

    FILE must not exist. Before you restore one, read docs/OPERATIONS.md.
    """
    place.require()
    try:
        counted = back_up(place.db, file)
    except FileExistsError as error:
        raise CliFault(
            ExitCode.BAD_INPUT, localised(str(error)), remedy=words.ANOTHER_FILE()
        ) from None
    if as_json:
        print_json({"file": str(file), "journal_rows": counted})
        return ExitCode.OK
    told = ", ".join(words.ROWS_OF(rows=rows, account=account) for account, rows in counted.items())
    say(words.BACKED_UP(file=file, told=told or words.EMPTY_JOURNAL()))
    return ExitCode.OK


@store.command(cls=TellingCommand)
@at_place
@json_option
def rebuild(place: Place, *, as_json: bool) -> ExitCode:
    """Empty the account's views and tell them again from the journal.

    For views that were damaged or told wrongly by an older version; the journal stays as it is.
    Stop the engine first: it may take a minute for every million rows.
    """
    place.require()
    rows = retell_views(place.db, place.account)
    if as_json:
        print_json({"journal_rows": rows})
    else:
        say(words.RETOLD(account=place.account, rows=rows))
    return ExitCode.OK
