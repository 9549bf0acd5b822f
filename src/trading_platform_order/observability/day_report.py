"""A day in figures, for the daily report: trades, profit by part, naked time, alarms."""

import json
from collections import Counter
from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.alarms.incident import REMINDER_OF
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.observability.period_pnl import TRADING, Rows, period_pnl
from trading_platform_order.storage.base import Reader
from trading_platform_order.transport.clock import epoch_us

ROWS_MAX = 10_000
"""Of each view, the newest; a day with more says so."""


async def day_report(reader: Reader, begin: datetime, end: datetime) -> Alert | None:
    """What the journal tells of a day; ``None`` if the account was not valued before its end."""
    equity = await reader.query("v_equity", limit=ROWS_MAX)
    if not any(int(row["at_us"] or 0) < epoch_us(end) for row in equity):
        return None
    pnl = period_pnl(equity, begin, end, limit=ROWS_MAX)
    span = epoch_us(begin), epoch_us(end)
    trades = _within(await reader.query("v_trades", limit=ROWS_MAX), "opened_at_us", span)
    refusals = _within(await reader.query("v_refusals", limit=ROWS_MAX), "at_us", span)
    alerts = _within(await reader.query("v_alerts", limit=ROWS_MAX), "at_us", span)
    fields = {
        "from": begin.isoformat(timespec="minutes"),
        "until": end.isoformat(timespec="minutes"),
        "trades": _counted(trades, "outcome"),
        "refused": _counted(refusals, "code"),
        "trading_profit_krw": _krw(pnl.trading) if pnl.last_at else "not known: nothing was valued",
    }
    if pnl.last_at is not None:
        fields |= {f"{name}_krw": _krw(pnl.parts[name]) for name in TRADING}
        fields["idle_fx_krw"] = f"{_krw(pnl.parts['fx_idle'])}, not in the profit"
    naked_s = [int(row["naked_ms"] or 0) / 1_000 for row in trades]
    fields["naked_s"] = f"{sum(naked_s):g} in all, {max(naked_s, default=0):g} at most"
    fields["alarms"] = _alarms(alerts)
    return Alert(kind=AlertKind.DAILY_REPORT, urgent=False, fields=fields)


def _within(rows: Rows, column: str, span: tuple[int, int]) -> Rows:
    return [row for row in rows if span[0] <= int(row[column] or 0) < span[1]]


def _counted(rows: Rows, column: str) -> str:
    counts = Counter(str(row[column] or "under way") for row in rows)
    parts = ", ".join(f"{count} {name}" for name, count in counts.most_common())
    return f"{len(rows)} ({parts})" if rows else "0"


def _alarms(rows: Rows) -> str:
    urgent = [row for row in rows if row["urgent"]]
    first = [row for row in urgent if REMINDER_OF not in json.loads(str(row["fields"]))]
    seen = sum(row["acknowledged_at_us"] is not None for row in urgent)
    return f"{_counted(first, 'kind')}, {seen} acknowledged" if first else "0"


def _krw(amount: Decimal) -> str:
    return f"{round(amount):+,}"  # never "-0"
