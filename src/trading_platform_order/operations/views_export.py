"""An account's journal and views as Parquet files, for whoever computes with them elsewhere.

Texts stay texts (amounts are exact decimals), whole numbers are 64 bit: the columns are those of
``docs/STORAGE.md``. All files are of one moment. The library is in an extra (``make analysis``).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from trading_platform_order.operations.ledger_export.files import parquet_library
from trading_platform_order.storage.base import JournalRow
from trading_platform_order.storage.projections.views import VIEWS
from trading_platform_order.storage.relational.journal_table import iterate_rows
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.upkeep.moment import copy_of_one_moment

JOURNAL = "journal"
BATCH_ROWS = 20_000
_WHOLE = frozenset({"seq", "version", "epoch", "attempt", "attempts", "urgent", "reduce_only"})


def write_views(store: Path, account: str, folder: Path) -> Mapping[Path, int]:
    """Write ``journal.parquet`` and one file for each view; returns rows by file.

    Raises:
        NoParquet: the library is not installed.
        StoreUnavailable: the store cannot be read or copied.
        SchemaMismatch: it is another version's.
        RowDamaged: a journal row cannot be read.
    """
    written: dict[Path, int] = {}
    with copy_of_one_moment(store) as copy:
        rows = iterate_rows(copy, account)
        written[folder / f"{JOURNAL}.parquet"] = _written(
            folder / f"{JOURNAL}.parquet", JournalRow._fields, rows
        )
        for name, view in VIEWS.items():
            columns = [column.name for column in view.columns]
            path = folder / f"{name}.parquet"
            written[path] = _written(path, columns, _rows(copy, account, name, columns))
    return written


def _rows(
    copy: Database, account: str, view: str, columns: Sequence[str]
) -> Iterator[Sequence[object]]:
    names = ", ".join(columns)
    sql = f"SELECT {names} FROM {view} WHERE account = ? ORDER BY seq"  # noqa: S608 - names from VIEWS
    yield from copy.handle.execute(sql, (account,))


def _is_whole(column: str) -> bool:
    return column in _WHOLE or column.endswith(("_us", "_ms"))


def _written(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    pa, parquet = parquet_library()
    kinds = [pa.int64() if _is_whole(column) else pa.string() for column in columns]
    schema = pa.schema(list(zip(columns, kinds, strict=True)))
    left, count = iter(rows), 0
    with parquet.ParquetWriter(path, schema) as file:
        while batch := list(islice(left, BATCH_ROWS)):
            found = zip(columns, zip(*batch, strict=True), strict=True)
            file.write_table(pa.table({name: list(cells) for name, cells in found}, schema=schema))
            count += len(batch)
    return count
