"""One SQLite connection and the one line of execution that may use it.

``Inline`` runs each call on the event loop: right where a commit costs microseconds (NORMAL: a
crash of the program loses nothing, a loss of power may lose the last commits). ``WriterThread``
runs them one after another in a thread of its own: right where a commit waits for the disk (FULL).
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

from trading_platform_order.storage.base import StoreBusy, StoreUnavailable
from trading_platform_order.storage.sqlite.database import Database

P = ParamSpec("P")
T = TypeVar("T")

# Other processes hold the write lock for one short commit. Whoever opens the store or hands
# something in waits this long for a longer one.
BUSY_TIMEOUT_MS = 2_000
# The engine's own writes come back sooner and are tried again (``lock_wait``): meanwhile the thread
# serves its reads, and inline nothing else runs.
THREAD_BUSY_MS = 100
INLINE_BUSY_MS = 20
# The engine checkpoints when it projects; this bound only holds if it never does (4 KiB pages).
WAL_PAGES_MAX = 10_000
QUEUE_MAX = 256
WAL_ATTEMPTS = 100
WAL_PAUSE_S = 0.01


class Durability(StrEnum):
    """What a returned append survives."""

    NORMAL = "normal"  # the program's crash
    FULL = "full"  # a loss of power, too


class Runner(Protocol):
    """Runs database work in order, one piece at a time."""

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one piece of work and return what it returns."""
        ...

    def stop(self) -> None:
        """Take no more work and wait for what was begun."""
        ...


class Inline:
    """Runs work at once, on the caller's thread."""

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run it now; there is no await in between, so nothing else can interleave."""
        return work(*args, **kwargs)

    def stop(self) -> None:
        """Nothing to stop."""


class WriterThread:
    """Runs work in one dedicated thread, first come first served, at most ``QUEUE_MAX`` waiting.

    A caller that is cancelled does not know whether its work was done; the next start replays the
    journal and learns it.
    """

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._places = asyncio.Semaphore(QUEUE_MAX)

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Queue the work and wait for it."""
        async with self._places:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._executor, lambda: work(*args, **kwargs))

    def stop(self) -> None:
        """Finish what was queued, then end the thread."""
        self._executor.shutdown(wait=True)


def open_writer(path: str | Path, durability: Durability) -> Database:
    """Open (and create) a store's file for writing.

    Raises:
        StoreUnavailable: the file cannot be opened.
    """
    try:
        if str(path) != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        database = Database.open(path)
    except (StoreUnavailable, OSError) as error:
        raise StoreUnavailable(f"cannot open the store {path}: {error}") from error
    try:
        tune_writer(database, durability)
    except StoreUnavailable as error:
        database.close()
        raise StoreUnavailable(f"cannot open the store {path}: {error}") from error
    return database


def tune_writer(database: Database, durability: Durability) -> None:
    """Set what a writing connection needs; also on a borrowed one."""
    database.abandon()  # what a crashed owner left half done never happened
    database.busy_timeout(BUSY_TIMEOUT_MS)
    _switch_to_wal(database)
    database.execute(f"PRAGMA synchronous = {durability.name}")
    database.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES_MAX}")


def _switch_to_wal(database: Database) -> None:
    """Two processes that make one file meet here, and SQLite does not wait its busy time for it."""
    for attempt in range(1, WAL_ATTEMPTS + 1):
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except StoreBusy:
            if attempt == WAL_ATTEMPTS:
                raise
            time.sleep(WAL_PAUSE_S)
        else:
            return


def open_existing(path: str | Path, flags: int) -> Database:
    """Open a store that must exist; ``flags`` are ``READ_ONLY`` or ``READ_WRITE``.

    Raises:
        StoreUnavailable: there is none, or it cannot be opened.
    """
    if not Path(path).is_file():
        raise StoreUnavailable(f"no store at {path}: start the engine once, or check the path")
    try:
        database = Database.open(path, flags)
        database.busy_timeout(BUSY_TIMEOUT_MS)
        database.execute("PRAGMA synchronous = FULL")
    except StoreUnavailable as error:
        raise StoreUnavailable(f"cannot open the store {path}: {error}") from error
    return database


class FileIdentity:
    """Notices that a store's file was removed or replaced while it was open.

    An open file that was deleted can be read and written as ever, and all of it is lost.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._look()

    def require_same(self) -> None:
        """Raises StoreUnavailable if the file is not the one that was opened."""
        if self._seen is None or self._look() != self._seen:
            raise StoreUnavailable(f"the store {self._path} was removed or replaced")

    def _look(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino
