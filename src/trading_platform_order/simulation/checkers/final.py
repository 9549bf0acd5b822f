"""The last look at a world that has come to rest: every checker, and what the journal says."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from trading_platform_order.domain.account.account_events import (
    ForeignMovement,
    FundingBooked,
    SignalRefused,
)
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.trade_events import (
    OrderProvenAbsent,
    OrderRefused,
    TradeOpened,
)
from trading_platform_order.domain.venue import Venue
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.executor.journal.replay import Replayed, replay
from trading_platform_order.risk.monitors.emergency_stop import STOP_LATCH, Condition
from trading_platform_order.simulation.checkers import fills as fill_checkers
from trading_platform_order.simulation.checkers import invariants, verdicts
from trading_platform_order.simulation.checkers.exchange_fills import own_fills
from trading_platform_order.simulation.checkers.figures.profit_parts import parts_sum_to_the_equity
from trading_platform_order.simulation.checkers.figures.read_models import views_equal_the_journal
from trading_platform_order.simulation.testbed.bed_snapshot import snapshot_violations
from trading_platform_order.simulation.testbed.testbed import TestBed
from trading_platform_order.storage.base import Reader
from trading_platform_order.storage.replica import Replica


@dataclass(slots=True, kw_only=True)
class _Reported:
    """What the journal tells."""

    outcomes: Counter[str] = field(default_factory=Counter)
    foreign: dict[tuple[Venue, str], Decimal] = field(
        default_factory=lambda: defaultdict(lambda: ZERO)
    )
    absent: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    refusals: list[tuple[str, Action, str]] = field(default_factory=list)
    funding: list[FundingBooked] = field(default_factory=list)


# An exchange that is gone for long rightly stops entries; everything else is promised all the same.
OUTAGES = (
    Condition.API_ERROR_COUNT,
    Condition.STALE_MARKET_DATA,
    Condition.UNRESOLVED_ORDER,
)


def _is_outage(reason: str | None) -> bool:
    return reason is not None and all(part.startswith(OUTAGES) for part in reason.split("; "))


def _was_disturbed(testbed: TestBed) -> bool:
    """Anything was done to this world that an outage may come of; else there is no excuse."""
    return bool(testbed.report.faults) or testbed.report.crashes > 0


async def run_checkers(
    testbed: TestBed, *, stopped: str | None = None, may_stop: bool = False
) -> None:
    """Let every checker look; violations, outcomes and the journal go into the report.

    Args:
        testbed: at rest.
        stopped: part of the reason for which the stop must be latched; ``None``: it must not be.
        may_stop: commits were lost: what cannot be explained any more may have latched the stop.
            Then an operator goes on, and only what must hold even so is judged.
    """
    store = testbed.reader()
    replayed = await replay(store)
    told = await _read(testbed, store)
    latch = await store.latch(STOP_LATCH)
    reason = latch.reason if latch else None
    violations = testbed.report.violations
    state, owner = testbed.world.accounts(), testbed.owner
    foreign_ids = owner.order_ids | invariants.forced_ids(state)
    violations += invariants.operators_were_told(replayed.trades, reason, testbed.alerts())
    if not testbed.breaks_its_word:
        violations += verdicts.verdicts_were_true(state, told.absent, told.refused)
    violations += verdicts.exits_were_not_held_back(told.refusals, rows_lost=may_stop)
    await store.verify_chain()
    if testbed.report.crashes:
        violations += snapshot_violations(testbed.connection)
    replica = Replica()
    await replica.follow(store)
    violations += views_equal_the_journal(replica, replayed, told.funding)
    replica.close()
    others = any(owner.moved.values()) or bool(foreign_ids) or bool(replayed.book.leg_loss.count)
    violations += parts_sum_to_the_equity(replayed, with_external=others)
    if may_stop and reason is not None:
        violations += invariants.no_id_filled_twice(state, foreign_ids)
        violations += (
            f"signal {name} has {count} fates" for name, count in told.outcomes.items() if count > 1
        )
        violations += invariants.nothing_that_adds_open(state, owner.order_ids)
        testbed.report.outcomes["stopped"] += 1
    else:
        is_outage = _is_outage(reason) and _was_disturbed(testbed)
        unexpected = None if stopped is None and is_outage else reason
        violations += invariants.stopped_as_expected(unexpected, stopped)
        if unexpected is not reason:
            testbed.report.outcomes["stopped:outage"] += 1
        violations += invariants.every_signal_has_one_outcome(testbed.acknowledged, told.outcomes)
        closings = owner.closing_ids | invariants.forced_ids(state)
        wallet = (Venue.BINANCE, "USDT")
        moved = defaultdict(lambda: ZERO, owner.moved)
        moved[wallet] += invariants.unexplained_usdt(state, closings, replayed.book.leg_loss.booked)
        violations += invariants.foreign_as_it_was(told.foreign, moved)
        violations += _promises(testbed, state, replayed, foreign_ids)
    testbed.report.outcomes.update(
        trade.outcome.value for trade in replayed.trades.values() if trade.outcome is not None
    )
    testbed.report.requests = sum(gate.requests_seen for gate in testbed.world.gateways.values())


def _promises(
    testbed: TestBed, state: Mapping[str, Any], replayed: Replayed, foreign_ids: set[str]
) -> Iterable[str]:
    owner = testbed.owner
    stop_ids = set(replayed.book.stops.causes())
    fills = own_fills(state, foreign_ids | stop_ids)
    yield from invariants.nothing_placed_twice(
        state, replayed.trades, foreign_ids, stop_ids, verdicts_err=testbed.breaks_its_word
    )
    yield from invariants.hedged_or_flat(state, owner.coins, testbed.strategies)
    yield from fill_checkers.every_fill_in_the_journal_once(fills, replayed.trades)
    yield from fill_checkers.fees_are_those_charged(fills, replayed.trades)
    yield from fill_checkers.nothing_sold_that_was_not_ours(fills)
    yield from invariants.nothing_open(state, owner.order_ids)
    yield from invariants.stops_as_they_should(state, owner.order_ids)
    yield from invariants.ledger_equals_exchanges(state, replayed.book)
    yield from invariants.every_trade_ended(replayed.trades)


async def _read(testbed: TestBed, store: Reader) -> _Reported:
    told = _Reported()
    async for row in store.journal_all():
        if testbed.report.is_told:
            testbed.note(f"#{row.seq} {row.kind} {row.body}", at_us=row.at_us)
        event = event_of(row)
        if isinstance(event, ForeignMovement):
            told.foreign[event.exchange, event.asset] += event.amount
        if isinstance(event, FundingBooked):
            told.funding.append(event)
        if isinstance(event, TradeOpened):
            told.outcomes[event.signal.id] += 1
        if isinstance(event, OrderProvenAbsent):
            told.absent.add(event.client_order_id)
        if isinstance(event, OrderRefused):
            told.refused.add(event.client_order_id)
        if isinstance(event, SignalRefused) and event.action:  # what cannot be read names none
            told.refusals.append((event.signal_id, Action(event.action), event.code))
        if isinstance(event, SignalRefused) and event.code != RefusalCode.SIGNAL_CONFLICT:
            told.outcomes[event.signal_id] += 1
            testbed.report.outcomes[f"refused:{event.code}"] += 1
    return told
