"""Whether a storage database can take a layout: what is missing or wrong, each by its name.

Tables in the field differ from any specification: a migration was not applied, or could not be. It
is told before the first row is written, with everything that has to be mended at once. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from trading_platform_order.exporter.layout import Column, Kind, Layout, Table

RIGHTS = ("SELECT", "INSERT", "UPDATE")
_TAKES = {
    Kind.ID: {"uuid"},
    Kind.TEXT: {"text", "character varying", "character", "USER-DEFINED"},
    Kind.NUMBER: {"numeric"},
    Kind.TIME: {"timestamp with time zone"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundColumn:
    """A column as the database describes it.

    Attributes:
        kind: its SQL type's name; an enumeration is ``USER-DEFINED``.
        chars: the longest text it takes; ``None`` without a bound.
        must_be_filled: it may not be null, has no default and is not generated.
        scale: digits after the point of a number; ``None`` without a bound.
    """

    kind: str
    chars: int | None = None
    must_be_filled: bool = False
    scale: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTable:
    """A table as the database describes it.

    Attributes:
        rights: those of :data:`RIGHTS` that we have.
        is_unique_by_id: ``id`` alone is its primary key, or unique.
    """

    columns: Mapping[str, FoundColumn]
    rights: frozenset[str]
    is_unique_by_id: bool


Found = Mapping[str, FoundTable]


def problems_of(layout: Layout, found: Found, schema: str) -> list[str]:
    """A line for each thing that is wrong; none if the layout fits."""
    return [line for table in layout.tables for line in _of_table(table, found, schema)]


def _of_table(table: Table, found: Found, schema: str) -> Iterator[str]:
    name = f"{schema}.{table.name}"
    there = found.get(table.name)
    if there is None:
        yield f"table {name} is missing"
        return
    yield from missing_rights(name, there.rights, RIGHTS)
    for column_name, column in table.columns.items():
        yield from _of_column(f"{name}.{column_name}", column, there.columns.get(column_name))
    for column_name, has in there.columns.items():
        if has.must_be_filled and column_name not in table.columns:
            yield (
                f"column {name}.{column_name} must be filled, and this layout has nothing for it: "
                "give it a default"
            )
    if not there.is_unique_by_id:
        yield f"column {name}.id is neither primary key nor unique"


def missing_rights(name: str, has: frozenset[str], needed: Sequence[str]) -> Iterator[str]:
    """A line if some are missing."""
    missing = [right for right in needed if right not in has]
    if missing:
        yield f"right {', '.join(missing)} on {name} is missing"


def _of_column(name: str, column: Column, found: FoundColumn | None) -> Iterator[str]:
    if found is None:
        yield f"column {name} is missing"
        return
    if found.kind not in _TAKES[column.kind]:
        yield f"column {name} is {found.kind}, and must be {column.kind}"
    if found.chars is not None and found.chars < column.chars:
        yield f"column {name} takes {found.chars} characters, and must take {column.chars}"
    if column.kind is Kind.NUMBER and found.scale == 0:
        yield f"column {name} has no digits after the point"


def fitted(table: Table, values: Mapping[str, object], found: FoundTable) -> list[object]:
    """The values in the order of the table's columns, texts that may be cut as long as theirs.

    What PostgreSQL has no text for (a zero byte, half a character) is left out: a signal's reason
    may be anything, and no row may hold up all that follow.
    """
    row: list[object] = []
    for name, column in table.columns.items():
        value = values[name]
        if isinstance(value, str):
            value = value.replace("\0", "").encode(errors="replace").decode()
            chars = found.columns[name].chars
            value = value[:chars] if column.is_cut and chars is not None else value
        row.append(value)
    return row
