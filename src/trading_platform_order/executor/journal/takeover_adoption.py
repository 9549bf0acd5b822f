"""The engine is back: what the watchdog did meanwhile becomes part of the journal.

Its orders are journalled as planned orders of a trade: of the unfinished one they took back, or of
an EXIT of the watchdog's own. From there the same code as after any restart goes on: they may have
been sent, so they are looked up, and their fills are booked.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from trading_platform_order.domain.client_order_id import trade_key
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg, Order
from trading_platform_order.domain.protection.takeover import TakeoverIntent, signal_id_of
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState
from trading_platform_order.domain.trade.trade_events import Holding, TradePolicy
from trading_platform_order.executor.journal.event_codec import entry_of
from trading_platform_order.executor.journal.replay import Replayed, catch_up, trade_before
from trading_platform_order.executor.journal.snapshot import replay_quickly
from trading_platform_order.storage.base import Entry, Reader, Store
from trading_platform_order.storage.liveness import LivenessStore
from trading_platform_order.storage.snapshots import SnapshotPlace
from trading_platform_order.storage.takeover_body import intent_of
from trading_platform_order.transport.clock import Clock, epoch_us

REASON = "the watchdog acted in the engine's place"


async def replay_with_takeovers(
    store: Store,
    watch: LivenessStore,
    *,
    policy: TradePolicy,
    clock: Clock,
    snapshot: SnapshotPlace | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Replayed:
    """The journal, after what the watchdog did was written into it; done twice, it adds nothing.

    Args:
        store: whose journal.
        watch: where the watchdog wrote what it did.
        policy: of the EXITs that are made of it.
        clock: for the times of the rows.
        snapshot: where the snapshot lies, if there may be one.
        tell: told in one line why it is not used.

    Raises:
        StoreUnavailable: the store cannot be used.
    """
    lost_in = store.rows_lost_in
    replayed = await replay_quickly(store, snapshot, rows_lost_in=lost_in, tell=tell)
    for takeover, orders in await watch.begin_adopting():
        now = clock.now()
        intents = [intent_of(order.body) for order in orders]
        entries = adoption_entries(
            takeover.generation,
            intents,
            trades=await _trades_of(takeover.generation, intents, replayed, store),
            policy=policy,
            now=now,
        )
        if entries:
            await store.append(entries, at_us=epoch_us(now))
            await catch_up(replayed, store, rows_lost_in=lost_in)
        await watch.finish_adopting(takeover.generation)
    return replayed


async def _trades_of(
    generation: int, intents: Iterable[TakeoverIntent], replayed: Replayed, store: Reader
) -> Mapping[str, PairTrade]:
    """Every trade that may hold one of these orders; settled ones are asked of the journal."""
    found = dict(replayed.trades)
    for intent in intents:
        for trade_id in (intent.trade_id, _own_trade_id(generation, intent)):
            if trade_id not in found:
                settled = await trade_before(store, trade_id)
                if settled is not None:
                    found[trade_id] = settled.trade
    return found


def _own_signal_id(generation: int, trade_id: str) -> str:
    return f"{signal_id_of(generation)}-{trade_id}"


def _own_trade_id(generation: int, intent: TakeoverIntent) -> str:
    signal_id = _own_signal_id(generation, intent.trade_id)
    return trade_key(strategy=intent.strategy, signal_id=signal_id, symbol=intent.base)


def adoption_entries(
    generation: int,
    intents: Iterable[TakeoverIntent],
    *,
    trades: Mapping[str, PairTrade],
    policy: TradePolicy,
    now: datetime,
) -> list[Entry]:
    """The journal entries that make the watchdog's orders ours; none for those known already."""
    known = {order.client_order_id for trade in trades.values() for order in trade.orders}
    new = sorted(
        (intent for intent in intents if intent.order.client_order_id not in known),
        key=lambda intent: intent.trade_id,
    )
    entries: list[Entry] = []
    for trade_id, group in groupby(new, key=lambda intent: intent.trade_id):
        entries += _entries(generation, list(group), trades.get(trade_id), policy, now)
    return entries


def _entries(
    generation: int,
    intents: Sequence[TakeoverIntent],
    trade: PairTrade | None,
    policy: TradePolicy,
    now: datetime,
) -> list[Entry]:
    orders = tuple(intent.order for intent in intents)
    if trade is None or trade.state is TradeState.SETTLED:
        opened = _own_exit(generation, intents, trade, policy)
        return [entry_of(opened, opened.trade_id)]
    events: list[te.TradeEvent] = []
    if trade.state is TradeState.HALTED:
        events.append(te.TradeResumed(reason=REASON, at=now))
    events.append(te.CompletionStopped(reason=REASON, at=now))
    events.append(te.OrdersPlanned(orders=orders, reason=REASON, at=now))
    return [entry_of(event, trade.trade_id) for event in events]


def _own_exit(
    generation: int, intents: Sequence[TakeoverIntent], trade: PairTrade | None, policy: TradePolicy
) -> te.TradeOpened:
    first = intents[0]
    trade_id, start = first.trade_id, first.start
    signal_id = signal_id_of(generation)
    if trade is not None:
        # It settled after the watchdog had looked: what was taken back of it is an EXIT of its own.
        signal_id = _own_signal_id(generation, trade.trade_id)
        trade_id = _own_trade_id(generation, first)
        start = Holding(spot=_sum(intents, Leg.SPOT), short=_sum(intents, Leg.HEDGE))
    at = min(intent.order.created_at for intent in intents)
    return te.TradeOpened(
        trade_id=trade_id,
        signal=Signal(
            id=signal_id,
            strategy=first.strategy,
            action=Action.EXIT,
            symbol=first.base,
            created_at=at,
        ),
        start=start,
        target=Holding(),
        decision=first.decision,
        policy=policy,
        orders=tuple(intent.order for intent in intents),
        at=at,
    )


def _sum(intents: Sequence[TakeoverIntent], leg: Leg) -> Decimal:
    orders: list[Order] = [intent.order for intent in intents if intent.order.leg is leg]
    return sum((order.quantity for order in orders), ZERO)
