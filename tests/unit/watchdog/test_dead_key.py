"""The engine lives, and its key on an exchange is dead: what must be done is done beside it."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.kennel import HOLDING, Kennel
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.hindrances.dead_key import latch_of
from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.venue import Venue
from trading_platform_order.runtime.lease.heartbeat import MadeWay

ENTER = signal(quantity="0.010")
EXIT = signal(Action.EXIT, name="s2")
OTHER = signal(name="o1", strategy="other", quantity="0.010")
OTHER_EXIT = signal(Action.EXIT, name="o2", strategy="other")
FLAT = (D(0), D(0))


async def key_dies(kennel: Kennel, venue: Venue = Venue.BINANCE) -> None:
    """A read of the engine hears of it, as in life, before an order does."""
    exchange = kennel.binance if venue is Venue.BINANCE else kennel.upbit
    exchange.key_is_dead = True
    assert exchange.on_hindrance is not None
    exchange.on_hindrance(Hindrance.KEY, "-2015: expired")
    await asyncio.sleep(2)
    assert await kennel.store.latch(latch_of(venue)) is not None


@pytest.mark.parametrize("venue", list(Venue))
@in_virtual_time
async def test_an_exit_that_waits_is_carried_out_by_the_watchdogs_keys(venue: Venue) -> None:
    kennel = Kennel(dog=HOLDING)
    async with kennel.watched():
        life = await kennel.begin()
        await kennel.done(ENTER)
        await key_dies(kennel, venue)
        await kennel.signal(EXIT)
        await asyncio.sleep(9)
        assert kennel.told_kinds == []
        assert kennel.held == (D("0.010"), D("-0.010"))
        await asyncio.sleep(10)  # what was refused for the key waits for an order test and books
        assert kennel.held == FLAT
        assert kennel.told_kinds[:2] == ["watchdog_acted", "watchdog_done"]
        assert f"key on {venue} is dead" in kennel.told[0].fields["reason"]
        assert "EXIT s2 waits" in kennel.told[0].fields["reason"]
        assert [type(e) for e in life.exception().exceptions] == [MadeWay]  # type: ignore[union-attr]
        async with kennel.running():
            await kennel.quiet()
            await asyncio.sleep(60)
            assert kennel.executor.book.holding("kimchi", "BTC").spot == 0
            assert kennel.executor.book.ledger.krw == kennel.upbit.money
        assert kennel.told_kinds.count("watchdog_acted") == 1


@in_virtual_time
async def test_an_even_pair_that_nobody_wants_closed_is_left_to_operators() -> None:
    kennel = Kennel(dog=HOLDING)
    async with kennel.watched(), kennel.running():
        await kennel.done(ENTER)
        await key_dies(kennel)
        await asyncio.sleep(600)
        assert kennel.told_kinds == []
        assert kennel.sent == ["so1", "ho1"]
        assert kennel.snapshot[Venue.BINANCE].tested == [], "no test that would decide nothing"


@in_virtual_time
async def test_another_strategys_pair_of_the_coin_is_left_as_well() -> None:
    kennel = Kennel(dog=HOLDING)
    async with kennel.watched():
        life = await kennel.begin()
        await kennel.done(ENTER)
        await kennel.done(OTHER)
        await key_dies(kennel)
        await kennel.signal(OTHER_EXIT)
        await asyncio.sleep(15)
        assert life.exception() is not None, "it made way"
        assert kennel.held == (D("0.010"), D("-0.010"))
        assert kennel.told[0].fields["closes"] == "BTC of other"


@pytest.mark.parametrize("venue", list(Venue))
@in_virtual_time
async def test_keys_that_fail_their_own_test_take_nothing(venue: Venue) -> None:
    kennel = Kennel(dog=HOLDING)
    kennel.snapshot[venue].key_is_dead = True
    async with kennel.watched(), kennel.running():
        await kennel.done(ENTER)
        await key_dies(kennel)
        await kennel.signal(EXIT)
        await asyncio.sleep(60)
        assert kennel.told_kinds == []
        assert kennel.held == (D("0.010"), D("-0.010"))
        assert len(kennel.snapshot[Venue.UPBIT].tested) in range(3, 7), (
            "again and again, with pauses"
        )
        kennel.snapshot[venue].key_is_dead = False
        await asyncio.sleep(15)
        assert kennel.held == FLAT


@in_virtual_time
async def test_an_order_test_without_an_answer_hides_no_dead_engine() -> None:
    kennel = Kennel(dog=HOLDING)
    kennel.snapshot[Venue.UPBIT].test_s = 600.0
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            await key_dies(kennel)
            await kennel.signal(EXIT)
            await asyncio.sleep(12)
            assert kennel.told_kinds == []
        await asyncio.sleep(9)
        assert "engine_silent" in kennel.told_kinds


@in_virtual_time
async def test_legs_that_differ_are_no_less_than_an_exit() -> None:
    kennel = Kennel(dog=HOLDING)
    async with kennel.watched():
        life = await kennel.begin()
        await kennel.done(ENTER)
        kennel.binance.key_is_dead = True
        await kennel.signal(EXIT)
        await asyncio.sleep(20)
        assert life.exception() is not None, "it made way"
        assert kennel.held == FLAT
        assert "key on binance is dead" in kennel.told[0].fields["reason"]


@in_virtual_time
async def test_without_leave_to_reduce_the_same_engine_is_stopped_once() -> None:
    kennel = Kennel(dog=replace(HOLDING, reduce=False))
    async with kennel.watched(), kennel.running():
        await kennel.done(ENTER)
        await key_dies(kennel)
        await kennel.signal(EXIT)
        await asyncio.sleep(120)
        assert kennel.told_kinds == ["watchdog_acted"]
        assert await kennel.store.latch("stop") is not None
        assert kennel.held == (D("0.010"), D("-0.010"))


@in_virtual_time
async def test_a_key_that_orders_again_in_time_is_no_reason() -> None:
    kennel = Kennel(dog=HOLDING)
    async with kennel.watched(), kennel.running():
        await kennel.done(ENTER)
        await key_dies(kennel)
        await kennel.signal(EXIT)
        await asyncio.sleep(2)
        kennel.binance.key_is_dead = False
        await asyncio.sleep(60)
        assert kennel.told_kinds == []
        assert kennel.held == FLAT, "by the engine itself"
