"""Killed at any moment and started again: the journal, look-ups, and the same code as ever."""

import asyncio

import pytest

from tests.fakes.fixture import ExecutorFixture, claim_of
from tests.fakes.outcomes import FILLED, LOST_ANSWER, LOST_REQUEST, ScriptedOutcome, refused
from tests.fakes.pair import START, D, holding, seconds, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account.account_events import SignalClaimed, SignalRefused
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.domain.trade.trade_events import TradeOpened, TradeOutcome
from trading_platform_order.executor.journal.event_codec import entry_of
from trading_platform_order.storage.base import ClaimResult
from trading_platform_order.transport.virtual_loop import run_virtual

ENTER = signal(quantity="0.010")
SLOW = ScriptedOutcome(answer_s=9.0)


@pytest.mark.parametrize(
    ("spot", "hedge", "sent"),
    [
        (FILLED, FILLED, ["so1", "ho1"]),
        (SLOW, SLOW, ["so1", "ho1"]),
        (LOST_ANSWER, FILLED, ["so1", "ho1"]),
        (LOST_REQUEST, FILLED, ["so1", "ho1", "hu1"]),
        (LOST_REQUEST, LOST_REQUEST, ["so1", "ho1"]),
        (refused(), SLOW, ["so1", "ho1", "hu1"]),
        (ScriptedOutcome(executes=D("0.006"), stays_open=True), FILLED, ["so1", "ho1", "hu1"]),
    ],
)
@pytest.mark.parametrize("killed_after_s", [0.0, 0.011, 0.3])
def test_a_restart_with_pending_intents_ends_hedged_or_flat(
    spot: ScriptedOutcome, hedge: ScriptedOutcome, sent: list[str], killed_after_s: float
) -> None:
    async def scenario() -> None:
        fixture = ExecutorFixture()
        fixture.upbit.outcomes.append(spot)
        fixture.binance.outcomes.append(hedge)
        async with fixture.running():
            await fixture.signal(ENTER)
            await asyncio.sleep(killed_after_s)
        await asyncio.sleep(30)
        async with fixture.running():
            await fixture.quiet()
            trade = next(iter(fixture.executor.trades.values()))
            assert trade.state is TradeState.SETTLED
            assert fixture.is_even()
            # Killed before a byte had left, the legs are proven absent: flat, nothing more is sent.
            assert sorted(set(fixture.sent)) == sorted(fixture.sent)
            assert set(fixture.sent) <= {*sent, "sm1", "hm1", "su1"}
            assert (await fixture.signal(ENTER)).result is ClaimResult.DUPLICATE
            held = fixture.executor.book.holding("kimchi", "BTC")
            assert (held.spot, held.short) == (fixture.upbit.base, -fixture.binance.base)

    run_virtual(scenario())


@in_virtual_time
async def test_what_was_pending_is_unknown_after_a_restart_not_sent_again() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.append(SLOW)
    fixture.binance.outcomes.append(SLOW)
    async with fixture.running():
        await fixture.signal(ENTER)
        await asyncio.sleep(0.1)
    async with fixture.running():
        await fixture.quiet()
        unanswered = [e for e in await fixture.events() if isinstance(e, te.OrderUnanswered)]
        assert len(unanswered) == 2
        assert fixture.sent == ["so1", "ho1"]


@in_virtual_time
async def test_news_that_come_before_the_trade_goes_on_find_its_one_runner() -> None:
    """The stream is up before the balances are read; a trade must not be run by two.

    Each of the two would have planned the same correction under the same id: a double order.
    """
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.extend([ScriptedOutcome(executes=D("0.006"), stays_open=True), SLOW])
    async with fixture.running():
        await fixture.signal(ENTER)
        await asyncio.sleep(0.1)
    fixture.upbit.reads_fail = True
    task = await fixture.begin(until_ready=False)
    await asyncio.sleep(0.1)
    name = fixture.order("so1").client_order_id
    fixture.upbit.placed[name].is_open = False
    fixture.upbit.tell(name)
    await asyncio.sleep(2)
    fixture.upbit.reads_fail = False
    await asyncio.sleep(30)
    await fixture.quiet()
    assert sorted(set(fixture.sent)) == sorted(fixture.sent)
    planned = [e for e in await fixture.events() if isinstance(e, te.OrdersPlanned)]
    names = [order.client_order_id for event in planned for order in event.orders]
    assert len(set(names)) == len(names)
    assert fixture.is_even()
    await fixture.kill(task)


# -- signals claimed and not yet decided ----------------------------------------------------------


async def claimed_then_killed(fixture: ExecutorFixture, *wishes: tuple[Action, str]) -> None:
    """An entry hangs, these signals wait behind it, and the engine dies."""
    fixture.upbit.outcomes.append(SLOW)
    async with fixture.running():
        await fixture.signal(ENTER)
        for action, name in wishes:
            waiting = signal(action, name=name, strategy="kimchi", at=fixture.clock.now())
            assert (await fixture.signal(waiting)).result is ClaimResult.CLAIMED


@in_virtual_time
async def test_an_exit_that_waited_is_executed_once_after_the_restart() -> None:
    fixture = ExecutorFixture()
    await claimed_then_killed(fixture, (Action.EXIT, "s2"))
    await asyncio.sleep(3_600)
    for _ in range(2):
        async with fixture.running():
            await fixture.quiet()
    assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
    async with fixture.running():
        opened = [e for e in await fixture.events() if isinstance(e, TradeOpened)]
        assert [event.signal.id for event in opened] == ["s1", "s2"]
        assert (
            await fixture.signal(signal(Action.EXIT, name="s2"))
        ).result is not ClaimResult.CLAIMED


@in_virtual_time
async def test_an_exit_that_waited_stops_the_completion_after_the_restart_too() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.append(LOST_REQUEST)
    async with fixture.running():
        await fixture.signal(ENTER)
        waiting = signal(Action.EXIT, name="s2", at=fixture.clock.now())
        # The claim is durable, the word to stop completing is not: the engine dies between.
        await fixture.store.append(
            [entry_of(SignalClaimed(signal=waiting, at=fixture.clock.now()))],
            at_us=0,
            claim=claim_of(waiting),
        )
    async with fixture.running():
        await fixture.quiet()
        trade = next(iter(fixture.executor.trades.values()))
        assert trade.completion_stopped
        assert trade.outcome is not TradeOutcome.HEDGED
        assert "sm1" not in fixture.sent


@in_virtual_time
async def test_an_entry_that_waited_too_long_is_refused_once_after_the_restart() -> None:
    fixture = ExecutorFixture()
    await claimed_then_killed(fixture, (Action.ENTER, "s2"))
    await asyncio.sleep(10)
    for _ in range(2):
        async with fixture.running():
            await fixture.quiet()
            refusals = [e for e in await fixture.events() if isinstance(e, SignalRefused)]
            assert [(e.signal_id, e.code) for e in refusals] == [("s2", RefusalCode.EXPIRED)]


@in_virtual_time
async def test_an_entry_still_in_time_is_executed_after_the_restart() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        waiting = signal(quantity="0.010", expires_at=START + seconds(600))
        await fixture.store.append(
            [entry_of(SignalClaimed(signal=waiting, at=START))], at_us=0, claim=claim_of(waiting)
        )
    await asyncio.sleep(60)
    async with fixture.running():
        await fixture.quiet()
        assert fixture.sent == ["so1", "ho1"]
        assert fixture.executor.book.holding("kimchi", "BTC") == holding("0.010", "0.010")


@in_virtual_time
async def test_a_broken_signal_under_the_same_id_does_not_make_a_waiting_exit_forgotten() -> None:
    fixture = ExecutorFixture()
    await claimed_then_killed(fixture, (Action.EXIT, "s2"))
    async with fixture.running():
        pass
    await fixture.store.append(
        [
            entry_of(
                SignalRefused(
                    signal_id="s2",
                    strategy="",
                    action="",
                    symbol="",
                    code=RefusalCode.INVALID_SIGNAL.value,
                    message="unknown field",
                    at=START,
                )
            )
        ],
        at_us=0,
    )
    async with fixture.running():
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))


@in_virtual_time
async def test_two_unfinished_trades_of_one_asset_keep_the_queue_until_both_have_ended() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.outcomes.extend([LOST_REQUEST, refused(), SLOW])
    async with fixture.running():
        await fixture.done(ENTER)  # unwound: the lost order was called absent
        await fixture.signal(signal(name="s2", quantity="0.020", at=fixture.clock.now()))
        fixture.store.fails_from = "orders_planned"
        fixture.upbit.arrive(fixture.order("so1"))
        fixture.upbit.tell(fixture.order("so1").client_order_id)
        await asyncio.sleep(0.2)
    fixture.upbit.reads_fail = True
    task = await fixture.begin(until_ready=False)
    await asyncio.sleep(1)
    unfinished = [t for t in fixture.executor.trades.values() if t.state is TradeState.EXECUTING]
    assert len(unfinished) == 1  # the late fill is taken back before anything else is asked
    fixture.upbit.reads_fail = False
    await asyncio.sleep(0.3)
    exiting = signal(Action.EXIT, name="s3", at=fixture.clock.now())
    await fixture.signal(exiting)
    await fixture.quiet()
    assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
    assert fixture.executor.book.holding("kimchi", "BTC") == holding("0.000", "0.000")
    await fixture.kill(task)
