"""Brings a store of an older version up to this program's, while nobody works with it.

An engine does the same when it opens the store. Here it is done before, where it may take its time:
every view is told anew from the journal, about a minute for a million rows.
"""

from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from trading_platform_order.storage.relational.read_models import ReadModels
from trading_platform_order.storage.sqlite.connection import open_existing
from trading_platform_order.storage.sqlite.database import READ_WRITE
from trading_platform_order.storage.sqlite.migrations import migrate, version_of
from trading_platform_order.storage.sqlite.upkeep.restoring import accounts_of
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """What a migration did.

    Attributes:
        before: schema version that was found.
        after: the one that stands there now.
        rows: journal rows by account, retold into the views; empty if nothing had to be done.
    """

    before: int
    after: int
    rows: Mapping[str, int]


def bring_up(path: Path) -> Migrated:
    """Migrate the tables in one transaction, then tell the views anew.

    Raises:
        AccountLocked: an engine works with the store; nothing was changed.
        StoreUnavailable: there is no store, or it cannot be written.
        SchemaMismatch: it is a newer program's, or not one of ours; nothing was changed.
        ProjectionFailed: a row this program cannot tell; the tables are migrated, the views not.
    """
    with ExitStack() as stack:
        database = stack.enter_context(closing(open_existing(path, READ_WRITE)))
        before = version_of(database)
        accounts = accounts_of(path) if before else []
        for account in accounts:
            stack.enter_context(AccountLock(path, account, attempts=1))
        after = migrate(database)
        if after == before:
            return Migrated(before=before, after=after, rows={})
        rows = {account: ReadModels(database, account).rebuild() for account in accounts}
    return Migrated(before=before, after=after, rows=rows)
