"""Only time in which the process ran counts."""

import asyncio

import pytest

from trading_platform_order.transport.clock import SystemClock
from trading_platform_order.transport.running_time import RunningTime
from trading_platform_order.transport.virtual_loop import run_virtual


class Stopwatch:
    """Seconds since boot, set by the test."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_gap_is_left_out() -> None:
    watch = Stopwatch()
    running = RunningTime(watch, 3.0)
    for passed_s, expected in ((0.5, 0.5), (3.0, 3.5), (45.0, 3.5), (0.5, 4.0)):
        watch.now_s += passed_s
        assert running.seconds() == expected


def test_since_the_last_gap() -> None:
    watch = Stopwatch()
    running = RunningTime(watch, 3.0)
    watch.now_s += 2
    assert running.since_gap_s() == float("inf")
    watch.now_s += 45
    assert running.since_gap_s() == 0
    watch.now_s += 2
    assert running.since_gap_s() == 2


@pytest.mark.parametrize("gap_s", [3.0, 60.0, float("inf")])
def test_a_quiet_process_has_no_gap(gap_s: float) -> None:
    async def play() -> float:
        running = RunningTime(asyncio.get_running_loop().time, gap_s)
        task = asyncio.ensure_future(running.run())
        await asyncio.sleep(100.5)
        task.cancel()
        return running.seconds()

    assert run_virtual(play()) == pytest.approx(100.5)


def test_the_machine_has_a_clock_that_counts_suspend() -> None:
    clock = SystemClock()
    assert clock.boottime() <= clock.boottime()
    assert clock.boottime() >= clock.monotonic() - 1
