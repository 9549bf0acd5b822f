"""A store of either kind: opened again and again as engines and operators do, damaged by hand."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import psycopg

from trading_platform_order.storage.postgres import store as postgres
from trading_platform_order.storage.postgres.address import Address
from trading_platform_order.storage.postgres.database import PostgresDatabase
from trading_platform_order.storage.postgres.lease import PostgresLease, open_lease
from trading_platform_order.storage.relational.database import Row, Values
from trading_platform_order.storage.relational.epochs import NOWHERE, Place, Taking
from trading_platform_order.storage.relational.store import SqlInbox, SqlReader, SqlStore
from trading_platform_order.storage.sqlite import store as sqlite
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.writers import lease as sqlite_lease
from trading_platform_order.storage.sqlite.writers.lease import SqliteLease

_NUMBERS = count(1)


class StoreBed(ABC):
    """One store, and everything that has it open; who is not closed has crashed."""

    append_only_triggers: Sequence[str]

    def __init__(self) -> None:
        self._opened: list[SqlReader] = []
        self._leases: list[SqliteLease | PostgresLease] = []

    def open(
        self,
        account: str = "main",
        *,
        build: str = "b",
        place: Place = NOWHERE,
        taking: Taking = Taking(),  # noqa: B008 - frozen
    ) -> SqlStore:
        """By an engine."""
        made = self._store(account, build, place, taking)
        self._opened.append(made)
        return made

    def inbox(self, account: str = "main") -> SqlInbox:
        """By another process that hands something in."""
        made = self._inbox(account)
        self._opened.append(made)
        return made

    def reader(self, account: str = "main") -> SqlReader:
        """By whoever only reads."""
        made = self._reader(account)
        self._opened.append(made)
        return made

    def lease(self, account: str = "main") -> SqliteLease | PostgresLease:
        """By a holder, or by who watches one."""
        made = self._lease(account)
        self._leases.append(made)
        return made

    async def close(self) -> None:
        """Take everything from everybody."""
        for lease in self._leases:
            lease.close()
        for one in self._opened:
            one._runner.stop()
            one._database.close()

    @abstractmethod
    def _store(self, account: str, build: str, place: Place, taking: Taking) -> SqlStore: ...

    @abstractmethod
    def _inbox(self, account: str) -> SqlInbox: ...

    @abstractmethod
    def _reader(self, account: str) -> SqlReader: ...

    @abstractmethod
    def _lease(self, account: str) -> SqliteLease | PostgresLease: ...

    @abstractmethod
    def execute(self, sql: str, values: Values = ()) -> list[Row]:
        """By an administrator, past this program."""

    @abstractmethod
    def view_columns(self) -> dict[str, list[str]]:
        """Every view there is, and its columns in order."""


class SqliteBed(StoreBed):
    """A file."""

    append_only_triggers = ("journal_no_update", "journal_no_delete")

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def _store(self, account: str, build: str, place: Place, taking: Taking) -> SqlStore:
        return sqlite.SqliteStore(
            self._path,
            account=account,
            build=build,
            durability="normal",
            place=place,
            taking=taking,
        )

    def _inbox(self, account: str) -> SqlInbox:
        return sqlite.open_inbox(self._path, account=account)

    def _reader(self, account: str) -> SqlReader:
        return sqlite.open_reader(self._path, account=account)

    def _lease(self, account: str) -> SqliteLease:
        return sqlite_lease.open_lease(self._path, account=account)

    def execute(self, sql: str, values: Values = ()) -> list[Row]:
        database = Database.open(self._path)
        try:
            return database.execute(sql, values)
        finally:
            database.close()

    def view_columns(self) -> dict[str, list[str]]:
        return {
            name: [row[1] for row in self.execute(f"PRAGMA table_info({name})")]
            for (name,) in self.execute("SELECT name FROM sqlite_master WHERE type = 'view'")
        }


class PostgresBed(StoreBed):
    """A schema of its own in a database that others use too."""

    append_only_triggers = ("journal_append_only ON journal",)

    def __init__(self, url: str) -> None:
        super().__init__()
        schema = f"store {next(_NUMBERS)}"  # a name that has to be quoted
        self.address = Address(url=url, username="", password="", schema=schema)
        self._administrator = PostgresDatabase(self.address)

    def after_restart(self) -> "PostgresBed":
        """The same store, of which nobody has a connection any more."""
        self._administrator.close()
        self._administrator = PostgresDatabase(self.address)
        return self

    async def close(self) -> None:
        await super().close()
        self._administrator.close()
        with psycopg.connect(self.address.url, autocommit=True) as connection:
            connection.execute(f'DROP SCHEMA IF EXISTS "{self.address.schema}" CASCADE'.encode())

    def _store(self, account: str, build: str, place: Place, taking: Taking) -> SqlStore:
        return postgres.PostgresStore(
            self.address, account=account, build=build, place=place, taking=taking
        )

    def _inbox(self, account: str) -> SqlInbox:
        return postgres.open_inbox(self.address, account=account)

    def _reader(self, account: str) -> SqlReader:
        return postgres.open_reader(self.address, account=account)

    def _lease(self, account: str) -> PostgresLease:
        return open_lease(self.address, account=account)

    def execute(self, sql: str, values: Values = ()) -> list[Row]:
        return self._administrator.execute(sql, values)

    def view_columns(self) -> dict[str, list[str]]:
        columns: dict[str, list[str]] = {}
        for view, column in self.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns AS c"
            " JOIN information_schema.views AS v USING (table_schema, table_name)"
            " WHERE c.table_schema = ? ORDER BY c.table_name, c.ordinal_position",
            (self.address.schema,),
        ):
            columns.setdefault(view, []).append(column)
        return columns
