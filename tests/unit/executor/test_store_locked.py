"""Another process holds the store's write lock while a signal is worked on."""

import asyncio

from tests.fakes.fixture import ExecutorFixture, claim_of
from tests.fakes.outcomes import FILLED, refused
from tests.fakes.pair import signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.trade_events import TradeOutcome


def lock(fixture: ExecutorFixture, held_s: float) -> float:
    now_s = asyncio.get_running_loop().time()
    fixture.store.locked_until_s = now_s + held_s
    return now_s


@in_virtual_time
async def test_an_entry_that_waited_is_decided_by_the_prices_of_then() -> None:
    async with ExecutorFixture().running() as fixture:
        lock(fixture, 2.0)
        entering = asyncio.ensure_future(fixture.signal(signal(quantity="0.010")))
        await asyncio.sleep(1.0)
        assert fixture.sent == [], "nothing leaves that is not durable"
        fixture.market.spot_mid += 1_000
        receipt = await entering
        await fixture.quiet()
        trade = fixture.executor.trades[receipt.trade_id or ""]
        assert trade.outcome is TradeOutcome.HEDGED
        assert trade.decision.spot_mid_krw == fixture.market.spot_mid
        assert fixture.is_even()


@in_virtual_time
async def test_an_entry_that_waited_too_long_is_refused_as_expired() -> None:
    async with ExecutorFixture(signal_ttl_s=5.0).running() as fixture:
        lock(fixture, 8.0)
        receipt = await fixture.signal(signal(quantity="0.010"))
        assert receipt.refusal is not None
        assert receipt.refusal.code == "expired"
        assert fixture.sent == []


@in_virtual_time
async def test_an_exit_waits_for_the_lock_and_goes_through() -> None:
    async with ExecutorFixture().running() as fixture:
        await fixture.done(signal(quantity="0.010"))
        began_s = lock(fixture, 20.0)
        leaving = signal(Action.EXIT, name="out")
        receipt = await fixture.executor.handle(leaving, claim_of(leaving))
        await fixture.quiet()
        assert receipt.refusal is None
        assert asyncio.get_running_loop().time() - began_s < 21
        assert fixture.is_even()
        assert fixture.upbit.base == 0
        assert ("store_locked", True) in await fixture.alerts()


@in_virtual_time
async def test_legs_that_differ_are_evened_as_soon_as_the_lock_is_free() -> None:
    async with ExecutorFixture().running() as fixture:
        fixture.binance.outcomes.extend([refused(), FILLED])
        entering = asyncio.ensure_future(fixture.signal(signal(quantity="0.010")))
        await asyncio.sleep(0)
        await entering
        began_s = lock(fixture, 4.0)
        await fixture.quiet()
        assert asyncio.get_running_loop().time() - began_s < 6
        assert fixture.is_even()
