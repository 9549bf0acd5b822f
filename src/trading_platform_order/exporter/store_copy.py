"""A whole store in PostgreSQL and back, each row and each hash chain compared before it counts.

It is a copy for another machine, to be read there by SQL and to be restored from: no engine runs on
it. Its tables are those of the store, with whole numbers as ``bigint`` and all else as ``text``.
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from trading_platform_order.exporter.destination import DestinationUnfit
from trading_platform_order.exporter.postgres import Address, translated
from trading_platform_order.storage.base import JournalRow, SchemaMismatch
from trading_platform_order.storage.hash_chain import GENESIS, check_row
from trading_platform_order.storage.relational.database import Row
from trading_platform_order.storage.sqlite.connection import open_existing
from trading_platform_order.storage.sqlite.database import READ_ONLY, Database
from trading_platform_order.storage.sqlite.migrations import migrate, scripts
from trading_platform_order.storage.sqlite.upkeep.by_hand import back_up
from trading_platform_order.storage.sqlite.upkeep.whole_store import (
    JOURNAL,
    TableShape,
    fill,
    rows_of,
    table_shapes,
)

VERSIONS = "schema_version"
_PAGE = 2_000


class CopyDiffers(Exception):  # noqa: N818 - a fact about the copy, named as the docs do
    """The copy does not say what the original says; it was not kept."""


def copy_to_postgres(path: Path, address: Address) -> dict[str, int]:
    """Copy a store as it is at one moment, also under a running engine.

    Returns:
        How many journal rows each account has, every chain verified on both sides.

    Raises:
        DestinationUnfit: there is a store in this schema already, or it may not be made.
        DestinationAway: the database does not answer; nothing was kept.
        CopyDiffers: nothing was kept.
        StoreUnavailable: there is no store, or it cannot be read.
        ChainBroken: the journal is not what was written.
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.copy-") as folder:
        snapshot = Path(folder) / "store.db"
        counted = back_up(path, snapshot)
        with (
            closing(open_existing(snapshot, READ_ONLY)) as database,
            _connected(address) as connection,
            connection.transaction(),
        ):
            _make_tables(connection, address.schema)
            for shape in table_shapes():
                _fill(connection, address.schema, shape, rows_of(database, shape))
            _compare(connection, address.schema, database)
    return counted


def copy_from_postgres(address: Address, target: Path) -> dict[str, int]:
    """Make a store file of a copy; an engine that opens it knows that rows may be missing.

    Returns:
        How many journal rows each account has, every chain verified on both sides.

    Raises:
        FileExistsError: there is such a file; it is not touched.
        SchemaMismatch: the copy was made by another version of this program.
        DestinationUnfit: there is no store in this schema, or it may not be read.
        DestinationAway: the database does not answer.
        CopyDiffers: no file was kept.
        ChainBroken: the copy's journal is not what was written; no file was kept.
    """
    if target.exists():
        raise FileExistsError(f"{target} exists already")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.copy-") as folder:
        fresh = Path(folder) / "store.db"
        with closing(Database.open(fresh)) as database, _connected(address) as connection:
            with connection.transaction():
                _require_same_version(connection, address.schema)
                migrate(database)
                for shape in table_shapes():
                    fill(database, shape, _rows(connection, address.schema, shape))
                _compare(connection, address.schema, database)
            database.execute("PRAGMA journal_mode = WAL")
        return back_up(fresh, target)


@contextmanager
def _connected(address: Address) -> Iterator[psycopg.Connection[Any]]:
    with translated(), psycopg.connect(**address.parameters(), autocommit=True) as connection:
        yield connection


def _make_tables(connection: psycopg.Connection[Any], schema: str) -> None:
    there = connection.execute(
        "SELECT 1 FROM information_schema.schemata WHERE schema_name = %s", (schema,)
    ).fetchone()
    if there is None:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    for shape in table_shapes():
        found = connection.execute(
            "SELECT 1 FROM information_schema.tables WHERE table_schema = %s AND table_name = %s",
            (schema, shape.name),
        ).fetchone()
        if found is not None:
            raise DestinationUnfit(
                f"schema {schema} has a table {shape.name} already: name an empty schema"
            )
        columns = [
            sql.SQL("{} {}").format(
                sql.Identifier(name), sql.SQL('text COLLATE "C"' if is_text else "bigint")
            )
            for name, is_text in shape.columns.items()
        ]
        connection.execute(
            sql.SQL("CREATE TABLE {} ({}, PRIMARY KEY ({}))").format(
                sql.Identifier(schema, shape.name),
                sql.SQL(", ").join(columns),
                sql.SQL(", ").join(map(sql.Identifier, shape.key)),
            )
        )


def _fill(
    connection: psycopg.Connection[Any], schema: str, shape: TableShape, rows: Iterable[Row]
) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(schema, shape.name), sql.SQL(", ").join(map(sql.Identifier, shape.columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _rows(connection: psycopg.Connection[Any], schema: str, shape: TableShape) -> Iterator[Row]:
    """All rows in the order of the key, a page in memory at a time."""
    statement = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(
        sql.SQL(", ").join(map(sql.Identifier, shape.columns)),
        sql.Identifier(schema, shape.name),
        sql.SQL(", ").join(map(sql.Identifier, shape.key)),
    )
    with connection.cursor(name="rows") as cursor:
        cursor.itersize = _PAGE
        cursor.execute(statement)
        yield from cursor


def _require_same_version(connection: psycopg.Connection[Any], schema: str) -> None:
    statement = sql.SQL("SELECT coalesce(max(version), 0) FROM {}").format(
        sql.Identifier(schema, VERSIONS)
    )
    row = connection.execute(statement).fetchone()
    version, ours = 0 if row is None else row[0], scripts()[-1][0]
    if version != ours:
        raise SchemaMismatch(
            f"the copy has schema version {version}, this program needs {ours}: use the version "
            "of the program that made it, and let the engine of this one migrate the file"
        )


def _compare(connection: psycopg.Connection[Any], schema: str, database: Database) -> None:
    """Every row of every table, and the chain of every account by what stands in PostgreSQL."""
    for shape in table_shapes():
        seq, prev, account = 0, GENESIS, ""
        here, there = rows_of(database, shape), _rows(connection, schema, shape)
        for one, other in zip_longest(here, there):
            if one is None or other is None or tuple(one) != tuple(other):
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
