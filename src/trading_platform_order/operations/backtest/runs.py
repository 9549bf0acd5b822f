"""Many backtests, each in a process of its own: files times combinations of parameters."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from trading_platform_order.operations.backtest.backtest import (
    BacktestOptions,
    BacktestResult,
    run_backtest,
)


def run_all(
    runs: Sequence[BacktestOptions], *, jobs: int, progress: Callable[[int, int], None]
) -> Iterator[BacktestResult]:
    """The results in the order of the runs, whichever is done first.

    Args:
        runs: at least one.
        jobs: processes; one run or one job stays in this process.
        progress: told (bars done, bars in all) of a single run, else (runs done, runs in all).

    Raises:
        CandleFileError: a data file is broken.
        ReplayRefused: a strategy or its parameters cannot be used.
    """
    if len(runs) == 1:
        yield run_backtest(runs[0], progress)
        return
    if jobs == 1:
        for done, options in enumerate(runs, 1):
            yield run_backtest(options)
            progress(done, len(runs))
        return
    # A new interpreter each: nothing of this process's loop or memory gets there.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=jobs, mp_context=context) as pool:
        futures = [pool.submit(run_backtest, options) for options in runs]
        try:
            for done, future in enumerate(futures, 1):
                yield future.result()
                progress(done, len(runs))
        finally:
            for future in futures:
                future.cancel()
