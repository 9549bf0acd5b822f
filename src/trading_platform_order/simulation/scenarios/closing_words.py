"""Words of the scenarios about the one rule for closes."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from exchange_simulator.faults.kinds import DropRequest, RequestMatch
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT

HELD = Decimal("0.006")
ORDERS = {UPBIT: "/v1/orders", BINANCE: "/fapi/v1/order"}
TESTS = {UPBIT: "/v1/orders/test", BINANCE: "/fapi/v1/order/test"}


@dataclass(slots=True)
class Gap:
    """How far the legs were apart at the most, base units.

    Attributes:
        coins: more coins than short; ``short``: the reverse.
    """

    coins: Decimal = ZERO
    short: Decimal = ZERO


@contextmanager
def watched(scene: Scene) -> Iterator[Gap]:
    """Look at both exchanges all the time."""
    gap = Gap()

    async def look() -> None:
        while True:
            apart = scene.coins() - scene.short()
            gap.coins, gap.short = max(gap.coins, apart), max(gap.short, -apart)
            await asyncio.sleep(0.005)

    looking = asyncio.get_running_loop().create_task(look())
    try:
        yield gap
    finally:
        looking.cancel()


@contextmanager
def excused(scene: Scene, why: str) -> Iterator[None]:
    """A close needs longer here than the judges of time allow."""
    since_s = scene.testbed.clock.monotonic()
    yield
    scene.testbed.excuse(why, since_s=since_s)


def reads(path: str) -> RequestMatch:
    """What asks for this, by its whole path."""
    return RequestMatch(method="GET", path=path)


def tests_hang(*venues: Venue) -> tuple[DropRequest, ...]:
    """Order tests are not answered any more."""
    match = {name: RequestMatch(method="POST", path=TESTS[name]) for name in venues}
    return tuple(DropRequest(venue=name, match=match[name], count=m.EVER) for name in match)
