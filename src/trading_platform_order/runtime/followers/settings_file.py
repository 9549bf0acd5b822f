"""Tells the settings of a running engine to whoever looks, once, beside the engine."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from trading_platform_order.runtime.engine import BUILD, Background, Engine
from trading_platform_order.runtime.followers.beside import beside
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.runtime.settings.shown.origins import ToldSetting
from trading_platform_order.runtime.settings.shown.published import (
    PublishedSettings,
    publish,
    published_path,
)
from trading_platform_order.transport.clock import Clock, SystemClock

AGAIN_S = 60.0


class SettingsFile:
    """Of one engine. A file that cannot be written is told once, and tried again every minute."""

    def __init__(
        self, published: PublishedSettings, path: Path, announce: Callable[[str], None]
    ) -> None:
        self._published = published
        self._path = path
        self._announce = announce

    async def run(self) -> None:
        """Until cancelled; a fault of it ends nothing else."""
        async with beside(self._write(), name="the file of settings", announce=self._announce):
            await asyncio.get_running_loop().create_future()

    async def _write(self) -> None:
        is_told = False
        while True:
            try:
                # In a thread: the disk may be slow, the engine must not.
                await asyncio.to_thread(publish, self._path, self._published)
            except OSError as problem:
                if not is_told:
                    self._announce(f"warning: {self._path} cannot be written: {problem.strerror}")
                is_told = True
            else:
                return
            await asyncio.sleep(AGAIN_S)


def settings_file(
    settings: Settings,
    told: tuple[ToldSetting, ...],
    announce: Callable[[str], None],
    clock: Clock | None = None,
) -> Callable[[Engine], Background]:
    """What tells them, once the engine takes signals.

    Args:
        settings: say where the store lies.
        told: they, masked, as they were when they were read.
        announce: told in one line that the file cannot be written.
        clock: says when the engine started; the machine's by default.
    """
    now = (clock or SystemClock()).now

    def background(engine: Engine) -> Background:
        published = PublishedSettings(
            epoch=engine.epoch, started_at=now(), build=BUILD, settings=told
        )
        path = published_path(Path(settings.store.path), settings.engine.account)
        return SettingsFile(published, path, announce)

    return background
