"""Keeps Python's garbage collector off the way from signal to wire.

A collection walks objects while everything else stands still. What was made until the engine is
ready lives as long as the engine: it is set aside once. Of what is made later nearly all is freed
by reference counts; what is left is looked through in small parts, and the whole of it only while
nothing is under way.
"""

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

YOUNG_OBJECTS = 2_000
"""New objects before a (short) collection: half a millisecond. Python's own default is 700; 50,000
were some ten milliseconds in front of an order, every few thousand trades."""
OLDER_EVERY = 20
_NEVER = 1_000_000_000
LOOK_S = 10.0
"""Between two looks whether all of it can be collected now."""
LOOKS_MAX = 30
"""After so many looks at trades under way it is done all the same: rubbish takes memory."""


@contextmanager
def quiet_memory() -> Iterator[None]:
    """Set aside what exists now, and collect little at a time, until left again."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, OLDER_EVERY, _NEVER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


async def collect_in_idle_time(is_busy: Callable[[], bool], *, look_s: float = LOOK_S) -> None:
    """Collect everything now and then, while nothing is under way; until cancelled."""
    looks = 0
    while True:
        await asyncio.sleep(look_s)
        looks += 1
        if not is_busy() or looks >= LOOKS_MAX:
            gc.collect()
            looks = 0
