"""A paper engine and `tporder web` as processes of their own, as an operator runs them."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.e2e.page.browser_fixture import Tab, tab
from tests.e2e.paper_engine import engine
from tests.unit.cli.cli_world import heard, offline_env
from trading_platform_order.storage.sqlite.store import open_reader
from trading_platform_order.web.page.passwords import hashed

PASSWORD = "planted: a long password"
LIMIT_S = 120
HOLD = """
import sys, time, apsw
connection = apsw.Connection(sys.argv[1])
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
"""


@asynccontextmanager
async def web(db: Path) -> AsyncIterator[str]:
    """The process of the page; its address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "trading_platform_order.cli.main", "web"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={
            **offline_env(),
            "TPORDER_STORE_PATH": str(db),
            "TPORDER_WEB_PORT": "0",
            "TPORDER_WEB_OPERATOR_PASSWORD": hashed(PASSWORD),
        },
    )
    assert process.stdout is not None
    try:
        line = (await heard(process.stdout, b"web ready")).decode()
        yield line.split("web ready: ")[1].split(",")[0]
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()


@asynccontextmanager
async def running_page(db: Path) -> AsyncIterator[Tab]:
    """All three, and an operator who is logged in by password and sees an armed engine."""
    async with (
        asyncio.timeout(LIMIT_S),
        engine(db, signal.SIGTERM),
        web(db) as address,
        tab(address) as found,
    ):
        await found.log_in(PASSWORD)
        await found.page.wait_for_selector("header .state.good")
        yield found


@asynccontextmanager
async def held_lock(db: Path, held_s: float) -> AsyncIterator[None]:
    """Another process holds the store's write lock for so long."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLD, str(db), str(held_s)), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    await heard(process.stdout, b"held")
    try:
        yield
    finally:
        await process.wait()


async def stop(tab_: Tab) -> datetime:
    """Two taps; when the second one was."""
    await tab_.page.click("header button.stop")
    await tab_.page.wait_for_selector("dialog[open] button.wide")
    tapped_at = datetime.now(UTC)
    await tab_.page.click("dialog button.wide")
    await tab_.page.wait_for_selector("dialog p.good, dialog p.bad")
    return tapped_at


async def resume(tab_: Tab, reason: str) -> None:
    """With a typed reason; waits until entries are admitted again."""
    await tab_.page.keyboard.press("Escape")
    await tab_.page.click("header button.resume")
    await tab_.page.fill("#resume-reason", reason)
    await tab_.page.click("dialog form button")
    await tab_.page.wait_for_selector("dialog p.good")
    await tab_.page.keyboard.press("Escape")
    await tab_.page.wait_for_selector("header .state.good")


async def stopped_after_s(db: Path, tapped_at: datetime) -> float:
    """How long after the tap the engine had learned that no entry is possible."""
    reader = open_reader(db)
    tapped_us = int(tapped_at.timestamp() * 1_000_000)
    try:
        while True:
            rows = await reader.query("v_alerts", limit=1, where={"kind": "emergency_stop"})
            told_us = int(rows[0]["at_us"] or 0) if rows else 0
            if told_us >= tapped_us:
                return (told_us - tapped_us) / 1_000_000
            await asyncio.sleep(0.02)
    finally:
        await reader.close()
