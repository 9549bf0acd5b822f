"""What a version of the storage repository's specification asks for, as data: tables and columns.

A layout turns what the journal came to (an order, a fill, a position) into rows. Every row has an
id that is a pure function of what it tells of, so that writing it twice is writing it once.
"""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from trading_platform_order.domain.order import Fill, Order
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.exporter.pair_position import PairPosition

Value = str | Decimal | datetime | uuid.UUID | None

# Never changed: every id in a storage database follows from it.
_NAMESPACE = uuid.UUID("5d5a1a3c-6a0e-5c0b-9d0c-2f6f1f3f7a51")


def row_id(account: str, kind: str, *names: str) -> uuid.UUID:
    """The id of a row, by what it tells of: the same in every run and on every machine."""
    parts = (account, kind, *names)
    return uuid.uuid5(_NAMESPACE, "".join(f"{len(part)}:{part}," for part in parts))


class Kind(StrEnum):
    """What a column must be able to hold."""

    ID = "uuid"
    TEXT = "text"
    NUMBER = "numeric"
    TIME = "timestamp with time zone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column that is written.

    Attributes:
        is_cut: a text that is cut to the column's length; any other that does not fit is a fault.
        is_kept: what stands there is not replaced; only an empty one is filled.
        chars: the longest text that is written; the column must take it.
    """

    kind: Kind
    is_cut: bool = False
    is_kept: bool = False
    chars: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table that is written; its rows are told apart by ``id``."""

    name: str
    columns: Mapping[str, Column]


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A row to insert, or to bring up to date if it is there: exactly the table's columns."""

    table: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedOrder:
    """An order as its trade knows it; ``at``: of the journal row that told of it last."""

    trade: PairTrade
    order: Order
    position: PairPosition | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFill:
    """One execution, or a strategy's share of one by another hand.

    Attributes:
        trade: none if no order of a trade brought it.
        order: the same.
        at: of the journal row that told of it.
    """

    fill: Fill
    strategy: str
    base: str
    trade: PairTrade | None
    order: Order | None
    position: PairPosition | None
    at: datetime


class Layout(ABC):
    """One version of the specification.

    Attributes:
        version: as the specification counts.
        tables: in the order in which they are written, which foreign keys ask for.
    """

    version: str
    tables: tuple[Table, ...]

    def __init__(self, account: str) -> None:
        self._account = account

    @abstractmethod
    def order_rows(self, exported: ExportedOrder) -> Iterable[Write]:
        """What tells of an order."""

    @abstractmethod
    def fill_rows(self, exported: ExportedFill) -> Iterable[Write]:
        """What tells of an execution."""

    @abstractmethod
    def position_rows(self, position: PairPosition) -> Iterable[Write]:
        """What tells of a position."""

    def order_id(self, client_order_id: str) -> uuid.UUID:
        """The id of an order's row."""
        return row_id(self._account, "order", client_order_id)

    def position_id(self, position: PairPosition) -> uuid.UUID:
        """The id of a pair's position."""
        return row_id(self._account, "position", *position.name)


def text(*, chars: int = 0, is_cut: bool = False) -> Column:
    """A column of text."""
    return Column(kind=Kind.TEXT, chars=chars, is_cut=is_cut)


def number() -> Column:
    """A column of an amount or a price."""
    return Column(kind=Kind.NUMBER)


def time() -> Column:
    """A column of a moment."""
    return Column(kind=Kind.TIME)


def identity(*, is_kept: bool = False) -> Column:
    """A column of a row's id, or of another's."""
    return Column(kind=Kind.ID, is_kept=is_kept)
