"""One leg fails, is lost, hangs or is half told: hedged or flat at the end, nothing doubled."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.desk import Desk
from tests.fakes.fates import FILLED, LOST_ANSWER, LOST_REQUEST, Fate, refused
from tests.fakes.pair import POLICY, D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account.account_events import PositionChanged
from trading_platform_order.domain.outcome import Unknown
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState
from trading_platform_order.domain.trade.trade_events import TradeOutcome
from trading_platform_order.simulation.testbed.virtual_loop import run_virtual

ENTER = signal(quantity="0.010")
LATE_REFUSAL = refused(answer_s=1.0)


def all_filled_and_told(trade: PairTrade) -> bool:
    return not trade.unresolved and not trade.untold


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
        (Fate(executes=D("0.006")), FILLED, "hedged", ["sm1"]),
        (FILLED, Fate(executes=D("0.006")), "hedged", ["hm1"]),
        (FILLED, Fate(tells_fills=False), "hedged", []),
        (Fate(executes=D("0.006"), stays_open=True), FILLED, "hedged", ["sm1"]),
        (Fate(says=Unknown(reason="HTTP 502")), FILLED, "hedged", []),
        (LATE_REFUSAL, FILLED, "unwound", ["hu1"]),
    ],
)
def test_an_entry_ends_hedged_or_flat(
    spot: Fate, hedge: Fate, outcome: str, corrections: list[str]
) -> None:
    async def scenario() -> None:
        desk = Desk()
        desk.upbit.fates.append(spot)
        desk.binance.fates.append(hedge)
        async with desk.running():
            trade = await desk.done(ENTER)
            assert trade.state is TradeState.SETTLED
            assert trade.outcome == outcome
            assert all_filled_and_told(trade)
            assert sorted(desk.sent) == sorted(["so1", "ho1", *corrections])
            assert desk.is_even()
            held = desk.executor.book.holding("kimchi", "BTC")
            assert (held.spot, held.short) == (desk.upbit.base, -desk.binance.base)
            moved = [e for e in await desk.events() if isinstance(e, PositionChanged)][-1]
            assert (moved.spot_base, moved.short_base) == (held.spot, held.short)
            urgent = [kind for kind, is_urgent in await desk.alerts() if is_urgent]
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
        (Fate(executes=D("0.004")), Fate(executes=D("0.002")), ["sc2", "hc2"]),
    ],
)
def test_an_exit_ends_flat(spot: Fate, hedge: Fate, corrections: list[str]) -> None:
    async def scenario() -> None:
        desk = Desk()
        async with desk.running():
            await desk.done(ENTER)
            desk.upbit.fates.append(spot)
            desk.binance.fates.append(hedge)
            trade = await desk.done(signal(Action.EXIT, name="s2", at=desk.clock.now()))
            assert trade.outcome is TradeOutcome.FLAT
            assert sorted(desk.sent) == sorted(["so1", "ho1", "sc1", "hc1", *corrections])
            assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))

    run_virtual(scenario())


@in_virtual_time
async def test_a_position_somebody_closed_by_hand_ends_the_exit_and_is_told() -> None:
    async with Desk().running() as desk:
        await desk.done(ENTER)
        desk.binance.base = D("-0.004")
        desk.binance.fates.extend([FILLED, refused(code="binance:-2022")])
        trade = await desk.done(signal(Action.EXIT, name="s2", at=desk.clock.now()))
        assert trade.outcome is TradeOutcome.FLAT
        assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))
        assert desk.executor.book.holding("kimchi", "BTC").short == 0
        assert ("mismatch", True) in await desk.alerts()


@in_virtual_time
async def test_a_position_that_cannot_be_read_is_asked_for_again() -> None:
    async with Desk().running() as desk:
        await desk.done(ENTER)
        desk.binance.fates.extend([refused(code="binance:-2022"), FILLED])
        desk.binance.reads_fail = True
        exiting = signal(Action.EXIT, name="s2", at=desk.clock.now())
        receipt = await desk.signal(exiting)
        await asyncio.sleep(30)
        assert desk.binance.base == D("-0.010")
        desk.binance.reads_fail = False
        await desk.quiet()
        assert receipt.trade_id is not None
        trade = desk.executor.trades[receipt.trade_id]
        assert (trade.outcome, trade.position_reads) == (TradeOutcome.FLAT, 1)
        assert desk.is_even()


@in_virtual_time
async def test_an_order_nobody_can_tell_of_is_never_given_up_and_a_person_is_called() -> None:
    desk = Desk()
    desk.upbit.fates.append(LOST_REQUEST)
    desk.upbit.proof = None
    async with desk.running():
        receipt = await desk.signal(ENTER)
        assert receipt.trade_id is not None
        await asyncio.sleep(600)
        trade = desk.executor.trades[receipt.trade_id]
        assert [order.status for order in trade.unresolved] == ["UNKNOWN"]
        assert desk.sent == ["so1", "ho1"]
        assert (await desk.alerts()).count(("order_unknown", True)) == 2  # after 1 and 5 minutes
        desk.upbit.proof = Desk().upbit.proof
        await desk.quiet()
        assert desk.is_even()


@in_virtual_time
async def test_absence_is_not_believed_while_the_position_shows_something_else() -> None:
    desk = Desk()
    desk.binance.fates.append(LOST_REQUEST)
    async with desk.running():
        receipt = await desk.signal(ENTER)
        desk.binance.base = D("-0.010")  # it executed, though no list knows the order
        await asyncio.sleep(120)
        assert receipt.trade_id is not None
        trade = desk.executor.trades[receipt.trade_id]
        assert [order.status for order in trade.unresolved] == ["UNKNOWN"]
        assert desk.sent == ["so1", "ho1"]
        assert ("order_unknown", True) in await desk.alerts()
        desk.binance.arrive(desk.order("ho1"), Fate(executes=D("0.010")))
        desk.binance.base += D("0.010")
        await desk.quiet()
        assert desk.sent == ["so1", "ho1"]
        assert desk.is_even()


@in_virtual_time
async def test_whether_an_unknown_order_is_still_wanted_changes_with_time() -> None:
    desk = Desk()
    desk.upbit.fates.append(LOST_REQUEST)
    desk.upbit.proof = None
    async with desk.running():
        await desk.signal(ENTER)
        await asyncio.sleep(30)
        wanted = [still for _, still in desk.upbit.proofs]
        assert wanted[0] is True
        assert wanted[-1] is False
        assert wanted == sorted(wanted, reverse=True)


@in_virtual_time
async def test_a_proof_of_absence_is_seen_through_though_the_trade_has_ended() -> None:
    """On Upbit the proof may have placed an order that it has yet to cancel."""
    desk = Desk()
    desk.upbit.fates.append(refused(answer_s=2.0))
    desk.upbit.proof_s = 5.0
    async with desk.running():
        await desk.done(ENTER)
        began = desk.happened.index("proof began so1")
        assert began < desk.happened.index("durable trade_settled")
        assert "proof ended so1" in desk.happened


@in_virtual_time
async def test_a_lost_cancel_is_repeated_until_the_order_ends() -> None:
    desk = Desk()
    desk.upbit.fates.append(Fate(executes=D("0.006"), stays_open=True))
    desk.upbit.lost_cancels = 2
    async with desk.running():
        trade = await desk.done(ENTER)
        assert trade.outcome in {TradeOutcome.UNWOUND, TradeOutcome.HEDGED}
        assert len(desk.upbit.cancelled) == 3
        assert desk.is_even()
        assert ("order_unknown", True) in await desk.alerts()


@in_virtual_time
async def test_the_stream_may_be_quicker_than_the_answer() -> None:
    desk = Desk()
    desk.upbit.fates.append(Fate(answer_s=9.0))
    async with desk.running():
        receipt = await desk.signal(ENTER)
        await asyncio.sleep(0.1)
        desk.upbit.tell(desk.order("so1").client_order_id)
        await desk.quiet()
        assert desk.clock.monotonic() < 1.0
        assert receipt.trade_id is not None
        trade = desk.executor.trades[receipt.trade_id]
        assert len(trade.fills) == 2
        desk.upbit.tell(desk.order("so1").client_order_id)
        await desk.quiet()
        assert desk.executor.trades[receipt.trade_id] == trade


@in_virtual_time
async def test_an_exit_that_both_exchanges_keep_refusing_goes_on_until_it_is_through() -> None:
    policy = replace(POLICY, fast_attempts=2, slow_attempts=1, slow_retry_s=1.0)
    desk = Desk(policy=policy)
    async with desk.running():
        await desk.done(ENTER)
        for exchange in (desk.upbit, desk.binance):
            exchange.fates.extend([refused(code="busy", retryable=True)] * 12)
        exiting = await desk.signal(signal(Action.EXIT, name="s1x", at=desk.clock.now()))
        await asyncio.sleep(30)
        assert exiting.trade_id is not None
        assert desk.executor.trades[exiting.trade_id].state is TradeState.EXECUTING
        assert ("close_waits", True) in await desk.alerts()
        await desk.quiet()
        assert desk.executor.trades[exiting.trade_id].state is TradeState.SETTLED
        assert desk.executor.trades[exiting.trade_id].outcome == "flat"
        assert ("trade_halted", True) not in await desk.alerts()
