"""Tables as files: CSV for people, Parquet for programs, and a page on what stands in them.

Parquet is written by pyarrow, which is in an extra and loaded only here. Amounts are decimals of 38
digits, 18 of them behind the point, as exact as what exchanges tell; a longer one is refused.
"""

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from pathlib import Path
from typing import Any

from trading_platform_order.domain.money import plain
from trading_platform_order.operations.ledger_export.tables import COLUMNS, Cell, Row

PLACES = 18
_DIGITS = 38
_STEP = Decimal(1).scaleb(-PLACES)
_EXACT = Context(prec=_DIGITS, rounding=ROUND_HALF_EVEN)
ABOUT = "README.md"


class NoParquet(Exception):  # noqa: N818 - the text is for the operator
    """The library is not installed."""


def write_csv(folder: Path, tables: Mapping[str, Sequence[Row]]) -> list[Path]:
    """One file for each table, UTF-8 with a mark that spreadsheets know it by."""
    written = []
    for name, rows in tables.items():
        path = folder / f"{name}.csv"
        columns = [column for column, _, _ in COLUMNS[name]]
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows([_csv(row.get(column)) for column in columns] for row in rows)
        written.append(path)
    return written


def _csv(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Decimal():
            return plain(_rounded(cell))
        case datetime():
            return cell.astimezone(UTC).isoformat(timespec="microseconds")
        case _:
            # A spreadsheet takes such a text for a formula.
            return f"'{cell}" if cell[:1] in {"=", "+", "-", "@"} else cell


def _rounded(amount: Decimal) -> Decimal:
    """What was divided has digits without end; everything else is exact as it is."""
    return amount.quantize(_STEP, context=_EXACT)


def parquet_library() -> tuple[Any, Any]:
    """The library's two modules, untyped.

    Raises:
        NoParquet: it is not installed.
    """
    try:
        import pyarrow as pa  # type: ignore[import-untyped] # noqa: PLC0415 - heavy, in an extra
        from pyarrow import parquet  # noqa: PLC0415 - as above
    except ModuleNotFoundError as missing:
        raise NoParquet(
            f"the package {missing.name} is missing: make analysis, or "
            "pip install 'trading-platform-order[analysis]'"
        ) from None
    return pa, parquet


def write_parquet(folder: Path, tables: Mapping[str, Sequence[Row]]) -> list[Path]:
    """One file for each table, with a schema of its own.

    Raises:
        NoParquet: the library is not installed.
    """
    pa, parquet = parquet_library()
    kinds = {
        "amount": pa.decimal128(_DIGITS, PLACES),
        "text": pa.string(),
        "time": pa.timestamp("us", tz="UTC"),
    }
    written = []
    for name, rows in tables.items():
        schema = pa.schema([(column, kinds[kind]) for column, kind, _ in COLUMNS[name]])
        columns = {
            column: [_arrow(row.get(column)) for row in rows] for column, _, _ in COLUMNS[name]
        }
        path = folder / f"{name}.parquet"
        parquet.write_table(pa.table(columns, schema=schema), path)
        written.append(path)
    return written


def _arrow(cell: Cell) -> Cell:
    return _rounded(cell) if isinstance(cell, Decimal) else cell


def columns_markdown() -> str:
    """What every column means, as tables."""
    parts = []
    for name, columns in COLUMNS.items():
        lines = [f"### `{name}`", "", "| column | meaning |", "|---|---|"]
        lines += [f"| `{column}` | {meaning} |" for column, _, meaning in columns]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def write_about(folder: Path, text: str) -> Path:
    """The page beside the tables."""
    path = folder / ABOUT
    path.write_text(f"{text}\n\n{columns_markdown()}", encoding="utf-8")
    return path
