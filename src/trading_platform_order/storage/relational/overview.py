"""Small reads that tell how a store stands: from its own tables, never from the read models."""

from trading_platform_order.storage.base import JournalRow, Overview
from trading_platform_order.storage.relational.database import RelationalDatabase
from trading_platform_order.storage.relational.journal_table import row_of, select_rows
from trading_platform_order.storage.relational.read_models import watermark

_HEAD = "SELECT coalesce(max(seq), 0) FROM journal WHERE account = ?"
# Rows of the account carry no trade id, so the index on it finds them without reading the others.
_LAST_START = (
    " WHERE account = ? AND trade_id = '' AND kind = 'engine_started' ORDER BY seq DESC LIMIT 1"
)
_WAITING = "SELECT count(*) FROM {table} WHERE account = ? AND result IS NULL"
_NAMING = (
    " WHERE account = ? AND trade_id = ''"
    " AND ((kind = 'signal_claimed' AND {claimed} = ?)"
    " OR (kind = 'signal_refused' AND {refused} = ?)) ORDER BY seq"
)
_ACCOUNTS = "SELECT account FROM epochs UNION SELECT account FROM journal ORDER BY account"


def read_overview(database: RelationalDatabase, account: str) -> Overview:
    """How the account stands."""

    def count(sql: str) -> int:
        [(counted,)] = database.execute(sql, (account,))
        return int(counted)

    start = database.first(select_rows(database) + _LAST_START, (account,))
    return Overview(
        head_seq=count(_HEAD),
        projected_seq=watermark(database, account),
        last_start=None if start is None else row_of(start),
        waiting_signals=count(_WAITING.format(table="inbox_signals")),
        waiting_commands=count(_WAITING.format(table="inbox_commands")),
        waiting_alerts=count(_WAITING.format(table="outbox")),
        waiting_urgent_alerts=count(_WAITING.format(table="outbox") + " AND urgent = 1"),
        accounts=tuple(row[0] for row in database.execute(_ACCOUNTS)),
    )


def rows_naming_signal(
    database: RelationalDatabase, account: str, signal_id: str
) -> list[JournalRow]:
    """The account's rows (not the trade's) that tell of a signal, oldest first."""
    naming = _NAMING.format(
        claimed=database.json_text(("signal", "id")), refused=database.json_text(("signal_id",))
    )
    found = database.execute(select_rows(database) + naming, (account, signal_id, signal_id))
    return [row_of(values) for values in found]
