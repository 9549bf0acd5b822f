"""What a close may pay: no further from the middle of the book than its limit, which widens slowly.

The middle is that of the exchange's own book as the order leaves, or of the market as it arrives;
the price is that of its fills.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from exchange_simulator.faults.kinds import ThinBook
from trading_platform_order.domain.money import BPS
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.checkers.exchange_fills import ExchangeFill, own_fills
from trading_platform_order.simulation.checkers.order_ids import placed_ids
from trading_platform_order.simulation.checkers.timeliness.claims import ClaimRecorder
from trading_platform_order.simulation.testbed.testbed import TestBed
from trading_platform_order.transport.http import HttpRequest

WALK_BPS = 100
"""From the middle of the book; doubled every 10 s that a close waits for its book."""
DOUBLES_S = 10.0
ROOM_BPS = 5
THINNED_S = 60.0
"""So long a fault that thins the book may wait for an order that meets it."""
_CORRECTS = re.compile(r"-[sh]u\d+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """One fill of a close: how far from the middle of the book, and how far it may be."""

    client_order_id: str
    away_bps: Decimal
    allowed_bps: Decimal


@dataclass(slots=True)
class CloseRecorder:
    """Notes the middle of each book as an order leaves for it."""

    testbed: TestBed
    claims: ClaimRecorder
    _left: dict[str, tuple[float, dict[Venue, Decimal]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.testbed.listeners.append(self._leaves)

    def _leaves(self, request: HttpRequest) -> None:
        for name in placed_ids(request):
            owned = self.claims.orders.get(name)
            if owned is not None:
                self._left[name] = (self.testbed.clock.monotonic(), dict(self._mids(owned.base)))

    def _mids(self, base: str) -> Iterator[tuple[Venue, Decimal]]:
        world = self.testbed.world
        for venue, mid in (
            (Venue.UPBIT, world.upbit.mid(f"KRW-{base}")),
            (Venue.BINANCE, world.hedge_mid(base)),
        ):
            if mid is not None:
                yield venue, mid

    def _thinned_s(self) -> list[tuple[Venue, float]]:
        """When others took a book away under an order that was on its way."""
        return [
            (Venue(venue), at_s)
            for venue, gateway in self.testbed.world.gateways.items()
            for armed in gateway.faults.history
            if isinstance(armed.fault, ThinBook)
            for at_s in armed.struck_orders_s
        ]

    def _met(self, fill: ExchangeFill) -> Decimal:
        at_s = self.testbed.clock.monotonic_of(fill.at)
        prices = self.testbed.prices[fill.base]
        index = max(bisect_right(prices, at_s, key=lambda row: row[0]) - 1, 0)
        _, spot, hedge = prices[index]
        return spot if fill.venue is Venue.UPBIT else hedge

    def walks(self) -> Iterator[Walk]:
        """Every fill of an order that closes or takes back, but where the book was not as shown."""
        thinned = self._thinned_s()
        for fill in own_fills(self.testbed.world.accounts(), self.testbed.owner.order_ids):
            name = fill.client_order_id
            owned = self.claims.orders.get(name)
            if owned is None or name not in self._left:
                continue
            if owned.signal.action is not Action.EXIT and not _CORRECTS.search(name):
                continue
            sent_s, mids = self._left[name]
            if fill.venue not in mids or any(
                venue is fill.venue and abs(at_s - sent_s) < THINNED_S for venue, at_s in thinned
            ):
                continue
            waited_s = sent_s - self.claims.signals[owned.signal.id].claimed_s
            # An order may be late: it is held against the market that it met, too.
            away = min(_away(fill, mids[fill.venue]), _away(fill, self._met(fill)))
            allowed = WALK_BPS * 2 ** int(waited_s // DOUBLES_S) + ROOM_BPS
            yield Walk(client_order_id=name, away_bps=away, allowed_bps=Decimal(allowed))


def _away(fill: ExchangeFill, mid: Decimal) -> Decimal:
    return (fill.price - mid if fill.is_buy else mid - fill.price) / mid * BPS


def closes_walked_no_further_than_allowed(walks: Iterable[Walk]) -> Iterable[str]:
    """No close fills further from the middle of its book than its limit, which doubles in 10 s."""
    worst: dict[str, Walk] = {}
    for walk in walks:
        if walk.away_bps > walk.allowed_bps:
            known = worst.get(walk.client_order_id)
            if known is None or walk.away_bps > known.away_bps:
                worst[walk.client_order_id] = walk
    for walk in worst.values():
        yield (
            f"{walk.client_order_id} filled {walk.away_bps:.0f} bps from the middle of the book, "
            f"{walk.allowed_bps} are allowed"
        )
