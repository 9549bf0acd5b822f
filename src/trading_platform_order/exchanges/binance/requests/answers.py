"""What an answer of the exchange brings: wire values, or a failure that says why not."""

from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import msgspec

from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.exchanges.binance.requests.errors import ApiError, says_dead_key
from trading_platform_order.exchanges.rows import (
    UNREADABLE,
    WireRows,
    decode_rows,
    decoder,
    json_of,
)

_Wire = TypeVar("_Wire")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A request that brought nothing usable.

    Attributes:
        reason: for operators, without secrets.
        error: the exchange's error answer, if there was one.
        is_transient: another try may help.
        was_sent: it may have reached the exchange.
        server_date: the answer's ``Date`` header.
    """

    reason: str
    error: ApiError | None = None
    is_transient: bool = False
    was_sent: bool = True
    server_date: str | None = None

    def as_read_failed(self, what: str, *, tells_key: bool = False) -> ReadFailed:
        """The port's value for it; ``tells_key``: a key that may not do this is dead."""
        is_dead = tells_key and self.error is not None and says_dead_key(self.error)
        hindrance = Hindrance.KEY if is_dead else None
        return ReadFailed(reason=f"{what}: {self.reason}", hindrance=hindrance)


def decode(body: bytes, shape: type[_Wire]) -> _Wire | Failure:
    """The body as a wire value, or a :class:`Failure` that says it was unreadable."""
    as_key: Any = shape
    try:
        found: _Wire = decoder(as_key, strict=False).decode(json_of(body))
    except UNREADABLE as error:
        return Failure(reason=f"unreadable answer: {error}")
    return found


class _Named(Protocol):
    @property
    def symbol(self) -> str: ...


_Row = TypeVar("_Row", bound=_Named)


def only(
    symbol: str, rows: WireRows[_Row] | Failure, *, single: bool = False
) -> WireRows[_Row] | Failure:
    """As :meth:`WireRows.of`; a :class:`Failure` if one that may be its could not be read."""
    if isinstance(rows, Failure):
        return rows
    ours = rows.of(symbol, lambda row: row.symbol, single=single)
    return Failure(reason=f"unreadable answer: {ours}") if isinstance(ours, str) else ours


def rows_of(body: bytes | msgspec.Raw, row: type[_Wire], *, key: str) -> WireRows[_Wire] | Failure:
    """As :func:`decode`, of a list: a row that cannot be read spoils no other."""
    try:
        return decode_rows(body, row, key=key, strict=False)
    except UNREADABLE as error:
        return Failure(reason=f"unreadable answer: {error}")
