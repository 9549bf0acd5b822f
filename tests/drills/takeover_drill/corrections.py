"""How long after each takeover the first thing was done about an order, by the journal itself.

A new holder that finds an unfinished trade without an unresolved order goes on with it at once.
Where an order is unresolved, Binance may still accept it until its horizon has passed: what counts
is the first row that says more of such a trade than that it is unresolved. Where nothing is
unfinished there is nothing to correct: what counts is the first decision about a signal.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import cast

from trading_platform_order.storage.base import JournalRow, Reader
from trading_platform_order.storage.replica import Replica
from trading_platform_order.watchdog.journal_snapshot import read_journal

RESOLVED_P99_S = 3.0
"""Promised where no order is unresolved."""
UNRESOLVED_P99_S = 2.0 + 3.0 + RESOLVED_P99_S
"""And else: Binance's window and margin before an order may be called absent, and the same."""
CORRECTIONS = frozenset(
    {
        "orders_planned",
        "order_accepted",
        "order_ended",
        "order_refused",
        "order_proven_absent",
        "fill_seen",
        "trade_settled",
    }
)


DECISIONS = frozenset({"signal_claimed", "signal_refused", "trade_opened"})


@dataclass(slots=True, kw_only=True)
class Corrections:
    """Seconds from an epoch's beginning to its first correction.

    Attributes:
        nothing: of takeovers that found nothing unfinished, until a signal was decided on.
        resolved: of those that found an unfinished trade and no unresolved order.
        unresolved: of those that found one, until its trade was gone on with.
    """

    nothing: list[float] = field(default_factory=list)
    resolved: list[float] = field(default_factory=list)
    unresolved: list[float] = field(default_factory=list)


async def corrections(reader: Reader, taken_us: Mapping[int, int]) -> Corrections:
    """Of every takeover, by the calendar time (microseconds) at which its epoch was taken.

    One whose holder was gone before it did anything is left out.
    """
    rows = [row async for row in reader.journal_all()]
    found, replica = Corrections(), Replica()
    for epoch in sorted(taken_us):
        before = list(takewhile(lambda row: row.epoch < epoch, rows))  # noqa: B023 - used at once
        await replica.follow(cast("Reader", _Until(before)))
        unfinished = read_journal(replica).trades
        unresolved = [t for t in unfinished if any(not o.status.is_final for o in t.orders)]
        waiting = frozenset(trade.trade_id for trade in unresolved or unfinished)
        at_us = next(_corrected_at(rows[len(before) :], epoch, waiting), None)
        if at_us is not None:
            kind = found.unresolved if unresolved else found.resolved
            kind = kind if waiting else found.nothing
            kind.append(max(at_us - taken_us[epoch], 0) / 1_000_000)
    return found


class _Until:
    """The journal up to some row, for a replica."""

    def __init__(self, rows: Sequence[JournalRow]) -> None:
        self._rows = rows

    async def journal(self, after_seq: int) -> Sequence[JournalRow]:
        """All behind a row."""
        return self._rows[after_seq:]


def _corrected_at(rows: Sequence[JournalRow], epoch: int, waiting: frozenset[str]) -> Iterator[int]:
    for row in takewhile(lambda row: row.epoch == epoch, rows):
        is_one = row.trade_id in waiting and row.kind in CORRECTIONS
        if is_one or (not waiting and row.kind in DECISIONS):
            yield row.at_us
