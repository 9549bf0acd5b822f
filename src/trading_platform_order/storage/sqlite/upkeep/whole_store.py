"""A store as its tables and rows, for whoever moves all of it to another kind of database and back.

Journal rows are told as ``tporder`` shows them, body and hashes as text, whatever a file keeps of
them; everything else as it stands. Only a file that no engine has open is filled.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from trading_platform_order.storage.base import JournalRow
from trading_platform_order.storage.packed_body import pack_body
from trading_platform_order.storage.relational.database import Row, Values
from trading_platform_order.storage.relational.journal_table import iterate_rows
from trading_platform_order.storage.sqlite.database import Database, transaction
from trading_platform_order.storage.sqlite.migrations import empty_database

JOURNAL = "journal"
_OF_SQLITE = "sqlite_%"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShape:
    """A table of this program's schema.

    Attributes:
        columns: name to whether it holds text; else whole numbers.
        key: columns by which rows are told apart, and ordered: text by its bytes.
    """

    name: str
    columns: dict[str, bool]
    key: tuple[str, ...]


@cache
def table_shapes() -> tuple[TableShape, ...]:
    """Every table, the journal first: its rows may be written only while nobody holds a lease."""
    database = Database.memory(empty_database())
    try:
        names = [
            name
            for (name,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE ?",
                (_OF_SQLITE,),
            )
        ]
        found = [_shape(database, name) for name in names]
    finally:
        database.close()
    return tuple(sorted(found, key=lambda shape: shape.name != JOURNAL))


def _shape(database: Database, name: str) -> TableShape:
    told = database.execute("SELECT name, type, pk FROM pragma_table_info(?)", (name,))
    key = sorted((place, column) for column, _, place in told if place)
    return TableShape(
        name=name,
        columns={column: kind == "TEXT" for column, kind, _ in told},
        key=tuple(column for _, column in key),
    )


def rows_of(database: Database, shape: TableShape) -> Iterator[Row]:
    """All rows, in the order of the key.

    Raises:
        RowDamaged: a journal row's body cannot be read.
    """
    if shape.name == JOURNAL:
        for (account,) in database.execute("SELECT DISTINCT account FROM journal ORDER BY account"):
            yield from iterate_rows(database, account)
        return
    names, order = ", ".join(shape.columns), ", ".join(shape.key)
    yield from database.execute(f"SELECT {names} FROM {shape.name} ORDER BY {order}")  # noqa: S608 - the schema's own names


def fill(database: Database, shape: TableShape, rows: Iterable[Row]) -> None:
    """Put rows into a table of a fresh store, which keeps none of its own."""
    marks = ", ".join("?" for _ in shape.columns)
    names = ", ".join(shape.columns)
    sql = f"INSERT INTO {shape.name} ({names}) VALUES ({marks})"  # noqa: S608 - the schema's own names
    with transaction(database):
        if shape.name == JOURNAL:
            database.execute_many(sql, (_packed(row) for row in rows))
            return
        # A fresh store holds the numbers of the scripts that made it.
        database.execute(f"DELETE FROM {shape.name}")  # noqa: S608 - as above
        database.execute_many(sql, rows)


def _packed(row: Row) -> Values:
    told = JournalRow(*row)
    before = (told.account, told.seq, told.at_us, told.trade_id, told.kind, told.version)
    body = pack_body(told.kind, told.body)
    return (*before, body, "", bytes.fromhex(told.hash), told.build, told.epoch)
