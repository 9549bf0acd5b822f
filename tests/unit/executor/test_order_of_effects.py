"""Durable before sent, both legs at once, each signal once; and what a broken store does."""

import asyncio

import pytest

from tests.fakes.desk import Desk
from tests.fakes.fates import LOST_ANSWER, Fate, refused
from tests.fakes.pair import D, holding, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account.account_events import SignalRefused
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.domain.trade.trade_events import TradeOpened, TradeOutcome
from trading_platform_order.simulation.testbed.virtual_loop import run_virtual
from trading_platform_order.storage.base import ClaimResult, StoreUnavailable

ENTER = signal(quantity="0.010")
EXIT = signal(Action.EXIT, name="s2")


@in_virtual_time
async def test_a_pair_is_opened_and_closed_and_the_books_agree_with_the_exchanges() -> None:
    async with Desk().running() as desk:
        entered = await desk.done(ENTER)
        assert entered.outcome is TradeOutcome.HEDGED
        assert (desk.upbit.base, desk.binance.base) == (D("0.010"), D("-0.010"))
        exited = await desk.done(signal(Action.EXIT, name="s2", at=desk.clock.now()))
        assert exited.outcome is TradeOutcome.FLAT
        assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))
        ledger = desk.executor.book.ledger
        assert (ledger.krw, ledger.usdt) == (desk.upbit.money, desk.binance.money)
        assert ledger.holding("kimchi", "BTC") == holding("0.000", "0.000")
        assert await desk.alerts() == [("entry", False), ("exit", False)]


@pytest.mark.parametrize("commit_s", [0.0, 0.003])
def test_an_intent_is_durable_before_its_first_byte_leaves(commit_s: float) -> None:
    async def scenario() -> None:
        desk = Desk()
        desk.commit_s = commit_s
        desk.upbit.fates.append(refused(retryable=True))
        async with desk.running():
            await desk.done(ENTER)
        happened = desk.happened
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
    async with Desk().running() as desk:
        await desk.done(ENTER)
        sends = [desk.happened.index(f"sent {name}") for name in ("so1", "ho1")]
        answers = [desk.happened.index(f"answered {name}") for name in ("so1", "ho1")]
        assert max(sends) < min(answers)


@in_virtual_time
async def test_nothing_learned_is_acted_on_before_it_is_durable() -> None:
    desk = Desk()
    desk.commit_s = 0.003
    desk.binance.fates.append(Fate(executes=D("0.004")))
    async with desk.running():
        await desk.done(ENTER)
    ended = [i for i, what in enumerate(desk.happened) if what == "durable order_ended"]
    assert (
        ended[1] < desk.happened.index("durable orders_planned") < desk.happened.index("sent hm1")
    )
    assert desk.is_even()


# -- claims ---------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_signal_is_executed_once_however_often_it_comes() -> None:
    desk = Desk()
    desk.commit_s = 0.002
    async with desk.running():
        results = await asyncio.gather(*(desk.signal(ENTER) for _ in range(3)))
        await desk.quiet()
        results.append(await desk.signal(ENTER))
        await desk.quiet()
    assert sorted(receipt.result for receipt in results) == ["claimed", *["duplicate"] * 3]
    assert desk.sent == ["so1", "ho1"]
    async with desk.running():
        assert (await desk.signal(ENTER)).result is ClaimResult.DUPLICATE
        await desk.quiet()
        opened = [event for event in await desk.events() if isinstance(event, TradeOpened)]
    assert len(opened) == 1
    assert desk.sent == ["so1", "ho1"]


@in_virtual_time
async def test_a_used_id_with_another_content_is_an_alert_not_a_trade() -> None:
    async with Desk().running() as desk:
        await desk.done(ENTER)
        receipt = await desk.signal(signal(quantity="0.020"))
        assert receipt.result is ClaimResult.CONFLICT
        assert receipt.refusal is not None
        assert receipt.refusal.code is RefusalCode.SIGNAL_CONFLICT
        await desk.quiet()
        assert desk.sent == ["so1", "ho1"]
        assert ("signal_conflict", True) in await desk.alerts()
        refusals = [e for e in await desk.events() if isinstance(e, SignalRefused)]
        assert [refusal.code for refusal in refusals] == ["signal_conflict"]


@in_virtual_time
async def test_a_refusal_is_durable_and_told() -> None:
    async with Desk().running() as desk:
        receipt = await desk.signal(EXIT)
        assert receipt.refusal is not None
        assert receipt.refusal.code is RefusalCode.NOTHING_OPEN
        assert (await desk.signal(EXIT)).result is ClaimResult.DUPLICATE
        await desk.signal(signal(name="s3", quantity="0.010", expires_at=desk.clock.now()))
        await asyncio.sleep(1)
        late = await desk.signal(
            signal(name="s4", quantity="0.010", expires_at=signal().created_at)
        )
        assert late.refusal is not None
        assert late.refusal.code is RefusalCode.EXPIRED
        await desk.quiet()
        assert ("refusal", False) in await desk.alerts()


@in_virtual_time
async def test_a_symbol_nobody_watches_is_refused_even_to_an_exit() -> None:
    async with Desk().running() as desk:
        receipt = await desk.signal(signal(Action.EXIT, symbol="DOGE"))
        assert receipt.refusal is not None
        assert receipt.refusal.code is RefusalCode.SYMBOL_NOT_ALLOWED


# -- callers that go away -------------------------------------------------------------------------


@pytest.mark.parametrize("after_s", [0.0, 0.001, 0.003, 0.005, 0.02])
def test_a_cancelled_caller_loses_the_answer_and_nothing_else(after_s: float) -> None:
    async def scenario() -> None:
        desk = Desk()
        desk.commit_s = 0.002
        async with desk.running():
            calling = asyncio.ensure_future(desk.signal(ENTER))
            await asyncio.sleep(after_s)
            calling.cancel()
            await asyncio.wait([calling])
            await asyncio.sleep(1)
            await desk.quiet()
            if desk.sent:
                assert desk.sent == ["so1", "ho1"]
                assert [t.state for t in desk.executor.trades.values()] == [TradeState.SETTLED]
            assert desk.is_even()
            assert (after_s == 0.0) or desk.sent
            assert (await desk.signal(ENTER)).result is ClaimResult.DUPLICATE or not after_s

    run_virtual(scenario())


@in_virtual_time
async def test_nobody_may_call_an_engine_that_does_not_run() -> None:
    desk = Desk()
    async with desk.running():
        pass
    with pytest.raises(RuntimeError):
        await desk.signal(ENTER)


# -- a store that fails ---------------------------------------------------------------------------


@in_virtual_time
async def test_a_store_that_cannot_write_stops_the_engine_and_nothing_is_sent() -> None:
    desk = Desk()
    task = await desk.begin()
    desk.store.fails_from = "trade_opened"
    with pytest.raises(StoreUnavailable):
        await desk.signal(ENTER)
    await asyncio.wait([task])
    assert isinstance(task.exception(), BaseExceptionGroup)
    assert desk.sent == []


@in_virtual_time
async def test_a_correction_that_cannot_be_journalled_is_not_sent_and_the_restart_makes_it() -> (
    None
):
    desk = Desk()
    desk.upbit.fates.append(refused())
    task = await desk.begin()
    desk.store.fails_from = "orders_planned"
    await desk.signal(ENTER)
    await asyncio.wait([task])
    assert isinstance(task.exception(), BaseExceptionGroup)
    assert desk.sent == ["so1", "ho1"]
    assert not desk.is_even()
    async with desk.running():
        await desk.quiet()
        assert desk.sent == ["so1", "ho1", "hu1"]
        assert desk.is_even()


@in_virtual_time
async def test_others_who_wait_when_the_engine_stops_are_told_of_a_failure() -> None:
    """Not of a cancellation: that would end the caller without a word."""
    desk = Desk()
    desk.commit_s = 0.01
    desk.upbit.fates.append(LOST_ANSWER)
    task = await desk.begin()
    waiting = asyncio.ensure_future(desk.signal(ENTER))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    with pytest.raises(RuntimeError, match="stopped"):
        await waiting
