"""Puts the daily report into the outbox, once a day at a set local hour.

The report of a day is known by its ``until`` among the alerts: a restart tells none twice, and one
that was due while no engine ran is told late, up to ``LATE_MAX``.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.observability.day_report import day_report
from trading_platform_order.runtime.alerting.report_picture import ReportPictures
from trading_platform_order.runtime.settings.sections.notify import NotifySection
from trading_platform_order.storage.base import SchemaMismatch, StoreUnavailable
from trading_platform_order.storage.sqlite.store import open_reader
from trading_platform_order.transport.clock import Clock

LOOK_S = 30.0
LATE_MAX = timedelta(hours=12)


def last_due(now: datetime, hour: int, zone: ZoneInfo) -> datetime:
    """The last moment at which the clocks of that zone showed this hour."""
    local = now.astimezone(zone)
    due = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return due if due <= local else due - timedelta(days=1)


class DailyReport:
    """Of one account; runs as one task.

    Args:
        settings: when it is due.
        tell: puts an alert into the outbox.
        pictures: drawn before the report is told; without it as text alone.
    """

    def __init__(
        self,
        settings: NotifySection,
        *,
        path: Path,
        account: str,
        clock: Clock,
        tell: Callable[[Alert], Awaitable[None]],
        pictures: ReportPictures | None = None,
    ) -> None:
        self._hour = settings.report_hour
        self._zone = ZoneInfo(settings.report_zone)
        self._path = path
        self._account = account
        self._clock = clock
        self._tell = tell
        self._pictures = pictures
        self._done: datetime | None = None

    async def run(self) -> None:
        """Report until cancelled."""
        while True:
            await self.once()
            await asyncio.sleep(LOOK_S)

    async def once(self) -> bool:
        """Report if it is due; whether it was told."""
        now = self._clock.now()
        due = last_due(now, self._hour, self._zone)
        if due == self._done or now - due > LATE_MAX:
            return False
        # In a thread with a reader of its own: a day's rows are read, and nothing waits for it.
        report = await asyncio.to_thread(asyncio.run, self._read(due))
        self._done = due
        if report is not None:
            if self._pictures is not None:
                await self._pictures.draw(due)
            await self._tell(report)
        return report is not None

    async def _read(self, due: datetime) -> Alert | None:
        try:
            reader = open_reader(self._path, account=self._account)
        except (StoreUnavailable, SchemaMismatch):
            return None
        try:
            where = {"kind": AlertKind.DAILY_REPORT.value}
            rows = await reader.query("v_alerts", limit=1, where=where)
            until = due.isoformat(timespec="minutes")
            if rows and json.loads(str(rows[0]["fields"])).get("until") == until:
                return None
            return await day_report(reader, due - timedelta(days=1), due)
        except StoreUnavailable:
            return None
        finally:
            await reader.close()
