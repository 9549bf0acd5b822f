"""Checks a store: the hash chains of its journals, and that its views are what the journals tell.

A copy of one moment is looked at, so that a running engine is neither held up nor changed. The
views of the copy are brought up to its journal, kept beside, told anew from the first row, and
compared. It takes the room of the store once more, and about a minute for every million rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from trading_platform_order.storage.projections.projection import KEYS
from trading_platform_order.storage.relational.database import Row
from trading_platform_order.storage.relational.journal_table import verify_chain
from trading_platform_order.storage.relational.read_models import ReadModels, watermark
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.upkeep.moment import copy_of_one_moment

SHOWN_MAX = 3
"""Rows of one table that are named; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """Rows of a view's table that are not what the journal tells.

    Attributes:
        count: rows that are missing, too many or other ones.
        shown: keys of the first of them.
    """

    table: str
    count: int
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """One account.

    Attributes:
        rows: of its journal; the chain fits, else there would be no result.
        differing: tables that are wrong, if any.
    """

    rows: int
    differing: tuple[Differing, ...]


def verify(path: Path) -> Mapping[str, Verified]:
    """Every account of a store, by name.

    Raises:
        StoreUnavailable: there is no store, it cannot be read, or there is no room for a copy.
        SchemaMismatch: it is another version's.
        ChainBroken: a journal is not what was written.
        ProjectionFailed: a row this program cannot tell.
    """
    with copy_of_one_moment(path) as copy:
        found = copy.execute("SELECT DISTINCT account FROM journal ORDER BY account")
        return {name: _verified(copy, name) for (name,) in found}


def _verified(copy: Database, account: str) -> Verified:
    rows = verify_chain(copy, account, projected_seq=watermark(copy, account))
    models = ReadModels(copy, account)
    while models.project_batch(rows):
        pass
    for table in KEYS:
        copy.execute(f"DROP TABLE IF EXISTS temp.kept_{table}")
        copy.execute(
            f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM main.{table} WHERE account = ?",  # noqa: S608 - names from KEYS
            (account,),
        )
    models.rebuild()
    told = (_compared(copy, account, table) for table in KEYS)
    return Verified(rows=rows, differing=tuple(one for one in told if one.count))


def _compared(copy: Database, account: str, table: str) -> Differing:
    keys = ", ".join(KEYS[table])
    right = f"SELECT * FROM main.{table} WHERE account = ?1"  # noqa: S608 - as above
    kept = f"SELECT * FROM temp.kept_{table}"  # noqa: S608 - as above
    both = f"SELECT * FROM ({kept} EXCEPT {right}) UNION ALL SELECT * FROM ({right} EXCEPT {kept})"  # noqa: S608 - as above
    differing = copy.execute(
        f"SELECT DISTINCT {keys} FROM ({both}) ORDER BY {keys}",  # noqa: S608 - as above
        (account,),
    )
    shown = tuple(_key(row) for row in differing[:SHOWN_MAX])
    return Differing(table=table, count=len(differing), shown=shown)


def _key(row: Row) -> str:
    return " ".join(str(value) for value in row)
