"""Judges of ordeals: what the engine did about a limit, against what the meter saw of it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.venue import Venue
from trading_platform_order.executor.journal.replay import replay
from trading_platform_order.risk.monitors.emergency_stop import Condition
from trading_platform_order.simulation.checkers.final import OUTAGES
from trading_platform_order.simulation.stress.limit_oracle import Limit, LimitOracle
from trading_platform_order.simulation.stress.plan import StressPlan
from trading_platform_order.simulation.testbed.testbed import TestBed
from trading_platform_order.storage.base import Entry

UPBIT = Venue.UPBIT
REACTS_S = 1.0
"""From a limit that is clearly crossed (for as long as it must last) to what follows from it."""
_RAISING = re.compile(r"t[plt]-[a-z2-7]{20}-[sh][om]\d+")
_RISKS = ("coins_sold_by_hand", "position_by_hand", "hedge_liquidated")


@dataclass(slots=True, kw_only=True)
class StressCase:
    """What is known of one ordeal.

    Attributes:
        by_hand: base units that another hand sold short beside ours.
        latched_at: when operators were told of the stop.
    """

    testbed: TestBed
    plan: StressPlan
    oracle: LimitOracle
    by_hand: Decimal = ZERO
    latched_at: datetime | None = None
    latched_s: float | None = None
    began_s: float = field(default=0.0)

    def __post_init__(self) -> None:
        self.began_s = self.testbed.clock.monotonic()
        self.testbed.observers.append(self._observe)

    def _observe(self, _entries: Sequence[Entry], alerts: Sequence[Alert]) -> None:
        if self.latched_at is None and any(a.kind == AlertKind.EMERGENCY_STOP for a in alerts):
            self.latched_at = self.testbed.clock.now()
            self.latched_s = self.testbed.clock.monotonic()

    def look(self) -> None:
        """One sample of the meter."""
        self.oracle.look()

    def coins(self, base: str) -> Decimal:
        """Ours on Upbit."""
        testbed = self.testbed
        return testbed.world.upbit.totals.get(base, ZERO) - testbed.owner.coins.get(base, ZERO)

    def short(self, base: str) -> Decimal:
        """On Binance, positive when short."""
        return -self.testbed.world.position(f"{base}USDT")


async def check_stress_run(case: StressCase, reason: str | None, excused_s: float) -> list[str]:
    """Every judge of this file; the world is at rest, and nothing was closed for the end yet."""
    trades = (await replay(case.testbed.reader())).trades.values()
    late_s = REACTS_S if case.plan.is_calm else REACTS_S + excused_s + 5.0
    told = {alert.kind for alert in case.testbed.alerts() if alert.urgent}
    return [
        *stop_loss_as_reckoned(case, list(trades), late_s),
        *margin_as_reckoned(case, list(trades), told, late_s),
        *latched_in_time(case, reason, late_s),
        *nothing_raised_when_stopped(case),
        *operators_know_why(case, list(trades), told),
    ]


def stop_loss_as_reckoned(
    case: StressCase, trades: Sequence[PairTrade], late_s: float
) -> Iterable[str]:
    """A pair clearly beyond its stop-loss for long enough is closed; one never near it is not."""
    for base, limit in case.oracle.stop_loss.items():
        exits = [t for t in trades if t.base == base and t.signal.id.startswith("stop-loss-")]
        if exits and not limit.was_near:
            yield f"{base}: closed by its stop-loss, and never near it"
        due_s = limit.due_for(late_s)
        if due_s is None:
            continue
        due = _moment(case, due_s + late_s)
        if _was_closed_otherwise(trades, base, due):
            continue
        if not any(trade.opened_at <= due for trade in exits):
            opened = ", ".join(f"{trade.opened_at:%X}" for trade in exits) or "never"
            yield f"{base}: beyond its stop-loss, to be closed by {due:%X.%f}, closed: {opened}"


def _was_closed_otherwise(trades: Sequence[PairTrade], base: str, due: datetime) -> bool:
    """Another EXIT ran for it by then: a margin reduction, a leg that was gone, a signal."""
    others = (t for t in trades if t.base == base and t.target.spot < t.start.spot)
    in_time = (t for t in others if t.opened_at <= due)
    return any(not t.signal.id.startswith("stop-loss-") for t in in_time)


def margin_as_reckoned(
    case: StressCase, trades: Sequence[PairTrade], told: set[str], late_s: float
) -> Iterable[str]:
    """Margin clearly short is told and reduced by; margin never near its limits is neither."""
    if not case.plan.has_stop:
        return
    oracle = case.oracle
    reductions = [trade for trade in trades if trade.signal.id.startswith("margin-")]
    is_told = AlertKind.MARGIN_WARNING in told
    if is_told and not oracle.warn.was_near:
        yield "operators were told of the margin, and it was never near its limit"
    if reductions and not oracle.reduce.was_near:
        yield "both legs were reduced for the margin, and it was never near its limit"
    if oracle.warn.due_at is not None and not is_told:
        yield "the margin was short, and nobody is told"
    due_s = oracle.reduce.due_for(late_s)
    if due_s is None or AlertKind.ONE_LEG_GONE in told:
        return
    due = _moment(case, due_s + late_s)
    if not any(trade.opened_at <= due for trade in reductions):
        yield f"the margin was nearly used up, and by {due:%X.%f} nothing was reduced"


def latched_in_time(case: StressCase, reason: str | None, late_s: float) -> Iterable[str]:
    """The day's loss latches the stop within a second of the limit, and only beyond it."""
    limit = _day(case)
    has_latched = reason is not None and reason.startswith(Condition.DAILY_LOSS)
    if has_latched and not limit.was_near:
        yield f"stopped for the day's loss, and it was never near its limit: {reason}"
    due_s = limit.due_for(late_s)
    if due_s is None:
        return  # latched for whatever else in time is as good
    latched_s = case.latched_s
    if latched_s is None or latched_s > due_s + late_s:
        yield (
            f"the day's loss was over its limit at {due_s:.2f} s, "
            f"the stop was latched at {latched_s}"
        )


def nothing_raised_when_stopped(case: StressCase) -> Iterable[str]:
    """Once operators are told of the stop, no order leaves that raises exposure."""
    if case.latched_at is None:
        return
    for gateway in case.testbed.world.gateways.values():
        for record in gateway.order_requests:
            is_post_only = "post_only" in record.body
            found = _RAISING.search(record.target + record.body)
            if record.at > case.latched_at and found and not is_post_only:
                yield f"{found.group()} left after the stop was latched"


def operators_know_why(
    case: StressCase, trades: Sequence[PairTrade], told: set[str]
) -> Iterable[str]:
    """Whatever the engine closes by itself, an urgent alert says why."""
    because = {"stop-loss-": AlertKind.STOP_LOSS, "margin-": AlertKind.MARGIN_REDUCED}
    because |= {"one-leg-": AlertKind.ONE_LEG_GONE}
    for prefix, kind in because.items():
        if kind not in told and any(t.signal.id.startswith(prefix) for t in trades):
            yield f"closed by {prefix}…, and nobody is told why"
    for base in case.plan.bases[:1] if case.plan.kind == "hedge_liquidated" else ():
        if case.short(base) > 0:
            yield f"{base}: still short after the exchange had to liquidate it"


def expected_stop(case: StressCase, reason: str | None) -> str | None:
    """Why the stop must be latched in the end; ``None`` if it must not."""
    struck = case.testbed.report.faults[case.plan.kind] > 0
    must = {
        # The coins may be missed by the monitors before a silent stream says that they went.
        "coins_sold_by_hand": _found(reason, "coins_gone", Condition.POSITION_MISMATCH),
        # Found by the monitors, or by the comparison that is made now and then.
        "position_by_hand": _found(reason, Condition.POSITION_MISMATCH, "position mismatch"),
        "hedge_liquidated": "liquidation",
    }.get(case.plan.kind)
    if must is not None and struck:
        return must
    if _day(case).due_at is not None:
        return reason if reason and reason.startswith(OUTAGES) else Condition.DAILY_LOSS.value
    if _day(case).was_near and reason is not None:
        return Condition.DAILY_LOSS.value
    return None


def _found(reason: str | None, *names: str) -> str:
    """Which of these the reason names; the first if none."""
    return next((str(name) for name in names if name in (reason or "")), str(names[0]))


def _day(case: StressCase) -> Limit:
    """Where another hand took something, what is a loss is not the exchanges' to say."""
    if case.plan.kind in _RISKS:
        return Limit(0.0, was_near=True)
    return case.oracle.day


def _moment(case: StressCase, monotonic_s: float) -> datetime:
    clock = case.testbed.clock
    return clock.now() - timedelta(seconds=clock.monotonic() - monotonic_s)
