"""Numbered SQL scripts that bring a store from any older version to this program's.

Each script runs once, in one transaction, in the order of its number; ``schema_version`` keeps
what was applied. A script that was released is never edited: a change is a new script. A store
written by a newer program is refused, not guessed at.
"""

import sqlite3
from contextlib import closing
from functools import cache
from importlib import resources

from trading_platform_order.storage.base import SchemaMismatch

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


def version_of(connection: sqlite3.Connection) -> int:
    """The store's schema version; 0 for an empty one."""
    known = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'"
    ).fetchone()
    if known is None:
        return 0
    (version,) = connection.execute("SELECT max(version) FROM schema_version").fetchone()
    return int(version or 0)


def migrate(connection: sqlite3.Connection) -> int:
    """Apply what is missing and return the version reached; the connection must be idle.

    Raises:
        SchemaMismatch: the store is newer than this program, or not one of ours.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Read inside the transaction: another process may be migrating at the same moment.
        present = version_of(connection)
        if present == 0:
            _refuse_foreign(connection)
        connection.execute(_VERSION_TABLE)
        steps = scripts()
        _refuse_newer(present, steps[-1][0])
        for number, name, sql in steps:
            if number > present:
                for statement in split_statements(sql):
                    connection.execute(statement)
                connection.execute("INSERT INTO schema_version VALUES (?, ?)", (number, name))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return steps[-1][0]


@cache
def empty_database() -> bytes:
    """A database with all tables and no rows: made once, for those who need many."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection)
        return connection.serialize()


def require_current(connection: sqlite3.Connection) -> None:
    """For those who may not migrate.

    Raises:
        SchemaMismatch: the store is newer or older than this program.
    """
    present, ours = version_of(connection), scripts()[-1][0]
    _refuse_newer(present, ours)
    if present < ours:
        raise SchemaMismatch(
            f"the store has schema version {present}, this program needs {ours}: "
            "start the engine of this version once, it migrates the store"
        )


def _refuse_foreign(connection: sqlite3.Connection) -> None:
    """A mistyped path must not put our tables into another program's database."""
    table = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'schema_version'"
    ).fetchone()
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


def split_statements(sql: str) -> list[str]:
    """Split a script at the ends of complete statements (a trigger holds semicolons itself)."""
    statements, pending = [], ""
    for line in sql.splitlines(keepends=True):
        if not pending and (not line.strip() or line.lstrip().startswith("--")):
            continue
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending.strip())
            pending = ""
    if pending.strip():
        raise ValueError(f"incomplete statement: {pending.strip()[:60]!r}")
    return statements
