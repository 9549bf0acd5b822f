"""Numbered SQL scripts that bring a store from any older version to this program's.

Each script runs once, in one transaction, in the order of its number; ``schema_version`` keeps
what was applied. A script that was released is never edited: a change is a new script. A store
written by a newer program is refused, not guessed at.
"""

from contextlib import closing
from functools import cache
from importlib import resources

from trading_platform_order.storage.base import SchemaMismatch
from trading_platform_order.storage.sqlite.database import (
    Database,
    split_statements,
    transaction,
)

_VERSION_TABLE = """
CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL)
"""


@cache
def scripts() -> tuple[tuple[int, str, str], ...]:
    """``(number, name, sql)`` of every script, in order."""
    folder = resources.files("trading_platform_order.storage") / "sql"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    return tuple(
        (int(name.split("_", 1)[0]), name, (folder / name).read_text(encoding="utf-8"))
        for name in names
    )


def version_of(database: Database) -> int:
    """The store's schema version; 0 for an empty one."""
    known = database.first(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'"
    )
    if known is None:
        return 0
    [(version,)] = database.execute("SELECT max(version) FROM schema_version")
    return int(version or 0)


def migrate(database: Database) -> int:
    """Apply what is missing and return the version reached; the connection must be idle.

    Raises:
        SchemaMismatch: the store is newer than this program, or not one of ours.
    """
    with transaction(database):
        # Read inside the transaction: another process may be migrating at the same moment.
        present = version_of(database)
        if present == 0:
            _refuse_foreign(database)
        database.execute(_VERSION_TABLE)
        steps = scripts()
        _refuse_newer(present, steps[-1][0])
        for number, name, sql in steps:
            if number > present:
                for statement in split_statements(sql):
                    database.execute(statement)
                database.execute("INSERT INTO schema_version VALUES (?, ?)", (number, name))
    return steps[-1][0]


@cache
def empty_database() -> bytes:
    """A database with all tables and no rows: made once, for those who need many."""
    with closing(Database.memory()) as database:
        migrate(database)
        return database.serialize()


def require_current(database: Database) -> None:
    """For those who may not migrate.

    Raises:
        SchemaMismatch: the store is newer or older than this program.
    """
    present, ours = version_of(database), scripts()[-1][0]
    _refuse_newer(present, ours)
    if present < ours:
        raise SchemaMismatch(
            f"the store has schema version {present}, this program needs {ours}: "
            "start the engine of this version once, or `tporder store migrate`"
        )


def _refuse_foreign(database: Database) -> None:
    """A mistyped path must not put our tables into another program's database."""
    table = database.first(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'schema_version'"
    )
    if table is not None:
        raise SchemaMismatch(
            f"this is another program's database (it has a table {table[0]!r}): check the path"
        )


def _refuse_newer(present: int, ours: int) -> None:
    if present > ours:
        raise SchemaMismatch(
            f"the store has schema version {present}, this program knows only {ours}: "
            "use the newer program, or restore a backup made before the upgrade"
        )
