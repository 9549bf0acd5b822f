"""Judges that see time: what they count, what they excuse, and that they are not blind."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from exchange_simulator.faults.armed import ArmedFault
from exchange_simulator.faults.kinds import (
    DropRequest,
    Fault,
    HttpStatus,
    LoseMessage,
    RefuseOrder,
)
from tests.fakes.pair import D, signal
from tests.fakes.script import Script
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.checkers.exchange_fills import ExchangeFill
from trading_platform_order.simulation.checkers.fills import Naked
from trading_platform_order.simulation.checkers.timeliness.attempts import closed_uses_no_attempts
from trading_platform_order.simulation.checkers.timeliness.close_price import (
    Walk,
    closes_walked_no_further_than_allowed,
)
from trading_platform_order.simulation.checkers.timeliness.closed_codes import is_closed
from trading_platform_order.simulation.checkers.timeliness.excused_times import (
    AFTER_CLOSED_S,
    UNKNOWN_S,
    Excuse,
    combined,
    excuses_of,
    unexcused_s,
)
from trading_platform_order.simulation.checkers.timeliness.naked_time import (
    legs_were_corrected_in_time,
    stretches,
    uncorrected_s,
)
from trading_platform_order.simulation.checkers.timeliness.time_to_flat import (
    Closed,
    exits_were_in_time,
)
from trading_platform_order.simulation.testbed.virtual_time.traced_clock import TracedClock

UPBIT, BINANCE = Venue.UPBIT, Venue.BINANCE
START = datetime(2026, 1, 5, tzinfo=UTC)


def struck(fault: Fault, *at_s: float) -> ArmedFault:
    return ArmedFault(fault=fault, struck_orders_s=list(at_s))


def excuse(since_s: float, until_s: float) -> Excuse:
    return Excuse(since_s=since_s, until_s=until_s, why="test")


def test_excuses_are_laid_over_one_another_and_never_added_up() -> None:
    assert unexcused_s(0.0, 10.0, []) == 10.0
    assert unexcused_s(0.0, 10.0, [excuse(2.0, 5.0), excuse(3.0, 6.0)]) == 6.0
    assert unexcused_s(0.0, 10.0, [excuse(3.0, 6.0), excuse(-5.0, 1.0), excuse(9.0, 99.0)]) == 5.0
    assert unexcused_s(0.0, 10.0, [excuse(-5.0, 99.0)]) == 0.0
    assert unexcused_s(0.0, 10.0, [excuse(20.0, 30.0)]) == 10.0


def test_an_unanswered_order_excuses_until_its_outcome_can_be_known() -> None:
    (one,) = excuses_of([struck(DropRequest(venue=BINANCE), 5.0)])
    assert (one.since_s, one.until_s, one.venue) == (5.0, 5.0 + UNKNOWN_S, None)


def test_what_is_only_told_excuses_nothing() -> None:
    assert list(excuses_of([struck(LoseMessage(venue=BINANCE), 5.0)])) == []


@pytest.mark.parametrize("status", [403, 418, 429])
def test_a_closed_exchange_excuses_what_goes_there_alone(status: int) -> None:
    fault = HttpStatus(venue=UPBIT, status=status, lasts_s=40.0)
    armed = ArmedFault(fault=fault, until_s=45.0)  # a read was answered so first
    (one,) = excuses_of([armed])
    assert (one.venue, one.since_s, one.until_s) == (UPBIT, 5.0, 45.0 + AFTER_CLOSED_S)


def test_while_an_exchange_is_closed_nobody_learns_of_an_order_there() -> None:
    fault = HttpStatus(venue=UPBIT, status=403, lasts_s=40.0)
    closed = ArmedFault(fault=fault, until_s=46.0)
    unknown = struck(DropRequest(venue=UPBIT), 5.0)
    venues = {found.venue for found in combined(excuses_of([closed, unknown]))}
    assert venues == {None}
    elsewhere = struck(DropRequest(venue=BINANCE), 5.0)
    there = combined(excuses_of([closed, elsewhere]))
    assert {found.venue for found in there} == {None, UPBIT}
    crash = excuse(0.0, 10.0)
    assert {found.venue for found in combined([crash, *excuses_of([closed])])} == {None}


def test_a_fault_that_would_strike_again_excuses_the_time_between() -> None:
    fault = RefuseOrder(venue=UPBIT, code="market_offline", count=2)
    armed = struck(fault, 0.0, 60.0)
    armed.struck = 2
    excuses = list(excuses_of([armed]))
    assert unexcused_s(0.0, 60.0, excuses) == 0.0
    assert unexcused_s(0.0, 100.0 + AFTER_CLOSED_S, excuses) == 40.0


def test_a_fault_that_is_not_used_up_excuses_until_it_is_forgotten() -> None:
    armed = struck(RefuseOrder(venue=UPBIT, code="market_offline", count=30), 0.0)
    armed.struck, armed.cleared_s = 1, 90.0
    assert unexcused_s(0.0, 90.0, excuses_of([armed], now_s=200.0)) == 0.0
    assert unexcused_s(0.0, 140.0 + AFTER_CLOSED_S, excuses_of([armed], now_s=200.0)) == 50.0


def closed(seconds: float, *, unexcused: float, is_closed: bool = True) -> Closed:
    return Closed(
        signal_id="exit", base="BTC", seconds=seconds, is_closed=is_closed, unexcused_s=unexcused
    )


def test_an_exit_is_late_by_what_nothing_excuses() -> None:
    assert list(exits_were_in_time([closed(0.1, unexcused=0.1), closed(60.0, unexcused=2.9)])) == []
    (line,) = exits_were_in_time([closed(60.0, unexcused=4.0, is_closed=False)])
    assert "still open after 60.0 s, 4.0 s without an excuse" in line


def test_legs_may_differ_for_the_budget_and_two_seconds() -> None:
    naked = Naked(base="BTC", since=START, until=START + timedelta(60), krw=Decimal(90_000))
    assert list(legs_were_corrected_in_time([(naked, 12.0)], 10.0)) == []
    assert len(list(legs_were_corrected_in_time([(naked, 12.1)], 10.0))) == 1


STEP = D("0.001")


def leg_fill(venue: Venue, coins: str, after_s: float) -> ExchangeFill:
    return ExchangeFill(
        venue=venue,
        base="BTC",
        trade_id="",
        is_buy=D(coins) > 0,
        quantity=abs(D(coins)),
        price=D(1),
        at=START + timedelta(seconds=after_s),
        client_order_id="",
    )


def naked_s(fills: list[ExchangeFill], until_s: float, *excuses: Excuse) -> float:
    """Seconds that nothing excuses, from the last fill on."""
    until = START + timedelta(seconds=until_s)
    naked = Naked(base="BTC", since=fills[-1].at, until=until, krw=D(90_000))
    return uncorrected_s(
        naked, fills, excuses, step=STEP, monotonic_of=lambda at: (at - START).total_seconds()
    )


def test_the_longer_leg_may_change_while_legs_differ() -> None:
    """Short for a moment, then coins alone: it is Upbit that has to take the order."""
    fills = [
        leg_fill(UPBIT, "0.03", 0.0),
        leg_fill(BINANCE, "-0.08", 1.0),
        leg_fill(BINANCE, "0.08", 2.0),
        leg_fill(UPBIT, "-0.03", 12.0),
    ]
    naked = Naked(base="BTC", since=fills[1].at, until=fills[-1].at, krw=D(90_000))
    needed = [(since.second, venues) for since, _, venues in stretches(naked, fills, STEP)]
    assert needed == [(1, frozenset({BINANCE})), (2, frozenset({UPBIT}))]


@pytest.mark.parametrize(
    ("coins", "short", "closed_at", "seconds"),
    [
        # Less than a step: no order on Binance evens it, Upbit has to sell the rest.
        ("0.01856037", "-0.019", UPBIT, 20.0),
        ("0.01856037", "-0.019", BINANCE, 20.0),
        ("0.01856037", "-0.019", None, 60.0),
        # A step and more: what Binance takes back there is asked for, whatever Upbit does.
        ("0.018", "-0.019", UPBIT, 60.0),
        ("0.01756037", "-0.019", UPBIT, 60.0),
        ("0.01756037", "-0.019", BINANCE, 20.0),
        # Coins are sold by any part.
        ("0.01943963", "-0.019", UPBIT, 20.0),
        ("0.01943963", "-0.019", BINANCE, 60.0),
    ],
)
def test_a_short_longer_by_less_than_a_step_waits_for_upbit(
    coins: str, short: str, closed_at: Venue | None, seconds: float
) -> None:
    fills = [leg_fill(UPBIT, coins, 0.0), leg_fill(BINANCE, short, 0.0)]
    closed_there = replace(excuse(0.0, 40.0), venue=closed_at)
    excuses = [] if closed_at is None else [closed_there]
    assert naked_s(fills, 60.0, *excuses) == pytest.approx(seconds)


def test_a_clock_knows_when_it_was_what_time_over_its_jumps() -> None:
    seconds = [100.0]
    clock = TracedClock(START, lambda: seconds[0])
    seconds[0] = 110.0
    clock.set(START + timedelta(hours=8))
    seconds[0] = 115.0
    assert clock.monotonic_of(START + timedelta(seconds=3)) == pytest.approx(103.0)
    assert clock.monotonic_of(START + timedelta(hours=1)) == pytest.approx(110.0)
    assert clock.monotonic_of(START + timedelta(hours=8, seconds=2)) == pytest.approx(112.0)
    assert clock.monotonic_of(clock.now()) == pytest.approx(115.0)


def walk(away: str, allowed: str, *, name: str = "tp-x-sc1") -> Walk:
    return Walk(client_order_id=name, away_bps=Decimal(away), allowed_bps=Decimal(allowed))


def test_a_close_that_walks_too_far_is_told_once_at_its_worst() -> None:
    walks = [
        walk("99", "105"),
        walk("120", "105"),
        walk("400", "105"),
        walk("200", "205", name="b"),
    ]
    (line,) = closes_walked_no_further_than_allowed(walks)
    assert line.startswith("tp-x-sc1 filled 400 bps")


def test_what_says_closed_says_nothing_of_the_order() -> None:
    assert is_closed("market_offline")
    assert is_closed("whatever", "maintenance")
    assert not is_closed("insufficient_funds_ask")


def refused(trade: PairTrade, code: str, count: int) -> PairTrade:
    refusal = te.OrderRefused(
        client_order_id="tp-x-sc1",
        code=code,
        message="",
        retryable=True,
        retry_after_s=None,
        at=START,
    )
    return replace(trade, refusals=(refusal,) * count)


def test_a_closed_exchange_halts_no_trade_and_uses_no_attempts() -> None:
    trade = Script(signal(quantity="0.010")).trade
    assert list(closed_uses_no_attempts({"t": refused(trade, "market_offline", 3)}, {})) == []
    (many,) = closed_uses_no_attempts({"t": refused(trade, "market_offline", 30)}, {})
    assert "30 orders in a minute into a closed exchange" in many
    (halted,) = closed_uses_no_attempts(
        {"t": refused(trade, "market_offline", 3)}, {"t": "108 orders"}
    )
    assert "halted though its exchange was closed" in halted
    halts = {"t": refused(trade, "insufficient_funds_ask", 30)}
    assert list(closed_uses_no_attempts(halts, {"t": "108 orders"})) == []
