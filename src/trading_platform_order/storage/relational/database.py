"""What the tables need of a database, so that one text of SQL serves SQLite and PostgreSQL.

Statements are written with ``?`` and in what both understand. Where they differ, the database says
how: the few members below are all of it. Every verb carries its text out to the end before it
returns, and raises nothing but :class:`~trading_platform_order.storage.base.StoreUnavailable` and
its kinds.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

Row = tuple[Any, ...]
"""What a statement selected: the database has no static types, so the reader names them."""
Values = Sequence[str | int | float | bytes | None]


class RelationalDatabase(ABC):
    """One connection, which commits each statement by itself outside of a transaction."""

    journal_columns: ClassVar[str]
    """What is selected of a journal row, in the order of ``JournalRow``."""

    @abstractmethod
    def execute(self, sql: str, values: Values = ()) -> list[Row]:
        """Carry it out and return every row it gives."""

    def first(self, sql: str, values: Values = ()) -> Row | None:
        """The first row it gives, if any."""
        return next(iter(self.execute(sql, values)), None)

    @abstractmethod
    def first_named(self, sql: str, values: Values = ()) -> dict[str, Any] | None:
        """The first row it gives, if any, by column name."""

    @abstractmethod
    def change(self, sql: str, values: Values = ()) -> int:
        """Carry out one INSERT, UPDATE or DELETE; returns how many rows it touched."""

    @abstractmethod
    def execute_many(self, sql: str, rows: Iterable[Values]) -> None:
        """Carry it out once for each row of values."""

    @abstractmethod
    def transaction(self, account: str) -> AbstractContextManager[None]:
        """All of the block's writes, or none; no other writer of the account is in between.

        Raises:
            StoreBusy: another one did not let go of it; nothing has happened.
        """

    @abstractmethod
    def json_text(self, path: Sequence[str]) -> str:
        """The expression for a text in a journal row's body; null where there is none."""

    @abstractmethod
    def equals(self, column: str) -> str:
        """The condition, with one mark, that a view's column has a value that is given as text."""

    @abstractmethod
    def tidy_up(self) -> None:
        """Housekeeping that somebody has to do now and then, away from the order path."""

    @abstractmethod
    def close(self) -> None:
        """Let go of it; calling it again does nothing."""
