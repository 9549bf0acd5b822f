import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from exchange_simulator.clock import MarketClock
from exchange_simulator.gateway.delays import CountingScheduler, DelayLine
from tests.fakes.virtual_time import in_virtual_time

START = datetime(2025, 9, 1, tzinfo=UTC)


class Stopwatch:
    seconds = 5.0

    def __call__(self) -> float:
        return self.seconds


def test_the_calendar_creeps_on_and_jumps_forward_only() -> None:
    watch = Stopwatch()
    clock = MarketClock(START, watch)
    watch.seconds += 2
    assert clock.now() == START + timedelta(seconds=2)
    clock.set(START + timedelta(seconds=300))
    watch.seconds += 1
    assert clock.now() == START + timedelta(seconds=301)
    clock.set(START)
    assert clock.now() == START + timedelta(seconds=301)
    assert clock.monotonic() == 8.0


def test_a_naive_start_is_a_bug() -> None:
    with pytest.raises(ValueError, match="aware"):
        MarketClock(START.replace(tzinfo=None), Stopwatch())


@in_virtual_time
async def test_what_is_due_soon_is_under_way() -> None:
    scheduler = CountingScheduler()
    ran: list[str] = []
    scheduler(3_600, lambda: ran.append("never"))
    assert scheduler.idle()
    scheduler(0.001, lambda: ran.append("soon"))
    assert not scheduler.idle()
    await asyncio.sleep(0.003)
    assert ran == ["soon"]
    assert scheduler.idle()
    scheduler(0.001, lambda: ran.append("never"))
    scheduler.close()
    await asyncio.sleep(0.003)
    assert ran == ["soon"]
    assert scheduler.idle()


@in_virtual_time
async def test_a_delay_line_keeps_its_order() -> None:
    out: list[int] = []
    line: DelayLine[int] = DelayLine(out.append)
    line.push(0, 0.0)
    assert out == [0]
    line.push(1, 0.004)
    line.push(2, 0.0)
    line.push(3, 0.006)
    assert len(line) == 3
    await asyncio.sleep(0.01)
    assert out == [0, 1, 2, 3]
    line.push(4, 0.001)
    line.clear()
    await asyncio.sleep(0.003)
    assert out == [0, 1, 2, 3]
