"""Numbered SQL scripts for PostgreSQL, by the rules of those for SQLite and with their numbers.

The first one makes the whole store of its number, since there is no older store in PostgreSQL.
"""

from functools import cache
from importlib import resources

from trading_platform_order.storage.base import SchemaMismatch, StoreUnavailable
from trading_platform_order.storage.postgres.database import PostgresDatabase

_VERSION_TABLE = """
CREATE TABLE IF NOT EXISTS schema_version (version bigint PRIMARY KEY, name text NOT NULL)
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
_LOCKED_WHILE_MIGRATING = "the schema"


@cache
def scripts() -> tuple[tuple[int, str, str], ...]:
    """``(number, name, sql)`` of every script, in order."""
    folder = resources.files("trading_platform_order.storage.postgres") / "sql"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    return tuple(
        (int(name.split("_", 1)[0]), name, (folder / name).read_text(encoding="utf-8"))
        for name in names
    )


def tables_of(database: PostgresDatabase) -> list[str]:
    """Names of all tables in the schema."""
    return [name for (name,) in database.execute(_TABLES)]


def version_of(database: PostgresDatabase) -> int:
    """The store's schema version; 0 for an empty or missing schema."""
    if "schema_version" not in tables_of(database):
        return 0
    [(version,)] = database.execute("SELECT max(version) FROM schema_version")
    return int(version or 0)


def migrate(database: PostgresDatabase) -> int:
    """Make the schema if it is missing, apply what is missing in it, and return the version.

    Raises:
        SchemaMismatch: the store is newer than this program, or the schema is not one of ours.
        StoreUnavailable: we may not make the schema or its tables.
    """
    if _is_current(database):
        return scripts()[-1][0]  # the usual start needs no right to make anything
    with database.transaction(_LOCKED_WHILE_MIGRATING):
        return migrate_within(database)


def migrate_within(database: PostgresDatabase) -> int:
    """As :func:`migrate`, in a transaction of the caller's."""
    if database.first("SELECT current_schema()") == (None,):
        database.execute(f'CREATE SCHEMA "{database.schema.replace(chr(34), chr(34) * 2)}"')
    present = version_of(database)
    foreign = tables_of(database)
    if present == 0 and foreign:
        raise SchemaMismatch(
            f"schema {database.schema} has a table {foreign[0]} already, and is none of ours:"
            " name an empty schema"
        )
    steps = scripts()
    _refuse_newer(present, steps[-1][0])
    database.execute(_VERSION_TABLE)
    for number, name, text in steps:
        if number > present:
            database.run_script(text)
            database.execute("INSERT INTO schema_version VALUES (?, ?)", (number, name))
    return steps[-1][0]


def require_current(database: PostgresDatabase) -> None:
    """For those who may not migrate.

    Raises:
        StoreUnavailable: there is no store in the schema, or we may not see it.
        SchemaMismatch: the store is newer or older than this program.
    """
    present, ours = version_of(database), scripts()[-1][0]
    if present == 0:
        raise StoreUnavailable(f"no store in schema {database.schema}, or no right to use it")
    _refuse_newer(present, ours)
    if present < ours:
        raise SchemaMismatch(
            f"the store has schema version {present}, this program needs {ours}: "
            "whoever owns its schema opens it once with this version, which migrates it"
        )


def _is_current(database: PostgresDatabase) -> bool:
    return version_of(database) == scripts()[-1][0]


def _refuse_newer(present: int, ours: int) -> None:
    if present > ours:
        raise SchemaMismatch(
            f"the store has schema version {present}, this program knows only {ours}: "
            "use the newer program, or restore a backup made before the upgrade"
        )
