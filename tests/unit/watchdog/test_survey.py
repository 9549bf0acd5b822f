"""A watchdog that starts reads both exchanges in full: what happened before it ran is told."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.kennel import SETTINGS, Kennel
from tests.fakes.outcomes import ScriptedOutcome
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account.account_events import OrphanOrderFound
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.venue import Venue

ENTER = signal(quantity="0.010")
UNJOURNALLED = "tp-aaaaaaaaaaaaaaaaaaaa-so1"
HELD = (D("0.010"), D("-0.010"))


async def trade_behind_our_back(
    kennel: Kennel, leg: Leg, *, name: str = UNJOURNALLED, executes: str = "0"
) -> None:
    template = kennel.order("so1" if leg is Leg.SPOT else "ho1")
    exchange = kennel.upbit if leg is Leg.SPOT else kennel.binance
    exchange.arrive(replace(template, client_order_id=name), ScriptedOutcome(executes=D(executes)))


@pytest.mark.parametrize("leg", list(Leg))
@in_virtual_time
async def test_an_ended_order_that_no_journal_knows_stops_and_closes_nothing(leg: Leg) -> None:
    kennel = Kennel(reconcile_interval_s=1e6, sweep_interval_s=1e6)
    async with kennel.running():
        await kennel.done(ENTER)
        await trade_behind_our_back(kennel, leg)
        async with kennel.watched():
            await asyncio.sleep(2.5)
            assert kennel.told == []
            await asyncio.sleep(1.5)
            assert kennel.told_kinds == ["unknown_orders", "watchdog_acted"]
            assert UNJOURNALLED in kennel.told[0].fields["orders"]
            assert kennel.told[1].fields["closes"] == "no"
            await asyncio.sleep(60)
            assert len(kennel.told) == 2
        assert kennel.held == HELD
        latch = await kennel.store.latch("stop")
        assert latch is not None
        assert "orders out exceed intents in" in latch.reason


@in_virtual_time
async def test_what_the_journal_explains_is_not_told() -> None:
    kennel = Kennel(reconcile_interval_s=1e6, sweep_interval_s=1e6)
    async with kennel.running():
        await kennel.done(ENTER)
        await trade_behind_our_back(kennel, Leg.SPOT)
        await trade_behind_our_back(kennel, Leg.SPOT, name="web-1")
        await trade_behind_our_back(kennel, Leg.HEDGE, name="tl-aaaaaaaaaaaaaaaaaaaa-ho1")
        found = OrphanOrderFound(
            exchange=Venue.UPBIT,
            symbol="BTC-KRW",
            client_order_id=UNJOURNALLED,
            exchange_order_id=f"x-{UNJOURNALLED}",
            side="BUY",
            executed_quantity=D(0),
            is_open=False,
            created_at=None,
            reason="an operator was told already",
            at=kennel.clock.now(),
        )
        await kennel.executor.account.journal(found)
        async with kennel.watched():
            await asyncio.sleep(60)
        assert kennel.told == []
        assert kennel.held == HELD


@pytest.mark.parametrize("what", ["lists", "reads"])
@in_virtual_time
async def test_an_exchange_that_does_not_answer_is_asked_until_it_does(what: str) -> None:
    kennel = Kennel(reconcile_interval_s=1e6, sweep_interval_s=1e6)
    async with kennel.running():
        await kennel.done(ENTER)
        await trade_behind_our_back(kennel, Leg.SPOT)
        kennel.upbit.lists_fail = what == "lists"
        kennel.binance.reads_fail = what == "reads"
        async with kennel.watched():
            await asyncio.sleep(30)
            told = list(kennel.told_kinds)
            kennel.upbit.lists_fail = kennel.binance.reads_fail = False
            await asyncio.sleep(10)
            # What the exchange that answers shows is told at once, and once.
            assert told == ([] if what == "lists" else ["unknown_orders", "watchdog_acted"])
            assert kennel.told_kinds == ["unknown_orders", "watchdog_acted"]


@pytest.mark.parametrize(
    ("short", "coins", "words"),
    [
        ("-0.001", "0", "BTC short: 0.011 on Binance, ours is 0.01"),
        ("0.001", "0", "BTC short: 0.009 on Binance, ours is 0.01"),
        ("0", "-0.0001", "BTC: 0.0099 on Upbit, but 0.01 are ours"),
        ("0", "1", None),
        ("0", "0", None),
    ],
)
@in_virtual_time
async def test_a_position_that_differs_from_the_journal_is_told(
    short: str, coins: str, words: str | None
) -> None:
    """More coins than ours are the owner's; a short is never anybody else's."""
    kennel = Kennel(dog=replace(SETTINGS, engine_gone_s=1e6, engine_silent_s=1e6))
    async with kennel.running():
        await kennel.done(ENTER)
    kennel.binance.base += D(short)
    kennel.upbit.base += D(coins)
    async with kennel.watched():
        await asyncio.sleep(9)
        assert kennel.told == []
        await asyncio.sleep(3)
        told = [a.fields["positions"] for a in kennel.told if a.kind == "mismatch"]
        assert told == ([words] if words else [])
