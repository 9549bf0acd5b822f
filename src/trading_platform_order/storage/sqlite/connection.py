"""Opening a store's file, and what a commit to it survives.

With NORMAL a commit costs microseconds and runs on the event loop: a crash of the program loses
nothing, a loss of power may lose the last commits. With FULL it waits for the disk, in a thread.
"""

import time
from enum import StrEnum
from pathlib import Path

from trading_platform_order.storage.base import StoreBusy, StoreUnavailable
from trading_platform_order.storage.sqlite.database import Database

# Other processes hold the write lock for one short commit. Whoever opens the store or hands
# something in waits this long for a longer one.
BUSY_TIMEOUT_MS = 2_000
# The engine's own writes come back sooner and are tried again (``lock_wait``): meanwhile the thread
# serves its reads, and inline nothing else runs.
THREAD_BUSY_MS = 100
INLINE_BUSY_MS = 20
# The engine checkpoints when it projects; this bound only holds if it never does (4 KiB pages).
WAL_PAGES_MAX = 10_000
WAL_ATTEMPTS = 100
WAL_PAUSE_S = 0.01


class Durability(StrEnum):
    """What a returned append survives."""

    NORMAL = "normal"  # the program's crash
    FULL = "full"  # a loss of power, too


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
