"""How a standby calls operators: it writes no journal to put an alert into."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from trading_platform_order.domain.alert import AlertKind
from trading_platform_order.notifications.outbox_worker import OutboxWorker, always
from trading_platform_order.runtime.alerting.alert_channels import open_channels
from trading_platform_order.runtime.alerting.alert_situation import situation_of
from trading_platform_order.runtime.alerting.alerts_beside import AlertsBeside, holder_stuck
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport
from trading_platform_order.transport.clock import SystemClock

PageOf = Callable[[str, float], None]
"""Told what an operator must do something about, and for how many seconds it has lasted."""


@asynccontextmanager
async def paging(
    settings: Settings, path: Path, announce: Callable[[str], None]
) -> AsyncIterator[PageOf]:
    """Something to tell operators with, at once: the log, and every alert channel that is set.

    Nothing waits for a channel: an account that can be taken is taken now, and what was not
    delivered until then stands in the alert of the takeover.
    """
    clock = SystemClock()
    alerts = AlertsBeside(path, settings.engine.account, clock=clock)

    def page(text: str, since_s: float) -> None:
        announce(f"ALERT {AlertKind.HOLDER_STUCK}: {text}")
        alerts.tell(holder_stuck(text, since_s))

    async with AsyncExitStack() as stack:
        http = AiohttpTransport()
        stack.push_async_callback(http.close)
        running = [asyncio.create_task(alerts.run(), name="pages at the store")]
        for channel in open_channels(settings, http).channels:
            worker = OutboxWorker(
                channel=channel,
                outbox=alerts.outbox(),
                clock=clock,
                situation=always(situation_of(settings)),
                on_problem=announce,
            )
            running.append(asyncio.create_task(worker.run(), name=f"pages by {channel.name}"))
        try:
            yield page
        finally:
            for task in running:
                task.cancel()
            await asyncio.wait(running)
