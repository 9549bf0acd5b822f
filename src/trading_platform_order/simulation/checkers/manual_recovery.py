"""The end of a scenario in which the journal cannot know everything: an operator has to decide.

After an old backup was restored, or beside a second engine, orders of ours exist that this journal
does not hold. No ledger can be right then. What still must be: each such order is known as a stray,
nothing was sent on top of them, the stop is latched, and every signal has its fate.
"""

from collections import Counter

from trading_platform_order.domain.account.account_events import OrphanOrderFound, SignalRefused
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.trade.trade_events import TradeOpened
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.executor.journal.replay import replay
from trading_platform_order.risk.monitors.emergency_stop import STOP_LATCH
from trading_platform_order.simulation.checkers import invariants
from trading_platform_order.simulation.testbed.testbed import TestBed


async def check_manual_recovery(testbed: TestBed, *, stopped: str) -> None:
    """Let the checkers look that need no ledger; violations go into the report.

    Args:
        testbed: at rest.
        stopped: part of the reason for which the stop must be latched.
    """
    state = testbed.world.accounts()
    reader = testbed.reader()
    replayed = await replay(reader)
    outcomes: Counter[str] = Counter()
    orphans: set[str] = set()
    async for row in reader.journal_all():
        testbed.note(f"#{row.seq} {row.kind} {row.body}", at_us=row.at_us)
        event = event_of(row)
        if isinstance(event, OrphanOrderFound):
            orphans.add(event.client_order_id)
        elif isinstance(event, TradeOpened):
            outcomes[event.signal.id] += 1
        elif isinstance(event, SignalRefused) and event.code != RefusalCode.SIGNAL_CONFLICT:
            outcomes[event.signal_id] += 1
    latch = await reader.latch(STOP_LATCH)
    explained = testbed.owner.order_ids | invariants.forced_ids(state) | orphans
    violations = testbed.report.violations
    violations += invariants.nothing_placed_twice(state, replayed.trades, explained)
    violations += invariants.hedged_or_flat(state, testbed.owner.coins)
    violations += invariants.nothing_open(state, testbed.owner.order_ids)
    violations += invariants.stopped_as_expected(latch.reason if latch else None, stopped)
    violations += invariants.every_signal_has_one_outcome(testbed.acknowledged, outcomes)
    await reader.verify_chain()
