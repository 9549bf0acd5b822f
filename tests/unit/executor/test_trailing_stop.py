"""A trailing stop that an operator asks for, and the countdown that ends our resting orders."""

import asyncio
import itertools

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.outcomes import FILLED, ScriptedOutcome
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from tests.unit.executor.account.leg_loss_checks import closings, settle
from tests.unit.executor.protection.protective_stop_fixture import ENTER, exiting, fixture_of
from trading_platform_order.domain.protection.leg_loss import Cause
from trading_platform_order.domain.protection.protective_stop import (
    ProtectRules,
    StopKind,
    StopPlanned,
    TrailingAsked,
)
from trading_platform_order.domain.trade import trade_events as te

# -- the trailing stop -----------------------------------------------------------------------------


@in_virtual_time
async def test_an_operator_may_have_a_trailing_stop_beside_it() -> None:
    async with fixture_of().running() as fixture:
        await fixture.done(ENTER)
        await fixture.executor.protective_stops.ask_trailing("BTC", D(150), "news tonight")
        await fixture.quiet()
        kinds = {stop.kind: stop for stop in fixture.binance.waiting_stops}
        assert set(kinds) == set(StopKind)
        trailing = kinds[StopKind.TRAILING]
        assert (trailing.callback_bps, trailing.quantity) == (D(150), D("0.010"))
        assert trailing.client_order_id.endswith("-hr1")
        fixture.binance.fire(trailing.client_order_id)
        await settle(fixture)
        (event,) = await closings(fixture)
        assert event.cause is Cause.TRAILING_STOP
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
        assert fixture.binance.waiting_stops == []


@in_virtual_time
async def test_it_is_taken_back_when_asked_and_when_the_position_is_closed() -> None:
    async with fixture_of().running() as fixture:
        await fixture.done(ENTER)
        await fixture.executor.protective_stops.ask_trailing("BTC", D(150), "x")
        await fixture.quiet()
        await fixture.executor.protective_stops.ask_trailing("BTC", None, "y")
        await fixture.quiet()
        assert [s.kind for s in fixture.binance.waiting_stops] == [StopKind.PROTECTIVE]
        await fixture.executor.protective_stops.ask_trailing("BTC", D(200), "z")
        await fixture.quiet()
        await fixture.done(exiting(fixture))
        assert fixture.binance.waiting_stops == []
        await fixture.done(signal(name="s2", quantity="0.010", at=fixture.clock.now()))
        assert [s.kind for s in fixture.binance.waiting_stops] == [StopKind.PROTECTIVE]
        asked = [e.callback_bps for e in await fixture.events() if isinstance(e, TrailingAsked)]
        assert asked == [D(150), None, D(200), None]


@in_virtual_time
async def test_without_a_position_a_trailing_stop_is_refused() -> None:
    async with fixture_of().running() as fixture:
        answer = await fixture.executor.protective_stops.ask_trailing("BTC", D(150), "x")
        assert answer.startswith("refused")
        assert not [e for e in await fixture.events() if isinstance(e, TrailingAsked | StopPlanned)]


# -- the countdown ---------------------------------------------------------------------------------


@in_virtual_time
async def test_the_exchange_ends_our_resting_orders_if_we_fall_silent() -> None:
    fixture = ExecutorFixture(protect=ProtectRules(countdown_s=3.0))
    fixture.binance.outcomes.append(ScriptedOutcome(executes=D("0.004"), stays_open=True))
    fixture.binance.lost_cancels = 3
    async with fixture.running():
        await fixture.done(ENTER)
        await asyncio.sleep(3)
        told = [wait_ms for _, _, wait_ms in fixture.binance.countdowns]
        assert told[:2] == [3_000, 3_000]
        assert told[-1] == 0
        assert told.count(0) == 1
        times = [at for at, _, wait_ms in fixture.binance.countdowns if wait_ms]
        assert max(b - a for a, b in itertools.pairwise(times)) < 2.0


@in_virtual_time
async def test_orders_that_end_at_once_start_no_countdown() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.append(FILLED)
    async with fixture.running():
        trade = await fixture.done(ENTER)
        assert trade.outcome is te.TradeOutcome.HEDGED
        await asyncio.sleep(10)
        assert fixture.binance.countdowns == []
