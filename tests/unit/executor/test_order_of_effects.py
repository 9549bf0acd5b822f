"""Durable before sent, both legs at once, each signal once; and what a broken store does."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

import pytest

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.outcomes import LOST_ANSWER, ScriptedOutcome, refused
from tests.fakes.pair import D, holding, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account.account_events import SignalRefused
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.domain.trade.trade_events import TradeOpened, TradeOutcome
from trading_platform_order.executor.journal.claims import claim_for
from trading_platform_order.storage.base import ClaimResult, StoreUnavailable
from trading_platform_order.transport.virtual_loop import run_virtual

ENTER = signal(quantity="0.010")
EXIT = signal(Action.EXIT, name="s2")


@in_virtual_time
async def test_a_pair_is_opened_and_closed_and_the_books_agree_with_the_exchanges() -> None:
    async with ExecutorFixture().running() as fixture:
        entered = await fixture.done(ENTER)
        assert entered.outcome is TradeOutcome.HEDGED
        assert (fixture.upbit.base, fixture.binance.base) == (D("0.010"), D("-0.010"))
        exited = await fixture.done(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        assert exited.outcome is TradeOutcome.FLAT
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
        ledger = fixture.executor.book.ledger
        assert (ledger.krw, ledger.usdt) == (fixture.upbit.money, fixture.binance.money)
        assert ledger.holding("kimchi", "BTC") == holding("0.000", "0.000")
        assert await fixture.alerts() == [("entry", False), ("exit", False)]


@pytest.mark.parametrize("commit_s", [0.0, 0.003])
def test_an_intent_is_durable_before_its_first_byte_leaves(commit_s: float) -> None:
    async def scenario() -> None:
        fixture = ExecutorFixture()
        fixture.commit_s = commit_s
        fixture.upbit.outcomes.append(refused(retryable=True))
        async with fixture.running():
            await fixture.done(ENTER)
        happened = fixture.happened
        opened, planned = (
            happened.index("durable trade_opened"),
            happened.index("durable orders_planned"),
        )
        assert opened < min(happened.index("sent so1"), happened.index("sent ho1"))
        assert planned < happened.index("sent sm1")
        assert happened.index("durable order_refused") < planned

    run_virtual(scenario())


@in_virtual_time
async def test_both_legs_leave_before_either_answers() -> None:
    async with ExecutorFixture().running() as fixture:
        await fixture.done(ENTER)
        sends = [fixture.happened.index(f"sent {name}") for name in ("so1", "ho1")]
        answers = [fixture.happened.index(f"answered {name}") for name in ("so1", "ho1")]
        assert max(sends) < min(answers)


@in_virtual_time
async def test_a_signal_that_waits_for_nothing_needs_no_turn_of_the_event_loop() -> None:
    async with ExecutorFixture().running() as fixture:
        work = fixture.executor.handle(ENTER, claim_for(ENTER))
        with pytest.raises(StopIteration) as done:
            work.send(None)
        assert done.value.value.result is ClaimResult.CLAIMED
        assert fixture.sent == ["so1", "ho1"]
        await fixture.quiet()
        assert fixture.is_even()


@pytest.mark.parametrize("wish", [ENTER, EXIT])
@pytest.mark.parametrize("commit_s", [0.0, 0.003])
def test_commit_signatures_and_both_writes_follow_each_other_without_a_turn_of_the_event_loop(
    wish: Signal, commit_s: float
) -> None:
    async def scenario() -> None:
        fixture = ExecutorFixture()
        fixture.happened = fixture.upbit.happened = fixture.binance.happened = Turns()
        async with fixture.running():
            if wish is EXIT:
                await fixture.done(ENTER)
            fixture.store.commit_s = commit_s
            await fixture.done(replace(wish, created_at=fixture.clock.now()))
        last = len(fixture.happened) - 1 - fixture.happened[::-1].index("durable trade_opened")
        after = fixture.happened[last + 1 : last + 6]
        legs = ("sc1", "hc1") if wish is EXIT else ("so1", "ho1")
        signed, sent = ([f"{what} {leg}" for leg in legs] for what in ("signed", "sent"))
        assert after == [*signed, *sent, "turn"]

    run_virtual(scenario())


class Turns(list[str]):
    """What happened, with the turn of the event loop that follows each durable commit."""

    def extend(self, values: Iterable[str]) -> None:
        super().extend(values)
        asyncio.get_running_loop().call_soon(self.append, "turn")


@in_virtual_time
async def test_nothing_learned_is_acted_on_before_it_is_durable() -> None:
    fixture = ExecutorFixture()
    fixture.commit_s = 0.003
    fixture.binance.outcomes.append(ScriptedOutcome(executes=D("0.004")))
    async with fixture.running():
        await fixture.done(ENTER)
    ended = [i for i, what in enumerate(fixture.happened) if what == "durable order_ended"]
    assert (
        ended[1]
        < fixture.happened.index("durable orders_planned")
        < fixture.happened.index("sent hm1")
    )
    assert fixture.is_even()


# -- claims ---------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_signal_is_executed_once_however_often_it_comes() -> None:
    fixture = ExecutorFixture()
    fixture.commit_s = 0.002
    async with fixture.running():
        results = await asyncio.gather(*(fixture.signal(ENTER) for _ in range(3)))
        await fixture.quiet()
        results.append(await fixture.signal(ENTER))
        await fixture.quiet()
    assert sorted(receipt.result for receipt in results) == ["claimed", *["duplicate"] * 3]
    assert fixture.sent == ["so1", "ho1"]
    async with fixture.running():
        assert (await fixture.signal(ENTER)).result is ClaimResult.DUPLICATE
        await fixture.quiet()
        opened = [event for event in await fixture.events() if isinstance(event, TradeOpened)]
    assert len(opened) == 1
    assert fixture.sent == ["so1", "ho1"]


@in_virtual_time
async def test_a_used_id_with_another_content_is_an_alert_not_a_trade() -> None:
    async with ExecutorFixture().running() as fixture:
        await fixture.done(ENTER)
        receipt = await fixture.signal(signal(quantity="0.020"))
        assert receipt.result is ClaimResult.CONFLICT
        assert receipt.refusal is not None
        assert receipt.refusal.code is RefusalCode.SIGNAL_CONFLICT
        await fixture.quiet()
        assert fixture.sent == ["so1", "ho1"]
        assert ("signal_conflict", True) in await fixture.alerts()
        refusals = [e for e in await fixture.events() if isinstance(e, SignalRefused)]
        assert [refusal.code for refusal in refusals] == ["signal_conflict"]


@in_virtual_time
async def test_a_refusal_is_durable_and_told() -> None:
    async with ExecutorFixture().running() as fixture:
        receipt = await fixture.signal(EXIT)
        assert receipt.refusal is not None
        assert receipt.refusal.code is RefusalCode.NOTHING_OPEN
        assert (await fixture.signal(EXIT)).result is ClaimResult.DUPLICATE
        await fixture.signal(signal(name="s3", quantity="0.010", expires_at=fixture.clock.now()))
        await asyncio.sleep(1)
        late = await fixture.signal(
            signal(name="s4", quantity="0.010", expires_at=signal().created_at)
        )
        assert late.refusal is not None
        assert late.refusal.code is RefusalCode.EXPIRED
        await fixture.quiet()
        assert ("refusal", False) in await fixture.alerts()


@in_virtual_time
async def test_a_symbol_nobody_watches_is_refused_even_to_an_exit() -> None:
    async with ExecutorFixture().running() as fixture:
        receipt = await fixture.signal(signal(Action.EXIT, symbol="DOGE"))
        assert receipt.refusal is not None
        assert receipt.refusal.code is RefusalCode.SYMBOL_NOT_ALLOWED


# -- callers that go away -------------------------------------------------------------------------


@pytest.mark.parametrize("after_s", [0.0, 0.001, 0.003, 0.005, 0.02])
def test_a_cancelled_caller_loses_the_answer_and_nothing_else(after_s: float) -> None:
    async def scenario() -> None:
        fixture = ExecutorFixture()
        fixture.commit_s = 0.002
        async with fixture.running():
            calling = asyncio.ensure_future(fixture.signal(ENTER))
            await asyncio.sleep(after_s)
            calling.cancel()
            await asyncio.wait([calling])
            await asyncio.sleep(1)
            await fixture.quiet()
            if fixture.sent:
                assert fixture.sent == ["so1", "ho1"]
                assert [t.state for t in fixture.executor.trades.values()] == [TradeState.SETTLED]
            assert fixture.is_even()
            assert (after_s == 0.0) or fixture.sent
            assert (await fixture.signal(ENTER)).result is ClaimResult.DUPLICATE or not after_s

    run_virtual(scenario())


@in_virtual_time
async def test_nobody_may_call_an_engine_that_does_not_run() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        pass
    with pytest.raises(RuntimeError):
        await fixture.signal(ENTER)


# -- a store that fails ---------------------------------------------------------------------------


@in_virtual_time
async def test_a_store_that_cannot_write_stops_the_engine_and_nothing_is_sent() -> None:
    fixture = ExecutorFixture()
    task = await fixture.begin()
    fixture.store.fails_from = "trade_opened"
    with pytest.raises(StoreUnavailable):
        await fixture.signal(ENTER)
    await asyncio.wait([task])
    assert isinstance(task.exception(), BaseExceptionGroup)
    assert fixture.sent == []


@in_virtual_time
async def test_a_correction_that_cannot_be_journalled_is_not_sent_and_the_restart_makes_it() -> (
    None
):
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.append(refused())
    task = await fixture.begin()
    fixture.store.fails_from = "orders_planned"
    await fixture.signal(ENTER)
    await asyncio.wait([task])
    assert isinstance(task.exception(), BaseExceptionGroup)
    assert fixture.sent == ["so1", "ho1"]
    assert not fixture.is_even()
    async with fixture.running():
        await fixture.quiet()
        assert fixture.sent == ["so1", "ho1", "hu1"]
        assert fixture.is_even()


@in_virtual_time
async def test_others_who_wait_when_the_engine_stops_are_told_of_a_failure() -> None:
    """Not of a cancellation: that would end the caller without a word."""
    fixture = ExecutorFixture()
    fixture.commit_s = 0.01
    fixture.upbit.outcomes.append(LOST_ANSWER)
    task = await fixture.begin()
    waiting = asyncio.ensure_future(fixture.signal(ENTER))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    with pytest.raises(RuntimeError, match="stopped"):
        await waiting
