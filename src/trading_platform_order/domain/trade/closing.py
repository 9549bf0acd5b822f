"""One rule for every close, whoever asked: which leg goes now, how much, or what it waits for.

A hedged pair loses nothing while both legs stand; a leg that stands alone loses with every move.
So a close never starts where it knows that the other half cannot follow:

==========================  =====================================================================
both exchanges open         both legs at once, by the same part
one doubtful                its leg first; the other one follows with what that filled
both doubtful               wait for an order test; after 10 s the spot leg first
one closed                  wait: nothing is traded, an operator is told
legs uneven already         only the excess, on the longer leg, now; if its exchange is closed, wait
==========================  =====================================================================

An order takes at most what the visible book holds within a limit around its mid; the rest follows
as the book refills, and the limit doubles with time. Nothing here ever re-opens the shorter leg.
What neither exchange takes is dust.
"""

import math
from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from enum import StrEnum

from trading_platform_order.domain.hindrances.order_access import Access
from trading_platform_order.domain.market import Book, PairView
from trading_platform_order.domain.money import BPS, ZERO, ceil_to_step, floor_to_step
from trading_platform_order.domain.order import Leg, OrderSide
from trading_platform_order.domain.trade.orders.tradable import tradable_quantity
from trading_platform_order.domain.value import value


class CloseKind(StrEnum):
    """Who asks for a close: it decides how far it may walk, and whether it waits."""

    ASKED = "asked"
    STOP_LOSS = "stop_loss"
    MARGIN = "margin"
    MARGIN_ALONE = "margin_alone"

    @property
    def gives_way(self) -> bool:
        """What cannot be closed now is left: who asked judges anew."""
        return self is not CloseKind.ASKED

    @property
    def overtakes(self) -> bool:
        """It goes on beside closes of its own strategy that wait."""
        return self is CloseKind.MARGIN_ALONE


BOTH_DOUBTFUL_S = 10.0
"""So long both exchanges may be doubtful before the spot leg tries."""

DOUBLES_EVERY_S = 10.0
DOUBLINGS_MAX = 7
"""At 100 bps that is 128 times as far: beyond every book."""

CLOSING_SIDE = {Leg.SPOT: OrderSide.SELL, Leg.HEDGE: OrderSide.BUY}


@value
class Gate:
    """How both exchanges take orders of one base asset now.

    Attributes:
        access: of each leg's exchange for the symbol.
        why: what hinders a leg, for operators.
        both_doubtful_s: for how long neither exchange has been open, and neither closed.
        steady_s: for how long nothing has hindered orders and both books have been fresh.
        settle_s: how long ``steady_s`` must be before an even pair is closed.
        reduces_only: nothing may make a leg longer, not even what would bring the legs together.
    """

    access: Mapping[Leg, Access] = field(default_factory=dict)
    why: Mapping[Leg, str] = field(default_factory=dict)
    both_doubtful_s: float = 0.0
    steady_s: float = math.inf
    settle_s: float = 0.0
    reduces_only: bool = False

    def of(self, leg: Leg) -> Access:
        """Of one leg."""
        return self.access.get(leg, Access.OPEN)

    def closed(self) -> tuple[Leg, ...]:
        """Legs whose exchange takes no order."""
        return tuple(leg for leg in Leg if self.of(leg) is Access.CLOSED)


ALL_OPEN = Gate()


@value
class Waits:
    """Nothing can be sent now.

    Attributes:
        reason: for operators.
        is_closed: an exchange takes no orders; otherwise it is a matter of seconds, or of price.
        for_depth: a matter of price: the limit widens meanwhile.
    """

    reason: str
    is_closed: bool = False
    for_depth: bool = False


@value
class Pressure:
    """How far a close may go, and what it learned from refusals.

    Attributes:
        walk_bps: how far from the mid an order may reach at first.
        walked_s: for how long it has been possible to close; the limit doubles every 10 s.
        widens: the limit does so; for a stop-loss on an even pair it does not.
        at_most: base units per leg, because the exchange refused more.
        taken: base units per leg that we took after the book was last seen.
        ahead: this leg goes first whatever the other exchange does: margin in danger.
    """

    walk_bps: Decimal
    walked_s: float = 0.0
    widens: bool = True
    at_most: Mapping[Leg, Decimal] = field(default_factory=dict)
    taken: Mapping[Leg, Decimal] = field(default_factory=dict)
    ahead: Leg | None = None

    def limit_bps(self, *, uneven: bool) -> Decimal:
        """The limit now; legs that differ are brought together at any price in the end."""
        if not (self.widens or uneven):
            return self.walk_bps
        doublings = min(int(max(self.walked_s, 0.0) // DOUBLES_EVERY_S), DOUBLINGS_MAX)
        return self.walk_bps * Decimal(2) ** doublings


Parts = Mapping[Leg, Decimal]


def parts_to_close(rest: Parts, view: PairView, gate: Gate, pressure: Pressure) -> Parts | Waits:
    """Base units to close now on each leg; all zero when nothing is left that can be traded.

    Args:
        rest: what is still to be closed of each leg, base units, not negative.
        view: books and filters.
        gate: how the exchanges take orders.
        pressure: how far an order may reach.
    """
    whole = {leg: _part(view, leg, rest[leg]) for leg in Leg}
    if not any(whole.values()):
        return whole
    if pressure.ahead is not None and whole[pressure.ahead] > 0:
        return _excess(pressure.ahead, rest[pressure.ahead], view, gate, pressure)
    lead = Leg.SPOT if rest[Leg.SPOT] >= rest[Leg.HEDGE] else Leg.HEDGE
    excess = rest[lead] - rest[lead.other]
    both = _both(whole, rest, view, gate, pressure)
    is_all = not isinstance(both, Waits) and both == whole
    if is_all or tradable_quantity(view, lead, CLOSING_SIDE[lead], excess) <= 0:
        return both
    return _excess(lead, excess, view, gate, pressure)


def _excess(
    lead: Leg, excess: Decimal, view: PairView, gate: Gate, pressure: Pressure
) -> Parts | Waits:
    if gate.of(lead) is Access.CLOSED:
        return Waits(
            reason=f"{excess} {view.base} to close on {lead} alone: {gate.why.get(lead, '')}",
            is_closed=True,
        )
    limit_bps = pressure.limit_bps(uneven=True)
    part = _part(view, lead, min(excess, _most(view, lead, limit_bps, pressure)))
    if part <= 0:
        return _no_depth(view, lead, limit_bps)
    return {lead: part, lead.other: ZERO}


def _both(
    whole: Parts, rest: Parts, view: PairView, gate: Gate, pressure: Pressure
) -> Parts | Waits:
    legs = _legs_that_go(whole, gate)
    if isinstance(legs, Waits):
        return legs
    limit_bps = pressure.limit_bps(uneven=False)
    most = {leg: _most(view, leg, limit_bps, pressure) for leg in Leg if whole[leg] > 0}
    is_capped = any(
        tradable_quantity(view, leg, CLOSING_SIDE[leg], rest[leg], cap=False) > whole[leg]
        for leg in most
    )
    if not is_capped and all(whole[leg] <= most[leg] for leg in most):
        return {leg: whole[leg] if leg in legs else ZERO for leg in Leg}
    tightest = min(most, key=lambda leg: most[leg])
    same = _same_part(min(*most.values(), *(whole[leg] for leg in most)), rest, view)
    if any(_part(view, leg, same) <= 0 for leg in most):
        return _no_depth(view, tightest, limit_bps)
    return {leg: same if leg in legs and whole[leg] > 0 else ZERO for leg in Leg}


def _legs_that_go(whole: Parts, gate: Gate) -> tuple[Leg, ...] | Waits:
    """Which legs of an even pair may leave now; one that has nothing left hinders nobody."""
    needed = [leg for leg in Leg if whole[leg] > 0]
    closed = [leg for leg in needed if gate.of(leg) is Access.CLOSED]
    if closed:
        why = "; ".join(gate.why.get(leg, "") or f"{leg} takes no orders" for leg in closed)
        return Waits(reason=why, is_closed=True)
    if gate.steady_s < gate.settle_s:
        return Waits(reason=f"both books must be fresh for {gate.settle_s:g} s after a hindrance")
    doubtful = [leg for leg in needed if gate.of(leg) is Access.DOUBTFUL]
    if len(doubtful) == len(Leg):
        if gate.both_doubtful_s < BOTH_DOUBTFUL_S:
            return Waits(reason="neither exchange is known to take orders: asking")
        return (Leg.SPOT,)
    return tuple(doubtful) or tuple(needed)


def _part(view: PairView, leg: Leg, quantity: Decimal) -> Decimal:
    return tradable_quantity(view, leg, CLOSING_SIDE[leg], quantity)


def in_reach(view: PairView, leg: Leg, pressure: Pressure, *, uneven: bool) -> Decimal:
    """Base units that a closing order of this leg may take of the book now."""
    return _most(view, leg, pressure.limit_bps(uneven=uneven), pressure)


def _most(view: PairView, leg: Leg, limit_bps: Decimal, pressure: Pressure) -> Decimal:
    visible = within(view.book(leg), CLOSING_SIDE[leg], limit_bps) - pressure.taken.get(leg, ZERO)
    refused = pressure.at_most.get(leg)
    return visible if refused is None else min(visible, refused)


def within(book: Book, side: OrderSide, limit_bps: Decimal) -> Decimal:
    """Base units that the visible book offers to this side within ``limit_bps`` of its mid."""
    mid = book.mid
    found = ZERO
    for level in book.side_for(side):
        worse = level.price - mid if side is OrderSide.BUY else mid - level.price
        if worse * BPS > limit_bps * mid:
            break
        found += level.quantity
    return found


def _same_part(most: Decimal, rest: Parts, view: PairView) -> Decimal:
    """A part that both exchanges take, on the coarser step, and that leaves no crumb on spot."""
    step = max(view.hedge.quantity_step, view.spot.quantity_step)
    part = floor_to_step(most, step)
    left = rest[Leg.SPOT] - part
    price = view.spot_book.bids[0].price
    if left <= 0 or left * price >= view.spot.min_notional or price <= 0:
        return part
    kept = view.spot.min_notional / price
    smaller = floor_to_step(rest[Leg.SPOT] - kept, step)
    return smaller if _part(view, Leg.SPOT, smaller) > 0 else part


def least_tradable(view: PairView, leg: Leg) -> Decimal:
    """The smallest closing order that the exchange takes, base units."""
    instrument = view.instrument(leg)
    least = max(instrument.min_quantity, instrument.quantity_step)
    price = view.book(leg).side_for(CLOSING_SIDE[leg])[0].price
    if leg is Leg.HEDGE or price <= 0:
        return least  # reduce-only is exempt from the minimum value
    return max(least, ceil_to_step(instrument.min_notional / price, instrument.quantity_step))


def _no_depth(view: PairView, leg: Leg, limit_bps: Decimal) -> Waits:
    symbol = view.instrument(leg).symbol
    reason = f"the book of {symbol} holds nothing within {limit_bps.normalize():f} bps of its mid"
    return Waits(reason=reason, for_depth=True)
