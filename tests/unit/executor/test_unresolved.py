"""An order whose fate is unknown blocks its symbol, counts in full, and is never dropped."""

import asyncio

from tests.fakes.desk import Desk
from tests.fakes.fates import LOST_ANSWER, LOST_REQUEST, Fate, refused
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.outcome import Refused
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import TradeState

ENTER = signal(quantity="0.010")


async def unresolved(desk: Desk) -> str:
    """An entry of which nobody can tell whether its spot order happened."""
    desk.upbit.fates.append(LOST_REQUEST)
    desk.upbit.proof = None
    receipt = await desk.signal(ENTER)
    assert receipt.trade_id is not None
    await asyncio.sleep(20)
    return receipt.trade_id


async def calls(desk: Desk) -> list[int]:
    return [e.number for e in await desk.events() if isinstance(e, te.OrderStillUnresolved)]


@in_virtual_time
async def test_calls_go_on_over_restarts_where_they_stopped() -> None:
    desk = Desk(poll_max_s=30.0)
    async with desk.running():
        await unresolved(desk)
        await asyncio.sleep(300)
        assert await calls(desk) == [1, 2]
    await asyncio.sleep(3_600)
    async with desk.running():
        await asyncio.sleep(10)
        assert await calls(desk) == [1, 2, 3]
        await asyncio.sleep(4_000)
        assert await calls(desk) == [1, 2, 3, 4]
        assert (await desk.alerts()).count(("order_unknown", True)) == 4


@in_virtual_time
async def test_no_strategy_enters_the_symbol_and_other_symbols_count_it_in_full() -> None:
    desk = Desk()
    async with desk.running():
        before = desk.executor.keeper.view(signal(symbol="ETH"), symbol_halted=False)
        await unresolved(desk)
        entry = signal(name="s2", strategy="other", quantity="0.010", at=desk.clock.now())
        receipt = await desk.signal(entry)
        assert receipt.trade_id is None
        await asyncio.sleep(60)
        assert desk.sent == ["so1", "ho1"]
        during = desk.executor.keeper.view(signal(symbol="ETH"), symbol_halted=False)
        assert before.pair_value_krw == 0
        assert during.pair_value_krw >= D("0.010") * 139_000_000
        assert during.krw_available <= before.krw_available - D("0.010") * 139_000_000
        desk.upbit.proof = Desk().upbit.proof
        await desk.quiet()
        refused = [e for e in await desk.events() if getattr(e, "signal_id", "") == "s2"]
        assert [getattr(e, "code", "") for e in refused] == [RefusalCode.EXPIRED]


@in_virtual_time
async def test_a_halted_trade_keeps_asking_also_after_a_restart() -> None:
    desk = Desk()
    async with desk.running():
        trade_id = await unresolved(desk)
        halted = te.TradeHalted(reason="a test", at=desk.clock.now())
        desk.executor.hand_late(trade_id, (halted,))
        await asyncio.sleep(1)
        assert desk.executor.keeper.stopped_reason is not None
        asked = len(desk.upbit.proofs)
        await asyncio.sleep(60)
        assert len(desk.upbit.proofs) > asked
        assert await calls(desk) == [1]
    async with desk.running():
        asked = len(desk.upbit.proofs)
        await asyncio.sleep(300)
        assert len(desk.upbit.proofs) > asked
        assert await calls(desk) == [1, 2]
        desk.upbit.arrive(desk.order("so1"))
        await desk.quiet()
        trade = desk.executor.trades[trade_id]
        assert (trade.state, trade.unresolved) == (TradeState.HALTED, ())
        assert desk.executor.book.holding("kimchi", "BTC").spot == D("0.010")
        assert desk.sent == ["so1", "ho1"]


@in_virtual_time
async def test_lifting_the_stop_resumes_a_halted_trade_that_is_still_asked_about() -> None:
    desk = Desk()
    async with desk.running():
        trade_id = await unresolved(desk)
        desk.executor.hand_late(trade_id, (te.TradeHalted(reason="x", at=desk.clock.now()),))
        await asyncio.sleep(1)
        await desk.store.clear_latch("stop", "looked", at_us=0)
        await desk.executor.wake()
        await asyncio.sleep(1)
        assert desk.executor.trades[trade_id].state is TradeState.EXECUTING
        desk.upbit.proof = Desk().upbit.proof
        await desk.quiet()
        assert desk.executor.trades[trade_id].state is TradeState.SETTLED
        assert desk.is_even()


@in_virtual_time
async def test_an_exit_waits_until_all_is_known_and_then_closes() -> None:
    desk = Desk()
    async with desk.running():
        desk.upbit.fates.append(LOST_ANSWER)
        desk.upbit.reads_fail = True
        await desk.signal(ENTER)
        await asyncio.sleep(30)
        await desk.signal(signal(Action.EXIT, name="s2", at=desk.clock.now()))
        await asyncio.sleep(30)
        assert desk.sent == ["so1", "ho1"]
        desk.upbit.reads_fail = False
        await desk.quiet()
        assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))


@in_virtual_time
async def test_an_unresolved_order_of_one_asset_does_not_blind_us_to_another() -> None:
    desk = Desk(poll_max_s=30.0)
    async with desk.running():
        await desk.done(ENTER)
        desk.upbit.fates.append(LOST_REQUEST)
        desk.upbit.proof = None
        desk.binance.fates.append(refused())
        other = signal(name="s2", symbol="ETH", quantity="0.010", at=desk.clock.now())
        receipt = await desk.signal(other)
        assert receipt.trade_id is not None
        await asyncio.sleep(20)
        desk.upbit.base -= D("0.010")  # by another hand, and no stream tells of it
        await asyncio.sleep(400)
        assert desk.executor.trades[receipt.trade_id].state is TradeState.EXECUTING
        assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))


@in_virtual_time
async def test_a_refusal_during_a_proof_waits_for_its_verdict() -> None:
    """The first request, held up by our own limiter, is refused while it is posted once more."""
    desk = Desk()
    late = Refused(code="rate_limited", message="", retryable=True)
    desk.upbit.fates.append(Fate(exists=False, answer_s=1.0, says=late))
    async with desk.running():
        await desk.signal(ENTER)
        await asyncio.sleep(1.2)
        assert "proof began so1" in desk.happened
        assert "answered so1" in desk.happened
        assert "proof ended so1" not in desk.happened
        desk.upbit.arrive(desk.upbit.sent[0])
        await desk.quiet()
        assert desk.sent == ["so1", "ho1"], "nothing is completed that has arrived after all"
        assert desk.upbit.base == D("0.010")
        assert desk.binance.base == -D("0.010")


@in_virtual_time
async def test_a_refusal_before_any_proof_is_the_end_of_the_order() -> None:
    desk = Desk()
    refused = Refused(code="rate_limited", message="", retryable=True)
    desk.upbit.fates.append(Fate(exists=False, answer_s=0.3, says=refused))
    async with desk.running():
        await desk.signal(ENTER)
        await desk.quiet()
        assert desk.upbit.proofs == []
        assert sorted(desk.sent) == ["ho1", "sm1", "so1"]


@in_virtual_time
async def test_what_the_stream_tells_during_a_proof_outweighs_lists_that_lag() -> None:
    async with Desk().running() as desk:
        desk.binance.fates.append(LOST_REQUEST)
        desk.binance.lists_lag = True
        desk.binance.proof_s = 5.0
        await desk.signal(ENTER)
        await asyncio.sleep(2)
        hedge = desk.order("ho1")
        desk.binance.arrive(hedge)
        desk.binance.tell(hedge.client_order_id)
        await desk.quiet()
        await asyncio.sleep(10)
        assert not [e for e in await desk.events() if isinstance(e, te.OrderProvenAbsent)]
        assert desk.is_even()
        assert desk.sent == ["so1", "ho1"]


@in_virtual_time
async def test_coins_that_may_still_come_count_also_without_a_short() -> None:
    desk = Desk()
    async with desk.running():
        desk.binance.fates.append(refused())
        await unresolved(desk)
        during = desk.executor.keeper.view(signal(symbol="ETH"), symbol_halted=False)
        assert desk.binance.base == 0
        assert during.pair_value_krw >= D("0.010") * 139_000_000
