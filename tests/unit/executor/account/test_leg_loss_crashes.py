"""A leg is lost while the engine dies, or while it is down."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.pair import HEDGE_MID, D, signal
from tests.fakes.virtual_time import in_virtual_time
from tests.unit.executor.account.leg_loss_checks import agrees, closings, foreign, settle
from trading_platform_order.transport.virtual_loop import run_virtual

ENTER = signal(quantity="0.010")
WORSE = HEDGE_MID + 700


POINTS = ["hedge_closed", "position_changed", "signal_claimed", "trade_opened", "fill_seen"]


@pytest.mark.parametrize("kind", POINTS)
@pytest.mark.parametrize("durable", [True, False])
def test_a_crash_before_and_after_each_step(kind: str, durable: bool) -> None:
    """The engine dies around one commit; the next one books nothing twice and forgets nothing."""

    async def scenario() -> None:
        fixture = ExecutorFixture(reconcile_interval_s=5.0)
        async with fixture.running():
            await fixture.done(ENTER)
        fixture.dies_at, fixture.dies_after = kind, durable
        task = await fixture.begin(until_ready=False)
        await asyncio.sleep(0.3)
        fixture.binance.tell_foreign(
            fixture.binance.close_by("adl_autoclose", D("0.010"), price=WORSE)
        )
        for _ in range(100):
            await asyncio.sleep(0.05)
            if fixture.store.dead:
                break
        assert fixture.store.dead, "the point was never reached"
        await fixture.kill(task)
        fixture.dies_at = None
        async with fixture.running():
            await settle(fixture)
            assert len(await closings(fixture)) == 1
            assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
            assert agrees(fixture)
            assert not await foreign(fixture)

    run_virtual(scenario())


@pytest.mark.parametrize("gone", ["0.010", "0.003"])
def test_it_happened_while_the_engine_was_down(gone: str) -> None:
    async def scenario() -> None:
        fixture = ExecutorFixture()
        async with fixture.running():
            await fixture.done(ENTER)
        fixture.binance.close_by("autoclose-1", D(gone), price=WORSE)
        await asyncio.sleep(3_600)
        async with fixture.running():
            await settle(fixture)
            assert len(await closings(fixture)) == 1
            assert fixture.is_even()
            assert agrees(fixture)
            assert not await foreign(fixture)

    run_virtual(scenario())


@in_virtual_time
async def test_coins_without_a_hedge_are_sold_though_there_are_no_prices() -> None:
    async with ExecutorFixture().running() as fixture:
        await fixture.done(ENTER)
        fixture.market.gone = True
        fixture.binance.tell_foreign(fixture.binance.close_by("adl_autoclose", D("0.010")))
        await asyncio.sleep(10)
        await fixture.quiet()
        assert fixture.upbit.base == 0
        assert agrees(fixture)


@in_virtual_time
async def test_it_is_booked_before_another_strategy_enters() -> None:
    async with ExecutorFixture().running() as fixture:
        await fixture.done(ENTER)
        fill = fixture.binance.close_by("adl_autoclose", D("0.010"))
        again = replace(
            signal(name="s3", quantity="0.002", strategy="other"), created_at=fixture.clock.now()
        )
        fixture.binance.tell_foreign(fill)
        await fixture.signal(again)
        await settle(fixture)
        sent = [order.client_order_id[-3:] for order in fixture.upbit.sent]
        assert sorted(sent) == ["sc1", "so1", "so1"]
        assert (fixture.upbit.base, fixture.binance.base) == (D("0.002"), D("-0.002"))
