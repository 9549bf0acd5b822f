"""One leg fails, is lost, hangs or is half told: hedged or flat at the end, nothing doubled."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.outcomes import FILLED, LOST_ANSWER, LOST_REQUEST, ScriptedOutcome, refused
from tests.fakes.pair import POLICY, D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account.account_events import PositionChanged
from trading_platform_order.domain.outcome import Unknown
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState
from trading_platform_order.domain.trade.trade_events import TradeOutcome
from trading_platform_order.transport.virtual_loop import run_virtual

ENTER = signal(quantity="0.010")
LATE_REFUSAL = refused(answer_s=1.0)


def all_filled_and_told(trade: PairTrade) -> bool:
    return not trade.unresolved and not trade.awaiting_fills


@pytest.mark.parametrize(
    ("spot", "hedge", "outcome", "corrections"),
    [
        (FILLED, FILLED, "hedged", []),
        (refused(), FILLED, "unwound", ["hu1"]),
        (FILLED, refused(), "unwound", ["su1"]),
        (refused(retryable=True), FILLED, "hedged", ["sm1"]),
        (refused(), refused(), "flat", []),
        (LOST_ANSWER, FILLED, "hedged", []),
        (FILLED, LOST_ANSWER, "hedged", []),
        (LOST_ANSWER, LOST_ANSWER, "hedged", []),
        (LOST_REQUEST, FILLED, "hedged", ["sm1"]),
        (FILLED, LOST_REQUEST, "hedged", ["hm1"]),
        (LOST_REQUEST, LOST_REQUEST, "flat", []),
        (ScriptedOutcome(executes=D("0.006")), FILLED, "hedged", ["sm1"]),
        (FILLED, ScriptedOutcome(executes=D("0.006")), "hedged", ["hm1"]),
        (FILLED, ScriptedOutcome(tells_fills=False), "hedged", []),
        (ScriptedOutcome(executes=D("0.006"), stays_open=True), FILLED, "hedged", ["sm1"]),
        (ScriptedOutcome(says=Unknown(reason="HTTP 502")), FILLED, "hedged", []),
        (LATE_REFUSAL, FILLED, "unwound", ["hu1"]),
    ],
)
def test_an_entry_ends_hedged_or_flat(
    spot: ScriptedOutcome, hedge: ScriptedOutcome, outcome: str, corrections: list[str]
) -> None:
    async def scenario() -> None:
        fixture = ExecutorFixture()
        fixture.upbit.outcomes.append(spot)
        fixture.binance.outcomes.append(hedge)
        async with fixture.running():
            trade = await fixture.done(ENTER)
            assert trade.state is TradeState.SETTLED
            assert trade.outcome == outcome
            assert all_filled_and_told(trade)
            assert sorted(fixture.sent) == sorted(["so1", "ho1", *corrections])
            assert fixture.is_even()
            held = fixture.executor.book.holding("kimchi", "BTC")
            assert (held.spot, held.short) == (fixture.upbit.base, -fixture.binance.base)
            moved = [e for e in await fixture.events() if isinstance(e, PositionChanged)][-1]
            assert (moved.spot_base, moved.short_base) == (held.spot, held.short)
            urgent = [kind for kind, is_urgent in await fixture.alerts() if is_urgent]
            assert bool(corrections) == ("one_leg_failed" in urgent)

    run_virtual(scenario())


@pytest.mark.parametrize(
    ("spot", "hedge", "corrections"),
    [
        (FILLED, FILLED, []),
        (refused(retryable=True), FILLED, ["sc2"]),
        (FILLED, LOST_REQUEST, ["hc2"]),
        (LOST_ANSWER, FILLED, []),
        (FILLED, refused(code="binance:-2019"), ["hc2", "hc3"]),  # in halves: never the same
        (LOST_REQUEST, LOST_REQUEST, ["sc2", "hc2"]),
        (
            ScriptedOutcome(executes=D("0.004")),
            ScriptedOutcome(executes=D("0.002")),
            ["sc2", "hc2"],
        ),
    ],
)
def test_an_exit_ends_flat(
    spot: ScriptedOutcome, hedge: ScriptedOutcome, corrections: list[str]
) -> None:
    async def scenario() -> None:
        fixture = ExecutorFixture()
        async with fixture.running():
            await fixture.done(ENTER)
            fixture.upbit.outcomes.append(spot)
            fixture.binance.outcomes.append(hedge)
            trade = await fixture.done(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
            assert trade.outcome is TradeOutcome.FLAT
            assert sorted(fixture.sent) == sorted(["so1", "ho1", "sc1", "hc1", *corrections])
            assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))

    run_virtual(scenario())


@in_virtual_time
async def test_a_position_somebody_closed_by_hand_ends_the_exit_and_is_told() -> None:
    async with ExecutorFixture().running() as fixture:
        await fixture.done(ENTER)
        fixture.binance.base = D("-0.004")
        fixture.binance.outcomes.extend([FILLED, refused(code="reduce_only_rejected")])
        trade = await fixture.done(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        assert trade.outcome is TradeOutcome.FLAT
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
        assert fixture.executor.book.holding("kimchi", "BTC").short == 0
        assert ("mismatch", True) in await fixture.alerts()


@in_virtual_time
async def test_a_position_that_cannot_be_read_keeps_no_exit_waiting() -> None:
    async with ExecutorFixture().running() as fixture:
        await fixture.done(ENTER)
        fixture.binance.outcomes.extend([refused(code="reduce_only_rejected"), FILLED])
        fixture.binance.reads_fail = True
        exiting = signal(Action.EXIT, name="s2", at=fixture.clock.now())
        receipt = await fixture.signal(exiting)
        await asyncio.sleep(0.5)
        assert fixture.binance.base == D("-0.010")
        await asyncio.sleep(1)
        assert fixture.binance.base == 0
        fixture.binance.reads_fail = False
        await fixture.quiet()
        assert receipt.trade_id is not None
        trade = fixture.executor.trades[receipt.trade_id]
        assert trade.outcome is TradeOutcome.FLAT
        assert fixture.is_even()


@in_virtual_time
async def test_an_order_nobody_can_tell_of_is_never_given_up_and_an_operator_is_called() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.append(LOST_REQUEST)
    fixture.upbit.proof = None
    async with fixture.running():
        receipt = await fixture.signal(ENTER)
        assert receipt.trade_id is not None
        await asyncio.sleep(600)
        trade = fixture.executor.trades[receipt.trade_id]
        assert [order.status for order in trade.unresolved] == ["UNKNOWN"]
        assert fixture.sent == ["so1", "ho1"]
        assert (await fixture.alerts()).count(("order_unknown", True)) == 2  # after 1 and 5 minutes
        fixture.upbit.proof = ExecutorFixture().upbit.proof
        await fixture.quiet()
        assert fixture.is_even()


@in_virtual_time
async def test_absence_is_not_believed_while_the_position_shows_something_else() -> None:
    fixture = ExecutorFixture()
    fixture.binance.outcomes.append(LOST_REQUEST)
    async with fixture.running():
        receipt = await fixture.signal(ENTER)
        fixture.binance.base = D("-0.010")  # it executed, though no list knows the order
        await asyncio.sleep(120)
        assert receipt.trade_id is not None
        trade = fixture.executor.trades[receipt.trade_id]
        assert [order.status for order in trade.unresolved] == ["UNKNOWN"]
        assert fixture.sent == ["so1", "ho1"]
        assert ("order_unknown", True) in await fixture.alerts()
        fixture.binance.arrive(fixture.order("ho1"), ScriptedOutcome(executes=D("0.010")))
        fixture.binance.base += D("0.010")
        await fixture.quiet()
        assert fixture.sent == ["so1", "ho1"]
        assert fixture.is_even()


@in_virtual_time
async def test_whether_an_unknown_order_is_still_wanted_changes_with_time() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.append(LOST_REQUEST)
    fixture.upbit.proof = None
    async with fixture.running():
        await fixture.signal(ENTER)
        await asyncio.sleep(30)
        wanted = [still for _, still in fixture.upbit.proofs]
        assert wanted[0] is True
        assert wanted[-1] is False
        assert wanted == sorted(wanted, reverse=True)


@in_virtual_time
async def test_a_proof_of_absence_is_seen_through_though_the_trade_has_ended() -> None:
    """On Upbit the proof may have placed an order that it has yet to cancel."""
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.append(refused(answer_s=2.0))
    fixture.upbit.proof_s = 5.0
    async with fixture.running():
        await fixture.done(ENTER)
        began = fixture.happened.index("proof began so1")
        assert began < fixture.happened.index("durable trade_settled")
        assert "proof ended so1" in fixture.happened


@in_virtual_time
async def test_a_lost_cancel_is_repeated_until_the_order_ends() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.append(ScriptedOutcome(executes=D("0.006"), stays_open=True))
    fixture.upbit.lost_cancels = 2
    async with fixture.running():
        trade = await fixture.done(ENTER)
        assert trade.outcome in {TradeOutcome.UNWOUND, TradeOutcome.HEDGED}
        assert len(fixture.upbit.cancelled) == 3
        assert fixture.is_even()
        assert ("order_unknown", True) in await fixture.alerts()


@in_virtual_time
async def test_the_stream_may_be_quicker_than_the_answer() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.append(ScriptedOutcome(answer_s=9.0))
    async with fixture.running():
        receipt = await fixture.signal(ENTER)
        await asyncio.sleep(0.1)
        fixture.upbit.tell(fixture.order("so1").client_order_id)
        await fixture.quiet()
        assert fixture.clock.monotonic() < 1.0
        assert receipt.trade_id is not None
        trade = fixture.executor.trades[receipt.trade_id]
        assert len(trade.fills) == 2
        fixture.upbit.tell(fixture.order("so1").client_order_id)
        await fixture.quiet()
        assert fixture.executor.trades[receipt.trade_id] == trade


@in_virtual_time
async def test_an_exit_that_both_exchanges_keep_refusing_goes_on_until_it_is_through() -> None:
    policy = replace(POLICY, fast_attempts=2, slow_attempts=1, slow_retry_s=1.0)
    fixture = ExecutorFixture(policy=policy)
    async with fixture.running():
        await fixture.done(ENTER)
        for exchange in (fixture.upbit, fixture.binance):
            exchange.outcomes.extend([refused(code="busy", retryable=True)] * 12)
        exiting = await fixture.signal(signal(Action.EXIT, name="s1x", at=fixture.clock.now()))
        await asyncio.sleep(30)
        assert exiting.trade_id is not None
        assert fixture.executor.trades[exiting.trade_id].state is TradeState.EXECUTING
        assert ("close_waits", True) in await fixture.alerts()
        await fixture.quiet()
        assert fixture.executor.trades[exiting.trade_id].state is TradeState.SETTLED
        assert fixture.executor.trades[exiting.trade_id].outcome == "flat"
        assert ("trade_halted", True) not in await fixture.alerts()
