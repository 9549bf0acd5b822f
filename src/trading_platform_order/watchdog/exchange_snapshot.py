"""What both exchanges show, by the watchdog's own reads."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from trading_platform_order.domain.client_order_id import order_uuid
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import (
    Balance,
    Leg,
    Order,
    OrderReport,
    Position,
    Purpose,
    base_asset,
    hedge_symbol,
    leg_of,
    leg_symbol,
)
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import MarginAccount
from trading_platform_order.exchanges.pair import PairExchanges

_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
T = TypeVar("T")
UnreadRows = Mapping[str, Mapping[Venue, str]]
"""Why rows could not be read, by the base asset and the exchange they belong to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeSnapshot:
    """Both exchanges at about one moment, as far as they answer.

    Attributes:
        balances: on Upbit, by asset; ``None``: not answered.
        positions: on Binance, by base asset; ``None``: not answered for every one of them.
        margin: ``None``: not answered.
        failed: one line for each exchange that did not answer everything.
        unread: by base asset and exchange, what alone could not be read: it is unknown, and
            nothing else is.
    """

    balances: Mapping[str, Balance] | None
    positions: Mapping[str, Position] | None
    margin: MarginAccount | None
    failed: tuple[str, ...] = ()
    unread: UnreadRows = field(default_factory=dict)

    @property
    def silent(self) -> frozenset[Venue]:
        """PairExchanges that did not tell what is held there."""
        told = {Venue.UPBIT: self.balances, Venue.BINANCE: self.positions}
        return frozenset(venue for venue, answer in told.items() if answer is None)

    def balance(self, asset: str) -> Balance:
        """On Upbit; nothing where that is not known."""
        return (self.balances or {}).get(asset) or Balance(asset=asset, available=ZERO, locked=ZERO)

    def short(self, base: str) -> Decimal:
        """Base units short on Binance, negative for a long; nothing where that is not known."""
        position = (self.positions or {}).get(base)
        return ZERO if position is None else -position.quantity


async def look(
    exchanges: PairExchanges, bases: Iterable[str], *, within_s: float | None = None
) -> ExchangeSnapshot:
    """Ask both exchanges at once.

    Args:
        exchanges: by venue.
        bases: base assets whose positions are read.
        within_s: what comes later counts as not answered; ``None``: the adapters' own limits.
    """
    names = sorted(bases)
    upbit, binance = exchanges.spot, exchanges.hedge
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(_within(upbit.balances(), within_s))
        margin = group.create_task(_within(binance.margin(), within_s))
        positions = group.create_task(_within(read_positions(exchanges, names), within_s))
    coins, account, shorts = asked.result(), margin.result(), positions.result()
    unread: dict[str, dict[Venue, str]] = {}
    if not isinstance(coins, ReadFailed):
        listed = {row.asset for row in coins}
        for name in names:
            if coins.is_unread(name, listed=name in listed):
                words = f"{Venue.UPBIT}: the balance of {name} cannot be read"
                unread.setdefault(name, {})[Venue.UPBIT] = words
    read: dict[str, Position] = {}
    if not isinstance(shorts, ReadFailed):
        for base, position in shorts.items():
            if isinstance(position, ReadFailed):
                words = f"{Venue.BINANCE}: {position.reason}"
                unread.setdefault(base, {})[Venue.BINANCE] = words
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
    return ExchangeSnapshot(
        balances=None if isinstance(coins, ReadFailed) else {b.asset: b for b in coins},
        positions=None if isinstance(shorts, ReadFailed) else read,
        margin=None if isinstance(account, ReadFailed) else account,
        failed=tuple(dict.fromkeys(failed)),
        unread=unread,
    )


async def read_positions(
    exchanges: PairExchanges, bases: Iterable[str]
) -> dict[str, Position | ReadFailed] | ReadFailed:
    """On Binance, by base asset; as a whole it has failed if none of them was answered."""
    async with asyncio.TaskGroup() as group:
        asked = {
            base: group.create_task(exchanges.hedge.position(hedge_symbol(base))) for base in bases
        }
    found = {base: task.result() for base, task in asked.items()}
    failed = [answer for answer in found.values() if isinstance(answer, ReadFailed)]
    return failed[0] if failed and len(failed) == len(found) else found


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
                group.create_task(_within(exchanges.of(leg).open_orders(*symbols[leg]), within_s)),
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


async def _within(asked: Awaitable[T], within_s: float | None) -> T | ReadFailed:
    try:
        async with asyncio.timeout(within_s):
            return await asked
    except TimeoutError:
        return ReadFailed(reason=f"no answer within {within_s:g} s")


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
