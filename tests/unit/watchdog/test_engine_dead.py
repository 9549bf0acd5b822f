"""The engine dies while exposed: the watchdog ends flat, by the engine's own code and books."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.kennel import SETTINGS, Kennel
from tests.fakes.outcomes import LOST_ANSWER, LOST_REQUEST, ScriptedOutcome, refused
from tests.fakes.pair import D, holding, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.pair_trade import TradeState

ENTER = signal(quantity="0.010")
EXIT = signal(Action.EXIT, name="s2")
FLAT = (D(0), D(0))


async def is_booked(kennel: Kennel, *, foreign: bool = False) -> None:
    """The engine comes back and its ledger equals the exchanges."""
    async with kennel.running():
        await kennel.quiet()
        book = kennel.executor.book
        held = book.holding("kimchi", "BTC")
        assert (held.spot, held.short) == (kennel.upbit.base, -kennel.binance.base)
        assert book.ledger.krw == kennel.upbit.money
        assert book.ledger.usdt == kennel.binance.money
        assert all(t.state is TradeState.SETTLED for t in kennel.executor.trades.values())
        kinds = [type(event).__name__ for event in await kennel.events()]
        assert foreign is ("ForeignMovement" in kinds)
        latch = await kennel.store.latch("stop")
        if "watchdog_acted" in kennel.told_kinds:
            assert latch is not None
            assert latch.reason.startswith("watchdog: ")
        assert await kennel.watch.open_takeover() is None


@in_virtual_time
async def test_a_hedged_pair_is_closed_and_booked() -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        await asyncio.sleep(4)
        assert kennel.sent == ["so1", "ho1"], "the engine may be restarted in time"
        await asyncio.sleep(4)
        assert kennel.held == FLAT
        assert sorted(kennel.sent) == ["hc1", "ho1", "sc1", "so1"]
        assert kennel.told_kinds == ["engine_silent", "watchdog_acted", "watchdog_done"]
        await is_booked(kennel)
        assert kennel.held == FLAT


@pytest.mark.parametrize("killed_after_s", [0.0, 0.005, 0.02, 0.3])
@pytest.mark.parametrize(
    ("spot", "hedge"),
    [
        (ScriptedOutcome(), ScriptedOutcome()),
        (ScriptedOutcome(answer_s=9.0), ScriptedOutcome(answer_s=9.0)),
        (LOST_ANSWER, ScriptedOutcome()),
        (ScriptedOutcome(), LOST_REQUEST),
        (LOST_REQUEST, ScriptedOutcome()),
        (LOST_REQUEST, LOST_REQUEST),
        (ScriptedOutcome(), refused()),
        (refused(), ScriptedOutcome()),
        (ScriptedOutcome(executes=D("0.006"), stays_open=True), ScriptedOutcome()),
    ],
)
@in_virtual_time
async def test_killed_in_an_entry_it_ends_flat(
    spot: ScriptedOutcome, hedge: ScriptedOutcome, killed_after_s: float
) -> None:
    kennel = Kennel()
    kennel.upbit.outcomes.append(spot)
    kennel.binance.outcomes.append(hedge)
    async with kennel.watched():
        async with kennel.running():
            await kennel.signal(ENTER)
            await asyncio.sleep(killed_after_s)
        await asyncio.sleep(60)
        assert kennel.held == FLAT
        assert sorted(set(kennel.sent)) == sorted(kennel.sent)
        await is_booked(kennel)
        assert kennel.held == FLAT


@pytest.mark.parametrize(
    ("spot", "hedge"),
    [
        (ScriptedOutcome(answer_s=9.0), LOST_REQUEST),
        (LOST_REQUEST, ScriptedOutcome()),
        (ScriptedOutcome(executes=D("0.004")), refused()),
    ],
)
@in_virtual_time
async def test_killed_in_an_exit_it_ends_flat(
    spot: ScriptedOutcome, hedge: ScriptedOutcome
) -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            kennel.upbit.outcomes.append(spot)
            kennel.binance.outcomes.append(hedge)
            await kennel.signal(EXIT)
            await asyncio.sleep(0.012)
        await asyncio.sleep(60)
        assert kennel.held == FLAT
        assert sorted(set(kennel.sent)) == sorted(kennel.sent)
        await is_booked(kennel)
        assert kennel.held == FLAT


@in_virtual_time
async def test_coins_of_the_owner_are_never_sold() -> None:
    kennel = Kennel()
    kennel.upbit.base = D("3")
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        await asyncio.sleep(60)
        assert kennel.held == (D(3), D(0))
        sold = [o for o in kennel.upbit.sent if o.client_order_id.endswith("c1")]
        assert [order.quantity for order in sold] == [D("0.010")]


@in_virtual_time
async def test_without_anything_open_it_only_tells() -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.quiet()
        await asyncio.sleep(60)
        assert kennel.told_kinds == ["engine_silent"]
        assert not kennel.told[0].urgent
        assert await kennel.store.latch("stop") is None
        async with kennel.running():
            await asyncio.sleep(2)
            assert kennel.told_kinds == ["engine_silent", "engine_back"]


@in_virtual_time
async def test_an_engine_that_is_restarted_in_time_keeps_its_pair() -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        await asyncio.sleep(3)
        async with kennel.running():
            await asyncio.sleep(60)
        assert kennel.sent == ["so1", "ho1"]
        assert kennel.told == []


@pytest.mark.parametrize(("waits_s", "acts"), [(200, False), (400, True)])
@in_virtual_time
async def test_an_engine_stopped_on_purpose_has_longer(waits_s: float, *, acts: bool) -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        await kennel.heartbeat.end()
        await asyncio.sleep(waits_s)
        assert (kennel.held == FLAT) is acts


@in_virtual_time
async def test_it_may_be_told_only_to_stop_and_cancel() -> None:
    kennel = Kennel(dog=replace(SETTINGS, reduce=False))
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        await asyncio.sleep(60)
        assert kennel.sent == ["so1", "ho1"]
        assert kennel.told_kinds == ["engine_silent", "watchdog_acted"]
        assert await kennel.store.latch("stop") is not None


@in_virtual_time
async def test_two_strategies_and_a_halted_trade_are_all_closed() -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            await kennel.done(signal(name="o1", strategy="other", quantity="0.020"))
            kennel.binance.outcomes.extend([refused(retryable=True)] * 40)
            await kennel.signal(EXIT)
            await asyncio.sleep(0.5)
        kennel.binance.outcomes.clear()
        await asyncio.sleep(60)
        assert kennel.held == FLAT
        await is_booked(kennel)
        assert kennel.executor.book.holding("other", "BTC") == holding()


@in_virtual_time
async def test_an_engine_stopped_in_the_middle_of_a_trade_is_not_waited_for() -> None:
    kennel = Kennel()
    kennel.binance.outcomes.append(LOST_REQUEST)
    async with kennel.watched():
        async with kennel.running():
            await kennel.signal(ENTER)
            await asyncio.sleep(0.3)
        await kennel.heartbeat.end()
        assert kennel.held == (D("0.010"), D(0)), "one leg stands alone"
        await asyncio.sleep(60)
        assert kennel.held == FLAT
        await is_booked(kennel)
