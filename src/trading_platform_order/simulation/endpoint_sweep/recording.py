"""Which endpoints there are to fail: what the exchanges are asked for by engine and watchdog."""

from collections import deque
from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import cache

from exchange_simulator.faults.kinds import (
    DropRequest,
    Fault,
    HoldOrder,
    MessageMatch,
    MuteStream,
    RequestMatch,
)
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.endpoint_sweep.bed import Bed
from trading_platform_order.simulation.endpoint_sweep.cases import CASES
from trading_platform_order.simulation.endpoint_sweep.cell import opened_bed
from trading_platform_order.simulation.endpoint_sweep.endpoints import EVER, STREAM, Endpoint
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.testbed.testbed import BASE
from trading_platform_order.transport.virtual_loop import run_virtual

RECORDED_MAX = 100_000
LONG_S = 700.0
_ORDERS = RequestMatch(is_order=True)
_PRICES = {Venue.UPBIT: "/websocket/v1", Venue.BINANCE: "/public/stream"}
Play = Callable[[Bed], Awaitable[object]]


async def _owner_acts(bed: Bed) -> None:
    """Money and coins come and go by another hand, and ten minutes pass."""
    await bed.opened()
    owner = bed.testbed.owner
    owner.transfer(Venue.UPBIT, "KRW", Decimal(-100_000))
    owner.transfer(Venue.UPBIT, BASE, Decimal("0.01"))
    owner.transfer(Venue.BINANCE, "USDT", Decimal(-100))
    await bed.measure(lambda: False, within_s=LONG_S)


async def _long_working(bed: Bed) -> None:
    """An order of an entry stays on the book until it is called back."""
    await bed.testbed.start()
    bed.arm()
    bed.submit(bed.signal(Action.ENTER, "enter"))
    await bed.measure(lambda: False, within_s=30.0)


async def _short_taken(bed: Bed) -> None:
    """The exchange takes the hedge away."""
    await bed.opened()
    bed.testbed.world.binance.deleverage(f"{BASE}USDT")
    await bed.measure(lambda: False, within_s=60.0)


def _plays() -> list[tuple[Play, Fault | None, bool]]:
    """All cases; then with orders lost and prices silent, so that whatever helps is asked for."""
    plays: list[tuple[Play, Fault | None, bool]] = [
        (case.play, None, case.has_dog) for case in CASES.values()
    ]
    for venue in Venue:
        for name in ("enter", "exit", "watchdog_uneven"):
            lost = DropRequest(venue=venue, match=_ORDERS, count=3)
            plays.append((CASES[name].play, lost, CASES[name].has_dog))
        for name in ("exit", "stop_loss"):
            silent = MuteStream(venue=venue, match=MessageMatch(path=_PRICES[venue]), count=EVER)
            plays.append((CASES[name].play, silent, False))
        held = HoldOrder(venue=venue, hold_s=LONG_S)
        plays.append((_long_working, held, False))
    late = DropRequest(venue=Venue.BINANCE, match=_ORDERS, count=EVER)
    return [*plays, (CASES["exit"].play, late, False), *((p, None, False) for p in _OTHERS)]


_OTHERS: tuple[Play, ...] = (_owner_acts, _short_taken)


@cache
def used_endpoints() -> tuple[Endpoint, ...]:
    """Every endpoint and stream that engine or watchdog ask for, in the order of their names."""
    seen: set[Endpoint] = set()
    for play, fault, has_dog in _plays():
        seen |= run_virtual(_record(play, fault, has_dog=has_dog))
    return tuple(sorted(seen))


async def _record(play: Play, fault: Fault | None, *, has_dog: bool) -> set[Endpoint]:
    report = RunReport(seed="recording", is_told=False)
    async with opened_bed(report, fault, has_dog=has_dog) as bed:
        gateways = bed.testbed.world.gateways
        for gateway in gateways.values():
            gateway.requests = deque(maxlen=RECORDED_MAX)
        await play(bed)
        seen = {
            Endpoint(venue=Venue(venue), method=row.method, path=row.target.partition("?")[0])
            for venue, gateway in gateways.items()
            for row in gateway.requests
        }
        return seen | {
            Endpoint(venue=Venue(venue), method=STREAM, path=path)
            for venue, gateway in gateways.items()
            for path in gateway.streams_seen
        }
