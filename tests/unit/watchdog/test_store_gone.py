"""Without the store nobody knows what is ours: nothing is sold, entries end, and it is told.

And every pair of failures among engine, watchdog and store: either somebody acts, or operators
learn.
"""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.kennel import Kennel
from tests.fakes.outcomes import ScriptedOutcome
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.venue import Venue

ENTER = signal(quantity="0.010")
RESTING = "tp-bbbbbbbbbbbbbbbbbbbb-so1"


def rests(kennel: Kennel) -> None:
    """An entry order rests on Upbit."""
    order = replace(kennel.order("so1"), client_order_id=RESTING)
    kennel.upbit.arrive(order, ScriptedOutcome(executes=D(0), stays_open=True))


@in_virtual_time
async def test_store_gone_engine_dead_with_it() -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            rests(kennel)
            kennel.store_gone = True
            await asyncio.sleep(1)
        await asyncio.sleep(30)
        assert kennel.told_kinds == ["store_gone"]
        assert kennel.told[0].urgent
        assert kennel.told[0].fields["cancelled"] == "1"
        assert kennel.upbit.cancelled == [RESTING]
        assert kennel.sent == ["so1", "ho1"], "nothing is closed"
        assert len(kennel.stop_files) == 1
        await asyncio.sleep(60)
        assert kennel.told_kinds == ["store_gone"] * 2, "until somebody comes"
        kennel.store_gone = False
        await asyncio.sleep(30)
        assert kennel.held == (D(0), D(0))
        assert kennel.told_kinds[2:] == ["engine_silent", "watchdog_acted", "watchdog_done"]


@in_virtual_time
async def test_a_store_that_stumbles_is_no_alarm() -> None:
    kennel = Kennel()
    async with kennel.watched(), kennel.running():
        await kennel.done(ENTER)
        kennel.store_gone = True
        await asyncio.sleep(0.4)
        kennel.store_gone = False
        await asyncio.sleep(30)
        assert "store_gone" not in kennel.told_kinds


@in_virtual_time
async def test_the_store_goes_while_the_watchdog_is_at_work() -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        kennel.binance.outcomes.append(ScriptedOutcome(answer_s=3.0))
        await kennel.until_it_reduces()
        kennel.store_gone = True
        await asyncio.sleep(30)
        assert "store_gone" in kennel.told_kinds
        kennel.store_gone = False
        await asyncio.sleep(30)
        assert kennel.held == (D(0), D(0))
        assert sorted(kennel.sent) == ["hc1", "ho1", "sc1", "so1"]


@pytest.mark.parametrize("venue", list(Venue))
@in_virtual_time
async def test_an_exchange_that_tells_nothing_and_takes_orders_holds_no_close_up(
    venue: Venue,
) -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        exchange = kennel.upbit if venue is Venue.UPBIT else kennel.binance
        exchange.reads_fail = True
        await asyncio.sleep(30)
        assert kennel.held == (D(0), D(0))
        sent = [what for what in kennel.happened if what.startswith("sent")]
        assert sent[2:] == ["sent sc1", "sent hc1"], "the coins first"
        assert kennel.told_kinds == ["engine_silent", "watchdog_acted", "watchdog_done"]


@in_virtual_time
async def test_an_account_that_cannot_be_taken_is_told_and_tried_again() -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        kennel.closes_fail = ["held by another"] * 100
        await asyncio.sleep(60)
        assert kennel.sent == ["so1", "ho1"]
        assert kennel.told_kinds == ["engine_silent", "watchdog_acted", "watchdog_stuck"]
        assert kennel.told[-1].fields["reason"] == "held by another"
        tried = len(kennel.closes_fail)
        await asyncio.sleep(50)
        assert tried - len(kennel.closes_fail) == 5, "however long it lasts: every ten seconds"
        kennel.closes_fail = []
        await asyncio.sleep(20)
        assert kennel.held == (D(0), D(0))
        assert kennel.told_kinds[-1] == "watchdog_done"


@in_virtual_time
async def test_a_short_nobody_can_explain_is_never_called_done() -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        kennel.binance.base -= D("0.005")
        await asyncio.sleep(60)
        assert kennel.held == (D(0), D("-0.005"))
        assert kennel.told_kinds[-1] == "watchdog_stuck"
        assert "0.005 BTC more short" in kennel.told[-1].fields["reason"]


@in_virtual_time
async def test_resting_entries_are_cancelled_before_anything_is_sold() -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
            rests(kennel)
        await asyncio.sleep(30)
        assert kennel.upbit.cancelled == [RESTING]
        assert kennel.held == (D(0), D(0))
