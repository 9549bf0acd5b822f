"""Carrying projections out, and reading the documented views."""

from collections.abc import Mapping
from functools import lru_cache

from trading_platform_order.storage.base import JournalRow, ProjectionFailed
from trading_platform_order.storage.projections.projection import KEYS, Change, Put, Row, Values
from trading_platform_order.storage.projections.registry import project_row
from trading_platform_order.storage.projections.views import VIEWS
from trading_platform_order.storage.relational.database import RelationalDatabase
from trading_platform_order.storage.relational.journal_table import read_rows

BATCH_ROWS = 200
# How many journal rows between two times of housekeeping.
TIDY_UP_ROWS = 2_000
LIMIT_MAX = 100_000


class ReadModels:
    """The projector's hands: one account's read models in one connection."""

    def __init__(self, database: RelationalDatabase, account: str) -> None:
        self._database = database
        self._account = account
        self._since_tidied = 0

    def watermark(self) -> int:
        """The last journal row the read models have seen."""
        return watermark(self._database, self._account)

    def project_batch(self, up_to: int) -> int:
        """Apply at most ``BATCH_ROWS`` rows in one transaction; returns how many.

        Raises:
            ProjectionFailed: the next row cannot be projected; those before it are applied.
        """
        with self._database.transaction(self._account):
            applied, failed = self._apply_after(self.watermark(), up_to)
        if failed is not None:
            raise failed
        self._tidy_up(applied)
        return applied

    def rebuild(self) -> int:
        """Empty the read models and apply the whole journal, in one transaction."""
        total = 0
        with self._database.transaction(self._account):
            for table in (*KEYS, "projection"):
                self._database.execute(
                    f"DELETE FROM {table} WHERE account = ?",  # noqa: S608 - names from KEYS
                    (self._account,),
                )
            while True:
                applied, failed = self._apply_after(total, None)
                if failed is not None:
                    raise failed
                if not applied:
                    return total
                total += applied

    def _apply_after(self, seq: int, up_to: int | None) -> tuple[int, ProjectionFailed | None]:
        rows = read_rows(self._database, self._account, after_seq=seq, limit=BATCH_ROWS)
        applied, failed = 0, None
        for row in rows:
            if up_to is not None and row.seq > up_to:
                break
            try:
                changes = project_row(row, self._look)
            except (ValueError, KeyError) as error:
                failed = _failure(row, error)
                break
            for change in changes:
                self._carry_out(change)
            applied += 1
        if applied:
            self._database.execute(
                "INSERT INTO projection (account, seq) VALUES (?, ?)"
                " ON CONFLICT (account) DO UPDATE SET seq = excluded.seq",
                (self._account, rows[applied - 1].seq),
            )
        return applied, failed

    def _look(self, table: str, key: Values) -> Row | None:
        row = self._database.first_named(
            _select_sql(table, tuple(key)), (self._account, *key.values())
        )
        if row is not None:
            row.pop("account")
        return row

    def _carry_out(self, change: Put | Change) -> None:
        if isinstance(change, Put):
            sql = _put_sql(change.table, tuple(change.values), change.if_absent)
            self._database.execute(sql, (self._account, *change.values.values()))
        else:
            sql = _change_sql(change.table, tuple(change.values), tuple(change.key))
            parameters = (*change.values.values(), self._account, *change.key.values())
            self._database.execute(sql, parameters)

    def _tidy_up(self, applied: int) -> None:
        """Here and not in an append: the order path pays for no housekeeping."""
        self._since_tidied += applied
        if self._since_tidied >= TIDY_UP_ROWS:
            self._database.tidy_up()
            self._since_tidied = 0


def watermark(database: RelationalDatabase, account: str) -> int:
    """The last journal row the account's read models have seen."""
    row = database.first("SELECT seq FROM projection WHERE account = ?", (account,))
    return 0 if row is None else int(row[0])


def read_view(
    database: RelationalDatabase, account: str, view: str, limit: int, where: Mapping[str, str]
) -> list[dict[str, str | int | None]]:
    """Newest rows of a documented view.

    Raises:
        ValueError: no such view or column, or a limit that is none.
    """
    columns = [column.name for column in VIEWS[view].columns] if view in VIEWS else []
    if not columns:
        raise ValueError(f"no view {view!r}; there are {', '.join(VIEWS)}")
    for name in where:
        if name not in columns:
            raise ValueError(f"{view} has no column {name!r}; it has {', '.join(columns)}")
    if not 0 < limit <= LIMIT_MAX:
        raise ValueError(f"limit must be 1 to {LIMIT_MAX}, not {limit}")
    wanted = "".join(f" AND {database.equals(name)}" for name in where)
    found = database.execute(
        f"SELECT {', '.join(columns)} FROM {view} WHERE account = ?{wanted}"  # noqa: S608 - names from VIEWS
        " ORDER BY seq DESC LIMIT ?",
        (account, *where.values(), limit),
    )
    return [dict(zip(columns, row, strict=True)) for row in found]


def _failure(row: JournalRow, error: Exception) -> ProjectionFailed:
    return ProjectionFailed(f"journal row {row.seq} ({row.kind} version {row.version}): {error}")


@lru_cache(maxsize=64)
def _select_sql(table: str, key: tuple[str, ...]) -> str:
    return f"SELECT * FROM {table} WHERE account = ?{_and_all(key)} ORDER BY seq LIMIT 1"  # noqa: S608 - the projector's own names


@lru_cache(maxsize=64)
def _put_sql(table: str, columns: tuple[str, ...], if_absent: bool) -> str:
    names = ", ".join(("account", *columns))
    marks = ", ".join("?" for _ in range(len(columns) + 1))
    key = KEYS[table]
    rest = [name for name in columns if name not in key]
    replace = "UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in rest)
    then = "NOTHING" if if_absent or not rest else replace
    return (
        f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - the projector's own names
        f" ON CONFLICT (account, {', '.join(key)}) DO {then}"
    )


@lru_cache(maxsize=64)
def _change_sql(table: str, columns: tuple[str, ...], key: tuple[str, ...]) -> str:
    sets = ", ".join(f"{name} = ?" for name in columns)
    return f"UPDATE {table} SET {sets} WHERE account = ?{_and_all(key)}"  # noqa: S608 - the projector's own names


def _and_all(names: tuple[str, ...]) -> str:
    return "".join(f" AND {name} = ?" for name in names)
