"""How a standby calls operators: it has no store of its own to put an alert into."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.notifications.memory_outbox import MemoryOutbox
from trading_platform_order.notifications.outbox_worker import OutboxWorker, always
from trading_platform_order.runtime.alerting.alert_channels import open_channels
from trading_platform_order.runtime.alerting.alert_situation import situation_of
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport
from trading_platform_order.transport.clock import SystemClock, epoch_us


@asynccontextmanager
async def paging(
    settings: Settings, announce: Callable[[str], None]
) -> AsyncIterator[Callable[[str], None]]:
    """Something to tell operators with, at once: the log, and every alert channel that is set.

    Nothing waits for a channel: an account that can be taken is taken now, and what was not
    delivered until then stands in the alert of the takeover.
    """
    clock = SystemClock()
    outboxes: list[MemoryOutbox] = []

    def page(text: str) -> None:
        announce(f"ALERT {AlertKind.HOLDER_STUCK}: {text}")
        alert = Alert(kind=AlertKind.HOLDER_STUCK, urgent=True, fields={"engine": text})
        for outbox in outboxes:
            outbox.put(alert)

    async with AsyncExitStack() as stack:
        http = AiohttpTransport()
        stack.push_async_callback(http.close)
        running: list[asyncio.Task[None]] = []
        for channel in open_channels(settings, http).channels:
            outboxes.append(MemoryOutbox(lambda: epoch_us(clock.now())))
            worker = OutboxWorker(
                channel=channel,
                outbox=outboxes[-1],
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
            if running:
                await asyncio.wait(running)
