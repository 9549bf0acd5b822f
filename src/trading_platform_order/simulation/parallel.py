"""Many runs, shared out to processes that live for some of them.

A world is a web of cycles. Looking through memory for the ones that are over costs a twentieth of
playing them; a process that ends gives all of its memory back at once.
"""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from typing import TypeVar

Report = TypeVar("Report")

BATCH = 25


def share(one: Callable[[int], Report], runs: int, *, jobs: int) -> Iterator[Report]:
    """Play runs 0 to ``runs`` - 1; their reports come as batches end, in no order.

    Args:
        one: plays the run of a number; a function of a module, or a partial of one.
        runs: how many.
        jobs: processes at a time.

    Raises:
        concurrent.futures.process.BrokenProcessPool: a process was killed.
    """
    size = max(1, min(BATCH, runs // (2 * jobs)))
    batches = (range(first, min(first + size, runs)) for first in range(0, runs, size))
    working: dict[Future[list[Report]], ProcessPoolExecutor] = {}
    try:
        while True:
            for batch in islice(batches, jobs - len(working)):
                process = ProcessPoolExecutor(1)
                working[process.submit(_play, one, batch)] = process
            if not working:
                return
            ended, _ = wait(working, return_when=FIRST_COMPLETED)
            for future in ended:
                working.pop(future).shutdown()
                yield from future.result()
    finally:
        for process in working.values():
            process.shutdown(cancel_futures=True)


def _play(one: Callable[[int], Report], batch: range) -> list[Report]:
    gc.disable()
    return [one(number) for number in batch]
