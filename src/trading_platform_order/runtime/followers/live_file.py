"""Writes the engine's live figures once a second, beside the store and beside the engine."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from trading_platform_order.observability.live_figures import write_live
from trading_platform_order.observability.live_look import LiveLook
from trading_platform_order.runtime.assembly import executor_settings
from trading_platform_order.runtime.engine import Engine
from trading_platform_order.runtime.followers.beside import beside
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.runtime.settings.specification import loosened_limits
from trading_platform_order.transport.clock import Clock

EVERY_S = 1.0


class LiveFile:
    """Of one engine. A file that cannot be written is told once, and tried again."""

    def __init__(
        self,
        engine: Engine,
        *,
        settings: Settings,
        clock: Clock,
        path: Path,
        announce: Callable[[str], None],
    ) -> None:
        self._clock = clock
        self._path = path
        self._announce = announce
        self._is_told = False
        self._look = LiveLook(
            executor=engine.executor,
            market=engine.market,
            settings=executor_settings(settings),
            bases=engine.bases,
            leverage=settings.binance.leverage,
            profile=settings.engine.profile,
            loosened=loosened_limits(settings),
        )

    async def run(self) -> None:
        """Write until cancelled; a fault of it ends nothing else."""
        async with beside(self._write(), name="the live figures", announce=self._announce):
            await asyncio.get_running_loop().create_future()

    async def _write(self) -> None:
        while True:
            await self.once()
            await asyncio.sleep(EVERY_S)

    async def once(self) -> None:
        """One look, written in a thread: the disk may be slow, the engine must not."""
        figures = self._look.figures(self._clock.now())
        try:
            await asyncio.to_thread(write_live, self._path, figures)
        except OSError as problem:
            if not self._is_told:
                self._announce(f"warning: {self._path} cannot be written: {problem.strerror}")
            self._is_told = True
        else:
            self._is_told = False
