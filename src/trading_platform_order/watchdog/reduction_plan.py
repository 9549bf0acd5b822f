"""What is to be sold and bought back, and under which ids: pure functions.

What a strategy holds is taken back in *slots*: what an unfinished trade brought or has still to
close belongs to that trade, the rest to an EXIT of the watchdog's own. So the engine can adopt each
order into a trade, and nothing is sold twice: a slot never exceeds what the journal owns, and what
was sent for it before counts first. Ids follow from mode, generation, trade, leg and attempt, so
that a watchdog that starts again names the same orders.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.client_order_id import (
    client_order_id,
    order_uuid,
    trade_key,
)
from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import (
    Balance,
    Leg,
    Order,
    OrderSide,
    OrderType,
    Purpose,
    leg_symbol,
)
from trading_platform_order.domain.protection.takeover import TakeoverIntent, signal_id_of
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.tradable import tradable_quantity
from trading_platform_order.domain.trade.trade_events import DecisionPrices, Holding
from trading_platform_order.exchanges.pair import venue_of
from trading_platform_order.watchdog.journal_snapshot import JournalSnapshot, OpenTrade, Taken

CLOSING = {Leg.SPOT: OrderSide.SELL, Leg.HEDGE: OrderSide.BUY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An order of an unadopted takeover.

    Attributes:
        executed: base units, as far as known.
        is_known: it has ended.
    """

    intent: TakeoverIntent
    executed: Decimal
    is_known: bool = True

    @property
    def taken(self) -> Taken:
        """What it took out of the books."""
        intent = self.intent
        leg = intent.order.leg
        return Taken(strategy=intent.strategy, base=intent.base, leg=leg, quantity=self.executed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What is to be taken back under one trade.

    Attributes:
        own_trade: the watchdog's own EXIT.
        start: all that this slot takes back.
        rest: what of it is still held.
        attempts: orders of the watchdog so far, by leg.
    """

    trade_id: str
    strategy: str
    base: str
    own_trade: bool
    start: Holding
    rest: Holding
    attempts: Mapping[Leg, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What the orders of one round have in common.

    Attributes:
        mode: letter of the ids.
        generation: of the takeover.
    """

    decision: DecisionPrices
    at: datetime
    mode: str
    generation: int


def slots_of(
    journal: JournalSnapshot, sent: Sequence[Sent], *, generation: int
) -> tuple[Slot, ...]:
    """Everything the ledger owns, by the trade that each part is taken back under."""
    slots: list[Slot] = []
    mine_now = signal_id_of(generation)
    earlier = [s for s in sent if s.intent.own_trade and s.intent.order.signal_id != mine_now]
    left_over = journal.less(one.taken for one in earlier)
    for (strategy, base), held in sorted(left_over.holdings.items()):
        left = held
        mine = (t for t in journal.trades if (t.strategy, t.base) == (strategy, base))
        for trade in mine:
            part = _at_most(_part_of(trade), left)
            left = Holding(spot=left.spot - part.spot, short=left.short - part.short)
            before = {leg: _attempts(trade.orders, leg) for leg in Leg}
            slots.append(_slot((trade.trade_id, strategy, base), part, before, sent, own=False))
        key = trade_key(strategy=strategy, signal_id=mine_now, symbol=base)
        rest = _at_most(left, left)
        none = dict.fromkeys(Leg, 0)
        slots.append(_slot((key, strategy, base), rest, none, sent, own=True))
    return tuple(slots)


def intents_of(
    slots: Iterable[Slot],
    view: PairView,
    *,
    coins: Balance,
    short_held: Decimal,
    mode: str,
    generation: int,
) -> tuple[TakeoverIntent, ...]:
    """The orders to send now for one base asset: both legs at once, or only one if one is left.

    Args:
        slots: of this base asset.
        view: books and filters.
        coins: on Upbit now; what is locked cannot be sold, so its hedge stays as well.
        short_held: what Binance holds short now.
        mode: letter of the ids.
        generation: of the takeover.
    """
    intents: list[TakeoverIntent] = []
    free, there, short = coins.available, coins.total, short_held
    for slot in slots:
        whole = _at_most(slot.rest, Holding(spot=there, short=short))
        wanted = _tradable(whole, free, view)
        free, there, short = free - wanted.spot, there - wanted.spot, short - wanted.short
        quantities = {Leg.SPOT: wanted.spot, Leg.HEDGE: wanted.short}
        how = Planned(decision=decision_at(view), at=view.now, mode=mode, generation=generation)
        intents += [
            _intent(slot, leg, quantity, how)
            for leg, quantity in quantities.items()
            if quantity > 0
        ]
    return tuple(intents)


def excess_intents(
    slots: Iterable[Slot],
    leg: Leg,
    quantity: Decimal,
    how: "Planned",
    *,
    tradable: Callable[[Decimal], Decimal],
) -> tuple[TakeoverIntent, ...]:
    """The orders that reduce one leg by what is naked for certain, and touch the other one not.

    Args:
        slots: of this base asset.
        leg: the longer one.
        quantity: base units.
        how: what the orders have in common.
        tradable: the part of a quantity that the exchange takes.
    """
    intents: list[TakeoverIntent] = []
    left = quantity
    for slot in slots:
        held = slot.rest.spot if leg is Leg.SPOT else slot.rest.short
        part = tradable(min(held, left))
        if part > 0:
            left -= part
            intents.append(_intent(slot, leg, part, how))
    return tuple(intents)


def _part_of(trade: OpenTrade) -> Holding:
    """What an entry has brought so far, or what an exit has still to close."""
    moved = Holding(
        spot=sum((_signed(o) for o in trade.orders if o.leg is Leg.SPOT), ZERO),
        short=-sum((_signed(o) for o in trade.orders if o.leg is Leg.HEDGE), ZERO),
    )
    if trade.action is Action.ENTER:
        return moved
    return Holding(
        spot=trade.start.spot + moved.spot - trade.target.spot,
        short=trade.start.short + moved.short - trade.target.short,
    )


def _signed(order: Order) -> Decimal:
    executed = order.executed_quantity
    return executed if order.side is OrderSide.BUY else -executed


def _at_most(part: Holding, limit: Holding) -> Holding:
    return Holding(
        spot=max(min(part.spot, limit.spot), ZERO), short=max(min(part.short, limit.short), ZERO)
    )


def _attempts(orders: Iterable[Order], leg: Leg) -> int:
    """Orders of earlier takeovers, which the journal has adopted."""
    mine = (o for o in orders if o.leg is leg and o.purpose is Purpose.WATCHDOG)
    return max((order.attempt for order in mine), default=0)


def _slot(
    key: tuple[str, str, str],
    part: Holding,
    before: Mapping[Leg, int],
    sent: Sequence[Sent],
    *,
    own: bool,
) -> Slot:
    trade_id, strategy, base = key
    mine = [one for one in sent if one.intent.trade_id == trade_id]
    done = {
        leg: sum((one.executed for one in mine if one.intent.order.leg is leg), ZERO) for leg in Leg
    }
    last = {
        leg: max(
            (one.intent.order.attempt for one in mine if one.intent.order.leg is leg),
            default=before[leg],
        )
        for leg in Leg
    }
    rest = Holding(spot=part.spot - done[Leg.SPOT], short=part.short - done[Leg.HEDGE])
    return Slot(
        trade_id=trade_id,
        strategy=strategy,
        base=base,
        own_trade=own,
        start=part,
        rest=_at_most(rest, rest),
        attempts=last,
    )


def _tradable(rest: Holding, free: Decimal, view: PairView) -> Holding:
    """What both exchanges take now; what holds one leg back holds the other back as well."""
    whole = _both(rest, view, cap=False)
    capped = _both(Holding(spot=min(rest.spot, free), short=rest.short), view, cap=True)
    if capped == whole or not (whole.spot and whole.short):
        return capped
    least = min(capped.spot, capped.short)
    same = _both(Holding(spot=least, short=least), view, cap=True).short
    return _both(Holding(spot=same, short=same), view, cap=True)


def _both(rest: Holding, view: PairView, *, cap: bool) -> Holding:
    return Holding(
        spot=tradable_quantity(view, Leg.SPOT, CLOSING[Leg.SPOT], rest.spot, cap=cap),
        short=tradable_quantity(view, Leg.HEDGE, CLOSING[Leg.HEDGE], rest.short, cap=cap),
    )


def _intent(slot: Slot, leg: Leg, quantity: Decimal, how: "Planned") -> TakeoverIntent:
    attempt = slot.attempts[leg] + 1
    name = client_order_id(
        mode=how.mode, key=slot.trade_id, leg=leg, purpose=Purpose.WATCHDOG, attempt=attempt
    )
    order = Order(
        id=order_uuid(name),
        client_order_id=name,
        exchange=venue_of(leg),
        symbol=leg_symbol(leg, slot.base),
        side=CLOSING[leg],
        type=OrderType.MARKET,
        quantity=quantity,
        reduce_only=leg is Leg.HEDGE,
        leg=leg,
        purpose=Purpose.WATCHDOG,
        attempt=attempt,
        signal_id=signal_id_of(how.generation),
        created_at=how.at,
    )
    return TakeoverIntent(
        trade_id=slot.trade_id,
        strategy=slot.strategy,
        base=slot.base,
        own_trade=slot.own_trade,
        start=slot.start,
        decision=how.decision,
        order=order,
    )


def decision_at(view: PairView) -> DecisionPrices:
    """The market that an order is decided on."""
    return DecisionPrices(
        spot_mid_krw=view.spot_book.mid,
        hedge_mid_usdt=view.hedge_book.mid,
        krw_per_usdt=view.fx.krw_per_usdt,
        fx_source=view.fx.source,
        at=view.now,
    )


def raises_exposure(order: Order) -> bool:
    """Buys coins, or sells short."""
    return order.side is not CLOSING[order.leg]
