"""A storage database in PostgreSQL, through psycopg 3: no other file here names either.

The cursor is a row of a table of ours, ``tporder_export``, in the same schema: rows and cursor are
one transaction, so that whoever dies in between, both are there or neither. Nothing is prepared on
the server, because a pooler may stand before it.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from trading_platform_order.exporter.column_check import (
    RIGHTS,
    FoundColumn,
    FoundTable,
    fitted,
    missing_rights,
    problems_of,
)
from trading_platform_order.exporter.destination import (
    Cursor,
    Destination,
    DestinationAway,
    DestinationUnfit,
    ExportedElsewhere,
    Flag,
)
from trading_platform_order.exporter.layout import Layout, Table, Write
from trading_platform_order.storage.postgres.address import ANSWER_S, Address

CURSOR_TABLE = "tporder_export"
FLAG_TABLE = "system_status"
FLAG_KEY = "emergency_stop"

_MAKE_CURSOR_TABLE = """
CREATE TABLE IF NOT EXISTS {table} (
    account text PRIMARY KEY,
    layout text NOT NULL,
    seq bigint NOT NULL,
    hash text NOT NULL,
    updated_at timestamptz NOT NULL
)
"""
_COLUMNS = """
SELECT table_name, column_name, data_type, character_maximum_length, numeric_scale,
       is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
           AND is_generated = 'NEVER'
  FROM information_schema.columns WHERE table_schema = %s AND table_name = ANY(%s)
"""
_UNIQUE = """
SELECT tables.relname
  FROM pg_index AS found
  JOIN pg_class AS tables ON tables.oid = found.indrelid
  JOIN pg_namespace AS schemas ON schemas.oid = tables.relnamespace
  JOIN pg_attribute AS columns ON columns.attrelid = tables.oid
   AND columns.attnum = found.indkey[0]
 WHERE schemas.nspname = %s AND found.indisunique AND found.indpred IS NULL
   AND found.indnkeyatts = 1 AND columns.attname = 'id'
"""


class PostgresStorage(Destination):
    """One account's export into one schema."""

    def __init__(self, address: Address, *, account: str) -> None:
        self._address = address
        self._account = account
        self._schema = address.schema
        self._made: psycopg.AsyncConnection[Any] | None = None
        self._layout: Layout | None = None
        self._found: dict[str, FoundTable] = {}
        self._statements: dict[str, sql.Composed] = {}

    async def connect(self, layout: Layout, *, with_flag: bool) -> None:  # noqa: D102 - see the port
        await self.close()
        async with _answered():
            self._made = await psycopg.AsyncConnection.connect(
                **self._address.parameters(), prepare_threshold=None
            )
        self._layout = layout
        await self._make_cursor_table()
        self._found = await self._tables([table.name for table in layout.tables])
        problems = problems_of(layout, self._found, self._schema)
        if with_flag:
            problems += await self._flag_problems()
        if problems:
            raise DestinationUnfit("; ".join(problems))
        self._statements = {table.name: self._upsert(table) for table in layout.tables}

    async def _make_cursor_table(self) -> None:
        """It is made where we may; where we may not, whoever owns the schema makes it."""
        statement = sql.SQL(_MAKE_CURSOR_TABLE).format(table=self._table(CURSOR_TABLE))
        if CURSOR_TABLE not in await self._tables([CURSOR_TABLE]):
            try:
                async with self._transaction() as connection:
                    await connection.execute(statement)
            except DestinationUnfit as refused:
                needed = " ".join(statement.as_string().split())
                raise DestinationUnfit(f"{refused}; as the schema's owner: {needed}") from None
        found = await self._tables([CURSOR_TABLE])
        name = f"{self._schema}.{CURSOR_TABLE}"
        missing = list(missing_rights(name, found[CURSOR_TABLE].rights, RIGHTS))
        if missing:
            raise DestinationUnfit("; ".join(missing))

    async def _tables(self, names: Sequence[str]) -> dict[str, FoundTable]:
        columns: dict[str, dict[str, FoundColumn]] = {}
        rights: dict[str, frozenset[str]] = {}
        async with self._transaction() as connection:
            found = await connection.execute(_COLUMNS, (self._schema, list(names)))
            async for table, column, kind, chars, scale, must_be_filled in found:
                columns.setdefault(table, {})[column] = FoundColumn(
                    kind=kind, chars=chars, scale=scale, must_be_filled=must_be_filled
                )
            unique = await connection.execute(_UNIQUE, (self._schema,))
            by_id = {name async for (name,) in unique}
            for name in columns:
                asked = ", ".join("has_table_privilege(%s, %s)" for _ in RIGHTS)
                quoted = self._table(name).as_string()
                values = [value for right in RIGHTS for value in (quoted, right)]
                answer = await connection.execute(f"SELECT {asked}".encode(), values)
                row = await answer.fetchone()
                rights[name] = frozenset(
                    right for right, has in zip(RIGHTS, row or (), strict=True) if has
                )
        return {
            name: FoundTable(columns=found, rights=rights[name], is_unique_by_id=name in by_id)
            for name, found in columns.items()
        }

    async def _flag_problems(self) -> list[str]:
        name = f"{self._schema}.{FLAG_TABLE}"
        found = (await self._tables([FLAG_TABLE])).get(FLAG_TABLE)
        off = "without such a table: exporter.emergency_flag=false"
        if found is None:
            return [f"table {name} is missing ({off})"]
        problems = list(missing_rights(name, found.rights, RIGHTS))
        problems += [
            f"column {name}.{column} is missing ({off})"
            for column in ("key", "value", "updated_at")
            if column not in found.columns
        ]
        value = found.columns.get("value")
        if value is not None and value.kind not in {"jsonb", "json"}:
            problems.append(f"column {name}.value is {value.kind}, and must be jsonb")
        return problems

    def _table(self, name: str) -> sql.Identifier:
        return sql.Identifier(self._schema, name)

    def _upsert(self, table: Table) -> sql.Composed:
        target = self._table(table.name)
        names = [name for name in table.columns if name != "id"]
        sets = [
            sql.SQL("{name} = coalesce(told.{name}, excluded.{name})").format(
                name=sql.Identifier(name)
            )
            if table.columns[name].is_kept
            else sql.SQL("{name} = excluded.{name}").format(name=sql.Identifier(name))
            for name in names
        ]
        return sql.SQL(
            "INSERT INTO {target} AS told ({names}) VALUES ({marks})"
            " ON CONFLICT (id) DO UPDATE SET {sets}"
        ).format(
            target=target,
            names=sql.SQL(", ").join(map(sql.Identifier, table.columns)),
            marks=sql.SQL(", ").join([sql.Placeholder()] * len(table.columns)),
            sets=sql.SQL(", ").join(sets),
        )

    async def cursor(self) -> Cursor:  # noqa: D102 - see the port
        statement = sql.SQL("SELECT layout, seq, hash FROM {} WHERE account = %s").format(
            self._table(CURSOR_TABLE)
        )
        async with self._transaction() as connection:
            row = await (await connection.execute(statement, (self._account,))).fetchone()
        if row is None:
            return Cursor()
        layout, seq, head_hash = row
        if layout != self._version:
            raise ExportedElsewhere(
                f"account {self._account} was exported to schema {self._schema} in layout "
                f"{layout}, and exporter.layout is {self._version}"
            )
        return Cursor(seq=seq, hash=head_hash)

    @property
    def _version(self) -> str:
        return "" if self._layout is None else self._layout.version

    async def write(  # noqa: D102 - see the port
        self, writes: Sequence[Write], *, before: Cursor, after: Cursor, at: datetime
    ) -> None:
        async with self._transaction() as connection:
            await self._move(connection, before, after, at)
            for table, rows in self._rows(writes):
                async with connection.cursor() as many:
                    await many.executemany(self._statements[table], rows)

    async def _move(
        self, connection: psycopg.AsyncConnection[Any], before: Cursor, after: Cursor, at: datetime
    ) -> None:
        """First of all: a second exporter waits here, and then finds that it is one."""
        if before == Cursor():
            statement = "INSERT INTO {} VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
            values: tuple[object, ...] = (self._account, self._version, after.seq, after.hash, at)
        else:
            statement = (
                "UPDATE {} SET seq = %s, hash = %s, updated_at = %s"
                " WHERE account = %s AND layout = %s AND seq = %s AND hash = %s"
            )
            where = (self._account, self._version, before.seq, before.hash)
            values = (after.seq, after.hash, at, *where)
        composed = sql.SQL(statement).format(self._table(CURSOR_TABLE))
        if (await connection.execute(composed, values)).rowcount != 1:
            raise ExportedElsewhere(
                f"the export of account {self._account} stands elsewhere than it was left: another "
                "exporter writes to the same schema, or the database was restored meanwhile"
            )

    def _rows(self, writes: Sequence[Write]) -> Iterator[tuple[str, list[list[object]]]]:
        """By table in the order of the layout; within a table in the order of the journal."""
        for table in () if self._layout is None else self._layout.tables:
            found = self._found[table.name]
            rows = [fitted(table, w.values, found) for w in writes if w.table == table.name]
            if rows:
                yield table.name, rows

    async def flag(self) -> Flag:  # noqa: D102 - see the port
        statement = sql.SQL("SELECT value::text FROM {} WHERE key = %s").format(
            self._table(FLAG_TABLE)
        )
        async with self._transaction() as connection:
            row = await (await connection.execute(statement, (FLAG_KEY,))).fetchone()
        return Flag(text=None if row is None else row[0])

    async def replace_flag(self, before: Flag, text: str, *, at: datetime) -> bool:  # noqa: D102 - see the port
        if before.text is None:
            statement = (
                "INSERT INTO {} (key, value, updated_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
            )
            values: tuple[object, ...] = (FLAG_KEY, text, at)
        else:
            statement = (
                "UPDATE {} SET value = %s, updated_at = %s WHERE key = %s AND value::text = %s"
            )
            values = (text, at, FLAG_KEY, before.text)
        composed = sql.SQL(statement).format(self._table(FLAG_TABLE))
        async with self._transaction() as connection:
            return (await connection.execute(composed, values)).rowcount == 1

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        if self._made is None:
            raise DestinationAway("not connected")
        async with _answered(), self._made.transaction():
            yield self._made

    async def close(self) -> None:  # noqa: D102 - see the port
        made, self._made = self._made, None
        if made is not None:
            with suppress(psycopg.Error, OSError, TimeoutError):
                async with asyncio.timeout(1.0):
                    await made.close()


@asynccontextmanager
async def _answered() -> AsyncIterator[None]:
    """Within a limit, and as :func:`translated`."""
    try:
        async with asyncio.timeout(ANSWER_S):
            with translated():
                yield
    except TimeoutError:
        raise DestinationAway(f"the storage database did not answer in {ANSWER_S:g} s") from None


@contextmanager
def translated() -> Iterator[None]:
    """The library's errors by what follows: it is away, or it refuses.

    Raises:
        DestinationAway: it was not reached, or the connection ended.
        DestinationUnfit: it refused; the text names the place.
    """
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError, OSError) as error:
        raise DestinationAway(f"the storage database: {_line(error)}") from None
    except psycopg.errors.ReadOnlySqlTransaction as error:
        # What a server says that has just been replaced by another one, or is restoring.
        raise DestinationAway(f"the storage database: {_line(error)}") from None
    except psycopg.Error as error:
        raise DestinationUnfit(f"the storage database refused: {_named(error)}") from None


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _named(error: psycopg.Error) -> str:
    """With what the server knows of the place: its text alone often does not say it."""
    place = error.diag
    told: Mapping[str, str | None] = {
        "table": place.table_name,
        "column": place.column_name,
        "constraint": place.constraint_name,
    }
    where = ", ".join(f"{name} {value}" for name, value in told.items() if value)
    text = place.message_primary or _line(error)
    return f"{text} ({where})" if where else text
