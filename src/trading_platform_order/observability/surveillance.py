"""What exchanges watch in those who trade by an API, as far as our own records tell it. Pure.

For whoever looks: nothing is refused by these figures, and no order waits for them.

Two kinds of limits. Binance publishes its own ("Futures Trading Quantitative Rules", FAQ of
2020-09-10, read as of 2024-08-26; trigger values also in the example of `GET
/fapi/v1/apiTradingStatus`): by symbol, over ten minutes, and only where enough orders were sent;
who breaks one may only reduce for a while (-4400). Where its texts differ, the lower figure stands
here. Upbit names what it watches (preventive measures of 2025-11-03, after DAXA's rules for
suspicious trades) and publishes no figure: these limits are ours, low enough to look before
anybody writes.

Conditional orders (protective stops) are not counted: they are no orders before they trigger.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from trading_platform_order.domain.money import ONE, ZERO
from trading_platform_order.domain.order import OrderStatus, TimeInForce
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.upbit.orders.absence import CONSUMED

WINDOW = timedelta(minutes=10)
"""Binance's cycle, and ours for the rest."""
DAY = timedelta(days=1)

UNFILLED_MAX = Decimal("0.99")
"""Unfilled ratio (UFR): FAQ 0.99, API example 0.995."""
EXPIRED_MAX = Decimal("0.99")
"""IOC and FOK expire ratio (IFER): FAQ and API example 0.99."""
QUICK_CANCELS_MAX = Decimal("0.99")
"""Invalid cancellation ratio (ICR, before GCR): FAQ and API example 0.99."""
DUST_MAX = Decimal("0.90")
"""Dust ratio (DR): FAQ and notices to accounts 0.90, API example 0.99."""
JUDGED_FROM_ORDERS = 300
"""UFR and DR count from so many orders: `triggerCondition` in Binance's account status."""
JUDGED_FROM_LIMITS = 150
"""IFER and ICR count from so many IOC or resting orders: the same."""
QUICK_CANCEL_S = 5
"""A resting order that lived for less is an invalid cancellation: FAQ as of 2024-08-26."""
DUST_USDT = Decimal(50)
"""An order below that is dust: the same."""

VOLUME_SHARE_MAX = Decimal("0.10")
"""Ours. Upbit: "too large a part of all that was traded in a market"."""
MINUTE_ORDERS_MAX = Decimal(20)
"""Ours. Upbit: "orders that are concentrated and move a price"; one trade sends one, and up to
eight corrections when it must."""
CANCELS_MAX = Decimal("0.50")
"""Ours. Upbit: "too many amended or cancelled orders"."""
NON_MARKETABLE_MAX = Decimal("0.30")
"""Ours. Upbit: "orders in number that hardly can be filled"."""
SHARES_FROM_ORDERS = 10
"""Ours: below so many orders in ten minutes a share says nothing."""
PROOF_ORDERS_MAX = Decimal(10)
"""Ours, in a day: each is a far post-only order that is cancelled at once."""


class LimitOf(StrEnum):
    """Who set a limit."""

    EXCHANGE = "exchange"
    OURS = "ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedFigure:
    """One figure, of the symbol that is nearest to its limit.

    Attributes:
        name: stable, snake case, without the exchange.
        symbol: as the exchange writes it; empty if nothing was sent.
        now: ``None`` if it is not known; ``unknown`` says why: ``no_volume`` of the market, or
            ``no_price`` to value an order by.
        limit_of: who set ``limit``.
        orders: what it is a part of; ``None`` where it is no part of orders.
        judged_from: below so many ``orders`` it is not judged; ``None``: always.
    """

    venue: str
    name: str
    symbol: str
    now: Decimal | None
    limit: Decimal
    limit_of: LimitOf
    orders: int | None = None
    judged_from: int | None = None
    unknown: str = ""

    @property
    def is_judged(self) -> bool:
        """Enough was sent for it to count."""
        return self.judged_from is None or (self.orders or 0) >= self.judged_from

    @property
    def part(self) -> Decimal:
        """Of the limit; what is not judged comes after all that is."""
        if self.now is None:
            return ZERO
        part = self.now / self.limit
        return part if self.is_judged else min(part, ONE) - ONE


@dataclass(frozen=True, slots=True, kw_only=True)
class SentOrder:
    """What is needed of an order; rows of ``v_orders`` (:func:`sent_orders`)."""

    venue: str
    symbol: str
    quantity: Decimal
    executed: Decimal
    price: Decimal | None
    time_in_force: str | None
    status: OrderStatus
    is_proof: bool
    created_at: datetime
    lived_s: float

    @property
    def reached(self) -> bool:
        """The exchange has it, or may have it."""
        return self.status not in {OrderStatus.REFUSED, OrderStatus.ABSENT}

    @property
    def is_ioc(self) -> bool:
        """A limit that does not rest."""
        return self.time_in_force in {TimeInForce.IOC, TimeInForce.FOK}

    @property
    def rests(self) -> bool:
        """A limit that waits to be met; a market order and an IOC never do."""
        return self.time_in_force is not None and not self.is_ioc

    @property
    def ended_short(self) -> bool:
        """Cancelled or expired with less than asked."""
        return self.status is OrderStatus.CANCELLED


Row = Mapping[str, Any]
Volume = tuple[str, str]
"""Exchange and symbol."""


def sent_orders(rows: Iterable[Row]) -> list[SentOrder]:
    """From rows of ``v_orders``, in their order."""
    return [_sent(row) for row in rows]


def _sent(row: Row) -> SentOrder:
    created_at = datetime.fromisoformat(row["created_at"])
    status = OrderStatus(row["status"])
    return SentOrder(
        venue=row["exchange"],
        symbol=row["symbol"],
        quantity=Decimal(row["quantity"]),
        executed=Decimal(row["executed_quantity"]),
        price=None if row["price"] is None else Decimal(row["price"]),
        time_in_force=row["time_in_force"],
        status=status,
        is_proof=status is OrderStatus.ABSENT and CONSUMED in (row["detail"] or ""),
        created_at=created_at,
        lived_s=row["updated_at_us"] / 1_000_000 - created_at.timestamp(),
    )


def watched_figures(
    orders: Sequence[SentOrder],
    *,
    now: datetime,
    traded: Mapping[Volume, Decimal],
    volumes: Mapping[Volume, Decimal | None],
    prices_usdt: Mapping[str, Decimal],
) -> list[WatchedFigure]:
    """All of them, in a fixed order.

    Args:
        orders: those of the last day at least.
        now: the calendar of the orders.
        traded: what we traded in the time of ``volumes``, base units; nothing where it is missing.
        volumes: what everybody traded, base units; ``None`` or missing where it is not known.
        prices_usdt: of Binance's symbols, to value market orders.
    """
    recent = [order for order in orders if order.created_at > now - WINDOW]
    hedge = [order for order in recent if order.venue == Venue.BINANCE and order.reached]
    spot = [order for order in recent if order.venue == Venue.UPBIT]
    proofs = [o for o in orders if o.is_proof and o.created_at > now - DAY]
    return [
        *_binance(hedge, prices_usdt),
        _volume_share(Venue.BINANCE, traded, volumes),
        *_upbit(spot),
        _volume_share(Venue.UPBIT, traded, volumes),
        WatchedFigure(
            venue=Venue.UPBIT,
            name="proof_orders_day",
            symbol=proofs[0].symbol if proofs else "",
            now=Decimal(len(proofs)),
            limit=PROOF_ORDERS_MAX,
            limit_of=LimitOf.OURS,
        ),
    ]


# -- Binance --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """One of Binance's: its limit, and from how many orders on it counts."""

    name: str
    limit: Decimal
    judged_from: int

    def figure(self, symbol: str, part: Decimal | None, orders: int) -> WatchedFigure:
        """``part`` of so many ``orders``."""
        return WatchedFigure(
            venue=Venue.BINANCE,
            name=self.name,
            symbol=symbol,
            now=part,
            limit=self.limit,
            limit_of=LimitOf.EXCHANGE,
            orders=orders,
            judged_from=self.judged_from,
            unknown="" if part is not None else "no_price",
        )


def _binance(
    orders: Sequence[SentOrder], prices_usdt: Mapping[str, Decimal]
) -> Iterator[WatchedFigure]:
    by_symbol = _by_symbol(orders)
    for rule, measure in (
        (_Rule(name="unfilled", limit=UNFILLED_MAX, judged_from=JUDGED_FROM_ORDERS), _unfilled),
        (_Rule(name="ioc_expired", limit=EXPIRED_MAX, judged_from=JUDGED_FROM_LIMITS), _expired),
        (
            _Rule(name="quick_cancels", limit=QUICK_CANCELS_MAX, judged_from=JUDGED_FROM_LIMITS),
            _quickly_cancelled,
        ),
    ):
        found = [rule.figure(symbol, *measure(own)) for symbol, own in by_symbol.items()]
        yield _nearest(found, rule.figure("", ZERO, 0))
    dust = _Rule(name="dust", limit=DUST_MAX, judged_from=JUDGED_FROM_ORDERS)
    found = [
        dust.figure(symbol, _dust(own, prices_usdt.get(symbol)), len(own))
        for symbol, own in by_symbol.items()
    ]
    yield _nearest(found, dust.figure("", ZERO, 0))


def _unfilled(orders: Sequence[SentOrder]) -> tuple[Decimal, int]:
    """By quantity; an order whose fate is open counts as not filled."""
    asked = sum((order.quantity for order in orders), ZERO)
    executed = sum((min(order.executed, order.quantity) for order in orders), ZERO)
    return (1 - executed / asked if asked else ZERO), len(orders)


def _expired(orders: Sequence[SentOrder]) -> tuple[Decimal, int]:
    limits = [order for order in orders if order.is_ioc]
    return _share(sum(order.ended_short for order in limits), len(limits)), len(limits)


def _quickly_cancelled(orders: Sequence[SentOrder]) -> tuple[Decimal, int]:
    resting = [order for order in orders if order.rests]
    quick = sum(order.ended_short and order.lived_s < QUICK_CANCEL_S for order in resting)
    return _share(quick, len(resting)), len(resting)


def _dust(orders: Sequence[SentOrder], price_usdt: Decimal | None) -> Decimal | None:
    """``None`` if an order cannot be valued."""
    small = 0
    for order in orders:
        price = price_usdt if order.price is None else order.price
        if price is None:
            return None
        small += order.quantity * price < DUST_USDT
    return _share(small, len(orders))


# -- Upbit ----------------------------------------------------------------------------------------


def _upbit(orders: Sequence[SentOrder]) -> Iterator[WatchedFigure]:
    counted = [order for order in orders if order.reached or order.is_proof]
    by_symbol = _by_symbol(counted)
    busiest = [
        _ours("minute_orders", symbol, _busiest(own), MINUTE_ORDERS_MAX)
        for symbol, own in by_symbol.items()
    ]
    yield _nearest(busiest, _ours("minute_orders", "", ZERO, MINUTE_ORDERS_MAX))
    for name, limit, is_one in (
        ("cancels", CANCELS_MAX, lambda o: o.is_proof or (o.rests and o.ended_short)),
        ("non_marketable", NON_MARKETABLE_MAX, lambda o: o.is_proof or o.rests),
    ):
        found = [
            _ours(name, symbol, _share(sum(map(is_one, own)), len(own)), limit, len(own))
            for symbol, own in by_symbol.items()
        ]
        yield _nearest(found, _ours(name, "", ZERO, limit, 0))


def _ours(
    name: str, symbol: str, now: Decimal, limit: Decimal, orders: int | None = None
) -> WatchedFigure:
    return WatchedFigure(
        venue=Venue.UPBIT,
        name=name,
        symbol=symbol,
        now=now,
        limit=limit,
        limit_of=LimitOf.OURS,
        orders=orders,
        judged_from=None if orders is None else SHARES_FROM_ORDERS,
    )


def _busiest(orders: Sequence[SentOrder]) -> Decimal:
    minutes = Counter(int(order.created_at.timestamp()) // 60 for order in orders)
    return Decimal(max(minutes.values()))


# -- both -----------------------------------------------------------------------------------------


def _volume_share(
    venue: Venue, traded: Mapping[Volume, Decimal], volumes: Mapping[Volume, Decimal | None]
) -> WatchedFigure:
    """Nothing traded is a share of nothing, whatever the others traded."""

    def figure(symbol: str, now: Decimal | None) -> WatchedFigure:
        return WatchedFigure(
            venue=venue,
            name="volume_share",
            symbol=symbol,
            now=now,
            limit=VOLUME_SHARE_MAX,
            limit_of=LimitOf.OURS,
            unknown="" if now is not None else "no_volume",
        )

    found: list[WatchedFigure] = []
    for (where, symbol), own in traded.items():
        if where == venue and own > 0:
            volume = volumes.get((where, symbol))
            # A market that is told to have traded less than we did was told late.
            share = None if not volume else min(own / volume, Decimal(1))
            found.append(figure(symbol, share))
    unknown = next((one for one in found if one.now is None), None)
    nearest = _nearest(found, figure("", ZERO))
    # What is not known must not hide behind a small figure of another symbol.
    return nearest if unknown is None or nearest.part >= 1 else unknown


def _by_symbol(orders: Iterable[SentOrder]) -> dict[str, list[SentOrder]]:
    found: dict[str, list[SentOrder]] = defaultdict(list)
    for order in orders:
        found[order.symbol].append(order)
    return found


def _share(part: int, whole: int) -> Decimal:
    return Decimal(part) / whole if whole else ZERO


def _nearest(found: Sequence[WatchedFigure], nothing: WatchedFigure) -> WatchedFigure:
    return max(found, key=lambda one: one.part, default=nothing)
