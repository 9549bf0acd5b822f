"""The vocabulary of projections: an event in, changes to read models out.

A projection is a pure function. It takes the event and a way to look at a present row, and returns
the changes to make; ``read_models`` carries them out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from trading_platform_order.storage.base import JournalRow
from trading_platform_order.storage.event_body import Body

Value = str | int | None
Values = Mapping[str, Value]
Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Insert a row, or replace these columns of the row with the same key.

    Attributes:
        if_absent: leave a present row alone.
    """

    table: str
    values: Values
    if_absent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Set columns of the rows with these values; nothing if there are none."""

    table: str
    key: Values
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One journal row with its body decoded."""

    row: JournalRow
    body: Body


Changes = list[Put | Change]
Look = Callable[[str, Values], Row | None]
"""``look(table, values)``: the first row with these values, if any."""
Projection = Callable[[Event, Look], Changes]

# What a table's rows are told apart by, besides the account.
KEYS: Mapping[str, tuple[str, ...]] = {
    "signals": ("seq",),
    "trades": ("trade_id",),
    "orders": ("client_order_id",),
    "fills": ("exchange", "symbol", "client_order_id", "exchange_trade_id"),
    "positions": ("strategy", "symbol"),
    "equity": ("seq",),
    "refusals": ("seq",),
    "funding": ("symbol", "transaction_id"),
    "transfers": ("seq",),
}
