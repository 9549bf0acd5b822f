"""What both exchanges show, by the watchdog's own reads."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from trading_platform_order.domain.client_order_id import order_uuid
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import (
    Balance,
    Leg,
    Order,
    OrderReport,
    Position,
    Purpose,
    Venue,
    base_asset,
    hedge_symbol,
    leg_symbol,
)
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.exchanges.base import BaseExchange, MarginAccount

_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
Exchanges = Mapping[Venue, BaseExchange]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Both exchanges at about one moment, as far as they answer.

    Attributes:
        balances: on Upbit, by asset; ``None``: not answered.
        positions: on Binance, by base asset; ``None``: not answered for every one of them.
        margin: ``None``: not answered.
        failed: one line for each exchange that did not answer everything.
        unread: by base asset, what alone could not be read: it is unknown, and nothing else is.
    """

    balances: Mapping[str, Balance] | None
    positions: Mapping[str, Position] | None
    margin: MarginAccount | None
    failed: tuple[str, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)

    def balance(self, asset: str) -> Balance:
        """On Upbit; nothing where that is not known."""
        return (self.balances or {}).get(asset) or Balance(asset=asset, available=ZERO, locked=ZERO)

    def short(self, base: str) -> Decimal:
        """Base units short on Binance, negative for a long; nothing where that is not known."""
        position = (self.positions or {}).get(base)
        return ZERO if position is None else -position.quantity


async def look(exchanges: Exchanges, bases: Iterable[str]) -> Seen:
    """Ask both exchanges at once."""
    names = sorted(bases)
    upbit, binance = exchanges[Venue.UPBIT], exchanges[Venue.BINANCE]
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(upbit.balances())
        margin = group.create_task(binance.margin())
        positions = group.create_task(read_positions(exchanges, names))
    coins, account, shorts = asked.result(), margin.result(), positions.result()
    unread: dict[str, str] = {}
    if not isinstance(coins, ReadFailed):
        listed = {row.asset for row in coins}
        unread |= {
            name: f"{Venue.UPBIT}: the balance of {name} cannot be read"
            for name in names
            if coins.is_unread(name, listed=name in listed)
        }
    read: dict[str, Position] = {}
    if not isinstance(shorts, ReadFailed):
        for base, position in shorts.items():
            if isinstance(position, ReadFailed):
                unread[base] = f"{Venue.BINANCE}: {position.reason}"
            else:
                read[base] = position
    failed = [
        f"{venue}: {answer.reason}"
        for venue, answer in (
            (Venue.UPBIT, coins),
            (Venue.BINANCE, shorts),
            (Venue.BINANCE, account),
        )
        if isinstance(answer, ReadFailed)
    ]
    return Seen(
        balances=None if isinstance(coins, ReadFailed) else {b.asset: b for b in coins},
        positions=None if isinstance(shorts, ReadFailed) else read,
        margin=None if isinstance(account, ReadFailed) else account,
        failed=tuple(dict.fromkeys(failed)),
        unread=unread,
    )


async def read_positions(
    exchanges: Exchanges, bases: Iterable[str]
) -> dict[str, Position | ReadFailed] | ReadFailed:
    """On Binance, by base asset; as a whole it has failed if none of them was answered."""
    async with asyncio.TaskGroup() as group:
        asked = {
            base: group.create_task(exchanges[Venue.BINANCE].position(hedge_symbol(base)))
            for base in bases
        }
    found = {base: task.result() for base, task in asked.items()}
    failed = [answer for answer in found.values() if isinstance(answer, ReadFailed)]
    return failed[0] if failed and len(failed) == len(found) else found


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """Open orders under our prefix, and what could not be read.

    Attributes:
        failed: one line per exchange that did not answer.
        unread: by base asset, what alone could not be read.
    """

    reports: tuple[OrderReport, ...]
    failed: tuple[str, ...]
    unread: Mapping[str, str] = field(default_factory=dict)


async def resting_orders(exchanges: Exchanges, bases: Iterable[str], *, prefix: str) -> Resting:
    """Open orders of ours, on whichever exchange answers."""
    symbols = {leg: [leg_symbol(leg, base) for base in sorted(bases)] for leg in Leg}
    async with asyncio.TaskGroup() as group:
        asked = [
            (leg, group.create_task(exchanges[leg.venue].open_orders(*symbols[leg]))) for leg in Leg
        ]
    reports: list[OrderReport] = []
    failed: list[str] = []
    unread: dict[str, str] = {}
    for leg, task in asked:
        answer = task.result()
        if isinstance(answer, ReadFailed):
            failed.append(f"{leg.venue}: {answer.reason}")
        else:
            reports += [r for r in answer if r.client_order_id.startswith(prefix)]
            unread |= {
                base_asset(symbol): f"{leg.venue}: open orders of {symbol}: {reason}"
                for symbol, reason in answer.unread.items()
            }
    return Resting(reports=tuple(reports), failed=tuple(dict.fromkeys(failed)), unread=unread)


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
