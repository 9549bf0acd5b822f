"""Alerts of a program that writes no journal: put into the account's list, and acknowledged there.

Each call opens the store for itself and blocks: it belongs into a thread, and nothing of it stays
open beside a store that hangs or is replaced.
"""

from contextlib import closing
from pathlib import Path

from trading_platform_order.domain.alert import Alert, PendingAlert
from trading_platform_order.storage.relational.outbox_table import OutboxTable
from trading_platform_order.storage.sqlite.connection import open_existing
from trading_platform_order.storage.sqlite.database import READ_ONLY, READ_WRITE
from trading_platform_order.storage.sqlite.migrations import require_current


def note_alert(path: Path, account: str, alert: Alert, *, at_us: int) -> PendingAlert | None:
    """Put an alert into the list; its sender delivers it, unless the answer is ``None``.

    ``None``: it only repeats an incident that an operator has acknowledged.

    Raises:
        StoreUnavailable: there is no store, or it takes nothing.
        SchemaMismatch: it is another version's.
    """
    with closing(open_existing(path, READ_WRITE)) as database:
        require_current(database)
        return OutboxTable(database=database, account=account).note(alert, at_us)


def acknowledged_alerts(path: Path, account: str, *, since_us: int) -> list[int]:
    """Ids of the alerts that operators have acknowledged since then.

    Raises:
        StoreUnavailable: there is no store, or it cannot be read.
        SchemaMismatch: it is another version's.
    """
    with closing(open_existing(path, READ_ONLY)) as database:
        require_current(database)
        return OutboxTable(database=database, account=account).acknowledged_since(since_us)
