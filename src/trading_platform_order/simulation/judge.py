"""The last look at a world that has come to rest: every checker, and what the journal says."""

from collections import Counter
from dataclasses import dataclass, field

from trading_platform_order.domain.account_events import ForeignMovement, SignalRefused
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.trade_events import TradeOpened
from trading_platform_order.executor.account_keeper import STOP_LATCH
from trading_platform_order.executor.codec import event_of
from trading_platform_order.executor.journal_replay import replay
from trading_platform_order.simulation import checkers
from trading_platform_order.simulation.stage import Stage
from trading_platform_order.storage.base import Store


@dataclass(slots=True, kw_only=True)
class _Told:
    """What the journal tells."""

    fates: Counter[str] = field(default_factory=Counter)
    foreign: list[str] = field(default_factory=list)


async def judge(stage: Stage) -> None:
    """Let every checker look; violations, outcomes and the journal go into the report."""
    state = stage.world.state()
    store = stage.store()
    replayed = await replay(store)
    violations = stage.report.violations
    violations += checkers.nothing_placed_twice(state, replayed.trades)
    violations += checkers.hedged_or_flat(state, {})
    violations += checkers.nothing_open(state)
    violations += checkers.ledger_equals_exchanges(state, replayed.book)
    violations += checkers.every_trade_ended(replayed.trades)
    told = await _read(stage, store)
    latch = await store.latch(STOP_LATCH)
    violations += checkers.nothing_foreign(told.foreign, latch.reason if latch else None)
    violations += checkers.every_signal_has_one_fate(stage.acknowledged, told.fates)
    await store.verify_chain()
    stage.report.outcomes.update(
        trade.outcome.value for trade in replayed.trades.values() if trade.outcome is not None
    )
    stage.report.requests = sum(gate.requests_seen for gate in stage.world.gateways.values())


async def _read(stage: Stage, store: Store) -> _Told:
    told = _Told()
    async for row in store.journal_all():
        stage.note(f"#{row.seq} {row.kind} {row.body}", at_us=row.at_us)
        event = event_of(row)
        if isinstance(event, ForeignMovement):
            told.foreign.append(f"{event.exchange} {event.asset} {event.amount}")
        if isinstance(event, TradeOpened):
            told.fates[event.signal.id] += 1
        if isinstance(event, SignalRefused) and event.code != RefusalCode.SIGNAL_CONFLICT:
            told.fates[event.signal_id] += 1
            stage.report.outcomes[f"refused:{event.code}"] += 1
    return told
