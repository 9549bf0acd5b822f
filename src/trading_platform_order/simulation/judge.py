"""The last look at a world that has come to rest: every checker, and what the journal says."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from trading_platform_order.domain.account_events import ForeignMovement, SignalRefused
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Venue
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.trade_events import TradeOpened
from trading_platform_order.executor.account_keeper import STOP_LATCH
from trading_platform_order.executor.codec import event_of
from trading_platform_order.executor.journal_replay import replay
from trading_platform_order.simulation import checkers, fill_checkers
from trading_platform_order.simulation.exchange_fills import own_fills
from trading_platform_order.simulation.stage import Stage
from trading_platform_order.storage.base import Store


@dataclass(slots=True, kw_only=True)
class _Told:
    """What the journal tells."""

    fates: Counter[str] = field(default_factory=Counter)
    foreign: dict[tuple[Venue, str], Decimal] = field(
        default_factory=lambda: defaultdict(lambda: ZERO)
    )


async def judge(stage: Stage, *, stopped: str | None = None) -> None:
    """Let every checker look; violations, outcomes and the journal go into the report.

    Args:
        stage: at rest.
        stopped: part of the reason for which the stop must be latched; ``None``: it must not be.
    """
    state, owner = stage.world.state(), stage.owner
    store = stage.store()
    replayed = await replay(store)
    violations = stage.report.violations
    foreign_ids = owner.order_ids | checkers.forced_ids(state)
    stop_ids = set(replayed.book.stops.causes())
    violations += checkers.nothing_placed_twice(state, replayed.trades, foreign_ids, stop_ids)
    violations += checkers.hedged_or_flat(state, owner.coins)
    fills = own_fills(state, foreign_ids | stop_ids)
    violations += fill_checkers.every_fill_in_the_journal_once(fills, replayed.trades)
    violations += fill_checkers.nothing_sold_that_was_not_ours(fills)
    violations += checkers.nothing_open(state, owner.order_ids)
    violations += checkers.stops_as_they_should(state, owner.order_ids)
    violations += checkers.ledger_equals_exchanges(state, replayed.book)
    violations += checkers.every_trade_ended(replayed.trades)
    told = await _read(stage, store)
    latch = await store.latch(STOP_LATCH)
    violations += checkers.foreign_as_it_was(told.foreign, owner.moved)
    violations += checkers.stopped_as_expected(latch.reason if latch else None, stopped)
    violations += checkers.every_signal_has_one_fate(stage.acknowledged, told.fates)
    await store.verify_chain()
    stage.report.outcomes.update(
        trade.outcome.value for trade in replayed.trades.values() if trade.outcome is not None
    )
    stage.report.requests = sum(gate.requests_seen for gate in stage.world.gateways.values())


async def _read(stage: Stage, store: Store) -> _Told:
    told = _Told()
    async for row in store.journal_all():
        if stage.report.is_told:
            stage.note(f"#{row.seq} {row.kind} {row.body}", at_us=row.at_us)
        event = event_of(row)
        if isinstance(event, ForeignMovement):
            told.foreign[event.exchange, event.asset] += event.amount
        if isinstance(event, TradeOpened):
            told.fates[event.signal.id] += 1
        if isinstance(event, SignalRefused) and event.code != RefusalCode.SIGNAL_CONFLICT:
            told.fates[event.signal_id] += 1
            stage.report.outcomes[f"refused:{event.code}"] += 1
    return told
