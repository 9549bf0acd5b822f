"""The end of a scenario in which the journal cannot know everything: a person has to decide.

After an old backup was restored, or beside a second engine, orders of ours exist that this journal
does not hold. No ledger can be right then. What still must be: each such order is known as a stray,
nothing was sent on top of them, the stop is latched, and every signal has its fate.
"""

from collections import Counter

from trading_platform_order.domain.account.account_events import SignalRefused, StrayOrderFound
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.trade.trade_events import TradeOpened
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.executor.journal.replay import replay
from trading_platform_order.risk.emergency_stop import STOP_LATCH
from trading_platform_order.simulation.checkers import invariants
from trading_platform_order.simulation.testbed.testbed import Stage


async def judge_handed_over(stage: Stage, *, stopped: str) -> None:
    """Let the checkers look that need no ledger; violations go into the report.

    Args:
        stage: at rest.
        stopped: part of the reason for which the stop must be latched.
    """
    state = stage.world.accounts()
    reader = stage.reader()
    replayed = await replay(reader)
    fates: Counter[str] = Counter()
    strays: set[str] = set()
    async for row in reader.journal_all():
        stage.note(f"#{row.seq} {row.kind} {row.body}", at_us=row.at_us)
        event = event_of(row)
        if isinstance(event, StrayOrderFound):
            strays.add(event.client_order_id)
        elif isinstance(event, TradeOpened):
            fates[event.signal.id] += 1
        elif isinstance(event, SignalRefused) and event.code != RefusalCode.SIGNAL_CONFLICT:
            fates[event.signal_id] += 1
    latch = await reader.latch(STOP_LATCH)
    explained = stage.owner.order_ids | invariants.forced_ids(state) | strays
    violations = stage.report.violations
    violations += invariants.nothing_placed_twice(state, replayed.trades, explained)
    violations += invariants.hedged_or_flat(state, stage.owner.coins)
    violations += invariants.nothing_open(state, stage.owner.order_ids)
    violations += invariants.stopped_as_expected(latch.reason if latch else None, stopped)
    violations += invariants.every_signal_has_one_fate(stage.acknowledged, fates)
    await reader.verify_chain()
