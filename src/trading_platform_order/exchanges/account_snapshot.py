"""What both exchanges say of one account at about one moment; the only place that reads it.

Three ways to ask, one answer: one exchange after the other (the engine, whose orders must find room
beside it), both at once (the watchdog, whose time is short), and in full or not at all (whatever
compares). A row that cannot be read is unknown, never zero. Nothing is judged here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from trading_platform_order.domain.account.evidence.reconciliation import Found
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import (
    Balance,
    Leg,
    Position,
    base_asset,
    hedge_symbol,
    leg_symbol,
)
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.rows import Rows
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import HedgeExchange, MarginAccount
from trading_platform_order.exchanges.pair import PairExchanges

T = TypeVar("T")
Positions = Mapping[str, Position | ReadFailed]
UnreadRows = Mapping[str, Mapping[Venue, str]]
"""Why rows could not be read, by the base asset and the exchange they belong to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSnapshot:
    """Both exchanges at about one moment, as far as they answer.

    Attributes:
        balances: on the spot exchange, by asset; ``None``: not answered.
        positions: on the hedge exchange, by base asset; ``None``: not answered for all of them.
        margin: ``None``: not answered.
        failed: one line for each exchange that did not answer everything.
        silent: exchanges that did not tell what is held there.
        unread: by asset (KRW is one) and exchange, what alone could not be read: it is unknown,
            and nothing else is.
    """

    balances: Mapping[str, Balance] | None
    positions: Mapping[str, Position] | None
    margin: MarginAccount | None
    failed: tuple[str, ...] = ()
    silent: frozenset[Venue] = frozenset()
    unread: UnreadRows = field(default_factory=dict)

    def balance(self, asset: str) -> Balance:
        """On the spot exchange; nothing where that is not known."""
        return (self.balances or {}).get(asset) or _nothing_of(asset)

    def short(self, base: str) -> Decimal:
        """Base units short, negative for a long; nothing where that is not known."""
        position = (self.positions or {}).get(base)
        return ZERO if position is None else -position.quantity


def balance_of(balances: Rows[Balance], asset: str) -> Balance | None:
    """What is held of an asset; ``None`` where its row cannot be read, which is not nothing."""
    row = next((one for one in balances if one.asset == asset), None)
    if balances.is_unread(asset, listed=row is not None):
        return None
    return row or _nothing_of(asset)


async def read_account(
    exchanges: PairExchanges,
    bases: Iterable[str],
    *,
    on_margin: Callable[[MarginAccount], None] | None = None,
) -> AccountSnapshot:
    """Ask one thing after the other.

    Args:
        exchanges: both.
        bases: base assets whose positions are read.
        on_margin: told of the margin account as soon as it is known: its age counts.
    """
    names = sorted(bases)
    spot = await exchanges.spot.balances()
    margin = await exchanges.hedge.margin()
    if on_margin is not None and not isinstance(margin, ReadFailed):
        on_margin(margin)
    return _snapshot(exchanges, names, spot, margin, await _positions(exchanges.hedge, names))


async def read_at_once(
    exchanges: PairExchanges, bases: Iterable[str], *, within_s: float | None = None
) -> AccountSnapshot:
    """Ask both exchanges at once.

    Args:
        exchanges: both.
        bases: base assets whose positions are read.
        within_s: what comes later counts as not answered; ``None``: the adapters' own limits.
    """
    names = sorted(bases)
    async with asyncio.TaskGroup() as group:
        spot = group.create_task(answered(exchanges.spot.balances(), within_s))
        margin = group.create_task(answered(exchanges.hedge.margin(), within_s))
        hedge = group.create_task(answered(_positions(exchanges.hedge, names), within_s))
    return _snapshot(exchanges, names, spot.result(), margin.result(), hedge.result())


async def read_in_full(exchanges: PairExchanges, bases: Sequence[str]) -> Found | ReadFailed:
    """Everything that is compared, open orders too; nothing more is asked after a failure."""
    spot = await exchanges.spot.balances()
    if isinstance(spot, ReadFailed):
        return spot
    margin = await exchanges.hedge.margin()
    if isinstance(margin, ReadFailed):
        return margin
    hedge = await _positions(exchanges.hedge, bases)
    if isinstance(hedge, ReadFailed):
        return hedge
    names: set[str] = set()
    orders_unread: dict[str, str] = {}
    for leg in Leg:
        orders = await exchanges.of(leg).open_orders(*(leg_symbol(leg, base) for base in bases))
        if isinstance(orders, ReadFailed):
            return orders
        names |= {order.client_order_id for order in orders}
        orders_unread |= {
            name and base_asset(name): f"open orders: {why}" for name, why in orders.unread.items()
        }
    read = {base: one for base, one in hedge.items() if not isinstance(one, ReadFailed)}
    return Found(
        coins={balance.asset: balance.total for balance in spot},
        wallet_usdt=margin.wallet_usdt,
        shorts={base: -position.quantity for base, position in read.items()},
        sold_for_usdt=-sum((p.quantity * p.entry_price for p in read.values()), ZERO),
        open_orders=frozenset(names),
        unread=dict(spot.unread)
        | {base: one.reason for base, one in hedge.items() if isinstance(one, ReadFailed)},
        orders_unread=orders_unread,
    )


async def answered(asked: Awaitable[T], within_s: float | None) -> T | ReadFailed:
    """The answer, if it comes in time; ``None``: the adapter's own limit."""
    try:
        async with asyncio.timeout(within_s):
            return await asked
    except TimeoutError:
        return ReadFailed(reason=f"no answer within {within_s:g} s")


async def _positions(hedge: HedgeExchange, names: Sequence[str]) -> Positions | ReadFailed:
    if not names:
        return {}
    answer = await hedge.positions([hedge_symbol(base) for base in names])
    return answer if isinstance(answer, ReadFailed) else dict(zip(names, answer, strict=True))


def _snapshot(
    exchanges: PairExchanges,
    names: Sequence[str],
    spot: Rows[Balance] | ReadFailed,
    margin: MarginAccount | ReadFailed,
    hedge: Positions | ReadFailed,
) -> AccountSnapshot:
    coins_at, short_at = exchanges.spot.venue, exchanges.hedge.venue
    unread: dict[str, dict[Venue, str]] = {}
    if not isinstance(spot, ReadFailed):
        for name in ("KRW", *names):
            if balance_of(spot, name) is None:
                words = f"{coins_at}: the balance of {name} cannot be read"
                unread.setdefault(name, {})[coins_at] = words
    read: dict[str, Position] = {}
    if not isinstance(hedge, ReadFailed):
        for base, position in hedge.items():
            if isinstance(position, ReadFailed):
                unread.setdefault(base, {})[short_at] = f"{short_at}: {position.reason}"
            else:
                read[base] = position
    answers = ((coins_at, spot), (short_at, hedge), (short_at, margin))
    failed = [f"{at}: {one.reason}" for at, one in answers if isinstance(one, ReadFailed)]
    return AccountSnapshot(
        balances=None if isinstance(spot, ReadFailed) else {one.asset: one for one in spot},
        positions=None if isinstance(hedge, ReadFailed) else read,
        margin=None if isinstance(margin, ReadFailed) else margin,
        failed=tuple(dict.fromkeys(failed)),
        silent=frozenset(at for at, one in answers[:2] if isinstance(one, ReadFailed)),
        unread=unread,
    )


def _nothing_of(asset: str) -> Balance:
    return Balance(asset=asset, available=ZERO, locked=ZERO)
