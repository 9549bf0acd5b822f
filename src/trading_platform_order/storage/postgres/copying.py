"""A whole store into PostgreSQL and back, each row and each hash chain compared before it counts.

What comes of it is a store like any other of its kind. Bodies and hashes are plain text in
PostgreSQL and packed in a file; all else stands as it stood. An engine that opens the copy knows
that rows may be missing, as with a backup.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import zip_longest
from pathlib import Path

import psycopg
from psycopg import sql

from trading_platform_order.storage.base import JournalRow, StoreUnavailable
from trading_platform_order.storage.hash_chain import GENESIS, check_row
from trading_platform_order.storage.postgres.address import Address
from trading_platform_order.storage.postgres.database import (
    PostgresDatabase,
    as_held,
    translated,
)
from trading_platform_order.storage.postgres.migrations import (
    migrate as migrate_schema,
)
from trading_platform_order.storage.postgres.migrations import (
    migrate_within,
    require_current,
    tables_of,
    version_of,
)
from trading_platform_order.storage.relational.database import Row
from trading_platform_order.storage.relational.read_models import ReadModels
from trading_platform_order.storage.sqlite.connection import open_existing
from trading_platform_order.storage.sqlite.database import READ_ONLY, Database
from trading_platform_order.storage.sqlite.migrations import migrate
from trading_platform_order.storage.sqlite.upkeep.by_hand import back_up
from trading_platform_order.storage.sqlite.upkeep.migrating import Migrated
from trading_platform_order.storage.sqlite.upkeep.verifying import Verified, verify
from trading_platform_order.storage.sqlite.upkeep.whole_store import (
    JOURNAL,
    TableShape,
    fill,
    rows_of,
    table_shapes,
)

VERSIONS = "schema_version"
"""What each kind of store says of itself; the only table that is not copied."""
_PAGE = 2_000


class CopyDiffers(Exception):  # noqa: N818 - a fact about the copy, named as the docs do
    """The copy does not say what the original says; it was not kept."""


def copy_to_postgres(path: Path, address: Address) -> dict[str, int]:
    """Copy a store as it is at one moment, also under a running engine.

    Returns:
        How many journal rows each account has, every chain verified on both sides.

    Raises:
        StoreUnavailable: there is no store or it cannot be read; or there is something in this
            schema, it may not be made, or the database does not answer: nothing was kept.
        CopyDiffers: nothing was kept.
        ChainBroken: the journal is not what was written.
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.copy-") as folder:
        snapshot = Path(folder) / "store.db"
        counted = back_up(path, snapshot)
        with (
            closing(open_existing(snapshot, READ_ONLY)) as file,
            closing(PostgresDatabase(address)) as database,
            translated(),
            database.connection.transaction(),
        ):
            _refuse_occupied(database)
            migrate_within(database)
            for shape in _copied():
                _fill(database, shape, rows_of(file, shape))
            _compare(database, file)
    return counted


def copy_from_postgres(address: Address, target: Path) -> dict[str, int]:
    """Make a store file of a store in PostgreSQL, as it is at one moment.

    Returns:
        How many journal rows each account has, every chain verified on both sides.

    Raises:
        FileExistsError: there is such a file; it is not touched.
        SchemaMismatch: it is another version's.
        StoreUnavailable: there is no store in this schema, it may not be read, or the database does
            not answer.
        CopyDiffers: no file was kept.
        ChainBroken: its journal is not what was written; no file was kept.
    """
    if target.exists():
        raise FileExistsError(f"{target} exists already")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.copy-") as folder:
        fresh = Path(folder) / "store.db"
        with (
            closing(Database.open(fresh)) as file,
            closing(PostgresDatabase(address, read_only=True)) as database,
            translated(),
        ):
            require_current(database)
            # Of one moment, while an engine may write.
            database.connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            with database.connection.transaction():
                migrate(file)
                for shape in _copied():
                    fill(file, shape, _rows(database, shape))
                _compare(database, file)
            file.execute("PRAGMA journal_mode = WAL")
        return back_up(fresh, target)


def verify_postgres(address: Address) -> Mapping[str, Verified]:
    """Check a store as a file's is checked, in a copy of one moment that is gone afterwards.

    Raises:
        StoreUnavailable: there is no store, it cannot be read, or there is no room for a copy.
        SchemaMismatch: it is another version's.
        ChainBroken: a journal is not what was written.
        ProjectionFailed: a row this program cannot tell.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="tporder-verify-") as folder:
            copy = Path(folder) / "copy.db"
            copy_from_postgres(address, copy)
            return verify(copy)
    except OSError as error:
        raise StoreUnavailable(f"cannot make a copy to look at: {error.strerror}") from error


def migrate_postgres(address: Address) -> Migrated:
    """Bring a store up to this version as a file's is; a schema that is missing is made.

    Raises:
        StoreUnavailable: the database does not answer, or refuses us.
        SchemaMismatch: it is a newer version's, or the schema is none of ours.
        ProjectionFailed: a row this program cannot tell; the tables are migrated, the views not.
    """
    with closing(PostgresDatabase(address)) as database:
        before = version_of(database)
        after = migrate_schema(database)
        if after == before:
            return Migrated(before=before, after=after, rows={})
        found = database.execute("SELECT DISTINCT account FROM journal ORDER BY account")
        rows = {name: ReadModels(database, name).rebuild() for (name,) in found}
    return Migrated(before=before, after=after, rows=rows)


def _copied() -> Iterator[TableShape]:
    return (shape for shape in table_shapes() if shape.name != VERSIONS)


def _refuse_occupied(database: PostgresDatabase) -> None:
    for name in tables_of(database):
        raise StoreUnavailable(
            f"schema {database.schema} has a table {name} already: name an empty schema"
        )


def _fill(database: PostgresDatabase, shape: TableShape, rows: Iterable[Row]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, shape.columns))
    table = sql.Identifier(shape.name)
    with database.connection.cursor() as cursor:
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(table, names)) as copy:
            for row in rows:
                copy.write_row(as_held(row))
        if shape.key == ("id",):  # the next number is one that was never given
            cursor.execute(
                sql.SQL(
                    "SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {}"
                    " HAVING max(id) IS NOT NULL"
                ).format(sql.Literal(table.as_string()), table)
            )


def _rows(database: PostgresDatabase, shape: TableShape) -> Iterator[Row]:
    """All rows in the order of the key, a page in memory at a time."""
    statement = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(
        sql.SQL(", ").join(map(sql.Identifier, shape.columns)),
        sql.Identifier(shape.name),
        sql.SQL(", ").join(map(sql.Identifier, shape.key)),
    )
    with database.connection.cursor(name="rows") as cursor:
        cursor.itersize = _PAGE
        cursor.execute(statement)
        yield from cursor


def _compare(database: PostgresDatabase, file: Database) -> None:
    """Every row of every table, and the chain of every account by what stands in PostgreSQL."""
    for shape in _copied():
        seq, prev, account = 0, GENESIS, ""
        here, there = rows_of(file, shape), _rows(database, shape)
        for one, other in zip_longest(here, there):
            if one is None or other is None or tuple(as_held(one)) != tuple(other):
                raise CopyDiffers(f"table {shape.name}: {_named(shape, one or other or ())}")
            if shape.name == JOURNAL:
                row = JournalRow(*other)
                if row.account != account:
                    seq, prev, account = 0, GENESIS, row.account
                seq += 1
                check_row(row, seq=seq, prev_hash=prev)
                prev = row.hash


def _named(shape: TableShape, row: Row) -> str:
    values = dict(zip(shape.columns, row, strict=False))
    told = ", ".join(f"{name} {values.get(name)}" for name in shape.key)
    return f"the row with {told} differs, or is on one side alone"
