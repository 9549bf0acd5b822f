"""What both exchanges show, by the watchdog's own reads."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from trading_platform_order.domain.client_order_id import order_uuid
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import (
    Balance,
    Leg,
    Order,
    OrderReport,
    Purpose,
    Venue,
    hedge_symbol,
    leg_symbol,
)
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.exchanges.base import BaseExchange, MarginAccount

_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
Exchanges = Mapping[Venue, BaseExchange]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Both exchanges at about one moment.

    Attributes:
        balances: on Upbit, by asset.
        shorts: base units short on Binance by base asset; negative for a long.
    """

    balances: Mapping[str, Balance]
    shorts: Mapping[str, Decimal]
    margin: MarginAccount

    def balance(self, asset: str) -> Balance:
        """On Upbit."""
        return self.balances.get(asset, Balance(asset=asset, available=ZERO, locked=ZERO))


async def look(exchanges: Exchanges, bases: Iterable[str]) -> Seen | ReadFailed:
    """Ask both exchanges at once; one that does not answer makes all of it unknown."""
    names = sorted(bases)
    upbit, binance = exchanges[Venue.UPBIT], exchanges[Venue.BINANCE]
    async with asyncio.TaskGroup() as group:
        balances = group.create_task(upbit.balances())
        margin = group.create_task(binance.margin())
        positions = [group.create_task(binance.position(hedge_symbol(base))) for base in names]
    coins, account = balances.result(), margin.result()
    if isinstance(coins, ReadFailed):
        return ReadFailed(reason=f"upbit: {coins.reason}")
    if account is None or isinstance(account, ReadFailed):
        reason = "no margin account" if account is None else account.reason
        return ReadFailed(reason=f"binance: {reason}")
    shorts: dict[str, Decimal] = {}
    for base, task in zip(names, positions, strict=True):
        position = task.result()
        if isinstance(position, ReadFailed):
            return ReadFailed(reason=f"binance: {position.reason}")
        shorts[base] = -position.quantity
    return Seen(
        balances={balance.asset: balance for balance in coins}, shorts=shorts, margin=account
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """Open orders under our prefix, and what could not be read.

    Attributes:
        failed: one line per exchange that did not answer.
    """

    reports: tuple[OrderReport, ...]
    failed: tuple[str, ...]


async def resting_orders(exchanges: Exchanges, bases: Iterable[str], *, prefix: str) -> Resting:
    """Open orders of ours, on whichever exchange answers."""
    symbols = {leg: [leg_symbol(leg, base) for base in sorted(bases)] for leg in Leg}
    async with asyncio.TaskGroup() as group:
        asked = [
            (leg, group.create_task(exchanges[leg.venue].open_orders(*symbols[leg]))) for leg in Leg
        ]
    reports: list[OrderReport] = []
    failed: list[str] = []
    for leg, task in asked:
        answer = task.result()
        if isinstance(answer, ReadFailed):
            failed.append(f"{leg.venue}: {answer.reason}")
        else:
            reports += [r for r in answer if r.client_order_id.startswith(prefix)]
    return Resting(reports=tuple(reports), failed=tuple(dict.fromkeys(failed)))


def order_in(report: OrderReport) -> Order:
    """An order as far as a report tells it: enough to cancel it and to look it up."""
    leg = Leg.SPOT if report.exchange is Venue.UPBIT else Leg.HEDGE
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
