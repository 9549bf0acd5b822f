"""Beside a dead engine what is even, protected and funded is held; and the hold has ends."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.fakes.kennel import HOLDING, Kennel
from tests.fakes.outcomes import LOST_ANSWER, LOST_REQUEST, ScriptedOutcome
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account.account_events import SignalClaimed
from trading_platform_order.domain.outcome import ProvenAbsent
from trading_platform_order.domain.protection.protective_stop import ProtectiveStopState
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.risk.monitors.emergency_stop import FLATTEN_LATCH
from trading_platform_order.signals.schema import signal_to_json
from trading_platform_order.transport.clock import epoch_us

ENTER = signal(quantity="0.010")
PAIR = (D("0.010"), D("-0.010"))
FLAT = (D(0), D(0))
ENTRIES = ["so1", "ho1"]


def kennel_of(**dog: object) -> Kennel:
    kennel = Kennel(dog=replace(HOLDING, **dog))  # type: ignore[arg-type]
    kennel.binance.liquidation = D(200_000)
    return kennel


async def put(kennel: Kennel, wanted: Signal) -> None:
    """Hand a signal in while nobody takes it."""
    raw = signal_to_json(wanted)
    await kennel.store.put_signal(raw, at_us=epoch_us(kennel.clock.now()))


def exit_now(kennel: Kennel, *, strategy: str = "kimchi", name: str = "x1") -> Signal:
    return signal(Action.EXIT, name=name, strategy=strategy, at=kennel.clock.now())


@in_virtual_time
async def test_a_protected_even_pair_is_held_and_told_and_closed_at_last() -> None:
    kennel = kennel_of()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            await asyncio.sleep(2)
            assert len(kennel.binance.waiting_stops) == 1
        await asyncio.sleep(8)
        assert kennel.told_kinds == ["engine_silent", "watchdog_holds"]
        assert all(alert.urgent for alert in kennel.told)
        assert "start the engine" in kennel.told[1].fields["to_do"]
        await asyncio.sleep(880)
        assert kennel.sent == ENTRIES
        assert kennel.told_kinds.count("watchdog_holds") == 15, "every minute"
        pages = [alert for alert in kennel.told if alert.kind == "watchdog_holds"]
        since = [int(page.fields["since"].removesuffix(" s")) for page in pages]
        assert all(59 <= b - a <= 61 for a, b in pairwise(since)), "one incident"
        assert await kennel.store.latch("stop") is None
        await asyncio.sleep(40)
        assert kennel.held == FLAT
        assert kennel.told_kinds[-1] == "watchdog_done"


@in_virtual_time
async def test_an_engine_that_returns_in_the_hold_finds_its_pair_and_no_stop() -> None:
    kennel = kennel_of()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            await asyncio.sleep(2)
        await asyncio.sleep(600)
        async with kennel.running():
            await asyncio.sleep(60)
            assert kennel.sent == ENTRIES
            assert kennel.told_kinds[-1] == "engine_back"
        await asyncio.sleep(600)
        assert kennel.held == PAIR, "the hold begins anew"


@pytest.mark.parametrize("what", ["no stop", "short runway", "too small a stop"])
@in_virtual_time
async def test_what_is_not_safe_is_closed_at_once(what: str) -> None:
    kennel = kennel_of()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            await asyncio.sleep(2)
            (stop,) = kennel.binance.waiting_stops
        if what == "no stop":
            kennel.binance.stops[stop.client_order_id] = replace(
                stop, state=ProtectiveStopState.CANCELLED
            )
        elif what == "too small a stop":
            kennel.binance.stops[stop.client_order_id] = replace(stop, quantity=D("0.009"))
        else:
            kennel.binance.mark = D(165_000)
        await asyncio.sleep(9)
        assert kennel.held == FLAT
        assert "watchdog_holds" not in kennel.told_kinds


@in_virtual_time
async def test_uneven_legs_are_closed_as_ever() -> None:
    kennel = kennel_of()
    kennel.binance.outcomes.append(LOST_REQUEST)
    async with kennel.watched():
        async with kennel.running():
            await kennel.signal(ENTER)
            await asyncio.sleep(0.3)
        await asyncio.sleep(20)
        assert kennel.held == FLAT


@in_virtual_time
async def test_an_exit_in_the_inbox_ends_the_hold_of_its_pair_alone() -> None:
    kennel = kennel_of()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            await kennel.done(signal(name="o1", strategy="other", quantity="0.020"))
            await asyncio.sleep(2)
        await asyncio.sleep(20)
        await put(kennel, exit_now(kennel))
        await asyncio.sleep(33)
        assert kennel.held == (D("0.030"), D("-0.030"))
        await asyncio.sleep(6)
        assert kennel.held == (D("0.020"), D("-0.020")), "the other strategy's stays"
        assert kennel.told_kinds[-1] == "watchdog_done"
        await asyncio.sleep(120)
        assert kennel.held == (D("0.020"), D("-0.020"))
        assert kennel.told_kinds[-1] == "watchdog_holds"
        async with kennel.running():
            await kennel.quiet()
            assert kennel.executor.book.holding("other", "BTC").spot == D("0.020")
            assert kennel.executor.book.holding("kimchi", "BTC").spot == D(0)
            assert kennel.executor.book.ledger.krw == kennel.upbit.money


@in_virtual_time
async def test_an_exit_that_was_claimed_and_not_carried_out_ends_the_hold() -> None:
    kennel = kennel_of()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            await asyncio.sleep(2)
            claimed = SignalClaimed(signal=exit_now(kennel), at=kennel.clock.now())
            await kennel.executor.account.journal(claimed)
        await asyncio.sleep(33)
        assert kennel.held == PAIR
        await asyncio.sleep(6)
        assert kennel.held == FLAT


@in_virtual_time
async def test_a_flatten_ends_the_hold_of_everything() -> None:
    kennel = kennel_of()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            await asyncio.sleep(2)
        await kennel.store.set_latch(FLATTEN_LATCH, "all of it", at_us=0)
        await asyncio.sleep(33)
        assert kennel.held == PAIR
        await asyncio.sleep(6)
        assert kennel.held == FLAT


@in_virtual_time
async def test_what_a_living_engine_would_refuse_ends_no_hold() -> None:
    kennel = kennel_of()
    async with kennel.watched():
        async with kennel.running():
            old = exit_now(kennel, name="friday")
            await asyncio.sleep(60)
            await kennel.done(replace(ENTER, created_at=kennel.clock.now()))
            await asyncio.sleep(2)
        at = kennel.clock.now()
        await put(kennel, old)
        await put(kennel, replace(exit_now(kennel, name="lapsed"), expires_at=at))
        await put(kennel, exit_now(kennel, name="strange", strategy="nobody"))
        await asyncio.sleep(300)
        assert kennel.held == PAIR


@in_virtual_time
async def test_an_exit_is_not_left_to_an_engine_that_was_stopped_on_purpose() -> None:
    kennel = kennel_of()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            await asyncio.sleep(2)
        await kennel.heartbeat.end()
        await asyncio.sleep(100)
        assert kennel.told == []
        await put(kennel, exit_now(kennel))
        await asyncio.sleep(33)
        assert kennel.held == PAIR
        await asyncio.sleep(6)
        assert kennel.held == FLAT


@in_virtual_time
async def test_while_binance_is_silent_an_even_pair_is_held() -> None:
    kennel = kennel_of()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            await asyncio.sleep(2)
        kennel.binance.reads_fail = True
        await asyncio.sleep(300)
        assert kennel.sent == ENTRIES
        assert "binance: no answer" in kennel.told[-1].fields["not_answered"]
        assert await kennel.store.latch("stop") is None
        kennel.binance.reads_fail = False
        await asyncio.sleep(60)
        assert kennel.held == PAIR


# -- a start --------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_long_start_that_beats_is_left_alone_and_told_when_it_hangs() -> None:
    kennel = kennel_of()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            await asyncio.sleep(2)
        async with kennel.starting():
            await asyncio.sleep(118)
            assert kennel.told == []
            await put(kennel, exit_now(kennel))
            await asyncio.sleep(10)
            assert kennel.told_kinds == ["engine_not_ready", "watchdog_holds"]
            assert "EXIT x1 waits" in kennel.told[1].fields["waiting"]
            await asyncio.sleep(40)
            assert kennel.held == FLAT, "it makes way at its next beat"


@in_virtual_time
async def test_a_start_that_hangs_with_uneven_legs_is_acted_for() -> None:
    kennel = kennel_of()
    kennel.binance.outcomes.append(LOST_REQUEST)
    async with kennel.watched():
        async with kennel.running():
            await kennel.signal(ENTER)
            await asyncio.sleep(0.3)
        await asyncio.sleep(1)
        async with kennel.starting():
            await asyncio.sleep(29)
            assert kennel.held == (D("0.010"), D(0))
            await asyncio.sleep(12)
            assert kennel.held == FLAT


@in_virtual_time
async def test_a_start_that_hangs_holds_what_is_even_for_as_long_as_it_beats() -> None:
    kennel = kennel_of()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            await asyncio.sleep(2)
        async with kennel.starting():
            await asyncio.sleep(3_000)
            assert kennel.held == PAIR
            assert kennel.told_kinds.count("watchdog_holds") > 40


@in_virtual_time
async def test_starts_that_die_over_and_over_do_not_keep_an_exit_waiting() -> None:
    kennel = kennel_of()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            await asyncio.sleep(2)
        for _ in range(20):
            async with kennel.starting():
                await put(kennel, exit_now(kennel, name="again"))
                await asyncio.sleep(6)
            await asyncio.sleep(2)
        await asyncio.sleep(30)
        assert kennel.held == FLAT


# -- the excess -----------------------------------------------------------------------------------


@pytest.mark.parametrize("silent", ["upbit", "binance"])
@in_virtual_time
async def test_the_longer_leg_is_reduced_though_the_other_exchange_is_silent(silent: str) -> None:
    """An EXIT closed one leg, the order of the other was lost; then one exchange is away."""
    kennel = kennel_of()
    closed, left = (
        (kennel.upbit, kennel.binance) if silent == "upbit" else (kennel.binance, kennel.upbit)
    )
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            left.outcomes.append(LOST_REQUEST)
            await kennel.signal(exit_now(kennel))
            await asyncio.sleep(14)
        assert closed.base == 0
        closed.reads_fail = True
        await asyncio.sleep(0)
        await asyncio.sleep(20)
        assert kennel.held == FLAT


@in_virtual_time
async def test_what_may_be_even_is_not_reduced_while_one_exchange_is_silent() -> None:
    """The hedge is filled; whether the coins were bought nobody can tell yet."""
    kennel = kennel_of()
    kennel.upbit.outcomes.append(LOST_ANSWER)
    async with kennel.watched():
        async with kennel.running():
            await kennel.signal(ENTER)
            await asyncio.sleep(0.3)
        kennel.upbit.reads_fail = True
        await asyncio.sleep(120)
        assert kennel.held == PAIR
        assert kennel.told_kinds[-1] == "watchdog_stuck"
        kennel.upbit.reads_fail = False
        await asyncio.sleep(30)
        assert kennel.held == FLAT


# -- proofs ---------------------------------------------------------------------------------------


@in_virtual_time
async def test_lists_alone_prove_no_absence() -> None:
    """The hedge was filled, and no list shows it: the position does."""
    kennel = kennel_of()
    kennel.binance.outcomes.append(LOST_ANSWER)
    kennel.binance.lists_lag = True
    kennel.binance.hides_look_up = True
    async with kennel.watched():
        async with kennel.running():
            await kennel.signal(ENTER)
            await asyncio.sleep(0.3)
        await asyncio.sleep(30)
        assert kennel.held == PAIR, "both are there, so nothing is taken back of one"
        kennel.binance.lists_lag = kennel.binance.hides_look_up = False
        await asyncio.sleep(30)
        assert kennel.held == FLAT


@in_virtual_time
async def test_a_proof_that_needs_no_account_is_taken_as_it_is() -> None:
    kennel = kennel_of()
    kennel.upbit.outcomes.append(LOST_REQUEST)
    kennel.upbit.proof = ProvenAbsent(evidence="consumed", needs_account=False)
    kennel.upbit.base = D(1)
    async with kennel.watched():
        async with kennel.running():
            await kennel.signal(ENTER)
            await asyncio.sleep(0.3)
        kennel.upbit.base += D("0.010")  # the owner bought as much
        await asyncio.sleep(40)
        assert kennel.held == (D("1.010"), D(0))


@in_virtual_time
async def test_one_leg_filled_and_a_partial_other_is_evened_first() -> None:
    kennel = kennel_of()
    kennel.binance.outcomes.append(ScriptedOutcome(executes=D("0.004")))
    async with kennel.watched():
        async with kennel.running():
            await kennel.signal(ENTER)
            await asyncio.sleep(0.02)
        await asyncio.sleep(30)
        assert kennel.held == FLAT
