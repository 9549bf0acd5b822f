"""Keeps Python's garbage collector off the way from signal to wire.

A full collection walks every object of the process: with all modules loaded that takes tens of
milliseconds, and it used to strike between a trade's durable intent and its orders' first byte.
What was made until the engine is ready lives as long as the engine: it is set aside once. What is
made later is mostly freed by reference counts; the rest is collected less often.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG_OBJECTS = 50_000
"""New objects before a (short) collection; Python's own default is 700."""
OLDER_EVERY = 20


@contextmanager
def quiet_memory() -> Iterator[None]:
    """Set aside what exists now, and collect seldom, until left again."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, OLDER_EVERY, OLDER_EVERY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
