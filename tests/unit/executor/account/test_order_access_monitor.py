"""What answers to orders tell of an exchange: closed, doubtful, and open again."""

import asyncio

import pytest

from tests.fakes.desk import Desk
from tests.fakes.fates import refused, refused_for
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.hindrance import Hindrance
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.order_access import Access
from trading_platform_order.domain.outcome import Refused
from trading_platform_order.simulation.testbed.virtual_loop import run_virtual

ENTER = signal(quantity="0.010")
BAN = Refused(code="418", message="banned", hindrance=Hindrance.BANNED, retry_after_s=60.0)


def spot(desk: Desk, base: str = "BTC") -> Access:
    return desk.executor.access.access.of(Leg.SPOT, base, desk.clock.boottime())


@in_virtual_time
async def test_a_ban_closes_the_exchange_for_the_time_it_names() -> None:
    async with Desk().running() as desk:
        desk.upbit.fates.append(refused_for(BAN))
        await desk.signal(ENTER)
        await asyncio.sleep(1)
        door = desk.executor.access.access.door(Leg.SPOT, "BTC", desk.clock.boottime())
        assert (door.access, door.hindrance) == (Access.CLOSED, Hindrance.BANNED)
        assert door.reason == "upbit: 418: banned"
        await asyncio.sleep(58)
        assert spot(desk) is Access.CLOSED
        await asyncio.sleep(2)
        assert spot(desk) is not Access.CLOSED


@in_virtual_time
async def test_an_order_that_was_found_ends_the_doubt_and_no_closure() -> None:
    async with Desk().running() as desk:
        monitor = desk.executor.access
        monitor.late(Leg.SPOT)
        assert spot(desk) is Access.DOUBTFUL
        monitor.found(Leg.SPOT, "BTC")
        assert spot(desk) is Access.OPEN
        monitor.hindered(Leg.SPOT, "BTC", Hindrance.SUSPENDED, "suspended")
        monitor.late(Leg.SPOT)
        assert (spot(desk), spot(desk, "ETH")) == (Access.CLOSED, Access.DOUBTFUL)
        monitor.found(Leg.SPOT, "BTC")
        assert spot(desk) is Access.CLOSED, "one that was sent before says nothing of now"
        assert spot(desk, "ETH") is Access.DOUBTFUL


@pytest.mark.parametrize("hindrance", [None, Hindrance.MAINTENANCE])
def test_filters_are_read_again_only_where_the_order_itself_was_refused(
    hindrance: Hindrance | None,
) -> None:
    async def scenario() -> None:
        async with Desk().running() as desk:
            before = list(desk.market.forgotten)
            says = Refused(code="x", message="", hindrance=hindrance)
            desk.upbit.fates.append(refused() if hindrance is None else refused_for(says))
            await desk.signal(ENTER)
            await asyncio.sleep(0.05)
            assert desk.upbit.base == D(0)
            assert (desk.market.forgotten != before) is (hindrance is None)

    run_virtual(scenario())
