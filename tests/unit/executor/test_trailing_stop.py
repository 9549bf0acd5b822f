"""A trailing stop that a person asks for, and the countdown that ends our resting orders."""

import asyncio
import itertools

from tests.fakes.desk import Desk
from tests.fakes.fates import FILLED, Fate
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from tests.unit.executor.account.test_leg_loss_events import closings, settle
from tests.unit.executor.protection.test_protective_stops import ENTER, desk_of, exiting
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
async def test_a_person_may_have_a_trailing_stop_beside_it() -> None:
    async with desk_of().running() as desk:
        await desk.done(ENTER)
        await desk.executor.protector.ask_trailing("BTC", D(150), "news tonight")
        await desk.quiet()
        kinds = {stop.kind: stop for stop in desk.binance.waiting_stops}
        assert set(kinds) == set(StopKind)
        trailing = kinds[StopKind.TRAILING]
        assert (trailing.callback_bps, trailing.quantity) == (D(150), D("0.010"))
        assert trailing.client_order_id.endswith("-hr1")
        desk.binance.fire(trailing.client_order_id)
        await settle(desk)
        (event,) = await closings(desk)
        assert event.cause is Cause.TRAILING_STOP
        assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))
        assert desk.binance.waiting_stops == []


@in_virtual_time
async def test_it_is_taken_back_when_asked_and_when_the_position_is_closed() -> None:
    async with desk_of().running() as desk:
        await desk.done(ENTER)
        await desk.executor.protector.ask_trailing("BTC", D(150), "x")
        await desk.quiet()
        await desk.executor.protector.ask_trailing("BTC", None, "y")
        await desk.quiet()
        assert [s.kind for s in desk.binance.waiting_stops] == [StopKind.PROTECTIVE]
        await desk.executor.protector.ask_trailing("BTC", D(200), "z")
        await desk.quiet()
        await desk.done(exiting(desk))
        assert desk.binance.waiting_stops == []
        await desk.done(signal(name="s2", quantity="0.010", at=desk.clock.now()))
        assert [s.kind for s in desk.binance.waiting_stops] == [StopKind.PROTECTIVE]
        asked = [e.callback_bps for e in await desk.events() if isinstance(e, TrailingAsked)]
        assert asked == [D(150), None, D(200), None]


@in_virtual_time
async def test_without_a_position_a_trailing_stop_is_refused() -> None:
    async with desk_of().running() as desk:
        answer = await desk.executor.protector.ask_trailing("BTC", D(150), "x")
        assert answer.startswith("refused")
        assert not [e for e in await desk.events() if isinstance(e, TrailingAsked | StopPlanned)]


# -- the countdown ---------------------------------------------------------------------------------


@in_virtual_time
async def test_the_exchange_ends_our_resting_orders_if_we_fall_silent() -> None:
    desk = Desk(protect=ProtectRules(countdown_s=3.0))
    desk.binance.fates.append(Fate(executes=D("0.004"), stays_open=True))
    desk.binance.lost_cancels = 3
    async with desk.running():
        await desk.done(ENTER)
        await asyncio.sleep(3)
        told = [wait_ms for _, _, wait_ms in desk.binance.countdowns]
        assert told[:2] == [3_000, 3_000]
        assert told[-1] == 0
        assert told.count(0) == 1
        times = [at for at, _, wait_ms in desk.binance.countdowns if wait_ms]
        assert max(b - a for a, b in itertools.pairwise(times)) < 2.0


@in_virtual_time
async def test_orders_that_end_at_once_start_no_countdown() -> None:
    desk = Desk()
    desk.upbit.fates.append(FILLED)
    async with desk.running():
        trade = await desk.done(ENTER)
        assert trade.outcome is te.TradeOutcome.HEDGED
        await asyncio.sleep(10)
        assert desk.binance.countdowns == []
