"""What the journal should know and does not: late orders, lost rows, strangers under our prefix."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.outcomes import LOST_REQUEST, ScriptedOutcome, refused
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.order import Leg, Order, OrderSide, OrderStatus, Purpose
from trading_platform_order.domain.order_identity.client_order_id import client_order_id, trade_key
from trading_platform_order.domain.trade.trade_events import TradeOutcome
from trading_platform_order.transport.virtual_loop import run_virtual

ENTER = signal(quantity="0.010")
SLOW = ScriptedOutcome(answer_s=9.0)


async def orphans(fixture: ExecutorFixture) -> list[ae.OrphanOrderFound]:
    return [e for e in await fixture.events() if isinstance(e, ae.OrphanOrderFound)]


# -- late orders ----------------------------------------------------------------------------------


async def absent_then_late(fixture: ExecutorFixture) -> Order:
    """An entry whose spot order was called absent was taken back; then the order arrives."""
    fixture.upbit.outcomes.extend([LOST_REQUEST, refused()])
    trade = await fixture.done(ENTER)
    assert trade.outcome is TradeOutcome.UNWOUND
    late = fixture.order("so1")
    fixture.upbit.arrive(late)
    assert not fixture.is_even()
    return late


@in_virtual_time
async def test_a_late_order_nobody_told_of_is_found_booked_and_evened() -> None:
    async with ExecutorFixture(sweep_interval_s=300.0).running() as fixture:
        await absent_then_late(fixture)
        await asyncio.sleep(310)
        await fixture.quiet()
        assert fixture.is_even()
        assert ("late_order", True) in await fixture.alerts()
        held = fixture.executor.book.holding("kimchi", "BTC")
        assert (held.spot, held.short) == (fixture.upbit.base, -fixture.binance.base)
        assert await orphans(fixture) == []


@in_virtual_time
async def test_a_late_order_of_the_time_the_engine_was_down_is_found_at_the_start() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        late = await absent_then_late(fixture)
    await asyncio.sleep(7_200)
    async with fixture.running():
        await fixture.quiet()
        assert fixture.is_even()
        assert ("late_order", True) in await fixture.alerts()
        assert fixture.executor.account.stopped_reason is None
        trade = next(iter(fixture.executor.trades.values()))
        assert trade.order(late.client_order_id).executed_quantity == D("0.010")


@in_virtual_time
async def test_an_order_refused_that_stands_open_after_all_is_cancelled() -> None:
    async with ExecutorFixture(sweep_interval_s=60.0).running() as fixture:
        fixture.binance.outcomes.append(refused())
        await fixture.done(ENTER)
        hedge = fixture.order("ho1")
        fixture.binance.arrive(hedge, ScriptedOutcome(executes=D(0), stays_open=True))
        await asyncio.sleep(70)
        await fixture.quiet()
        assert hedge.client_order_id in fixture.binance.cancelled
        assert not fixture.binance.placed[hedge.client_order_id].is_open
        assert fixture.is_even()


# -- orders that nobody knows --------------------------------------------------------------------


@in_virtual_time
async def test_an_orphan_is_told_once_and_a_operator_may_go_on() -> None:
    fixture = ExecutorFixture(sweep_interval_s=60.0)
    async with fixture.running():
        before = fixture.backup()
        await fixture.done(ENTER)
    fixture.restore(before)
    async with fixture.running():
        fixture.upbit.base = fixture.binance.base = D(0)
        await fixture.store.clear_latch("stop", "closed by hand", at_us=0)
        await fixture.executor.wake()
        await asyncio.sleep(200)
        assert len(await orphans(fixture)) == 2
        assert fixture.executor.account.stopped_reason is None
        again = await fixture.signal(ENTER)
        assert again.refusal is not None, "its own ids stay forbidden for ever"
        receipt = await fixture.signal(signal(name="s9", quantity="0.010", at=fixture.clock.now()))
        assert receipt.trade_id is not None
        await fixture.quiet()


@in_virtual_time
async def test_another_engine_on_the_account_is_noticed_while_running() -> None:
    async with ExecutorFixture(sweep_interval_s=60.0).running() as fixture:
        await fixture.done(ENTER)
        key = trade_key(strategy="kimchi", signal_id="elsewhere", symbol="BTC")
        name = client_order_id(mode="p", key=key, leg=Leg.SPOT, purpose=Purpose.OPEN, attempt=1)
        theirs = replace(fixture.order("so1"), client_order_id=name, created_at=fixture.clock.now())
        fixture.upbit.arrive(theirs)
        await asyncio.sleep(70)
        assert "not in the journal" in (fixture.executor.account.stopped_reason or "")


@pytest.mark.parametrize(
    ("leg", "side", "adds"),
    [
        (Leg.SPOT, OrderSide.BUY, True),
        (Leg.SPOT, OrderSide.SELL, False),
        (Leg.HEDGE, OrderSide.SELL, True),
        (Leg.HEDGE, OrderSide.BUY, False),
    ],
)
def test_an_open_stranger_that_would_add_exposure_is_cancelled(
    leg: Leg, side: OrderSide, adds: bool
) -> None:
    async def scenario() -> None:
        async with ExecutorFixture().running() as fixture:
            await fixture.done(ENTER)
            key = trade_key(strategy="kimchi", signal_id="elsewhere", symbol="BTC")
            name = client_order_id(mode="p", key=key, leg=leg, purpose=Purpose.OPEN, attempt=1)
            known = fixture.order("so1" if leg is Leg.SPOT else "ho1")
            theirs = replace(known, client_order_id=name, side=side, created_at=fixture.clock.now())
            exchange = fixture.upbit if leg is Leg.SPOT else fixture.binance
            exchange.arrive(theirs, ScriptedOutcome(executes=D(0), stays_open=True))
            await asyncio.sleep(70)
            assert "no unresolved order" in (fixture.executor.account.stopped_reason or "")
            assert len(await orphans(fixture)) == 1
            assert exchange.cancelled == ([name] if adds else [])

    run_virtual(scenario())


@in_virtual_time
async def test_a_second_order_under_one_of_our_ids_latches() -> None:
    """On Binance an id is free once its order has filled."""
    async with ExecutorFixture(sweep_interval_s=60.0).running() as fixture:
        await fixture.done(ENTER)
        fixture.binance.exchange_ids = "y-"
        await asyncio.sleep(70)
        assert "a second order under this id" in (fixture.executor.account.stopped_reason or "")


# -- order of things ------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", [False, True])
def test_corrections_wait_for_the_sweep_where_rows_may_be_lost_and_only_there(lost: bool) -> None:
    async def scenario() -> None:
        fixture = ExecutorFixture()
        fixture.upbit.outcomes.append(refused())
        fixture.binance.outcomes.append(SLOW)
        async with fixture.running():
            await fixture.signal(ENTER)
            await asyncio.sleep(0.1)
        sent = len(fixture.sent)
        fixture.upbit.lists_fail = True
        if lost:
            fixture.boot = "another"
        task = await fixture.begin(until_ready=False)
        await asyncio.sleep(1)
        fixture.binance.tell(fixture.order("ho1").client_order_id)  # news that ask for a correction
        await asyncio.sleep(20)
        assert (len(fixture.sent) > sent) is not lost
        fixture.upbit.lists_fail = False
        await asyncio.sleep(60)
        await fixture.quiet()
        assert fixture.is_even()
        assert len(fixture.sent) > sent
        await fixture.kill(task)

    run_virtual(scenario())


@in_virtual_time
async def test_where_rows_may_be_lost_requests_still_on_their_way_are_waited_for() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        before = fixture.backup()
        fixture.binance.outcomes.append(LOST_REQUEST)
        fixture.upbit.outcomes.append(refused())
        await fixture.signal(ENTER)
    fixture.restore(before)
    fixture.boot = "another"
    lost = fixture.order("ho1")
    task = await fixture.begin(until_ready=False)
    await asyncio.sleep(4)
    fixture.binance.arrive(lost)
    await asyncio.sleep(10)
    assert lost.client_order_id in {s.client_order_id for s in await orphans(fixture)}
    await fixture.kill(task)


@in_virtual_time
async def test_a_clean_journal_makes_no_noise() -> None:
    fixture = ExecutorFixture(sweep_interval_s=10.0)
    async with fixture.running():
        trade = await fixture.done(ENTER)
        await asyncio.sleep(100)
    async with fixture.running():
        await asyncio.sleep(100)
        assert [o.status for o in trade.orders] == [OrderStatus.FILLED] * 2
        assert await orphans(fixture) == []
        kinds = {kind for kind, _ in await fixture.alerts()}
        assert not kinds & {"stray_order", "late_order", "mismatch"}
