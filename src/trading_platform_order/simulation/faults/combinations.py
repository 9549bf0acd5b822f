"""What is drawn besides the plan: limits that matter, small entries, faults that go together.

Two faults that meet by chance do so too rarely for a few thousand runs, and limits that are never
near prove nothing. So a part of the worlds gets one tight limit, and a part of the turns a recipe:
faults aimed at one order that together make a situation which each alone does not. The draw is one
of its own, so that it changes nothing of the plan.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random

from exchange_simulator.faults.kinds import (
    CutStream,
    DelayRequest,
    DropResponse,
    Fault,
    HoldOrder,
    HttpStatus,
    LagReads,
    LoseMessage,
)
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.faults.fault_kinds import (
    ORDER_REQUESTS,
    backend_timeout,
    order_news,
    unknown_503,
)
from trading_platform_order.simulation.faults.run_plan import (
    STRATEGIES,
    PlannedFault,
    PlannedSignal,
    RunPlan,
)

UPBIT, BINANCE = Venue.UPBIT, Venue.BINANCE
TIGHT_WORLDS = 0.4
SMALL_WORLDS = 0.1
RECIPE_TURNS = 0.15
OF_A_SYMBOL = frozenset({"symbol_fraction"})
LISTS_TELL_WITHIN_S = 3.0
NOT_TOLD = frozenset({"hedge_deleveraged", "hedge_closed_by_hand", "order_stays_working"})
"""Where no list tells what was executed, nobody could say whose doing a position is, nor that an
order is still at work."""
SMALL_KRW = (6_000, 15_000, 20_000, 40_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tight:
    """One limit that matters.

    Attributes:
        name: of the setting, and its ``value``.
        room_krw: what entries may add up to under it; they are made to come near. ``None``: any.
    """

    name: str
    value: Decimal | int
    room_krw: Decimal | None = None


def _tight(name: str, value: str, room_krw: int | None = None) -> Tight:
    room = None if room_krw is None else Decimal(room_krw)
    return Tight(name=name, value=Decimal(value), room_krw=room)


TIGHT_LIMITS = (
    _tight("position_fraction", "0.12", 4_900_000),
    _tight("position_fraction", "0.06", 2_450_000),
    _tight("symbol_fraction", "0.08", 3_250_000),
    _tight("symbol_fraction", "0.04", 1_600_000),
    _tight("leverage_max", "0.25", 5_200_000),
    _tight("leverage_max", "0.1", 2_100_000),
    _tight("runway_fraction", "3", 6_900_000),
    _tight("runway_fraction", "8", 2_600_000),
    _tight("daily_turnover_krw_max", "6000000", 3_000_000),
    _tight("daily_turnover_krw_max", "12000000", 6_000_000),
    _tight("trade_krw_max", "4000000", 3_500_000),
    _tight("order_krw_max", "2000000", 3_500_000),
    Tight(name="entries_per_minute_max", value=1),
    Tight(name="entries_per_minute_max", value=2),
    _tight("hourly_loss_krw_max", "4000"),
)
"""Of the 41,000,000 KRW, half of it on Binance, that a run begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinedFaults:
    """Faults for one order: those of the wire by their kinds, and deeds."""

    wire: tuple[tuple[str, Fault], ...]
    order_triggered: tuple[PlannedFault, ...] = ()

    @property
    def kinds(self) -> set[str]:
        """Of all of them."""
        return {kind for kind, _ in self.wire} | {
            triggered.kind for triggered in self.order_triggered
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultCombination:
    """What one run has besides.

    Attributes:
        limits: settings of risk that are not the usual ones.
        combined: for each turn, if it has any.
    """

    limits: Mapping[str, Decimal | int] = field(default_factory=dict)
    combined: tuple[CombinedFaults | None, ...] = ()


def combination_of(
    plan: RunPlan, random: Random, kinds: Collection[str]
) -> tuple[RunPlan, FaultCombination]:
    """The plan, with small entries perhaps, and what else is drawn; only faults of these kinds."""
    tight = random.choice(TIGHT_LIMITS) if random.random() < TIGHT_WORLDS else None
    if tight is not None and tight.room_krw is not None:
        plan = _near_the_limit(plan, random, tight.room_krw, in_one=tight.name in OF_A_SYMBOL)
    elif random.random() < SMALL_WORLDS:
        small_krw = Decimal(random.choice(SMALL_KRW))
        plan = _first_turn(plan, lambda planned, _: replace(planned, notional_krw=small_krw))
    combined = [_combined(random, kinds) for _ in plan.turns]
    limits = {} if tight is None else {tight.name: tight.value}
    if _blinds(plan, combined):
        plan = _without_other_hands(plan)
    if "lists_lag" in _kinds(plan).union(*(one.kinds for one in combined if one is not None)):
        combined = [None if one is not None and _works_long(one) else one for one in combined]
    return plan, FaultCombination(limits=limits, combined=tuple(combined))


def _kinds(plan: RunPlan) -> set[str]:
    return {planned.kind for turn in plan.turns for planned in turn.faults}


def _works_long(combined: CombinedFaults) -> bool:
    """An order of Binance that no list tells of would work for seconds: nobody could find it."""
    return any(
        isinstance(fault, HoldOrder)
        and fault.venue == BINANCE
        and fault.hold_s > LISTS_TELL_WITHIN_S
        for _, fault in combined.wire
    )


def _blinds(plan: RunPlan, combined: Collection[CombinedFaults | None]) -> bool:
    """For seconds no list of Binance tells what was executed."""
    lags = (
        fault.lag_s > LISTS_TELL_WITHIN_S and fault.venue == BINANCE
        for one in combined
        if one is not None
        for _, fault in one.wire
        if isinstance(fault, LagReads)
    )
    return "lists_lag" in _kinds(plan) or any(lags)


def _without_other_hands(plan: RunPlan) -> RunPlan:
    """Nobody could tell then whose execution changed the position: an operator, Binance, or we."""
    turns = (
        replace(turn, faults=tuple(f for f in turn.faults if f.kind not in NOT_TOLD))
        for turn in plan.turns
    )
    return replace(plan, turns=tuple(turns))


def _near_the_limit(plan: RunPlan, random: Random, room_krw: Decimal, *, in_one: bool) -> RunPlan:
    """Entries that each fit and together do not; half the time all in one symbol."""
    symbols = random.choice((plan.symbols, plan.symbols[:1]))
    symbols = plan.symbols[:1] if in_one else symbols

    def enter(planned: PlannedSignal, number: int) -> PlannedSignal:
        part = random.choice((Decimal("0.45"), Decimal("0.7"), Decimal("0.9")))
        return replace(
            planned,
            action=Action.ENTER,
            strategy=STRATEGIES[number % len(STRATEGIES)],
            symbol=symbols[number % len(symbols)],
            notional_krw=(room_krw * part).quantize(Decimal(1)),
            long_lived=True,
        )

    return _first_turn(plan, enter)


def _first_turn(plan: RunPlan, change: Callable[[PlannedSignal, int], PlannedSignal]) -> RunPlan:
    turn, *others = plan.turns
    changed = (change(planned, number) for number, planned in enumerate(turn.signals))
    return replace(plan, turns=(replace(turn, signals=tuple(changed)), *others))


def _combined(random: Random, kinds: Collection[str]) -> CombinedFaults | None:
    wanted = random.random() < RECIPE_TURNS
    found = random.choice(RECIPES)(random)
    return found if wanted and found.kinds <= set(kinds) else None


def _triggered(random: Random, kind: str) -> PlannedFault:
    return PlannedFault(kind=kind, venue=BINANCE, seed=random.randrange(1 << 30))


def begins_unseen_under_a_wrong_clock(random: Random) -> CombinedFaults:
    """-1007; the order begins later and shows still later, while our calendar jumps."""
    jumps = tuple(_triggered(random, "clock_jump") for _ in range(random.choice((1, 1, 2))))
    return CombinedFaults(
        wire=(
            ("backend_timeout", backend_timeout(BINANCE, 0, after_s=1.5)),
            ("reads_lag", LagReads(venue=BINANCE, lag_s=4.0, lasts_s=10.0)),
            ("order_stays_working", HoldOrder(venue=BINANCE, hold_s=6.0)),
        ),
        order_triggered=jumps,
    )


def executed_and_the_lists_lag(random: Random) -> CombinedFaults:
    """An order fills unseen: no answer, no event, and for long no list that shows it."""
    answer: tuple[str, Fault] = random.choice(
        (
            ("response_lost", DropResponse(venue=BINANCE, match=ORDER_REQUESTS)),
            ("unknown_503_executed", unknown_503(BINANCE, 0, execute=True)),
        )
    )
    return CombinedFaults(
        wire=(
            answer,
            ("lists_lag", LagReads(venue=BINANCE, lag_s=14.0, lasts_s=25.0)),
            ("stream_lost", LoseMessage(venue=BINANCE, match=order_news(BINANCE), count=4)),
        )
    )


def repost_answered_by_a_limit(random: Random) -> CombinedFaults:
    """The buy is late; the re-post that would decide is answered 429."""
    return CombinedFaults(
        wire=(
            (
                "request_late",
                DelayRequest(venue=UPBIT, match=ORDER_REQUESTS, delay_s=random.choice((3.0, 11.0))),
            ),
            (
                "rate_limited",
                HttpStatus(
                    venue=UPBIT,
                    match=ORDER_REQUESTS,
                    skip=1,
                    status=429,
                    body="Too many requests",
                    headers={"retry-after": "1"},
                ),
            ),
        )
    )


def identifier_of_an_order_that_works(random: Random) -> CombinedFaults:
    """No answer, the reads lag, and the order works for seconds before it fills."""
    return CombinedFaults(
        wire=(
            ("response_lost", DropResponse(venue=UPBIT, match=ORDER_REQUESTS)),
            ("reads_lag", LagReads(venue=UPBIT, lag_s=random.choice((1.5, 3.0)), lasts_s=10.0)),
            ("order_stays_working", HoldOrder(venue=UPBIT, hold_s=random.choice((4.0, 8.0)))),
            ("stream_lost", LoseMessage(venue=UPBIT, match=order_news(UPBIT), count=2)),
        )
    )


def works_while_the_stream_is_cut(random: Random) -> CombinedFaults:
    """The order is taken and works; the streams break, and what fills meanwhile is not told."""
    venue = random.choice((UPBIT, BINANCE))
    return CombinedFaults(
        wire=(
            ("order_stays_working", HoldOrder(venue=venue, hold_s=1.0)),
            ("stream_cut", CutStream(venue=venue, when="next_order", refuse_s=2.0)),
        )
    )


def funding_while_the_stream_is_cut(random: Random) -> CombinedFaults:
    """Funding is settled while nobody can be told of it."""
    return CombinedFaults(
        wire=(("stream_cut", CutStream(venue=BINANCE, when="next_order", refuse_s=2.0)),),
        order_triggered=(_triggered(random, "funding"),),
    )


RECIPES: tuple[Callable[[Random], CombinedFaults], ...] = (
    begins_unseen_under_a_wrong_clock,
    executed_and_the_lists_lag,
    repost_answered_by_a_limit,
    identifier_of_an_order_that_works,
    works_while_the_stream_is_cut,
    funding_while_the_stream_is_cut,
)
