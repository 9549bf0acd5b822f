"""Entries that were taken back: counted from the journal, with what they cost."""

import asyncio
from dataclasses import replace

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.outcomes import refused
from tests.fakes.pair import START, D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.risk.monitors.emergency_stop import STOP_LATCH
from trading_platform_order.risk.monitors.monitor_limits import MonitorLimits
from trading_platform_order.risk.monitors.taken_back import TakenBackLimits

NO_MARGIN = refused("binance:-2019")


def enter(fixture: ExecutorFixture, name: str) -> Signal:
    return signal(quantity="0.010", name=name, at=fixture.clock.now())


@in_virtual_time
async def test_what_taking_back_cost_is_what_the_ledger_lost() -> None:
    fixture = ExecutorFixture()
    fixture.binance.outcomes.append(NO_MARGIN)
    async with fixture.running():
        trade = await fixture.done(enter(fixture, "s1"))
        assert trade.outcome == "unwound"
        (entry,) = fixture.executor.book.entries.since(START)
        assert (entry.base, entry.is_taken_back) == ("BTC", True)
        assert entry.cost_krw > 0
        assert entry.cost_krw == -fixture.executor.book.parts().trading


@in_virtual_time
async def test_a_restart_forgets_none_and_the_pause_ends_by_itself() -> None:
    fixture = ExecutorFixture()
    fixture.binance.outcomes += [NO_MARGIN, NO_MARGIN]
    async with fixture.running():
        await fixture.done(enter(fixture, "s1"))
        await fixture.done(enter(fixture, "s2"))
        assert [kind for kind, _ in await fixture.alerts()].count("taken_back") == 1
    async with fixture.running():
        receipt = await fixture.signal(enter(fixture, "s3"))
        assert receipt.refusal is not None
        assert receipt.refusal.code is RefusalCode.TAKEN_BACK
        await asyncio.sleep(901)
        await fixture.done(enter(fixture, "s4"))
        assert fixture.binance.base == D("-0.010")


@in_virtual_time
async def test_one_that_failed_on_both_legs_is_none() -> None:
    fixture = ExecutorFixture()
    fixture.binance.outcomes += [NO_MARGIN, NO_MARGIN]
    fixture.upbit.outcomes += [refused("insufficient_funds_bid"), refused("insufficient_funds_bid")]
    async with fixture.running():
        await fixture.done(enter(fixture, "s1"))
        await fixture.done(enter(fixture, "s2"))
        assert fixture.executor.book.entries.since(START) == ()
        await fixture.done(enter(fixture, "s3"))


@in_virtual_time
async def test_one_that_an_exit_ended_is_none() -> None:
    """It was not completed because nobody wanted it any more."""
    fixture = ExecutorFixture()
    fixture.binance.outcomes.append(refused("binance:-1008", answer_s=1.0, retryable=True))
    async with fixture.running():
        await fixture.signal(enter(fixture, "s1"))
        await asyncio.sleep(0.3)
        await fixture.signal(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        await fixture.quiet()
        trades = {trade.signal.id: trade for trade in fixture.executor.trades.values()}
        assert (trades["s1"].outcome, trades["s1"].completion_stopped) == ("unwound", True)
        assert fixture.executor.book.entries.since(START) == ()


@in_virtual_time
async def test_too_much_cost_latches_the_stop_and_holds_for_an_hour() -> None:
    limits = MonitorLimits(taken_back=TakenBackLimits(stop_krw=D(100)))
    fixture = ExecutorFixture(monitors=limits)
    fixture.binance.outcomes.append(NO_MARGIN)
    async with fixture.running():
        await fixture.done(enter(fixture, "s1"))
        await asyncio.sleep(2)
        kinds = {latch.kind for latch in await fixture.store.latches()}
        assert kinds == {STOP_LATCH, "holds:entries_taken_back"}
        await asyncio.sleep(3_600)
        kinds = {latch.kind for latch in await fixture.store.latches()}
        assert kinds == {STOP_LATCH}, "it stays until an operator lifts it, which is allowed now"


@in_virtual_time
async def test_a_pause_of_more_than_an_hour_is_told_once() -> None:
    limits = TakenBackLimits(pause_s=7_200, stop_krw=D("1e9"))
    fixture = ExecutorFixture(monitors=MonitorLimits(taken_back=limits))
    async with fixture.running():
        await fixture.done(enter(fixture, "s0"))
        fixture.binance.outcomes += [NO_MARGIN, NO_MARGIN]
        for name in ("s1", "s2"):
            more = replace(enter(fixture, name), strategy="other")
            await fixture.done(more)
        await asyncio.sleep(4_000)
        receipt = await fixture.signal(replace(enter(fixture, "s3"), strategy="other"))
        assert receipt.refusal is not None
        assert receipt.refusal.code is RefusalCode.TAKEN_BACK
        await fixture.done(signal(Action.EXIT, name="s4", at=fixture.clock.now()))
        assert [kind for kind, _ in await fixture.alerts()].count("taken_back") == 1


@in_virtual_time
async def test_whoever_sets_the_stop_an_entry_under_way_is_not_completed() -> None:
    """A mismatch, a leg that is gone, a snapshot that was wrong: they set it by the account."""
    fixture = ExecutorFixture()
    fixture.binance.outcomes.append(refused("binance:-1008", answer_s=1.0, retryable=True))
    async with fixture.running():
        await fixture.signal(enter(fixture, "s1"))
        await asyncio.sleep(0.3)
        await fixture.executor.account.latch("position mismatch: by another hand")
        sent = len(fixture.binance.sent)
        await fixture.quiet()
        (trade,) = fixture.executor.trades.values()
        assert trade.completion_stopped
        assert trade.outcome == "unwound"
        assert len(fixture.binance.sent) == sent
