"""Runs shared out to processes: each is played once, and a lost process is told."""

import os
import signal
from concurrent.futures.process import BrokenProcessPool
from functools import partial

import pytest

from trading_platform_order.simulation.parallel import BATCH, share


def who_played(number: int) -> tuple[int, int]:
    return number, os.getpid()


def dies_at(fatal: int, number: int) -> int:
    if number == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def fails_at(fatal: int, number: int) -> int:
    if number == fatal:
        raise ValueError(f"run {number}")
    return number


@pytest.mark.parametrize(("runs", "jobs"), [(1, 1), (2, 2), (7, 3), (3 * BATCH + 1, 2)])
def test_every_run_is_played_once_and_never_here(runs: int, jobs: int) -> None:
    played = list(share(who_played, runs, jobs=jobs))
    assert sorted(number for number, _ in played) == list(range(runs))
    assert os.getpid() not in {process for _, process in played}


def test_a_process_lives_for_one_batch() -> None:
    processes = [process for _, process in share(who_played, 4 * BATCH, jobs=2)]
    assert max(processes.count(process) for process in set(processes)) <= BATCH


def test_a_process_that_is_killed_ends_the_series() -> None:
    with pytest.raises(BrokenProcessPool):
        list(share(partial(dies_at, 3), 8, jobs=2))


def test_what_a_run_raises_is_raised_here() -> None:
    with pytest.raises(ValueError, match="run 3"):
        list(share(partial(fails_at, 3), 8, jobs=2))
