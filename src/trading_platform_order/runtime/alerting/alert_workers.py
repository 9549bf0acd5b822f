"""What runs beside an engine so that operators are told: a worker a channel, and the repeats."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from trading_platform_order.domain.alarms.alarm_book import RepeatLimits
from trading_platform_order.domain.alert import Alert
from trading_platform_order.exchanges.base import Level
from trading_platform_order.notifications.channel import Channel
from trading_platform_order.notifications.outbox_worker import DeliveryLimits, OutboxWorker
from trading_platform_order.notifications.reminders import Reminders
from trading_platform_order.runtime.alerting.alert_channels import open_channels
from trading_platform_order.runtime.alerting.alert_situation import EngineSituation
from trading_platform_order.runtime.alerting.daily_report import DailyReport
from trading_platform_order.runtime.alerting.report_picture import ReportPictures
from trading_platform_order.runtime.engine import Background, Engine
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.storage.base import Store
from trading_platform_order.transport.clock import Clock, epoch_us
from trading_platform_order.transport.http import HttpTransport

MakeBackground = Callable[[Engine], Background]
LAST_S = 3.0
"""How long the last alerts of a stop may take; they wait in the outbox otherwise."""


class AlertWorkers:
    """One task for each channel, one that repeats, one that reports; ``warn``: of bad addresses."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        http: HttpTransport,
        *,
        clock: Clock,
        path: Path,
        warn: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._path = path
        self._warn = warn
        self._opened = open_channels(settings, http)
        self._workers: list[OutboxWorker] = []
        self._pictures = ReportPictures(
            path, settings.engine.account, zone=ZoneInfo(settings.notify.report_zone)
        )
        for finding in self._opened.findings:
            if finding.level is not Level.OK:
                warn(f"{finding.subject}: {finding.text}; {finding.remedy}")

    def parts(self) -> list[MakeBackground]:
        """What runs beside the engine; nothing without a channel."""
        if not self._opened.channels:
            return []
        found = [partial(self._worker, channel) for channel in self._opened.channels]
        notify = self._settings.notify
        others: list[MakeBackground] = [lambda _: self._reminders()]
        if notify.report_hour >= 0:
            others.append(lambda _: self._report())
        return [*found, *others]

    async def last_words(self) -> None:
        """Once more over every channel, after the engine ended: what its end had to tell."""
        if self._workers:
            tasks = [asyncio.create_task(one.deliver_due()) for one in self._workers]
            await asyncio.wait(tasks, timeout=LAST_S)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)  # what failed waits in the outbox

    def _worker(self, channel: Channel, engine: Engine) -> Background:
        worker = OutboxWorker(
            channel=channel,
            outbox=self._store.outbox(
                channel.name,
                beside=self._opened.others(channel),
                is_paging=channel.is_paging,
            ),
            clock=self._clock,
            situation=EngineSituation(self._settings, engine, clock=self._clock, path=self._path),
            limits=DeliveryLimits(refusals_s=self._settings.notify.refusals_s),
            on_problem=self._warn,
            picture=self._pictures.of,
        )
        self._workers.append(worker)
        return worker

    def _reminders(self) -> Reminders:
        notify = self._settings.notify
        limits = RepeatLimits(page_after_s=notify.page_after_s, repeat_s=notify.repeat_s)
        return Reminders(self._store, tell=self._tell, clock=self._clock, limits=limits)

    def _report(self) -> DailyReport:
        async def tell(alert: Alert) -> None:
            await self._tell([alert])

        return DailyReport(
            self._settings.notify,
            path=self._path,
            account=self._settings.engine.account,
            clock=self._clock,
            tell=tell,
            pictures=self._pictures if self._settings.notify.report_picture else None,
        )

    async def _tell(self, alerts: Sequence[Alert]) -> None:
        await self._store.append([], at_us=epoch_us(self._clock.now()), alerts=alerts)
