"""One engine, with what runs beside it, from ready to told to stop."""

import asyncio
from collections.abc import Callable

from trading_platform_order.runtime.engine import Background, Engine
from trading_platform_order.runtime.host.garbage_collector import collect_in_idle_time, quiet_memory
from trading_platform_order.runtime.paper.paper_market import mode_words
from trading_platform_order.runtime.settings.settings import Mode, Settings


async def serve(
    settings: Settings,
    engine: Engine,
    background: tuple[Callable[[Engine], Background], ...],
    announce: Callable[[str], None],
    stop: asyncio.Event,
) -> None:
    """Run the engine until ``stop`` is set; whatever breaks in it is raised.

    Args:
        settings: all settings.
        engine: not running yet.
        background: what runs beside it, once signals are taken.
        announce: told in one line what an operator should know.
        stop: ends it.
    """
    ready = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(engine.run(ready, background), name="engine")
        stopping = group.create_task(stop.wait(), name="stop")
        starting = group.create_task(ready.wait(), name="ready")
        await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
        if ready.is_set():
            _announce_ready(settings, announce)
        with quiet_memory():
            collecting = group.create_task(
                collect_in_idle_time(lambda: engine.trades_under_way > 0), name="garbage"
            )
            await stopping
            collecting.cancel()
        starting.cancel()
        running.cancel()
    await engine.end()


def _announce_ready(settings: Settings, announce: Callable[[str], None]) -> None:
    mode, symbols = settings.engine.mode, ", ".join(settings.engine.symbols)
    words = mode_words(settings)
    announce(f"engine ready: {words}, {symbols}, journal {settings.store.path}")
    if mode is not Mode.LIVE:
        announce(
            "no market of large coins is watched in this mode: a premium is compared "
            "with theirs only where enough of them are traded (settings, pairs)"
        )
