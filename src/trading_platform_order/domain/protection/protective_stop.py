"""Conditional orders on the hedge: where a stop stands, and how it lives.

A hedged pair loses nothing when the coin moves, so a stop near the entry would only break it apart.
What a rise of the coin can do is to use up the margin: then the exchange liquidates, at its worst
prices. The protective stop stands between, by default 80 % of the way from the entry price to the
liquidation price, and closes the short in good order; ``leg_loss`` then sells the coins.

All rules about the fate of such an order live here. At most one of a kind lives per symbol: the old
one is seen to be gone before a new one is sent. Both kinds only ever reduce the short.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from trading_platform_order.domain.money import BPS, ZERO, floor_to_step
from trading_platform_order.domain.order import Leg, Position, Purpose
from trading_platform_order.domain.order_identity.client_order_id import (
    client_order_id,
    read_client_order_id,
    trade_key,
)
from trading_platform_order.domain.protection.leg_loss import Cause
from trading_platform_order.domain.value import value

NEAREST_BPS = Decimal(10)
"""A trigger this near to the mark price counts as reached: it would fire before it stands."""


class StopKind(StrEnum):
    """The two kinds of conditional orders."""

    PROTECTIVE = "protective"
    TRAILING = "trailing"

    @property
    def purpose(self) -> Purpose:
        """What its client order id says."""
        return Purpose.PROTECT if self is StopKind.PROTECTIVE else Purpose.TRAIL

    @property
    def cause(self) -> Cause:
        """What a leg is gone by when it fires."""
        return Cause.PROTECTIVE_STOP if self is StopKind.PROTECTIVE else Cause.TRAILING_STOP


class ProtectiveStopState(StrEnum):
    """What is known of a conditional order.

    ``PENDING``   intent durable; it may have been sent. ``UNKNOWN`` it may stand; looked up.
    ``WAITING``   it stands on the exchange. ``TRIGGERED`` its market order is under way.
    ``CANCELLED`` taken back. ``REFUSED`` proven not accepted. ``ABSENT`` proven never to stand.
    ``REJECTED``  the exchange refused its market order at the trigger. ``EXPIRED`` ended by it.
    ``FINISHED``  its market order has ended; the executions tell what it did.
    """

    PENDING = "pending"
    UNKNOWN = "unknown"
    WAITING = "waiting"
    TRIGGERED = "triggered"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    ABSENT = "absent"
    REJECTED = "rejected"
    EXPIRED = "expired"
    FINISHED = "finished"

    @property
    def is_final(self) -> bool:
        """Nothing more is expected of it (a late truth may still come)."""
        return self not in _LIVE


_S = ProtectiveStopState
_LIVE = {_S.PENDING, _S.UNKNOWN, _S.WAITING, _S.TRIGGERED}

STOP_TABLE: Mapping[ProtectiveStopState, frozenset[ProtectiveStopState]] = {
    # from: what news may make of it; other news change nothing (late, repeated or overtaken)
    _S.PENDING: frozenset(_S) - {_S.PENDING},
    _S.UNKNOWN: frozenset(_S) - {_S.PENDING},
    _S.WAITING: frozenset(_S) - {_S.PENDING, _S.UNKNOWN, _S.REFUSED, _S.ABSENT},
    _S.TRIGGERED: frozenset({_S.REJECTED, _S.FINISHED, _S.EXPIRED}),
    # what stands on the exchange wins over what was said of it before
    _S.CANCELLED: frozenset({_S.TRIGGERED, _S.FINISHED}),
    _S.REFUSED: frozenset({_S.WAITING, _S.TRIGGERED, _S.FINISHED, _S.REJECTED}),
    _S.ABSENT: frozenset({_S.WAITING, _S.TRIGGERED, _S.FINISHED, _S.REJECTED}),
    _S.REJECTED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.FINISHED: frozenset(),
}


@value
class ProtectiveStopOrder:
    """One conditional order that buys back a part of a short, and what is known of it.

    Attributes:
        quantity: base units; reduce-only always, so never more than the position.
        trigger_price_usdt: mark price at which it fires; ``None`` for a trailing one.
        callback_bps: trailing only: how far the price must rise from its lowest.
        detail: the reason of its present state, for operators.
    """

    client_order_id: str
    base: str
    kind: StopKind
    quantity: Decimal
    trigger_price_usdt: Decimal | None
    callback_bps: Decimal | None
    created_at: datetime
    state: ProtectiveStopState = ProtectiveStopState.PENDING
    exchange_order_id: str = ""
    detail: str = ""


@value
class StopReport:
    """What the exchange says about a conditional order at one moment.

    Attributes:
        state: one that the exchange can tell: waiting or later.
        reason: its own words, for operators.
    """

    client_order_id: str
    exchange_order_id: str
    symbol: str
    state: ProtectiveStopState
    quantity: Decimal | None
    trigger_price_usdt: Decimal | None
    reason: str = ""


@value
class StopPlanned:
    """A conditional order was decided; durable before it leaves."""

    stop: ProtectiveStopOrder
    reason: str
    at: datetime


@value
class StopCancelSent:
    """A conditional order is to be taken back; its end must still be seen."""

    client_order_id: str
    reason: str
    at: datetime


@value
class StopMoved:
    """A conditional order is now in this state; ``reason`` is the evidence."""

    client_order_id: str
    state: ProtectiveStopState
    exchange_order_id: str = ""
    reason: str
    at: datetime


@value
class TrailingAsked:
    """An operator asked for a trailing stop on a pair; ``None`` takes it back."""

    base: str
    callback_bps: Decimal | None
    reason: str
    at: datetime


ProtectionEvent = StopPlanned | StopCancelSent | StopMoved | TrailingAsked


@dataclass(slots=True, kw_only=True)
class ProtectiveStopBook:
    """All conditional orders of the account, as the journal tells them.

    Attributes:
        opened_at: when the account was first used: part of every id, so that a new journal never
            takes up the names of an old one.
        trailing: callback that an operator asked for, by base asset.
        fired_at: when one fired last, or was heard to, by base asset.
    """

    opened_at: str = ""
    trailing: dict[str, Decimal] = field(default_factory=dict)
    fired_at: dict[str, datetime] = field(default_factory=dict)
    _stops: dict[str, ProtectiveStopOrder] = field(default_factory=dict)
    _live: dict[str, ProtectiveStopOrder] = field(default_factory=dict)
    _planned: dict[tuple[str, StopKind], int] = field(default_factory=dict)
    _planned_at: dict[tuple[str, StopKind], datetime] = field(default_factory=dict)

    def apply(self, event: ProtectionEvent) -> None:
        """One more event."""
        match event:
            case StopPlanned():
                stop = event.stop
                self._keep(stop)
                key = (stop.base, stop.kind)
                name = read_client_order_id(stop.client_order_id)
                number = 0 if name is None else name.attempt
                self._planned[key] = max(self._planned.get(key, 0) + 1, number)
                self._planned_at[key] = stop.created_at
            case StopMoved():
                stop = self._stops[event.client_order_id]
                if event.state in {ProtectiveStopState.TRIGGERED, ProtectiveStopState.FINISHED}:
                    self.fired_at[stop.base] = event.at
                self._keep(
                    replace(
                        stop,
                        state=event.state,
                        exchange_order_id=event.exchange_order_id or stop.exchange_order_id,
                        detail=event.reason,
                    )
                )
            case TrailingAsked():
                self.trailing.pop(event.base, None)
                if event.callback_bps is not None:
                    self.trailing[event.base] = event.callback_bps
            case StopCancelSent():
                pass

    def _keep(self, stop: ProtectiveStopOrder) -> None:
        name = stop.client_order_id
        self._stops[name] = stop
        self._live.pop(name, None)
        if not stop.state.is_final:
            self._live[name] = stop

    def get(self, client_order_id: str) -> ProtectiveStopOrder | None:
        """One of ours, whatever became of it."""
        return self._stops.get(client_order_id)

    def knows(self, client_order_id: str) -> bool:
        """Whether this is the id of one of ours, or of the order it became."""
        return client_order_id in self._stops

    def live(self, base: str, kind: StopKind | None = None) -> tuple[ProtectiveStopOrder, ...]:
        """Those that stand, or may stand, oldest first."""
        mine = (stop for stop in self._live.values() if stop.base == base)
        found = (stop for stop in mine if kind in {None, stop.kind})
        return tuple(sorted(found, key=lambda stop: (stop.created_at, stop.client_order_id)))

    def bases(self) -> set[str]:
        """Base assets with a live one, or for which one was asked."""
        return {stop.base for stop in self._live.values()} | set(self.trailing)

    def causes(self) -> dict[str, Cause]:
        """What a leg is gone by, by the client order id of its order."""
        return {name: stop.kind.cause for name, stop in self._stops.items()}

    def next_id(self, base: str, kind: StopKind, *, mode: str, after: int = 0) -> str:
        """The id of the next one: never used before in this journal.

        Args:
            base: whose short it is for.
            kind: of the stop.
            mode: the policy's letter.
            after: so many numbers more were used in rows that are lost.
        """
        return client_order_id(
            mode=mode,
            key=trade_key(strategy=kind.value, signal_id=self.opened_at, symbol=base),
            leg=Leg.HEDGE,
            purpose=kind.purpose,
            attempt=self._planned.get((base, kind), 0) + 1 + after,
        )

    def planned_since(self, base: str, kind: StopKind, moment: datetime | None) -> bool:
        """Whether one was planned after this moment; after ``None`` none ever was."""
        last = self._planned_at.get((base, kind))
        return moment is not None and last is not None and last >= moment


def moves(stop: ProtectiveStopOrder, state: ProtectiveStopState) -> bool:
    """Whether this news changes anything."""
    return state in STOP_TABLE[stop.state] and state is not stop.state


# -- what should stand ----------------------------------------------------------------------------


@value
class ProtectRules:
    """Where the protective stop stands and when it is moved.

    Attributes:
        enabled: whether one is placed at all.
        way_fraction: part of the way from entry to liquidation price (design: 80 %).
        farthest_fraction: never farther above the entry than this part of it, so that the price
            filter of the exchange takes it also where liquidation is very far.
        move_bps: the trigger is moved when it should stand elsewhere by more than this.
        check_interval_s: how often position and liquidation price are read.
        countdown_s: after this the exchange itself ends our resting orders, unless told again.
    """

    enabled: bool = True
    way_fraction: Decimal = Decimal("0.8")
    farthest_fraction: Decimal = Decimal(3)
    move_bps: Decimal = Decimal(100)
    check_interval_s: float = 30.0
    countdown_s: float = 30.0


@value
class StopWish:
    """What should stand.

    Attributes:
        is_past_trigger: the ordinary trigger was passed already; it stands on the rest of the way.
    """

    kind: StopKind
    quantity: Decimal
    trigger_price_usdt: Decimal | None
    callback_bps: Decimal | None = None
    is_past_trigger: bool = False


def wanted_protection(position: Position, rules: ProtectRules, tick: Decimal) -> StopWish | None:
    """The protective stop a position should have; ``None`` if there is nothing to protect from."""
    short, mark = -position.quantity, position.mark_price
    liquidation = position.liquidation_price
    # The exchange tells no liquidation price where it sees none.
    if not rules.enabled or short <= 0 or liquidation <= max(mark, ZERO):
        return None
    entry = position.entry_price if position.entry_price > 0 else mark
    trigger = entry + (liquidation - entry) * rules.way_fraction
    trigger = min(trigger, entry * (1 + rules.farthest_fraction))
    is_past_trigger = trigger <= mark * (1 + NEAREST_BPS / BPS)
    if is_past_trigger:
        trigger = mark + (liquidation - mark) * rules.way_fraction
    return StopWish(
        kind=StopKind.PROTECTIVE,
        quantity=short,
        trigger_price_usdt=floor_to_step(trigger, tick),
        is_past_trigger=is_past_trigger,
    )


def wanted_trailing(position: Position, callback_bps: Decimal | None) -> StopWish | None:
    """The trailing stop an operator asked for; ``None`` if none, or nothing is short."""
    if callback_bps is None or position.quantity >= 0:
        return None
    return StopWish(
        kind=StopKind.TRAILING,
        quantity=-position.quantity,
        trigger_price_usdt=None,
        callback_bps=callback_bps,
    )


def stands_well(
    stop: ProtectiveStopOrder, wish: StopWish, *, position: Position, move_bps: Decimal
) -> bool:
    """Whether a stop that stands may stay for this wish."""
    if stop.quantity != wish.quantity or stop.callback_bps != wish.callback_bps:
        return False
    there, wanted = stop.trigger_price_usdt, wish.trigger_price_usdt
    if there is None or wanted is None:
        return there == wanted
    if wish.is_past_trigger and position.mark_price < there < position.liquidation_price:
        return True  # moved along with the price it would never fire
    return abs(there - wanted) <= wanted * move_bps / BPS


@value
class Resolve:
    """Find out how this one stands before anything else is done."""

    stop: ProtectiveStopOrder


@value
class TakeBack:
    """Cancel this one and see it gone."""

    stop: ProtectiveStopOrder
    reason: str


@value
class Place:
    """Plan, journal and send one."""

    wish: StopWish


StopStep = Resolve | TakeBack | Place


def next_stop_step(
    live: Iterable[ProtectiveStopOrder],
    wish: StopWish | None,
    *,
    position: Position,
    move_bps: Decimal,
) -> StopStep | None:
    """The next thing to do about one kind of stop of one symbol; ``None`` if all is well."""
    stops = tuple(live)
    for stop in stops:
        if stop.state is not ProtectiveStopState.WAITING:
            return Resolve(stop=stop)
    fitting = [
        stop
        for stop in stops
        if wish is not None and stands_well(stop, wish, position=position, move_bps=move_bps)
    ]
    for stop in stops:
        if stop not in fitting[-1:]:
            return TakeBack(stop=stop, reason=_why(stop, wish))
    return None if wish is None or fitting else Place(wish=wish)


def _why(stop: ProtectiveStopOrder, wish: StopWish | None) -> str:
    if wish is None:
        return "nothing to protect any more"
    if stop.quantity != wish.quantity:
        return f"the short is {wish.quantity} now"
    return f"its trigger should be {wish.trigger_price_usdt}"
