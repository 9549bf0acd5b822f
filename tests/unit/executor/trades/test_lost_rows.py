"""Rows of the journal were lost: what they told of is found on the exchanges, never sent again."""

import asyncio
from datetime import timedelta

import pytest

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.outcomes import FILLED, LOST_REQUEST, ScriptedOutcome, refused
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.transport.virtual_loop import run_virtual

ENTER = signal(quantity="0.010")
SLOW = ScriptedOutcome(answer_s=9.0)


async def orphans(fixture: ExecutorFixture) -> list[ae.OrphanOrderFound]:
    return [e for e in await fixture.events() if isinstance(e, ae.OrphanOrderFound)]


@in_virtual_time
async def test_an_entry_whose_rows_were_lost_latches_and_is_never_filled_twice() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        before = fixture.backup()
        await fixture.done(ENTER)
    fixture.restore(before)
    async with fixture.running():
        assert "not in the journal" in (fixture.executor.account.stopped_reason or "")
        again = await fixture.signal(ENTER)
        await fixture.quiet()
        assert again.refusal is not None
        assert again.refusal.code is RefusalCode.STRAY_ORDER
        assert fixture.sent == ["so1", "ho1"]
        assert (fixture.upbit.base, fixture.binance.base) == (D("0.010"), D("-0.010"))
        assert {s.client_order_id[-3:] for s in await orphans(fixture)} == {"so1", "ho1"}
        assert [a for a in await fixture.alerts() if a == ("stray_order", True)] != []


@in_virtual_time
async def test_an_exit_whose_rows_were_lost_sells_nothing_a_second_time() -> None:
    fixture = ExecutorFixture()
    exit_signal = signal(Action.EXIT, name="s2")
    async with fixture.running():
        await fixture.done(ENTER)
        before = fixture.backup()
        await fixture.done(exit_signal)
    fixture.upbit.base += D(1)  # the owner's own coins
    fixture.restore(before)
    async with fixture.running():
        for wish in (exit_signal, signal(Action.EXIT, name="s3")):
            receipt = await fixture.signal(wish)
            assert receipt.refusal is not None
            assert receipt.refusal.code is RefusalCode.STRAY_ORDER
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (D(1), D(0))


@in_virtual_time
async def test_an_exit_whose_rows_were_lost_is_not_sent_again_while_no_list_shows_it() -> None:
    """Its trade was lost and it comes again: on Binance the id of a filled order is free."""
    fixture = ExecutorFixture()
    async with fixture.running():
        await fixture.done(ENTER)
        fixture.upbit.outcomes.append(LOST_REQUEST)
        exit_signal = signal(Action.EXIT, name="s2", at=fixture.clock.now())
        before = fixture.backup()
        await fixture.signal(exit_signal)
        await asyncio.sleep(1)
        assert fixture.sent[-1] == "hc1"
    fixture.restore(before)
    fixture.boot = "another"
    fixture.binance.lists_lag = True
    task = await fixture.begin(until_ready=False)
    await asyncio.sleep(0.1)
    await fixture.signal(exit_signal)  # it waits until the sweep has been, and found nothing
    await asyncio.sleep(12)
    assert fixture.sent.count("hc1") == 1
    fixture.binance.lists_lag = False
    await asyncio.sleep(60)
    await fixture.quiet()
    assert fixture.sent.count("hc1") == 1
    assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
    await fixture.kill(task)


@pytest.mark.parametrize("spot_fills", [False, True])
def test_a_correction_whose_row_was_lost_is_taken_back_into_its_trade(spot_fills: bool) -> None:
    async def scenario() -> None:
        fixture = ExecutorFixture()
        saved: list[Database] = []
        bad, other = (
            (fixture.binance, fixture.upbit) if spot_fills else (fixture.upbit, fixture.binance)
        )
        bad.outcomes.extend([refused(), refused(), refused()])
        other.outcomes.extend([FILLED, SLOW])
        async with fixture.running():
            await fixture.signal(ENTER)
            await asyncio.sleep(0.005)
            saved.append(fixture.backup())
            await asyncio.sleep(2)
            corrections = [name for name in fixture.sent if name not in {"so1", "ho1"}]
            assert corrections
        fixture.restore(saved[0])
        async with fixture.running():
            await fixture.quiet()
            assert fixture.is_even()
            assert sorted(set(fixture.sent)) == sorted(fixture.sent), "an id was sent twice"
            trade = next(iter(fixture.executor.trades.values()))
            assert trade.state is TradeState.SETTLED
            held = fixture.executor.book.holding("kimchi", "BTC")
            assert (held.spot, held.short) == (fixture.upbit.base, -fixture.binance.base)
            assert await orphans(fixture) == []
            assert fixture.executor.account.stopped_reason is None

    run_virtual(scenario())


async def fixture_that_lost_a_correction() -> ExecutorFixture:
    """The hedge was refused and corrected; power went, and the row of the correction with it."""
    fixture = ExecutorFixture()
    fixture.binance.outcomes.extend([refused(retryable=True, retry_after_s=0.5), FILLED])
    async with fixture.running():
        await fixture.signal(ENTER)
        await asyncio.sleep(0.1)
        before = fixture.backup()
        await asyncio.sleep(2)
        assert fixture.sent == ["so1", "ho1", "hm1"]
    fixture.restore(before)
    fixture.boot = "another"
    return fixture


@in_virtual_time
async def test_a_correction_that_only_the_position_shows_is_not_sent_again() -> None:
    """Its row was lost, and for a while no list of Binance shows it: the id is free there."""
    fixture = await fixture_that_lost_a_correction()
    fixture.binance.lists_lag = True
    task = await fixture.begin(until_ready=False)
    await asyncio.sleep(12)
    fixture.binance.lists_lag = False
    await asyncio.sleep(60)
    await fixture.quiet()
    assert fixture.sent == ["so1", "ho1", "hm1"]
    assert fixture.is_even()
    await fixture.kill(task)


@pytest.mark.parametrize("lives_s", [0.3, 3.0, 9.0])
def test_an_engine_that_dies_again_still_knows_that_rows_were_lost(lives_s: float) -> None:
    """The first start after the loss dies before it has looked; the next one looks."""

    async def scenario() -> None:
        fixture = await fixture_that_lost_a_correction()
        fixture.binance.lists_lag = True
        first = await fixture.begin(until_ready=False)
        await asyncio.sleep(lives_s)
        await fixture.kill(first)
        second = await fixture.begin(until_ready=False)
        await asyncio.sleep(12)
        fixture.binance.lists_lag = False
        await asyncio.sleep(60)
        await fixture.quiet()
        assert fixture.sent == ["so1", "ho1", "hm1"]
        assert fixture.is_even()
        await fixture.kill(second)

    run_virtual(scenario())


@in_virtual_time
async def test_an_entry_of_before_lost_rows_is_not_traded_at_a_later_start_either() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.lists_lag = fixture.binance.lists_lag = True
    old = signal(quantity="0.010", expires_at=fixture.clock.now() + timedelta(hours=1))
    async with fixture.running():
        before = fixture.backup()
        await fixture.done(old)
    fixture.restore(before)
    fixture.boot = "another"
    fixture.upbit.base = fixture.binance.base = D(0)  # by another hand, or nothing could be entered
    async with fixture.running():
        await asyncio.sleep(1)
    async with fixture.running():
        again = await fixture.signal(old)
        assert again.refusal is not None
        assert again.refusal.code is RefusalCode.ROWS_LOST
        new = signal(name="s2", quantity="0.010", at=fixture.clock.now())
        assert (await fixture.signal(new)).trade_id is not None
        await fixture.quiet()


@pytest.mark.parametrize("listed_after_s", [6, 20])
def test_a_correction_behind_an_order_in_doubt_is_not_sent_again(listed_after_s: float) -> None:
    """The rows of both are lost, and no list shows the correction yet: only the position does."""

    async def scenario() -> None:
        fixture = ExecutorFixture()
        fixture.upbit.outcomes.extend([refused(), refused(), refused()])
        fixture.binance.outcomes.extend([ScriptedOutcome(answer_s=0.05), FILLED])
        async with fixture.running():
            await fixture.signal(ENTER)
            before = fixture.backup()
            await asyncio.sleep(2)
            sent = list(fixture.sent)
            assert sent[-1] == "hu1"
        fixture.restore(before)
        fixture.boot = "another"
        fixture.binance.unlisted.add("hu1")
        task = await fixture.begin(until_ready=False)
        await asyncio.sleep(listed_after_s)
        fixture.binance.unlisted.clear()
        await asyncio.sleep(60)
        await fixture.quiet()
        assert fixture.sent == sent
        assert fixture.is_even()
        assert await orphans(fixture) == []
        await fixture.kill(task)

    run_virtual(scenario())


@in_virtual_time
async def test_a_lost_correction_is_not_sent_again_while_binance_does_not_answer() -> None:
    """However long that takes: a read that fails says nothing about what was sent."""
    fixture = await fixture_that_lost_a_correction()
    fixture.binance.unlisted.add("hm1")
    task = await fixture.begin(until_ready=False)
    await asyncio.sleep(10)  # the sweep has been, and the trade begins to look
    fixture.binance.reads_fail = True
    await asyncio.sleep(120)
    fixture.binance.reads_fail = False
    fixture.binance.unlisted.clear()
    await asyncio.sleep(60)
    assert fixture.sent == ["so1", "ho1", "hm1"]
    assert fixture.is_even()
    await fixture.kill(task)


@in_virtual_time
async def test_somebody_else_holds_up_a_correction_only_for_a_while() -> None:
    """The owner closed the short while we were down: no order of ours explains the position."""
    fixture = ExecutorFixture()
    fixture.binance.outcomes.extend([refused(retryable=True, retry_after_s=0.5)])
    async with fixture.running():
        await fixture.signal(ENTER)
        await asyncio.sleep(0.1)
        before = fixture.backup()
    fixture.restore(before)
    fixture.boot = "another"
    fixture.binance.base += D("0.003")
    task = await fixture.begin(until_ready=False)
    await asyncio.sleep(8)
    assert fixture.sent == ["so1", "ho1"]
    await asyncio.sleep(60)
    assert fixture.sent == ["so1", "su1", "ho1"]
    await fixture.kill(task)
