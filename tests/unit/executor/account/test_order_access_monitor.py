"""What answers to orders tell of an exchange: closed, doubtful, and open again."""

import asyncio

import pytest

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.outcomes import refused, refused_for
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.hindrances.order_access import Access
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.outcome import Refused
from trading_platform_order.domain.signal import Action
from trading_platform_order.transport.virtual_loop import run_virtual

ENTER = signal(quantity="0.010")
EXIT = signal(Action.EXIT, name="exit")
ANSWER_S = 0.27
"""An order test takes so long: longer than a start, and no multiple of a look's pause."""
BAN = Refused(code="418", message="banned", hindrance=Hindrance.BANNED, retry_after_s=60.0)


def spot(fixture: ExecutorFixture, base: str = "BTC") -> Access:
    return fixture.executor.access.access.of(Leg.SPOT, base, fixture.clock.boottime())


@in_virtual_time
async def test_a_ban_closes_the_exchange_for_the_time_it_names() -> None:
    async with ExecutorFixture().running() as fixture:
        fixture.upbit.outcomes.append(refused_for(BAN))
        await fixture.signal(ENTER)
        await asyncio.sleep(1)
        door = fixture.executor.access.access.door(Leg.SPOT, "BTC", fixture.clock.boottime())
        assert (door.access, door.hindrance) == (Access.CLOSED, Hindrance.BANNED)
        assert door.reason == "upbit: 418: banned"
        await asyncio.sleep(58)
        assert spot(fixture) is Access.CLOSED
        await asyncio.sleep(2)
        assert spot(fixture) is not Access.CLOSED


@in_virtual_time
async def test_an_order_that_was_found_ends_the_doubt_and_no_closure() -> None:
    async with ExecutorFixture().running() as fixture:
        monitor = fixture.executor.access
        monitor.late(Leg.SPOT)
        assert spot(fixture) is Access.DOUBTFUL
        monitor.found(Leg.SPOT, "BTC")
        assert spot(fixture) is Access.OPEN
        monitor.hindered(Leg.SPOT, "BTC", Hindrance.SUSPENDED, "suspended")
        monitor.late(Leg.SPOT)
        assert (spot(fixture), spot(fixture, "ETH")) == (Access.CLOSED, Access.DOUBTFUL)
        monitor.found(Leg.SPOT, "BTC")
        assert spot(fixture) is Access.CLOSED, "one that was sent before says nothing of now"
        assert spot(fixture, "ETH") is Access.DOUBTFUL


@pytest.mark.parametrize("hindrance", [None, Hindrance.MAINTENANCE])
def test_filters_are_read_again_only_where_the_order_itself_was_refused(
    hindrance: Hindrance | None,
) -> None:
    async def scenario() -> None:
        async with ExecutorFixture().running() as fixture:
            before = list(fixture.market.forgotten)
            says = Refused(code="x", message="", hindrance=hindrance)
            fixture.upbit.outcomes.append(refused() if hindrance is None else refused_for(says))
            await fixture.signal(ENTER)
            await asyncio.sleep(0.05)
            assert fixture.upbit.base == D(0)
            assert (fixture.market.forgotten != before) is (hindrance is None)

    run_virtual(scenario())


@in_virtual_time
async def test_after_a_start_each_is_asked_once_and_a_close_goes_out_with_the_answers() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        await fixture.done(ENTER)
    fixture.upbit.test_s = fixture.binance.test_s = ANSWER_S
    began_at = fixture.clock.now()
    async with fixture.running():
        await fixture.signal(EXIT)
        await fixture.quiet()
    closing = [exchange.sent[-1] for exchange in (fixture.upbit, fixture.binance)]
    waited_s = [(order.created_at - began_at).total_seconds() for order in closing]
    assert waited_s == pytest.approx([ANSWER_S] * 2, abs=0.02), "no look's pause on top"
    assert [len(exchange.tested) for exchange in (fixture.upbit, fixture.binance)] == [1, 1]
