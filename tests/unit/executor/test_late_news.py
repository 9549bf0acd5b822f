"""A verdict may be wrong: what arrives after a trade has settled opens it again."""

import asyncio

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.outcomes import FILLED, LOST_ANSWER, LOST_REQUEST, ScriptedOutcome, refused
from tests.fakes.pair import D, holding, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account.account_events import SignalRefused
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState
from trading_platform_order.domain.trade.trade_events import TradeOutcome

ENTER = signal(quantity="0.010")


async def unwound(fixture: ExecutorFixture) -> PairTrade:
    """An entry whose spot order was called absent, so that its hedge was taken back."""
    fixture.upbit.outcomes.extend([LOST_REQUEST, refused()])
    trade = await fixture.done(ENTER)
    assert trade.outcome is TradeOutcome.UNWOUND
    assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
    return trade


@in_virtual_time
async def test_a_late_fill_reopens_the_trade_is_taken_back_and_told() -> None:
    async with ExecutorFixture().running() as fixture:
        trade = await unwound(fixture)
        await asyncio.sleep(600)
        fixture.upbit.arrive(fixture.order("so1"))
        assert not fixture.is_even()
        fixture.upbit.tell(fixture.order("so1").client_order_id)
        await fixture.quiet()
        again = fixture.executor.trades[trade.trade_id]
        assert again.state is TradeState.SETTLED
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
        assert fixture.sent == ["so1", "sm1", "su1", "ho1", "hu1"]
        assert ("late_order", True) in await fixture.alerts()
        assert fixture.executor.book.holding("kimchi", "BTC") == holding("0.000", "0.000")
        settled = [e for e in await fixture.events() if isinstance(e, te.TradeSettled)]
        assert len(settled) == 2


@in_virtual_time
async def test_a_late_fill_is_found_again_after_a_restart() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        trade = await unwound(fixture)
        fixture.store.fails_from = "orders_planned"
        fixture.upbit.arrive(fixture.order("so1"))
        fixture.upbit.tell(fixture.order("so1").client_order_id)
        await asyncio.sleep(5)
    assert not fixture.is_even()
    async with fixture.running():
        await fixture.quiet()
        assert fixture.executor.trades[trade.trade_id].state is TradeState.SETTLED
        assert fixture.is_even()
        assert fixture.sent == ["so1", "sm1", "su1", "ho1", "hu1"]


@in_virtual_time
async def test_while_a_late_fill_is_taken_back_no_signal_reads_what_is_owned() -> None:
    """Else an EXIT would sell the same coins a second time: the owner's, or nobody's."""
    fixture = ExecutorFixture()
    fixture.upbit.base = D(1)  # the owner's own coins
    async with fixture.running():
        fixture.upbit.outcomes.extend([LOST_REQUEST, refused()])
        await fixture.done(ENTER)
        fixture.upbit.arrive(fixture.order("so1"))
        fixture.upbit.outcomes.append(ScriptedOutcome(answer_s=3.0, executes=D(0)))
        fixture.upbit.tell(fixture.order("so1").client_order_id)
        await asyncio.sleep(1)
        assert fixture.sent.count("su1") == 1
        exiting = signal(Action.EXIT, name="s2", at=fixture.clock.now())
        receipt = await fixture.signal(exiting)
        assert receipt.trade_id is None
        await fixture.quiet()
        assert fixture.upbit.base == 1
        refusals = [e.code for e in await fixture.events() if isinstance(e, SignalRefused)]
        assert refusals == [RefusalCode.NOTHING_OPEN]


@in_virtual_time
async def test_a_late_fill_during_a_later_trade_is_taken_back_beside_it() -> None:
    async with ExecutorFixture().running() as fixture:
        trade = await unwound(fixture)
        fixture.upbit.outcomes.append(ScriptedOutcome(answer_s=2.0))
        entered = await fixture.signal(signal(name="s2", quantity="0.020", at=fixture.clock.now()))
        fixture.upbit.arrive(fixture.order("so1"))
        fixture.upbit.tell(fixture.order("so1").client_order_id)
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (D("0.020"), D("-0.020"))
        assert fixture.executor.trades[trade.trade_id].state is TradeState.SETTLED
        assert entered.trade_id is not None
        assert fixture.executor.trades[entered.trade_id].outcome is TradeOutcome.HEDGED
        assert fixture.executor.book.holding("kimchi", "BTC") == holding("0.020", "0.020")
        exited = await fixture.done(signal(Action.EXIT, name="s3", at=fixture.clock.now()))
        assert exited.outcome is TradeOutcome.FLAT
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))


@in_virtual_time
async def test_a_late_hedge_reads_the_position_as_later_trades_left_it() -> None:
    """The entry once held 0.010 short; an exit has closed that since. What is gone now is not that.

    Counting from what the trade itself had held, the engine would have booked the closed 0.010 as
    lost, and sold it short anew.
    """
    async with ExecutorFixture().running() as fixture:
        fixture.binance.outcomes.extend([LOST_REQUEST, FILLED])
        entered = await fixture.done(ENTER)
        assert fixture.sent == ["so1", "ho1", "hm1"]
        await fixture.done(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
        # The lost order fills after all, and somebody closes it by hand before we can.
        fixture.binance.arrive(fixture.order("ho1"))
        fixture.binance.base = D(0)
        fixture.binance.outcomes.append(refused(code="reduce_only_rejected"))
        fixture.binance.tell(fixture.order("ho1").client_order_id)
        await fixture.quiet()
        trade = fixture.executor.trades[entered.trade_id]
        assert trade.state is TradeState.SETTLED
        assert trade.hedge_adjustment == D("-0.010")
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
        assert fixture.executor.book.holding("kimchi", "BTC") == holding("0.000", "0.000")


@in_virtual_time
async def test_absence_in_a_reopened_trade_is_explained_by_what_all_trades_left() -> None:
    async with ExecutorFixture().running() as fixture:
        fixture.binance.outcomes.extend([LOST_REQUEST, FILLED])
        entered = await fixture.done(ENTER)
        await fixture.done(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        fixture.binance.arrive(fixture.order("ho1"))
        fixture.binance.outcomes.append(LOST_REQUEST)  # of the order that takes it back
        fixture.binance.tell(fixture.order("ho1").client_order_id)
        await asyncio.sleep(60)
        trade = fixture.executor.trades[entered.trade_id]
        assert trade.state is TradeState.SETTLED
        assert fixture.binance.base == 0


@in_virtual_time
async def test_a_late_closing_order_is_restored() -> None:
    async with ExecutorFixture().running() as fixture:
        await fixture.done(ENTER)
        fixture.upbit.outcomes.append(LOST_REQUEST)
        exited = await fixture.done(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        assert exited.outcome is TradeOutcome.FLAT
        fixture.upbit.base = D("0.010")  # the owner's own
        fixture.upbit.arrive(fixture.order("sc1"))
        assert fixture.upbit.base == 0
        fixture.upbit.tell(fixture.order("sc1").client_order_id)
        await fixture.quiet()
        assert fixture.upbit.base == D("0.010")
        assert fixture.sent[-1] == "hc1"
        assert "su1" in fixture.sent


@in_virtual_time
async def test_a_fill_of_a_halted_trade_is_booked_and_told_and_nothing_is_sent() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        fixture.upbit.outcomes.append(LOST_ANSWER)
        fixture.upbit.reads_fail = True
        receipt = await fixture.signal(ENTER)
        assert receipt.trade_id is not None
        await asyncio.sleep(1)
        halted = te.TradeHalted(reason="a test", at=fixture.clock.now())
        fixture.executor._registry.runners[receipt.trade_id].post((halted,))
        await asyncio.sleep(30)
        assert fixture.executor.account.stopped_reason is not None
        fixture.upbit.reads_fail = False
        fixture.upbit.tell(fixture.order("so1").client_order_id)
        await fixture.quiet()
        assert fixture.executor.trades[receipt.trade_id].state is TradeState.HALTED
        assert fixture.executor.book.holding("kimchi", "BTC").spot == D("0.010")
        assert ("late_order", True) in await fixture.alerts()
        assert fixture.sent == ["so1", "ho1"]


@in_virtual_time
async def test_repeated_news_costs_nothing() -> None:
    async with ExecutorFixture().running() as fixture:
        await fixture.done(ENTER)
        rows = len(await fixture.events())
        for _ in range(20):
            fixture.upbit.tell(fixture.order("so1").client_order_id)
            fixture.binance.tell(fixture.order("ho1").client_order_id)
        await fixture.quiet()
        assert len(await fixture.events()) == rows
