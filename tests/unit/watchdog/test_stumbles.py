"""What stumbles once is done the next time; what cannot be done is told, and not asked for ever."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.fakes.kennel import SETTINGS, Kennel
from tests.fakes.outcomes import LOST_REQUEST, ScriptedOutcome
from tests.fakes.pair import SPOT_MID, D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.order import OrderSide
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.port.stream_events import OrderUpdate
from trading_platform_order.runtime.lease.heartbeat import MadeWay

ENTER = signal(quantity="0.010")
FLAT = (D(0), D(0))
UNJOURNALLED = "tp-aaaaaaaaaaaaaaaaaaaa-so1"


def made_way(life: asyncio.Task[None]) -> bool:
    """The engine ended because the watchdog took over."""
    failed = life.exception() if life.done() else None
    return isinstance(failed, ExceptionGroup) and isinstance(failed.exceptions[0], MadeWay)


@in_virtual_time
async def test_a_dead_engine_is_acted_for_though_the_store_was_locked_just_then() -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        kennel.latch_fails = 1
        await asyncio.sleep(30)
        assert kennel.held == FLAT
        assert kennel.told_kinds == ["engine_silent", "watchdog_acted", "watchdog_done"]


@in_virtual_time
async def test_the_days_loss_is_acted_on_though_the_store_was_locked_just_then() -> None:
    kennel = Kennel(dog=replace(SETTINGS, loss_fraction=D("0.001")))
    market = kennel.prices_of_its_own()
    async with kennel.watched():
        life = await kennel.begin()
        await kennel.done(ENTER)
        await asyncio.sleep(150)
        market.spot_mid = SPOT_MID / 2
        kennel.latch_fails = 1
        await asyncio.sleep(150)
        assert made_way(life)
        assert kennel.held == FLAT


@in_virtual_time
async def test_an_order_no_journal_knows_is_acted_on_though_the_store_was_locked() -> None:
    kennel = Kennel()
    async with kennel.watched():
        life = await kennel.begin()
        await kennel.done(ENTER)
        template = kennel.order("so1")
        kennel.upbit.arrive(
            replace(template, client_order_id=UNJOURNALLED), ScriptedOutcome(executes=D(0))
        )
        report = replace(kennel.upbit.report(UNJOURNALLED), executed_quantity=D("0.001"))
        kennel.snapshot[Venue.UPBIT].sink(OrderUpdate(report=report))
        kennel.latch_fails = 1
        await asyncio.sleep(30)
        assert made_way(life)
        assert kennel.held == FLAT
        assert await kennel.store.latch("stop") is not None


@in_virtual_time
async def test_a_cancel_that_has_no_effect_is_told_and_not_repeated_without_pause() -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            order = replace(kennel.order("so1"), client_order_id=UNJOURNALLED)
            kennel.upbit.arrive(order, ScriptedOutcome(executes=D(0), stays_open=True))
        kennel.upbit.lost_cancels = 10_000
        await asyncio.sleep(60)
        assert len(kennel.upbit.cancelled) < 30
        assert kennel.told_kinds[-1] == "watchdog_stuck"
        assert UNJOURNALLED in kennel.told[-1].fields["reason"]
        kennel.upbit.lost_cancels = 0
        await asyncio.sleep(30)
        assert kennel.held == FLAT


@in_virtual_time
async def test_orders_that_fill_nothing_are_told_and_not_repeated_without_pause() -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        kennel.upbit.outcomes.extend([ScriptedOutcome(executes=D(0))] * 10_000)
        await asyncio.sleep(60)
        sells = [o for o in kennel.upbit.sent if o.side is OrderSide.SELL]
        assert len(sells) < 40
        assert kennel.told_kinds[-1] == "watchdog_stuck"
        kennel.upbit.outcomes.clear()
        await asyncio.sleep(30)
        assert kennel.held == FLAT
        assert all(a.attempt + 1 == b.attempt for a, b in pairwise(sells))


@in_virtual_time
async def test_a_store_that_is_gone_is_told_before_the_exchanges_are_asked() -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            order = replace(kennel.order("so1"), client_order_id=UNJOURNALLED)
            kennel.upbit.arrive(order, ScriptedOutcome(executes=D(0), stays_open=True))
        kennel.upbit.read_s = 8.0
        kennel.store_gone = True
        await asyncio.sleep(5)
        assert kennel.told_kinds == ["store_gone"]
        assert kennel.told[0].urgent
        assert kennel.told[0].fields["cancelled"] == "still asking"
        assert len(kennel.stop_files) == 1
        await asyncio.sleep(8)
        assert [alert.fields["cancelled"] for alert in kennel.told] == ["still asking", "1"]
        assert not kennel.told[1].urgent


@in_virtual_time
async def test_an_engine_that_returns_during_a_long_read_is_no_stranger() -> None:
    kennel = Kennel(dog=replace(SETTINGS, look_s=1e6))
    async with kennel.watched():
        async with kennel.running():
            await kennel.quiet()
        kennel.snapshot[Venue.UPBIT].lists_s = 8.0
        await asyncio.sleep(6)
        async with kennel.running():
            await kennel.done(signal(quantity="0.010", at=kennel.clock.now()))
            for order in kennel.upbit.sent:
                report = kennel.upbit.report(order.client_order_id)
                kennel.snapshot[Venue.UPBIT].sink(OrderUpdate(report=report))
            await asyncio.sleep(60)
            assert kennel.told_kinds == ["engine_silent", "engine_back"]
            assert await kennel.store.latch("stop") is None


@pytest.mark.parametrize("venue", list(Venue))
@in_virtual_time
async def test_a_market_that_is_suspended_on_one_exchange_leaves_both_legs(venue: Venue) -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        kennel.market.suspended = {venue}
        await asyncio.sleep(60)
        assert kennel.held == (D("0.010"), D("-0.010"))
        assert kennel.told_kinds[-1] == "watchdog_stuck"
        assert f"{venue} does not trade B" in kennel.told[-1].fields["reason"]
        kennel.market.suspended = set()
        await asyncio.sleep(30)
        assert kennel.held == FLAT


@in_virtual_time
async def test_a_leg_that_stands_alone_does_not_wait_for_the_other_exchange() -> None:
    kennel = Kennel()
    kennel.binance.outcomes.append(LOST_REQUEST)
    async with kennel.watched():
        async with kennel.running():
            await kennel.signal(ENTER)
            await asyncio.sleep(0.3)
        kennel.market.suspended = {Venue.BINANCE}
        await asyncio.sleep(60)
        assert kennel.held == FLAT
