"""What runs beside an engine so that operators are told: a worker a channel, and the repeats."""

from collections.abc import Callable, Sequence
from pathlib import Path

from trading_platform_order.domain.alarm_book import RepeatLimits
from trading_platform_order.domain.alert import Alert
from trading_platform_order.exchanges.base import Level
from trading_platform_order.notifications.channel import Channel
from trading_platform_order.notifications.outbox_worker import DeliveryLimits, OutboxWorker
from trading_platform_order.notifications.reminders import Reminders
from trading_platform_order.runtime.alert_channels import open_channels
from trading_platform_order.runtime.alert_situation import EngineSituation
from trading_platform_order.runtime.engine import Background, Engine
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.storage.base import Store
from trading_platform_order.transport.clock import Clock, epoch_us
from trading_platform_order.transport.http import HttpTransport

MakeBackground = Callable[[Engine], Background]


def alert_workers(
    settings: Settings,
    store: Store,
    http: HttpTransport,
    *,
    clock: Clock,
    path: Path,
    warn: Callable[[str], None],
) -> list[MakeBackground]:
    """One task for each channel, and one that repeats; ``warn`` is told of bad addresses."""
    opened = open_channels(settings, http)
    for finding in opened.findings:
        if finding.level is not Level.OK:
            warn(f"{finding.subject}: {finding.text}; {finding.remedy}")
    limits = DeliveryLimits(refusals_s=settings.notify.refusals_s)

    def worker_of(channel: Channel) -> MakeBackground:
        outbox = store.outbox(
            channel.name, beside=opened.others(channel), is_paging=channel.is_paging
        )

        def make(engine: Engine) -> Background:
            return OutboxWorker(
                channel=channel,
                outbox=outbox,
                clock=clock,
                situation=EngineSituation(settings, engine, clock=clock, path=path),
                limits=limits,
                on_problem=warn,
            )

        return make

    found = [worker_of(channel) for channel in opened.channels]
    if found:
        found.append(lambda _: _reminders(settings, store, clock))
    return found


def _reminders(settings: Settings, store: Store, clock: Clock) -> Reminders:
    async def tell(alerts: Sequence[Alert]) -> None:
        await store.append([], at_us=epoch_us(clock.now()), alerts=alerts)

    notify = settings.notify
    limits = RepeatLimits(page_after_s=notify.page_after_s, repeat_s=notify.repeat_s)
    return Reminders(store, tell=tell, clock=clock, limits=limits)
