"""An engine that only closes: everything of the usual code, and no order that opens."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.outcomes import FILLED, LOST_REQUEST, ScriptedOutcome, refused
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account.account_events import SignalRefused
from trading_platform_order.domain.order import Leg, OrderSide
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.executor.ports import ONLY_REDUCES, ExecutorPorts, ReduceOnly

ENTER = signal(quantity="0.010")
EXIT = signal(Action.EXIT, name="exit")
ONLY = ReduceOnly(reason="a test")
FLAT = (D(0), D(0))


def held(fixture: ExecutorFixture) -> tuple[object, object]:
    return (fixture.upbit.base, fixture.binance.base)


def opened_after(fixture: ExecutorFixture, before: int) -> list[str]:
    orders = [*fixture.upbit.sent, *fixture.binance.sent]
    return [order.client_order_id for order in orders if order.opens][before:]


@in_virtual_time
async def test_an_enter_is_refused_and_an_exit_gets_through() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        await fixture.done(ENTER)
    fixture.reduce_only = ONLY
    async with fixture.running():
        await fixture.signal(replace(ENTER, id="again", symbol="ETH"))
        await fixture.quiet()
        refusals = [e for e in await fixture.events() if isinstance(e, SignalRefused)]
        assert [(e.signal_id, e.code) for e in refusals] == [("again", RefusalCode.STOPPED)]
        assert "a test" in refusals[0].message
        await fixture.done(EXIT)
        assert held(fixture) == FLAT
        # It is no emergency stop: the next engine enters again.
        assert fixture.executor.account.latched_reason is None
    fixture.reduce_only = None
    async with fixture.running():
        await fixture.done(replace(ENTER, id="third"))
        assert fixture.is_even()


@pytest.mark.parametrize(
    ("spot", "hedge"),
    [
        (refused(retryable=True), FILLED),
        (FILLED, refused(retryable=True)),
        (LOST_REQUEST, FILLED),
        (FILLED, LOST_REQUEST),
        (ScriptedOutcome(executes=D("0.006"), stays_open=True), FILLED),
    ],
)
@in_virtual_time
async def test_an_entry_under_way_is_taken_back_and_never_completed(
    spot: ScriptedOutcome, hedge: ScriptedOutcome
) -> None:
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.append(spot)
    fixture.binance.outcomes.append(hedge)
    async with fixture.running():
        await fixture.signal(ENTER)
    before = len(opened_after(fixture, 0))
    fixture.reduce_only = ONLY
    async with fixture.running():
        await fixture.quiet()
        trade = next(iter(fixture.executor.trades.values()))
        assert trade.state is TradeState.SETTLED
        assert opened_after(fixture, before) == []
        assert fixture.is_even()


@in_virtual_time
async def test_what_it_is_started_to_close_is_closed_and_nothing_else() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        await fixture.done(ENTER)
        await fixture.done(replace(ENTER, id="other", strategy="other"))
    fixture.reduce_only = replace(
        ONLY, closes=lambda strategy, _: "asked for" if strategy == "kimchi" else None
    )
    async with fixture.running():
        await asyncio.sleep(3)
        await fixture.quiet()
        assert fixture.executor.left_to_close() == ()
        assert not fixture.executor.book.holding("kimchi", "BTC").spot
        assert fixture.executor.book.holding("other", "BTC").spot == D("0.010")
        assert fixture.is_even()


@pytest.mark.parametrize(
    ("leg", "side", "is_barred"),
    [
        (Leg.SPOT, OrderSide.BUY, True),
        (Leg.SPOT, OrderSide.SELL, False),
        (Leg.HEDGE, OrderSide.SELL, True),
        (Leg.HEDGE, OrderSide.BUY, False),
    ],
)
@in_virtual_time
async def test_no_order_that_opens_leaves_whoever_planned_it(
    leg: Leg, side: OrderSide, *, is_barred: bool
) -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        await fixture.done(ENTER)
        order = replace(fixture.order("so1" if leg is Leg.SPOT else "ho1"), side=side)
        ports: ExecutorPorts = fixture.executor._ports
        assert ports.barred(order) is None
        answer = replace(ports, reduce_only=ONLY).barred(order)
        assert answer == (ONLY_REDUCES if is_barred else None)


@in_virtual_time
async def test_its_gate_says_so_where_nothing_ever_hindered_an_order() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        assert not fixture.executor.access.gate("BTC").reduces_only
    fixture.reduce_only = ONLY
    async with fixture.running():
        assert fixture.executor.access.access.is_untouched
        assert fixture.executor.access.gate("BTC").reduces_only
