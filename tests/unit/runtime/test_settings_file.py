"""An engine tells its settings once, and trades on where the file cannot be written."""

import asyncio
import stat
from datetime import UTC, datetime
from pathlib import Path

from trading_platform_order.runtime.followers.settings_file import SettingsFile
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.runtime.settings.shown.origins import told_settings
from trading_platform_order.runtime.settings.shown.published import (
    PublishedSettings,
    published_path,
    read_published,
)

PUBLISHED = PublishedSettings(
    epoch=7,
    started_at=datetime(2026, 11, 30, 9, tzinfo=UTC),
    build="tporder-test",
    settings=told_settings(Settings(), None, {}),
)


async def test_what_was_told_is_read_again_and_by_its_owner_alone(tmp_path: Path) -> None:
    path = published_path(tmp_path / "desk.db", "main")
    announced: list[str] = []
    assert read_published(path) is None
    task = asyncio.create_task(SettingsFile(PUBLISHED, path, announced.append).run())
    async with asyncio.timeout(10):
        while read_published(path) is None:  # noqa: ASYNC110 - another thread writes it
            await asyncio.sleep(0.005)

    assert path.name == "desk.db.main.settings.json"
    assert read_published(path) == PUBLISHED
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not task.done()
    assert announced == []
    task.cancel()


async def test_a_file_that_cannot_be_written_is_told_and_ends_nothing(tmp_path: Path) -> None:
    path, told = tmp_path / "no folder" / "desk.json", asyncio.Event()
    announced: list[str] = []

    def announce(text: str) -> None:
        announced.append(text)
        told.set()

    task = asyncio.create_task(SettingsFile(PUBLISHED, path, announce).run())
    await told.wait()
    await asyncio.sleep(0)

    assert announced == [f"warning: {path} cannot be written: No such file or directory"]
    assert not task.done()
    task.cancel()
