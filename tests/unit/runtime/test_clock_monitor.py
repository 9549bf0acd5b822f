"""The clock is measured again and again; being off stops entries and is told until it is well."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.measured_clock import clock_off_s
from trading_platform_order.operations.live_check import rehearsal
from trading_platform_order.operations.live_check.wire_log import WireLog
from trading_platform_order.operations.live_check.wire_shapes import Shapes
from trading_platform_order.runtime.clock_monitor import (
    ClockWatch,
    measure_clocks,
    measured_lately,
)
from trading_platform_order.transport.clock import Clock
from trading_platform_order.transport.virtual_loop import run_virtual

THEIRS = datetime(2026, 11, 22, 9, 0, 0, 500, tzinfo=UTC)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


class DriftingClock:
    """The exchanges' time, off by what the test says."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.off = timedelta()

    def now(self) -> datetime:
        return self._clock.now() + self.off

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def boottime(self) -> float:
        return self._clock.boottime()


@pytest.mark.parametrize(
    ("before_s", "after_s", "expected"),
    [(-0.1, 0.1, 0.0), (2.0, 2.1, 2.0), (-3.1, -3.0, -3.0)],
)
def test_only_what_is_sure_counts_as_off(before_s: float, after_s: float, expected: float) -> None:
    assert clock_off_s(THEIRS + seconds(before_s), THEIRS, THEIRS + seconds(after_s)) == expected


@pytest.mark.parametrize(("off_s", "expected"), [(0.9, 0.0), (1.4, 0.4), (-0.3, -0.3)])
def test_a_whole_second_may_be_any_moment_within_it(off_s: float, expected: float) -> None:
    whole = THEIRS.replace(microsecond=0)
    ours = whole + seconds(off_s)
    assert clock_off_s(ours, whole, ours) == pytest.approx(expected)


def test_a_clock_that_is_off_is_told_with_back_off_until_it_is_well() -> None:
    async def play() -> tuple[list[Alert], list[float | None], int]:
        async with rehearsal._simulated() as world:
            contact = rehearsal._contact(world, WireLog(None, Shapes({})))
            exchanges, ours = contact.exchanges, DriftingClock(contact.clock)
            told: list[Alert] = []

            async def tell(alert: Alert) -> None:
                told.append(alert)

            watch = ClockWatch(
                exchanges=exchanges,
                clock=ours,
                every_s=60.0,
                off_s_max=1.0,
                tell=tell,
            )
            seen: list[float | None] = []
            market = asyncio.ensure_future(rehearsal._keep_moving(world))
            await asyncio.sleep(0.25)
            task = asyncio.ensure_future(watch.run())
            for off_s in (0.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 0.0, -5.0):
                ours.off = seconds(off_s)
                await asyncio.sleep(61)
                seen.append(exchanges[Venue.BINANCE].clock_off_s)
            task.cancel()
            market.cancel()
            asked = sum("/fapi/v1/time" in r.target for r in world.gateways[Venue.BINANCE].requests)
            return told, seen, asked

    told, seen, asked = run_virtual(play())
    assert seen == pytest.approx([0.0, *6 * [3.0], 0.0, -5.0], abs=0.01)
    # At once and after five minutes; when it is well; and anew.
    assert [(alert.kind, alert.urgent) for alert in told] == [
        ("clock_off", True),
        ("clock_off", True),
        ("clock_right", False),
        ("clock_off", True),
    ]
    assert told[0].fields["against_binance"] == "+3.0 s"
    assert told[-1].fields["against_binance"] == "-5.0 s"
    assert asked == 10  # once for each measurement


def test_a_second_pair_of_adapters_follows_what_the_first_has_measured() -> None:
    async def play() -> tuple[list[bool], list[float | None]]:
        async with rehearsal._simulated() as world:
            first = rehearsal._contact(world, WireLog(None, Shapes({})))
            second = rehearsal._contact(world, WireLog(None, Shapes({})))
            ours = DriftingClock(first.clock)
            ours.off = seconds(3)
            market = asyncio.ensure_future(rehearsal._keep_moving(world))
            await asyncio.sleep(0.25)
            await measure_clocks(first.exchanges, ours, limit_s=1.0)
            known = [measured_lately(second.exchanges, ours, within_s=60.0)]
            for venue, exchange in second.exchanges.items():
                exchange.follow_clock(first.exchanges[venue])
            known.append(measured_lately(second.exchanges, ours, within_s=60.0))
            await asyncio.sleep(61)
            known.append(measured_lately(second.exchanges, ours, within_s=60.0))
            market.cancel()
            return known, [one.clock_off_s for one in second.exchanges.values()]

    known, off_s = run_virtual(play())
    assert known == [False, True, False], "unknown, told by the other, too old"
    assert off_s == pytest.approx([3.0, 3.0], abs=1.01)


def test_a_failed_measurement_leaves_what_was_known() -> None:
    async def play() -> tuple[float | ReadFailed, float | None]:
        async with rehearsal._simulated() as world:
            contact = rehearsal._contact(world, WireLog(None, Shapes({})))
            exchange, ours = contact.exchanges[Venue.UPBIT], DriftingClock(contact.clock)
            ours.off = seconds(4)
            market = asyncio.ensure_future(rehearsal._keep_moving(world))
            await asyncio.sleep(0.25)
            market.cancel()
            await exchange.measure_clock(ours)
            world.gateways[Venue.UPBIT].unreachable = True
            return await exchange.measure_clock(ours), exchange.clock_off_s

    failed, kept = run_virtual(play())
    assert isinstance(failed, ReadFailed)
    assert kept is not None
    assert 3.0 <= kept <= 4.0
