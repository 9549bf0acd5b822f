"""Puts a backup in the place of a store, while nobody works with it; loses nothing of either.

The backup is copied, brought up to this version and checked before anything is moved. The store of
before is kept beside, under a name that says when it was replaced.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.storage.sqlite.connection import open_existing
from trading_platform_order.storage.sqlite.database import READ_ONLY, READ_WRITE, Database
from trading_platform_order.storage.sqlite.migrations import migrate
from trading_platform_order.storage.sqlite.upkeep.by_hand import finished_copy, flush_folder
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock

_LOGS = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did.

    Attributes:
        rows: journal rows by account, each chain verified.
        replaced: the store of before; ``None`` if there was none.
    """

    rows: Mapping[str, int]
    replaced: Path | None


def restore(backup: Path, path: Path, *, at: datetime) -> Restored:
    """Let the store at ``path`` be the backup from now on.

    An engine that opens it knows that rows may be missing and asks both exchanges first, whatever
    made the backup.

    Args:
        backup: a file of ``tporder store backup``; kept.
        path: of the store.
        at: this moment, for the name of the store of before.

    Raises:
        AccountLocked: an engine works with one of them; nothing was changed.
        StoreUnavailable: a file cannot be read, or the folder cannot be written.
        SchemaMismatch: the backup is a newer version's, or no store.
        ChainBroken: the backup is not what was written; nothing was changed.
    """
    part = path.with_name(f"{path.name}.restoring")
    with ExitStack() as stack:
        for file in (backup, path):
            for account in accounts_of(file) if file.exists() else ():
                stack.enter_context(AccountLock(file, account, attempts=1))
        try:
            with _made(part):
                rows = _filled(backup, part)
            replaced = _set_aside(path, at)
            part.rename(path)
        except OSError as error:
            raise StoreUnavailable(f"cannot restore {path}: {error.strerror}") from error
        finally:
            part.unlink(missing_ok=True)
        flush_folder(path.parent)
    return Restored(rows=rows, replaced=replaced)


@contextmanager
def _made(part: Path) -> Iterator[None]:
    """A file for its owner alone."""
    part.unlink(missing_ok=True)  # of a restore that broke off
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    yield


def accounts_of(file: Path) -> list[str]:
    """Those that have a journal in a store."""
    with closing(open_existing(file, READ_ONLY)) as database:
        found = database.execute("SELECT DISTINCT account FROM journal ORDER BY account")
        return [name for (name,) in found]


def _filled(backup: Path, part: Path) -> Mapping[str, int]:
    with closing(open_existing(backup, READ_ONLY)) as source, closing(Database.open(part)) as copy:
        source.copy_to(copy)
        migrate(copy)
        return finished_copy(copy)


def _set_aside(path: Path, at: datetime) -> Path | None:
    """With its log, which may hold its newest rows."""
    if not path.exists():
        return None
    with suppress(StoreUnavailable):  # a damaged one may be what is replaced
        _empty_log(path)
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.stem}-replaced-{stamp}{path.suffix}")
    for end in reversed(_LOGS):
        present = path.with_name(path.name + end)
        if present.exists():
            present.rename(aside.with_name(aside.name + end))
    return aside


def _empty_log(path: Path) -> None:
    """So that the file alone holds all: no moment between two renames loses a row."""
    with closing(open_existing(path, READ_WRITE)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
