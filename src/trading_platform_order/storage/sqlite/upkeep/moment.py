"""A copy of a store as it is at one moment, to look at as long as it takes, and then gone.

A long read of the store itself would keep its log from being emptied while an engine runs.
"""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.storage.sqlite.connection import open_existing
from trading_platform_order.storage.sqlite.database import READ_ONLY, Database
from trading_platform_order.storage.sqlite.migrations import require_current


@contextmanager
def copy_of_one_moment(path: Path) -> Iterator[Database]:
    """It lies beside the store, for its owner alone, and needs as much room as the store.

    Raises:
        StoreUnavailable: there is no store, it cannot be read, or there is no room for a copy.
        SchemaMismatch: it is another version's.
    """
    with (
        closing(open_existing(path, READ_ONLY)) as database,
        _folder_beside(path) as folder,
        closing(Database.open(folder / "copy.db")) as copy,
    ):
        require_current(database)
        copy.execute("PRAGMA journal_mode = OFF")  # nobody needs it after a loss of power
        copy.execute("PRAGMA synchronous = OFF")
        database.copy_to(copy)
        yield copy


@contextmanager
def _folder_beside(path: Path) -> Iterator[Path]:
    try:
        made = tempfile.TemporaryDirectory(prefix=".looked-at-", dir=path.resolve().parent)
    except OSError as error:
        raise StoreUnavailable(
            f"cannot make a copy beside the store {path}: {error.strerror}"
        ) from error
    with made as folder:
        yield Path(folder)
