"""The end of a drill, judged from the exchanges' own state and the journal."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.drills.kill_drill.exchanges import SYMBOLS
from tests.drills.kill_drill.report import DrillReport
from tests.drills.kill_drill.stream import STRATEGIES
from trading_platform_order.domain.account.account_events import ForeignMovement, SignalRefused
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.trade_events import OrderUnanswered, TradeOpened
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.executor.journal.replay import replay
from trading_platform_order.risk.monitors.emergency_stop import STOP_LATCH
from trading_platform_order.simulation.checkers import fills, invariants, verdicts
from trading_platform_order.simulation.checkers.exchange_fills import own_fills
from trading_platform_order.storage.base import JournalRow, Reader

RESTARTED = "the engine restarted before an answer was journalled"


async def judge(
    reader: Reader, state: dict[str, Any], acknowledged: Sequence[str], report: DrillReport
) -> None:
    """Counts and violations go into the report; nothing may be under way any more."""
    replayed = await replay(reader)
    told = await _Journal.read(reader)
    latch = await reader.latch(STOP_LATCH)
    await reader.verify_chain()
    traded_by = dict.fromkeys(SYMBOLS, STRATEGIES)
    duplicates = [
        *invariants.nothing_placed_twice(state, replayed.trades),
        *invariants.no_id_filled_twice(state),
    ]
    naked = list(invariants.hedged_or_flat(state, {}, traded_by))
    report.signals, report.trades = len(acknowledged), len(replayed.trades)
    report.orders = len(invariants.placed_orders(state))
    report.orders_in_flight = sum(told.unanswered.values())
    report.kills_in_flight = len(told.unanswered)
    report.duplicates, report.naked = len(duplicates), len(naked)
    report.per_signal = dict(Counter(told.outcomes[name] for name in acknowledged))
    report.refusals = dict(told.refusals)
    report.outcomes = dict(
        Counter(t.outcome.value for t in replayed.trades.values() if t.outcome is not None)
    )
    own = own_fills(state, ())
    report.violations += [
        *duplicates,
        *naked,
        *invariants.nothing_open(state),
        *invariants.ledger_equals_exchanges(state, replayed.book),
        *invariants.every_trade_ended(replayed.trades),
        *invariants.every_signal_has_one_outcome(acknowledged, told.outcomes),
        *invariants.stopped_as_expected(latch.reason if latch else None, None),
        *fills.every_fill_in_the_journal_once(own, replayed.trades),
        *fills.nothing_sold_that_was_not_ours(own),
        *verdicts.exits_were_not_held_back(told.refused),
        *told.foreign,
    ]


class _Journal:
    """What its rows tell.

    Attributes:
        outcomes: how many each signal had.
        unanswered: orders whose answer died, by the engine (its epoch) that found them so.
    """

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.refused: list[tuple[str, Action, str]] = []
        self.unanswered: Counter[int] = Counter()
        self.foreign: list[str] = []

    @classmethod
    async def read(cls, reader: Reader) -> "_Journal":
        told = cls()
        async for row in reader.journal_all():
            told._take(row)
        return told

    def _take(self, row: JournalRow) -> None:
        event = event_of(row)
        match event:
            case TradeOpened():
                self.outcomes[event.signal.id] += 1
            case SignalRefused():
                self._refused(event)
            case OrderUnanswered() if event.reason == RESTARTED:
                self.unanswered[row.epoch] += 1
            case ForeignMovement():
                self.foreign.append(f"recorded as foreign: {event.amount} {event.asset}")
            case _:
                pass

    def _refused(self, event: SignalRefused) -> None:
        self.refused.append((event.signal_id, Action(event.action), event.code))
        if event.code != RefusalCode.SIGNAL_CONFLICT:
            self.outcomes[event.signal_id] += 1
            self.refusals[event.code] += 1
