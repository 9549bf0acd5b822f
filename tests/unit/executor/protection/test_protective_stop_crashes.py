"""The engine dies while a protective stop is placed, taken back or fires."""

import asyncio

import pytest

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.pair import D
from tests.unit.executor.account.leg_loss_checks import agrees, closings, settle
from tests.unit.executor.protection.protective_stop_fixture import (
    ENTER,
    exiting,
    fixture_of,
)
from trading_platform_order.transport.virtual_loop import run_virtual


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("kind", ["stop_planned", "stop_moved"])
def test_the_engine_dies_while_one_is_placed(kind: str, durable: bool) -> None:
    async def scenario() -> None:
        fixture = fixture_of()
        fixture.dies_at, fixture.dies_after = kind, durable
        task = await fixture.begin()
        await fixture.signal(ENTER)
        await wait_dead(fixture)
        await fixture.kill(task)
        fixture.dies_at = None
        async with fixture.running():
            await asyncio.sleep(20)
            await fixture.quiet()
            assert [s.quantity for s in fixture.binance.waiting_stops] == [D("0.010")]
            assert fixture.binance.stops_most == 1

    run_virtual(scenario())


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("kind", ["stop_cancel_sent", "stop_moved"])
def test_the_engine_dies_while_one_is_taken_back(kind: str, durable: bool) -> None:
    async def scenario() -> None:
        fixture = fixture_of()
        async with fixture.running():
            await fixture.done(ENTER)
        fixture.dies_at, fixture.dies_after = kind, durable
        task = await fixture.begin()
        await fixture.signal(exiting(fixture))
        await wait_dead(fixture)
        await fixture.kill(task)
        fixture.dies_at = None
        async with fixture.running():
            await settle(fixture)
            assert fixture.binance.waiting_stops == []
            assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))

    run_virtual(scenario())


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("kind", ["stop_moved", "hedge_closed", "signal_claimed", "fill_seen"])
def test_the_engine_dies_when_it_fires(kind: str, durable: bool) -> None:
    async def scenario() -> None:
        fixture = fixture_of()
        async with fixture.running():
            await fixture.done(ENTER)
        fixture.dies_at, fixture.dies_after = kind, durable
        task = await fixture.begin()
        (stop,) = fixture.binance.waiting_stops
        fixture.binance.fire(stop.client_order_id)
        await wait_dead(fixture)
        await fixture.kill(task)
        fixture.dies_at = None
        async with fixture.running():
            await settle(fixture)
            await settle(fixture)
            assert len(await closings(fixture)) == 1
            assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
            assert agrees(fixture)
            assert fixture.binance.waiting_stops == []

    run_virtual(scenario())


async def wait_dead(fixture: ExecutorFixture) -> None:
    for _ in range(400):
        await asyncio.sleep(0.05)
        if fixture.store.dead:
            return
    raise AssertionError("the point was never reached")
