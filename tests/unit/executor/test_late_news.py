"""A verdict may be wrong: what arrives after a trade has settled opens it again."""

import asyncio

from tests.fakes.desk import Desk
from tests.fakes.fates import FILLED, LOST_ANSWER, LOST_REQUEST, Fate, refused
from tests.fakes.pair import D, holding, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account.account_events import SignalRefused
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState
from trading_platform_order.domain.trade.trade_events import TradeOutcome

ENTER = signal(quantity="0.010")


async def unwound(desk: Desk) -> PairTrade:
    """An entry whose spot order was called absent, so that its hedge was taken back."""
    desk.upbit.fates.extend([LOST_REQUEST, refused()])
    trade = await desk.done(ENTER)
    assert trade.outcome is TradeOutcome.UNWOUND
    assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))
    return trade


@in_virtual_time
async def test_a_late_fill_reopens_the_trade_is_taken_back_and_told() -> None:
    async with Desk().running() as desk:
        trade = await unwound(desk)
        await asyncio.sleep(600)
        desk.upbit.arrive(desk.order("so1"))
        assert not desk.is_even()
        desk.upbit.tell(desk.order("so1").client_order_id)
        await desk.quiet()
        again = desk.executor.trades[trade.trade_id]
        assert again.state is TradeState.SETTLED
        assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))
        assert desk.sent == ["so1", "sm1", "su1", "ho1", "hu1"]
        assert ("late_order", True) in await desk.alerts()
        assert desk.executor.book.holding("kimchi", "BTC") == holding("0.000", "0.000")
        settled = [e for e in await desk.events() if isinstance(e, te.TradeSettled)]
        assert len(settled) == 2


@in_virtual_time
async def test_a_late_fill_is_found_again_after_a_restart() -> None:
    desk = Desk()
    async with desk.running():
        trade = await unwound(desk)
        desk.store.fails_from = "orders_planned"
        desk.upbit.arrive(desk.order("so1"))
        desk.upbit.tell(desk.order("so1").client_order_id)
        await asyncio.sleep(5)
    assert not desk.is_even()
    async with desk.running():
        await desk.quiet()
        assert desk.executor.trades[trade.trade_id].state is TradeState.SETTLED
        assert desk.is_even()
        assert desk.sent == ["so1", "sm1", "su1", "ho1", "hu1"]


@in_virtual_time
async def test_while_a_late_fill_is_taken_back_no_signal_reads_what_is_owned() -> None:
    """Else an EXIT would sell the same coins a second time: the owner's, or nobody's."""
    desk = Desk()
    desk.upbit.base = D(1)  # the owner's own coins
    async with desk.running():
        desk.upbit.fates.extend([LOST_REQUEST, refused()])
        await desk.done(ENTER)
        desk.upbit.arrive(desk.order("so1"))
        desk.upbit.fates.append(Fate(answer_s=3.0, executes=D(0)))
        desk.upbit.tell(desk.order("so1").client_order_id)
        await asyncio.sleep(1)
        assert desk.sent.count("su1") == 1
        exiting = signal(Action.EXIT, name="s2", at=desk.clock.now())
        receipt = await desk.signal(exiting)
        assert receipt.trade_id is None
        await desk.quiet()
        assert desk.upbit.base == 1
        refusals = [e.code for e in await desk.events() if isinstance(e, SignalRefused)]
        assert refusals == [RefusalCode.NOTHING_OPEN]


@in_virtual_time
async def test_a_late_fill_during_a_later_trade_is_taken_back_beside_it() -> None:
    async with Desk().running() as desk:
        trade = await unwound(desk)
        desk.upbit.fates.append(Fate(answer_s=2.0))
        entered = await desk.signal(signal(name="s2", quantity="0.020", at=desk.clock.now()))
        desk.upbit.arrive(desk.order("so1"))
        desk.upbit.tell(desk.order("so1").client_order_id)
        await desk.quiet()
        assert (desk.upbit.base, desk.binance.base) == (D("0.020"), D("-0.020"))
        assert desk.executor.trades[trade.trade_id].state is TradeState.SETTLED
        assert entered.trade_id is not None
        assert desk.executor.trades[entered.trade_id].outcome is TradeOutcome.HEDGED
        assert desk.executor.book.holding("kimchi", "BTC") == holding("0.020", "0.020")
        exited = await desk.done(signal(Action.EXIT, name="s3", at=desk.clock.now()))
        assert exited.outcome is TradeOutcome.FLAT
        assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))


@in_virtual_time
async def test_a_late_hedge_reads_the_position_as_later_trades_left_it() -> None:
    """The entry once held 0.010 short; an exit has closed that since. What is gone now is not that.

    Counting from what the trade itself had held, the engine would have booked the closed 0.010 as
    lost, and sold it short anew.
    """
    async with Desk().running() as desk:
        desk.binance.fates.extend([LOST_REQUEST, FILLED])
        entered = await desk.done(ENTER)
        assert desk.sent == ["so1", "ho1", "hm1"]
        await desk.done(signal(Action.EXIT, name="s2", at=desk.clock.now()))
        assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))
        # The lost order fills after all, and somebody closes it by hand before we can.
        desk.binance.arrive(desk.order("ho1"))
        desk.binance.base = D(0)
        desk.binance.fates.append(refused(code="binance:-2022"))
        desk.binance.tell(desk.order("ho1").client_order_id)
        await desk.quiet()
        trade = desk.executor.trades[entered.trade_id]
        assert trade.state is TradeState.SETTLED
        assert trade.hedge_adjustment == D("-0.010")
        assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))
        assert desk.executor.book.holding("kimchi", "BTC") == holding("0.000", "0.000")


@in_virtual_time
async def test_absence_in_a_reopened_trade_is_explained_by_what_all_trades_left() -> None:
    async with Desk().running() as desk:
        desk.binance.fates.extend([LOST_REQUEST, FILLED])
        entered = await desk.done(ENTER)
        await desk.done(signal(Action.EXIT, name="s2", at=desk.clock.now()))
        desk.binance.arrive(desk.order("ho1"))
        desk.binance.fates.append(LOST_REQUEST)  # of the order that takes it back
        desk.binance.tell(desk.order("ho1").client_order_id)
        await asyncio.sleep(60)
        trade = desk.executor.trades[entered.trade_id]
        assert trade.state is TradeState.SETTLED
        assert desk.binance.base == 0


@in_virtual_time
async def test_a_late_closing_order_is_restored() -> None:
    async with Desk().running() as desk:
        await desk.done(ENTER)
        desk.upbit.fates.append(LOST_REQUEST)
        exited = await desk.done(signal(Action.EXIT, name="s2", at=desk.clock.now()))
        assert exited.outcome is TradeOutcome.FLAT
        desk.upbit.base = D("0.010")  # the owner's own
        desk.upbit.arrive(desk.order("sc1"))
        assert desk.upbit.base == 0
        desk.upbit.tell(desk.order("sc1").client_order_id)
        await desk.quiet()
        assert desk.upbit.base == D("0.010")
        assert desk.sent[-1] == "hc1"
        assert "su1" in desk.sent


@in_virtual_time
async def test_a_fill_of_a_halted_trade_is_booked_and_told_and_nothing_is_sent() -> None:
    desk = Desk()
    async with desk.running():
        desk.upbit.fates.append(LOST_ANSWER)
        desk.upbit.reads_fail = True
        receipt = await desk.signal(ENTER)
        assert receipt.trade_id is not None
        await asyncio.sleep(1)
        halted = te.TradeHalted(reason="a test", at=desk.clock.now())
        desk.executor._registry.runners[receipt.trade_id].post((halted,))
        await asyncio.sleep(30)
        assert desk.executor.keeper.stopped_reason is not None
        desk.upbit.reads_fail = False
        desk.upbit.tell(desk.order("so1").client_order_id)
        await desk.quiet()
        assert desk.executor.trades[receipt.trade_id].state is TradeState.HALTED
        assert desk.executor.book.holding("kimchi", "BTC").spot == D("0.010")
        assert ("late_order", True) in await desk.alerts()
        assert desk.sent == ["so1", "ho1"]


@in_virtual_time
async def test_repeated_news_costs_nothing() -> None:
    async with Desk().running() as desk:
        await desk.done(ENTER)
        rows = len(await desk.events())
        for _ in range(20):
            desk.upbit.tell(desk.order("so1").client_order_id)
            desk.binance.tell(desk.order("ho1").client_order_id)
        await desk.quiet()
        assert len(await desk.events()) == rows
