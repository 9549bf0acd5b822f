"""How a standby calls operators: it has no store of its own to put an alert into."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.notifications.discord import DiscordChannel
from trading_platform_order.notifications.memory_outbox import MemoryOutbox
from trading_platform_order.notifications.outbox_worker import OutboxWorker
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport
from trading_platform_order.transport.clock import SystemClock, epoch_us


@asynccontextmanager
async def paging(
    settings: Settings, announce: Callable[[str], None]
) -> AsyncIterator[Callable[[str], None]]:
    """Something to tell operators with, at once: the log, and the alert channel if there is one."""
    clock = SystemClock()
    outbox = MemoryOutbox(lambda: epoch_us(clock.now()))

    def page(text: str) -> None:
        announce(f"ALERT {AlertKind.HOLDER_STUCK}: {text}")
        outbox.put(Alert(kind=AlertKind.HOLDER_STUCK, urgent=True, fields={"engine": text}))

    webhook = settings.discord.webhook_url
    if not webhook:
        yield page
        return
    async with AsyncExitStack() as stack:
        http = AiohttpTransport()
        stack.push_async_callback(http.close)
        worker = OutboxWorker(
            channel=DiscordChannel(http=http, webhook_url=webhook.reveal()),
            outbox=outbox,
            clock=clock,
            on_problem=announce,
        )
        running = asyncio.ensure_future(worker.run())
        try:
            # Nothing waits for the channel: an account that can be taken is taken now, and what was
            # not delivered stands in the alert of the takeover.
            yield page
        finally:
            running.cancel()
            await asyncio.wait((running,))
