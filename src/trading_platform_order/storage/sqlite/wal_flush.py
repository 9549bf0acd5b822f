"""Everything that was committed, onto the disk: for whoever tells others that it is kept."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.storage.sqlite.connection import Durability


def wal_flush(path: Path, durability: str) -> Callable[[], Awaitable[None]]:
    """What makes all commits until now durable.

    Args:
        path: the database.
        durability: with ``full`` every commit has done that itself; with ``normal`` it stands in
            the write-ahead log, which is flushed then. A checkpoint flushes what it takes from it.
    """
    if Durability(durability) is Durability.FULL:
        return _nothing
    log = path.with_name(f"{path.name}-wal")

    async def flush() -> None:
        try:
            await asyncio.to_thread(_flush, log)
        except OSError as error:
            raise StoreUnavailable(f"{log}: {error}") from error

    return flush


async def _nothing() -> None:
    """Every commit was flushed."""


def _flush(log: Path) -> None:
    try:
        descriptor = os.open(log, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return  # all of it is in the database
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
