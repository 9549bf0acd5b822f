"""What the journal should know and does not: late orders, lost rows, strangers under our prefix."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.desk import Desk
from tests.fakes.fates import FILLED, LOST_REQUEST, Fate, refused
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.client_order_id import client_order_id, trade_key
from trading_platform_order.domain.order import Leg, Order, OrderSide, OrderStatus, Purpose
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.domain.trade.trade_events import TradeOutcome
from trading_platform_order.simulation.testbed.virtual_loop import run_virtual
from trading_platform_order.storage.sqlite.database import Database

ENTER = signal(quantity="0.010")
SLOW = Fate(answer_s=9.0)


async def strays(desk: Desk) -> list[ae.StrayOrderFound]:
    return [e for e in await desk.events() if isinstance(e, ae.StrayOrderFound)]


# -- late orders ----------------------------------------------------------------------------------


async def absent_then_late(desk: Desk) -> Order:
    """An entry whose spot order was called absent was taken back; then the order arrives."""
    desk.upbit.fates.extend([LOST_REQUEST, refused()])
    trade = await desk.done(ENTER)
    assert trade.outcome is TradeOutcome.UNWOUND
    late = desk.order("so1")
    desk.upbit.arrive(late)
    assert not desk.is_even()
    return late


@in_virtual_time
async def test_a_late_order_nobody_told_of_is_found_booked_and_evened() -> None:
    async with Desk(sweep_interval_s=300.0).running() as desk:
        await absent_then_late(desk)
        await asyncio.sleep(310)
        await desk.quiet()
        assert desk.is_even()
        assert ("late_order", True) in await desk.alerts()
        held = desk.executor.book.holding("kimchi", "BTC")
        assert (held.spot, held.short) == (desk.upbit.base, -desk.binance.base)
        assert await strays(desk) == []


@in_virtual_time
async def test_a_late_order_of_the_time_the_engine_was_down_is_found_at_the_start() -> None:
    desk = Desk()
    async with desk.running():
        late = await absent_then_late(desk)
    await asyncio.sleep(7_200)
    async with desk.running():
        await desk.quiet()
        assert desk.is_even()
        assert ("late_order", True) in await desk.alerts()
        assert desk.executor.keeper.stopped_reason is None
        trade = next(iter(desk.executor.trades.values()))
        assert trade.order(late.client_order_id).executed_quantity == D("0.010")


@in_virtual_time
async def test_an_order_refused_that_stands_open_after_all_is_cancelled() -> None:
    async with Desk(sweep_interval_s=60.0).running() as desk:
        desk.binance.fates.append(refused())
        await desk.done(ENTER)
        hedge = desk.order("ho1")
        desk.binance.arrive(hedge, Fate(executes=D(0), stays_open=True))
        await asyncio.sleep(70)
        await desk.quiet()
        assert hedge.client_order_id in desk.binance.cancelled
        assert not desk.binance.placed[hedge.client_order_id].is_open
        assert desk.is_even()


# -- rows lost ------------------------------------------------------------------------------------


@in_virtual_time
async def test_an_entry_whose_rows_were_lost_latches_and_is_never_filled_twice() -> None:
    desk = Desk()
    async with desk.running():
        before = desk.backup()
        await desk.done(ENTER)
    desk.restore(before)
    async with desk.running():
        assert "not in the journal" in (desk.executor.keeper.stopped_reason or "")
        again = await desk.signal(ENTER)
        await desk.quiet()
        assert again.refusal is not None
        assert again.refusal.code is RefusalCode.STRAY_ORDER
        assert desk.sent == ["so1", "ho1"]
        assert (desk.upbit.base, desk.binance.base) == (D("0.010"), D("-0.010"))
        assert {s.client_order_id[-3:] for s in await strays(desk)} == {"so1", "ho1"}
        assert [a for a in await desk.alerts() if a == ("stray_order", True)] != []


@in_virtual_time
async def test_an_exit_whose_rows_were_lost_sells_nothing_a_second_time() -> None:
    desk = Desk()
    exit_signal = signal(Action.EXIT, name="s2")
    async with desk.running():
        await desk.done(ENTER)
        before = desk.backup()
        await desk.done(exit_signal)
    desk.upbit.base += D(1)  # the owner's own coins
    desk.restore(before)
    async with desk.running():
        for wish in (exit_signal, signal(Action.EXIT, name="s3")):
            receipt = await desk.signal(wish)
            assert receipt.refusal is not None
            assert receipt.refusal.code is RefusalCode.STRAY_ORDER
        await desk.quiet()
        assert (desk.upbit.base, desk.binance.base) == (D(1), D(0))


@in_virtual_time
async def test_an_exit_whose_rows_were_lost_is_not_sent_again_while_no_list_shows_it() -> None:
    """Its trade was lost and it comes again: on Binance the id of a filled order is free."""
    desk = Desk()
    async with desk.running():
        await desk.done(ENTER)
        desk.upbit.fates.append(LOST_REQUEST)
        exit_signal = signal(Action.EXIT, name="s2", at=desk.clock.now())
        before = desk.backup()
        await desk.signal(exit_signal)
        await asyncio.sleep(1)
        assert desk.sent[-1] == "hc1"
    desk.restore(before)
    desk.boot = "another"
    desk.binance.lists_lag = True
    task = await desk.begin(until_ready=False)
    await asyncio.sleep(0.1)
    await desk.signal(exit_signal)  # it waits until the sweep has been, and found nothing
    await asyncio.sleep(12)
    assert desk.sent.count("hc1") == 1
    desk.binance.lists_lag = False
    await asyncio.sleep(60)
    await desk.quiet()
    assert desk.sent.count("hc1") == 1
    assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))
    await desk.kill(task)


@pytest.mark.parametrize("spot_fills", [False, True])
def test_a_correction_whose_row_was_lost_is_taken_back_into_its_trade(spot_fills: bool) -> None:
    async def scenario() -> None:
        desk = Desk()
        saved: list[Database] = []
        bad, other = (desk.binance, desk.upbit) if spot_fills else (desk.upbit, desk.binance)
        bad.fates.extend([refused(), refused(), refused()])
        other.fates.extend([FILLED, SLOW])
        async with desk.running():
            await desk.signal(ENTER)
            await asyncio.sleep(0.005)
            saved.append(desk.backup())
            await asyncio.sleep(2)
            corrections = [name for name in desk.sent if name not in {"so1", "ho1"}]
            assert corrections
        desk.restore(saved[0])
        async with desk.running():
            await desk.quiet()
            assert desk.is_even()
            assert sorted(set(desk.sent)) == sorted(desk.sent), "an id was sent twice"
            trade = next(iter(desk.executor.trades.values()))
            assert trade.state is TradeState.SETTLED
            held = desk.executor.book.holding("kimchi", "BTC")
            assert (held.spot, held.short) == (desk.upbit.base, -desk.binance.base)
            assert await strays(desk) == []
            assert desk.executor.keeper.stopped_reason is None

    run_virtual(scenario())


async def desk_that_lost_a_correction() -> Desk:
    """The hedge was refused and corrected; power went, and the row of the correction with it."""
    desk = Desk()
    desk.binance.fates.extend([refused(retryable=True, retry_after_s=0.5), FILLED])
    async with desk.running():
        await desk.signal(ENTER)
        await asyncio.sleep(0.1)
        before = desk.backup()
        await asyncio.sleep(2)
        assert desk.sent == ["so1", "ho1", "hm1"]
    desk.restore(before)
    desk.boot = "another"
    return desk


@in_virtual_time
async def test_a_correction_that_only_the_position_shows_is_not_sent_again() -> None:
    """Its row was lost, and for a while no list of Binance shows it: the id is free there."""
    desk = await desk_that_lost_a_correction()
    desk.binance.lists_lag = True
    task = await desk.begin(until_ready=False)
    await asyncio.sleep(12)
    desk.binance.lists_lag = False
    await asyncio.sleep(60)
    await desk.quiet()
    assert desk.sent == ["so1", "ho1", "hm1"]
    assert desk.is_even()
    await desk.kill(task)


@pytest.mark.parametrize("lives_s", [0.3, 3.0, 9.0])
def test_an_engine_that_dies_again_still_knows_that_rows_were_lost(lives_s: float) -> None:
    """The first start after the loss dies before it has looked; the next one looks."""

    async def scenario() -> None:
        desk = await desk_that_lost_a_correction()
        desk.binance.lists_lag = True
        first = await desk.begin(until_ready=False)
        await asyncio.sleep(lives_s)
        await desk.kill(first)
        second = await desk.begin(until_ready=False)
        await asyncio.sleep(12)
        desk.binance.lists_lag = False
        await asyncio.sleep(60)
        await desk.quiet()
        assert desk.sent == ["so1", "ho1", "hm1"]
        assert desk.is_even()
        await desk.kill(second)

    run_virtual(scenario())


@in_virtual_time
async def test_an_entry_of_before_lost_rows_is_not_traded_at_a_later_start_either() -> None:
    desk = Desk()
    desk.upbit.lists_lag = desk.binance.lists_lag = True
    old = signal(quantity="0.010", expires_at=desk.clock.now() + timedelta(hours=1))
    async with desk.running():
        before = desk.backup()
        await desk.done(old)
    desk.restore(before)
    desk.boot = "another"
    desk.upbit.base = desk.binance.base = D(0)  # by another hand, or nothing could be entered
    async with desk.running():
        await asyncio.sleep(1)
    async with desk.running():
        again = await desk.signal(old)
        assert again.refusal is not None
        assert again.refusal.code is RefusalCode.ROWS_LOST
        new = signal(name="s2", quantity="0.010", at=desk.clock.now())
        assert (await desk.signal(new)).trade_id is not None
        await desk.quiet()


@pytest.mark.parametrize("listed_after_s", [6, 20])
def test_a_correction_behind_an_order_in_doubt_is_not_sent_again(listed_after_s: float) -> None:
    """The rows of both are lost, and no list shows the correction yet: only the position does."""

    async def scenario() -> None:
        desk = Desk()
        desk.upbit.fates.extend([refused(), refused(), refused()])
        desk.binance.fates.extend([Fate(answer_s=0.05), FILLED])
        async with desk.running():
            await desk.signal(ENTER)
            before = desk.backup()
            await asyncio.sleep(2)
            sent = list(desk.sent)
            assert sent[-1] == "hu1"
        desk.restore(before)
        desk.boot = "another"
        desk.binance.unlisted.add("hu1")
        task = await desk.begin(until_ready=False)
        await asyncio.sleep(listed_after_s)
        desk.binance.unlisted.clear()
        await asyncio.sleep(60)
        await desk.quiet()
        assert desk.sent == sent
        assert desk.is_even()
        assert await strays(desk) == []
        await desk.kill(task)

    run_virtual(scenario())


@in_virtual_time
async def test_a_lost_correction_is_not_sent_again_while_binance_does_not_answer() -> None:
    """However long that takes: a read that fails says nothing about what was sent."""
    desk = await desk_that_lost_a_correction()
    desk.binance.unlisted.add("hm1")
    task = await desk.begin(until_ready=False)
    await asyncio.sleep(10)  # the sweep has been, and the trade begins to look
    desk.binance.reads_fail = True
    await asyncio.sleep(120)
    desk.binance.reads_fail = False
    desk.binance.unlisted.clear()
    await asyncio.sleep(60)
    assert desk.sent == ["so1", "ho1", "hm1"]
    assert desk.is_even()
    await desk.kill(task)


@in_virtual_time
async def test_another_hand_holds_up_a_correction_only_for_a_while() -> None:
    """The owner closed the short while we were down: no order of ours explains the position."""
    desk = Desk()
    desk.binance.fates.extend([refused(retryable=True, retry_after_s=0.5)])
    async with desk.running():
        await desk.signal(ENTER)
        await asyncio.sleep(0.1)
        before = desk.backup()
    desk.restore(before)
    desk.boot = "another"
    desk.binance.base += D("0.003")
    task = await desk.begin(until_ready=False)
    await asyncio.sleep(8)
    assert desk.sent == ["so1", "ho1"]
    await asyncio.sleep(60)
    assert desk.sent == ["so1", "su1", "ho1"]
    await desk.kill(task)


@in_virtual_time
async def test_a_stray_is_told_once_and_a_human_may_go_on() -> None:
    desk = Desk(sweep_interval_s=60.0)
    async with desk.running():
        before = desk.backup()
        await desk.done(ENTER)
    desk.restore(before)
    async with desk.running():
        desk.upbit.base = desk.binance.base = D(0)
        await desk.store.clear_latch("stop", "closed by hand", at_us=0)
        await desk.executor.wake()
        await asyncio.sleep(200)
        assert len(await strays(desk)) == 2
        assert desk.executor.keeper.stopped_reason is None
        again = await desk.signal(ENTER)
        assert again.refusal is not None, "its own ids stay forbidden for ever"
        receipt = await desk.signal(signal(name="s9", quantity="0.010", at=desk.clock.now()))
        assert receipt.trade_id is not None
        await desk.quiet()


@in_virtual_time
async def test_another_engine_on_the_account_is_noticed_while_running() -> None:
    async with Desk(sweep_interval_s=60.0).running() as desk:
        await desk.done(ENTER)
        key = trade_key(strategy="kimchi", signal_id="elsewhere", symbol="BTC")
        name = client_order_id(mode="p", key=key, leg=Leg.SPOT, purpose=Purpose.OPEN, attempt=1)
        theirs = replace(desk.order("so1"), client_order_id=name, created_at=desk.clock.now())
        desk.upbit.arrive(theirs)
        await asyncio.sleep(70)
        assert "not in the journal" in (desk.executor.keeper.stopped_reason or "")


@pytest.mark.parametrize("adds", [True, False])
def test_an_open_stranger_that_would_add_exposure_is_cancelled(adds: bool) -> None:
    async def scenario() -> None:
        async with Desk().running() as desk:
            await desk.done(ENTER)
            key = trade_key(strategy="kimchi", signal_id="elsewhere", symbol="BTC")
            name = client_order_id(mode="p", key=key, leg=Leg.SPOT, purpose=Purpose.OPEN, attempt=1)
            side = OrderSide.BUY if adds else OrderSide.SELL
            known = desk.order("so1")
            theirs = replace(known, client_order_id=name, side=side, created_at=desk.clock.now())
            desk.upbit.arrive(theirs, Fate(executes=D(0), stays_open=True))
            await asyncio.sleep(70)
            assert "no unresolved order" in (desk.executor.keeper.stopped_reason or "")
            assert len(await strays(desk)) == 1
            assert desk.upbit.cancelled == ([name] if adds else [])

    run_virtual(scenario())


@in_virtual_time
async def test_a_second_order_under_one_of_our_ids_latches() -> None:
    """On Binance an id is free once its order has filled."""
    async with Desk(sweep_interval_s=60.0).running() as desk:
        await desk.done(ENTER)
        desk.binance.exchange_ids = "y-"
        await asyncio.sleep(70)
        assert "a second order under this id" in (desk.executor.keeper.stopped_reason or "")


# -- order of things ------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", [False, True])
def test_corrections_wait_for_the_sweep_where_rows_may_be_lost_and_only_there(lost: bool) -> None:
    async def scenario() -> None:
        desk = Desk()
        desk.upbit.fates.append(refused())
        desk.binance.fates.append(SLOW)
        async with desk.running():
            await desk.signal(ENTER)
            await asyncio.sleep(0.1)
        sent = len(desk.sent)
        desk.upbit.lists_fail = True
        if lost:
            desk.boot = "another"
        task = await desk.begin(until_ready=False)
        await asyncio.sleep(1)
        desk.binance.tell(desk.order("ho1").client_order_id)  # news that ask for a correction
        await asyncio.sleep(20)
        assert (len(desk.sent) > sent) is not lost
        desk.upbit.lists_fail = False
        await asyncio.sleep(60)
        await desk.quiet()
        assert desk.is_even()
        assert len(desk.sent) > sent
        await desk.kill(task)

    run_virtual(scenario())


@in_virtual_time
async def test_where_rows_may_be_lost_requests_still_on_their_way_are_waited_for() -> None:
    desk = Desk()
    async with desk.running():
        before = desk.backup()
        desk.binance.fates.append(LOST_REQUEST)
        desk.upbit.fates.append(refused())
        await desk.signal(ENTER)
    desk.restore(before)
    desk.boot = "another"
    lost = desk.order("ho1")
    task = await desk.begin(until_ready=False)
    await asyncio.sleep(4)
    desk.binance.arrive(lost)
    await asyncio.sleep(10)
    assert lost.client_order_id in {s.client_order_id for s in await strays(desk)}
    await desk.kill(task)


@in_virtual_time
async def test_a_clean_journal_makes_no_noise() -> None:
    desk = Desk(sweep_interval_s=10.0)
    async with desk.running():
        trade = await desk.done(ENTER)
        await asyncio.sleep(100)
    async with desk.running():
        await asyncio.sleep(100)
        assert [o.status for o in trade.orders] == [OrderStatus.FILLED] * 2
        assert await strays(desk) == []
        kinds = {kind for kind, _ in await desk.alerts()}
        assert not kinds & {"stray_order", "late_order", "mismatch"}
