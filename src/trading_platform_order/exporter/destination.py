"""The port to a storage database: where the export stands there, and rows in one transaction."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from trading_platform_order.exporter.layout import Layout, Write
from trading_platform_order.storage.hash_chain import GENESIS


class DestinationAway(Exception):  # noqa: N818 - a fact about the database, named as the docs do
    """It was not reached, or did not answer: what was asked of it may have happened."""


class DestinationUnfit(Exception):  # noqa: N818 - as above
    """It cannot take what is exported; the text names every column, right or value that is wrong.

    Nothing is skipped: whoever runs the exporter mends the database, or chooses the other layout.
    """


class ExportedElsewhere(Exception):  # noqa: N818 - as above
    """It holds the export of another journal, or another exporter writes to it as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far an account's export came: the last journal row that is in, and its hash."""

    seq: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """The shared emergency flag as it is stored.

    Attributes:
        text: its JSON, to be replaced only while it still says this; ``None``: there is no row.
    """

    text: str | None


class Destination(ABC):
    """One storage database.

    Every verb raises :class:`DestinationAway` where the database does not answer.
    """

    @abstractmethod
    async def connect(self, layout: Layout, *, with_flag: bool) -> None:
        """Connect anew, and look whether everything is there that the layout needs.

        Raises:
            DestinationUnfit: something is missing.
        """

    @abstractmethod
    async def cursor(self) -> Cursor:
        """Where the export stands; its beginning for a database that has seen none.

        Raises:
            ExportedElsewhere: it was exported in another layout.
        """

    @abstractmethod
    async def write(
        self, writes: Sequence[Write], *, before: Cursor, after: Cursor, at: datetime
    ) -> None:
        """All rows and the cursor in one transaction, in this order.

        Raises:
            DestinationUnfit: a row was refused; nothing was written.
            ExportedElsewhere: the cursor is not ``before`` any more; nothing was written.
        """

    @abstractmethod
    async def flag(self) -> Flag:
        """The shared emergency flag."""

    @abstractmethod
    async def replace_flag(self, before: Flag, text: str, *, at: datetime) -> bool:
        """Store another one; false, and nothing done, if somebody changed it meanwhile."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of it, whatever state it is in."""
