"""An order whose fate is unknown blocks its symbol, counts in full, and is never dropped."""

import asyncio

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.outcomes import LOST_ANSWER, LOST_REQUEST, ScriptedOutcome, refused
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.outcome import Refused
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import TradeState

ENTER = signal(quantity="0.010")


async def unresolved(fixture: ExecutorFixture) -> str:
    """An entry of which nobody can tell whether its spot order happened."""
    fixture.upbit.outcomes.append(LOST_REQUEST)
    fixture.upbit.proof = None
    receipt = await fixture.signal(ENTER)
    assert receipt.trade_id is not None
    await asyncio.sleep(20)
    return receipt.trade_id


async def calls(fixture: ExecutorFixture) -> list[int]:
    return [e.number for e in await fixture.events() if isinstance(e, te.OrderStillUnresolved)]


@in_virtual_time
async def test_calls_go_on_over_restarts_where_they_stopped() -> None:
    fixture = ExecutorFixture(poll_max_s=30.0)
    async with fixture.running():
        await unresolved(fixture)
        await asyncio.sleep(300)
        assert await calls(fixture) == [1, 2]
    await asyncio.sleep(3_600)
    async with fixture.running():
        await asyncio.sleep(10)
        assert await calls(fixture) == [1, 2, 3]
        await asyncio.sleep(4_000)
        assert await calls(fixture) == [1, 2, 3, 4]
        assert (await fixture.alerts()).count(("order_unknown", True)) == 4


@in_virtual_time
async def test_no_strategy_enters_the_symbol_and_other_symbols_count_it_in_full() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        before = fixture.executor.account.view(signal(symbol="ETH"), symbol_halted=False)
        await unresolved(fixture)
        entry = signal(name="s2", strategy="other", quantity="0.010", at=fixture.clock.now())
        receipt = await fixture.signal(entry)
        assert receipt.trade_id is None
        await asyncio.sleep(60)
        assert fixture.sent == ["so1", "ho1"]
        during = fixture.executor.account.view(signal(symbol="ETH"), symbol_halted=False)
        assert before.pair_value_krw == 0
        assert during.pair_value_krw >= D("0.010") * 139_000_000
        assert during.krw_available <= before.krw_available - D("0.010") * 139_000_000
        fixture.upbit.proof = ExecutorFixture().upbit.proof
        await fixture.quiet()
        refused = [e for e in await fixture.events() if getattr(e, "signal_id", "") == "s2"]
        assert [getattr(e, "code", "") for e in refused] == [RefusalCode.EXPIRED]


@in_virtual_time
async def test_a_halted_trade_keeps_asking_also_after_a_restart() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        trade_id = await unresolved(fixture)
        halted = te.TradeHalted(reason="a test", at=fixture.clock.now())
        fixture.executor.hand_late(trade_id, (halted,))
        await asyncio.sleep(1)
        assert fixture.executor.account.stopped_reason is not None
        asked = len(fixture.upbit.proofs)
        await asyncio.sleep(60)
        assert len(fixture.upbit.proofs) > asked
        assert await calls(fixture) == [1]
    async with fixture.running():
        asked = len(fixture.upbit.proofs)
        await asyncio.sleep(300)
        assert len(fixture.upbit.proofs) > asked
        assert await calls(fixture) == [1, 2]
        fixture.upbit.arrive(fixture.order("so1"))
        await fixture.quiet()
        trade = fixture.executor.trades[trade_id]
        assert (trade.state, trade.unresolved) == (TradeState.HALTED, ())
        assert fixture.executor.book.holding("kimchi", "BTC").spot == D("0.010")
        assert fixture.sent == ["so1", "ho1"]


@in_virtual_time
async def test_lifting_the_stop_resumes_a_halted_trade_that_is_still_asked_about() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        trade_id = await unresolved(fixture)
        fixture.executor.hand_late(trade_id, (te.TradeHalted(reason="x", at=fixture.clock.now()),))
        await asyncio.sleep(1)
        await fixture.store.clear_latch("stop", "looked", at_us=0)
        await fixture.executor.wake()
        await asyncio.sleep(1)
        assert fixture.executor.trades[trade_id].state is TradeState.EXECUTING
        fixture.upbit.proof = ExecutorFixture().upbit.proof
        await fixture.quiet()
        assert fixture.executor.trades[trade_id].state is TradeState.SETTLED
        assert fixture.is_even()


@in_virtual_time
async def test_an_exit_waits_until_all_is_known_and_then_closes() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        fixture.upbit.outcomes.append(LOST_ANSWER)
        fixture.upbit.reads_fail = True
        await fixture.signal(ENTER)
        await asyncio.sleep(30)
        await fixture.signal(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        await asyncio.sleep(30)
        assert fixture.sent == ["so1", "ho1"]
        fixture.upbit.reads_fail = False
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))


@in_virtual_time
async def test_an_unresolved_order_of_one_asset_does_not_blind_us_to_another() -> None:
    fixture = ExecutorFixture(poll_max_s=30.0)
    async with fixture.running():
        await fixture.done(ENTER)
        fixture.upbit.outcomes.append(LOST_REQUEST)
        fixture.upbit.proof = None
        fixture.binance.outcomes.append(refused())
        other = signal(name="s2", symbol="ETH", quantity="0.010", at=fixture.clock.now())
        receipt = await fixture.signal(other)
        assert receipt.trade_id is not None
        await asyncio.sleep(20)
        fixture.upbit.base -= D("0.010")  # by another hand, and no stream tells of it
        await asyncio.sleep(400)
        assert fixture.executor.trades[receipt.trade_id].state is TradeState.EXECUTING
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))


@in_virtual_time
async def test_a_refusal_during_a_proof_waits_for_its_verdict() -> None:
    """The first request, held up by our own limiter, is refused while it is posted once more."""
    fixture = ExecutorFixture()
    late = Refused(code="rate_limited", message="", retryable=True)
    fixture.upbit.outcomes.append(ScriptedOutcome(exists=False, answer_s=1.0, says=late))
    async with fixture.running():
        await fixture.signal(ENTER)
        await asyncio.sleep(1.2)
        assert "proof began so1" in fixture.happened
        assert "answered so1" in fixture.happened
        assert "proof ended so1" not in fixture.happened
        fixture.upbit.arrive(fixture.upbit.sent[0])
        await fixture.quiet()
        assert fixture.sent == ["so1", "ho1"], "nothing is completed that has arrived after all"
        assert fixture.upbit.base == D("0.010")
        assert fixture.binance.base == -D("0.010")


@in_virtual_time
async def test_a_refusal_before_any_proof_is_the_end_of_the_order() -> None:
    fixture = ExecutorFixture()
    refused = Refused(code="rate_limited", message="", retryable=True)
    fixture.upbit.outcomes.append(ScriptedOutcome(exists=False, answer_s=0.3, says=refused))
    async with fixture.running():
        await fixture.signal(ENTER)
        await fixture.quiet()
        assert fixture.upbit.proofs == []
        assert sorted(fixture.sent) == ["ho1", "sm1", "so1"]


@in_virtual_time
async def test_what_the_stream_tells_during_a_proof_outweighs_lists_that_lag() -> None:
    async with ExecutorFixture().running() as fixture:
        fixture.binance.outcomes.append(LOST_REQUEST)
        fixture.binance.lists_lag = True
        fixture.binance.proof_s = 5.0
        await fixture.signal(ENTER)
        await asyncio.sleep(2)
        hedge = fixture.order("ho1")
        fixture.binance.arrive(hedge)
        fixture.binance.tell(hedge.client_order_id)
        await fixture.quiet()
        await asyncio.sleep(10)
        assert not [e for e in await fixture.events() if isinstance(e, te.OrderProvenAbsent)]
        assert fixture.is_even()
        assert fixture.sent == ["so1", "ho1"]


@in_virtual_time
async def test_coins_that_may_still_come_count_also_without_a_short() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        fixture.binance.outcomes.append(refused())
        await unresolved(fixture)
        during = fixture.executor.account.view(signal(symbol="ETH"), symbol_halted=False)
        assert fixture.binance.base == 0
        assert during.pair_value_krw >= D("0.010") * 139_000_000
