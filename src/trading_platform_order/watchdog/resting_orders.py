"""Open orders of ours on both exchanges, by the watchdog's own reads."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderReport,
    Purpose,
    base_asset,
    leg_of,
    leg_symbol,
)
from trading_platform_order.domain.order_identity.client_order_id import order_uuid
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.account_snapshot import UnreadRows, answered
from trading_platform_order.exchanges.pair import PairExchanges

_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """Open orders under our prefix, and what could not be read.

    Attributes:
        failed: one line per exchange that did not answer.
        silent: which exchanges those are.
        unread: by base asset and exchange, what alone could not be read; under
            :data:`~trading_platform_order.domain.rows.NAMELESS` what may be of any.
    """

    reports: tuple[OrderReport, ...]
    failed: tuple[str, ...]
    silent: frozenset[Venue] = frozenset()
    unread: UnreadRows = field(default_factory=dict)


async def resting_orders(
    exchanges: PairExchanges, bases: Iterable[str], *, prefix: str, within_s: float | None = None
) -> Resting:
    """Open orders of ours, on whichever exchange answers (in time, if ``within_s`` is given)."""
    symbols = {leg: [leg_symbol(leg, base) for base in sorted(bases)] for leg in Leg}
    async with asyncio.TaskGroup() as group:
        asked = [
            (
                leg,
                group.create_task(answered(exchanges.of(leg).open_orders(*symbols[leg]), within_s)),
            )
            for leg in Leg
        ]
    reports: list[OrderReport] = []
    failed: list[str] = []
    silent: set[Venue] = set()
    unread: dict[str, dict[Venue, str]] = {}
    for leg, task in asked:
        venue = exchanges.venue(leg)
        answer = task.result()
        if isinstance(answer, ReadFailed):
            failed.append(f"{venue}: {answer.reason}")
            silent.add(venue)
        else:
            reports += [r for r in answer if r.client_order_id.startswith(prefix)]
            for symbol, reason in answer.unread.items():
                words = f"{venue}: open orders of {symbol}: {reason}"
                unread.setdefault(base_asset(symbol), {})[venue] = words
    return Resting(
        reports=tuple(reports),
        failed=tuple(dict.fromkeys(failed)),
        silent=frozenset(silent),
        unread=unread,
    )


def words_of(unread: UnreadRows) -> tuple[str, ...]:
    """Every reason, once."""
    return tuple(dict.fromkeys(words for rows in unread.values() for words in rows.values()))


def order_in(report: OrderReport) -> Order:
    """An order as far as a report tells it: enough to cancel it and to look it up."""
    leg = leg_of(report.symbol)
    return Order(
        id=order_uuid(report.client_order_id),
        client_order_id=report.client_order_id,
        exchange=report.exchange,
        symbol=report.symbol,
        side=report.side,
        type=report.type,
        quantity=report.quantity or ZERO,
        price=report.price,
        quote_amount=report.quote_amount,
        leg=leg,
        purpose=Purpose.OPEN,
        attempt=1,
        signal_id="",
        created_at=report.created_at or _LONG_AGO,
        executed_quantity=report.executed_quantity,
        exchange_order_id=report.exchange_order_id,
    )
