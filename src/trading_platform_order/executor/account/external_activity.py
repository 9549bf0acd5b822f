"""What other hands did to an asset, as the exchange lists it: orders, deposits, withdrawals.

It explains a balance that is not what our own count says. Only an exact sum explains anything: a
near miss may be a fill of ours that no list shows yet.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.order import Fill, OrderSide, base_asset
from trading_platform_order.domain.order_identity.client_order_id import read_client_order_id
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.value import value
from trading_platform_order.exchanges.base import BaseExchange

_NOT_DATED = datetime.min.replace(tzinfo=UTC)


@value
class Change:
    """One change made by a third party; ``amount`` is signed, in the asset."""

    amount: Decimal
    what: str
    at: datetime


@value
class ExternalActivity:
    """All that could be read.

    Attributes:
        changes: newest first.
        unread: why a part could not be read.
    """

    changes: tuple[Change, ...]
    unread: str = ""


async def external_activity(
    exchange: BaseExchange, symbol: str, since: datetime
) -> ExternalActivity:
    """Executions of a spot market's base asset, and its transfers, from ``since`` on."""
    asset, unread = base_asset(symbol), []
    changes: list[Change] = []
    orders = await exchange.orders_since(since, symbol)
    if isinstance(orders, ReadFailed):
        unread.append(orders.reason)
    else:
        unread += orders.unread.values()
        reports = [listed.report for listed in orders if listed.report.executed_quantity]
        changes += [
            Change(
                amount=told.executed_quantity * (1 if told.side is OrderSide.BUY else -1),
                what=f"order {told.client_order_id or told.exchange_order_id}",
                at=told.created_at or _NOT_DATED,
            )
            for told in reports
            if read_client_order_id(told.client_order_id) is None
            and (told.created_at or _NOT_DATED) >= since
        ]
    moved = await transfers_of(exchange, asset, since)
    return ExternalActivity(
        changes=_newest_first((*changes, *moved.changes)),
        unread="; ".join(filter(None, (*unread, moved.unread))),
    )


async def transfers_of(exchange: BaseExchange, asset: str, since: datetime) -> ExternalActivity:
    """Deposits and withdrawals alone."""
    transfers = await exchange.transfers(asset, since)
    if isinstance(transfers, ReadFailed):
        return ExternalActivity(changes=(), unread=transfers.reason)
    changes = [
        Change(amount=t.amount, what=f"transfer {t.transaction_id}", at=t.at) for t in transfers
    ]
    return ExternalActivity(changes=_newest_first(changes))


def changes_by(fills: Sequence[Fill]) -> tuple[Change, ...]:
    """Executions of another hand as changes of a position: a sale makes it more short."""
    changes = [
        Change(
            amount=fill.quantity * (1 if fill.side is OrderSide.BUY else -1),
            what=f"execution {fill.trade_id}",
            at=fill.at,
        )
        for fill in fills
    ]
    return _newest_first(changes)


def _newest_first(changes: Sequence[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda change: change.at, reverse=True))


def newest_that_sum_to(amount: Decimal, changes: Sequence[Change]) -> str | None:
    """Describe the newest changes that sum to exactly ``amount``; ``None`` if none do.

    ``changes`` come newest first, and none is skipped: older ones are booked already.
    """
    total, descriptions = ZERO, []
    for change in changes:
        total += change.amount
        descriptions.append(f"{change.what} {plain(change.amount)}")
        if total == amount:
            return ", ".join(descriptions)
    return None
