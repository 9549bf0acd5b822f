"""``store``: ask the database something, copy it; with the engine's SQLite and nothing else."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import click

from trading_platform_order.cli.console.errors import CliFault, TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.help import Group
from trading_platform_order.cli.console.output import print_json, print_table
from trading_platform_order.cli.console.store_location import Place, at_place
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.history.backup_folder import drop_old, name_in
from trading_platform_order.cli.history.views import LIMIT_MAX, json_option
from trading_platform_order.operations.ledger_export.files import NoParquet
from trading_platform_order.operations.views_export import write_views
from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.storage.sqlite.upkeep import migrating, restoring, verifying
from trading_platform_order.storage.sqlite.upkeep.by_hand import (
    QueryRefused,
    ask,
    back_up,
    retell_views,
)
from trading_platform_order.words import notices as words
from trading_platform_order.words.results import ledger_export as ledger
from trading_platform_order.words.results import report
from trading_platform_order.words.sentences import localised

_URLS = ("postgresql://", "postgres://")
_schema_option = click.option(
    "--schema", default="tporder", show_default=True, metavar="NAME", help="In PostgreSQL."
)


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
def sql(place: Place, *, query: str, limit: int, limit_s: float, as_json: bool) -> None:
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


@store.command(cls=TellingCommand)
@at_place
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    help="FILE is a folder: keep so many of its backups, the newest.",
)
@json_option
def backup(place: Place, *, file: Path, keep: int | None, as_json: bool) -> None:
    """Copy the database to FILE as it is now, and check the copy's journals.

    FILE must not exist; a folder gets a file that is named by the time (UTC). With --keep the
    oldest in that folder go, once the new one is checked. Before you restore one, read
    docs/OPERATIONS.md.
    """
    place.require()
    folder = file if file.is_dir() else None
    if folder is not None:
        file = name_in(folder, place.db, datetime.now(UTC))
    elif keep is not None:
        raise CliFault(
            ExitCode.BAD_INPUT, words.NO_FOLDER(folder=file), remedy=words.MAKE_THE_FOLDER()
        )
    try:
        counted = back_up(place.db, file)
    except FileExistsError as error:
        raise CliFault(
            ExitCode.BAD_INPUT, localised(str(error)), remedy=words.ANOTHER_FILE()
        ) from None
    gone = drop_old(folder, place.db, keep) if folder is not None and keep is not None else ()
    if as_json:
        row = {"file": str(file), "journal_rows": counted, "removed": [str(each) for each in gone]}
        print_json(row)
        return
    told = ", ".join(words.ROWS_OF(rows=rows, account=account) for account, rows in counted.items())
    say(words.BACKED_UP(file=file, told=told or words.EMPTY_JOURNAL()))
    if gone:
        say(words.OLD_ONES_REMOVED(count=len(gone)))


@store.command(cls=TellingCommand)
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@_schema_option
@json_option
def copy(*, source: str, target: str, schema: str, as_json: bool) -> None:
    """Copy a store into PostgreSQL, or back into a file; every row and hash chain is compared.

    One of FROM and TO is a file, the other postgresql://USER@HOST:PORT/DATABASE; the password
    comes from PGPASSWORD or ~/.pgpass. The schema must be empty, the file must not exist. The
    store may belong to a running engine. No engine runs on PostgreSQL
    yet: it is a copy, like a backup.
    """
    urls = [text for text in (source, target) if text.startswith(_URLS)]
    if len(urls) != 1:
        raise CliFault(ExitCode.BAD_INPUT, words.ONE_SIDE_IS_A_URL(), remedy=words.FILE_AND_URL())
    copying, address = _in_postgres(urls[0], schema)
    try:
        if source == urls[0]:
            counted = copying.copy_from_postgres(address, Path(target))
        else:
            Place(db=Path(source), account="").require()
            counted = copying.copy_to_postgres(Path(source), address)
    except (StoreUnavailable, copying.CopyDiffers) as problem:
        raise CliFault(
            ExitCode.DATABASE_PROBLEM,
            words.NOT_COPIED(why=localised(str(problem))),
            remedy=words.NOTHING_WAS_KEPT(),
        ) from None
    except FileExistsError as error:
        raise CliFault(
            ExitCode.BAD_INPUT, localised(str(error)), remedy=words.ANOTHER_FILE()
        ) from None
    if as_json:
        print_json({"from": source, "to": target, "journal_rows": counted})
        return
    told = ", ".join(words.ROWS_OF(rows=rows, account=account) for account, rows in counted.items())
    say(words.COPIED(target=target, told=told or words.EMPTY_JOURNAL()))


def _in_postgres(url: str, schema: str) -> tuple[ModuleType, Any]:
    """What handles a store in PostgreSQL, and where this one is."""
    try:
        # Absent where only an engine runs.
        from trading_platform_order.storage.postgres import address, copying  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        raise CliFault(
            ExitCode.MACHINE_REFUSED,
            words.EXPORTER_PACKAGE_MISSING(name=missing.name),
            remedy=words.INSTALL_EXPORTER(),
        ) from None
    if urlsplit(url).password is not None:
        raise CliFault(
            ExitCode.BAD_INPUT, words.PASSWORD_IN_URL(), remedy=words.PASSWORD_ELSEWHERE()
        )
    return copying, address.Address(url=url, username="", password="", schema=schema)


@store.command(cls=TellingCommand)
@at_place
@json_option
def rebuild(place: Place, *, as_json: bool) -> None:
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


@store.command(cls=TellingCommand)
@at_place
@click.argument("url", required=False)
@_schema_option
@json_option
def verify(place: Place, *, url: str | None, schema: str, as_json: bool) -> None:
    """Check every hash chain, and that the views are what the journal tells.

    Of the store, or of the one at URL (postgresql://USER@HOST:PORT/DATABASE). Also under a running
    engine, which it does not hold up: a copy beside the store (of one in PostgreSQL: in the folder
    for temporary files) is looked at and removed. It needs as much free room on the disk as the
    store takes, and about a minute for every million rows.
    """
    if url is None:
        place.require()
        found = verifying.verify(place.db)
    else:
        copying, address = _in_postgres(_checked_url(url), schema)
        found = copying.verify_postgres(address)
    wrong = {name: one.differing for name, one in found.items() if one.differing}
    if as_json:
        print_json({name: asdict(one) for name, one in found.items()})
    else:
        for name, one in found.items():
            told = words.ROWS_OF(rows=one.rows, account=name)
            say(words.VERIFIED(told=told) if name not in wrong else words.CHAIN_FITS(told=told))
        if not found:
            say(words.EMPTY_JOURNAL())
    if not wrong:
        return
    text = "; ".join(
        words.ROWS_DIFFER(account=name, table=one.table, count=one.count, keys=", ".join(one.shown))
        for name, tables in wrong.items()
        for one in tables
    )
    raise CliFault(ExitCode.DATABASE_PROBLEM, text, remedy=words.RETELL())


@store.command(cls=TellingCommand)
@at_place
@click.argument("url", required=False)
@_schema_option
@json_option
def migrate(place: Place, *, url: str | None, schema: str, as_json: bool) -> None:
    """Bring a store that an older version wrote up to this one, and tell its views anew.

    Of the store, or of the one at URL (postgresql://USER@HOST:PORT/DATABASE). An engine does it by
    itself at its start; done before, that start is short. Stop the engine first, and make a backup:
    there is no other way back.
    """
    if url is None:
        place.require()
        done = migrating.bring_up(place.db)
    else:
        copying, address = _in_postgres(_checked_url(url), schema)
        done = copying.migrate_postgres(address)
    shown = place.db if url is None else url
    if as_json:
        print_json({"store": str(shown), **asdict(done)})
    elif done.before == done.after:
        say(words.IS_CURRENT(store=shown, after=done.after))
    else:
        told = ", ".join(words.ROWS_OF(rows=n, account=name) for name, n in done.rows.items())
        told = told or words.EMPTY_JOURNAL()
        say(words.MIGRATED(store=shown, before=done.before, after=done.after, told=told))


def _checked_url(url: str) -> str:
    if not url.startswith(_URLS):
        raise CliFault(ExitCode.BAD_INPUT, words.NO_POSTGRES_URL(), remedy=words.URL_LIKE())
    return url


@store.command(cls=TellingCommand)
@at_place
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@json_option
def export(place: Place, *, folder: Path, as_json: bool) -> None:
    """Write the journal and every view as Parquet files into FOLDER, new or empty.

    Also under a running engine; all files are of one moment. Their columns are in docs/STORAGE.md.
    It comes with `make analysis`.
    """
    place.require()
    if folder.exists() and any(folder.iterdir()):
        raise CliFault(
            ExitCode.BAD_INPUT, ledger.EXISTS(folder=folder), remedy=ledger.NAME_ANOTHER()
        )
    folder.mkdir(parents=True, exist_ok=True)
    try:
        written = write_views(place.db, place.account, folder)
    except NoParquet as missing:
        raise CliFault(
            ExitCode.ENGINE_PROBLEM,
            ledger.NO_PARQUET(why=localised(str(missing))),
            remedy=report.INSTALL(),
        ) from None
    if as_json:
        print_json({"files": {str(path): rows for path, rows in written.items()}})
        return
    for path, rows in written.items():
        say(ledger.WRITTEN(path=path, rows=rows))


@store.command(cls=TellingCommand)
@at_place
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@json_option
def restore(place: Place, *, file: Path, as_json: bool) -> None:
    """Put the backup FILE in the place of the store; the store of before is kept beside.

    Stop engine, watchdog, page and exporter first. FILE is checked before anything is moved, and
    stays as it is. The next start knows that rows may be missing and asks both exchanges first;
    read docs/OPERATIONS.md before.
    """
    done = restoring.restore(file, place.db, at=datetime.now(UTC))
    if as_json:
        replaced = None if done.replaced is None else str(done.replaced)
        print_json({"store": str(place.db), "journal_rows": done.rows, "replaced": replaced})
        return
    told = ", ".join(words.ROWS_OF(rows=n, account=name) for name, n in done.rows.items())
    say(words.RESTORED(store=place.db, told=told or words.EMPTY_JOURNAL()))
    if done.replaced is not None:
        say(words.REPLACED(file=done.replaced))
