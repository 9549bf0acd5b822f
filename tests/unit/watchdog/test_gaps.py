"""A watchdog that stood still saw nothing, and a book that stands still is no loss."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.kennel import SETTINGS, Kennel
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.venue import Venue
from trading_platform_order.transport.virtual_loop import VirtualLoop
from trading_platform_order.watchdog.loss_limit.loss_watch import SETTLES_S

ENTER = signal(quantity="0.010")
SENT = ["so1", "ho1"]


def stand_still(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.stand_still(seconds)


@pytest.mark.parametrize("stopped_s", [4.0, 45.0, 3_600.0])
@in_virtual_time
async def test_engine_and_watchdog_wake_together_and_nobody_acts(stopped_s: float) -> None:
    kennel = Kennel()
    async with kennel.watched(), kennel.running():
        await kennel.done(ENTER)
        for _ in range(3):
            await asyncio.sleep(20)
            stand_still(stopped_s)
        await asyncio.sleep(60)
        assert kennel.told == []
        assert kennel.sent == SENT


@in_virtual_time
async def test_an_engine_that_stays_silent_after_a_gap_is_found_all_the_same() -> None:
    kennel = Kennel()
    async with kennel.watched():
        life = await kennel.begin()
        await kennel.done(ENTER)
        await asyncio.sleep(20)
        stand_still(45)
        await kennel.kill(life)
        await asyncio.sleep(30)
        assert "watchdog_acted" in kennel.told_kinds


@in_virtual_time
async def test_no_loss_is_told_by_a_book_that_stands_still() -> None:
    kennel = Kennel(dog=replace(SETTINGS, loss_persist_s=10.0))
    async with kennel.watched(), kennel.running():
        await kennel.done(ENTER)
        await asyncio.sleep(SETTLES_S + 30)
        kennel.market.stands_at = kennel.clock.now()
        await asyncio.sleep(35)
        kennel.snapshot[Venue.BINANCE].loss_usdt = D(8_000)
        await asyncio.sleep(60)
        assert kennel.told == []
        kennel.market.stands_at = None
        await asyncio.sleep(20)
        assert kennel.told_kinds == ["loss_unconfirmed"]
