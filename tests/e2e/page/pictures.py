"""The pictures of the READMEs: the page over a running paper engine.

python -m tests.e2e.page.pictures docs/images
"""

import asyncio
import signal
import sys
import tempfile
from pathlib import Path

from tests.e2e.page.browser_fixture import DESKTOP, PHONE, tab
from tests.e2e.page.running_page import PASSWORD, web
from tests.e2e.paper_engine import engine, traded

WATCHED_S = 90
"""So long the chart grows."""


async def draw(db: Path, folder: str) -> None:
    """A desktop in English, a telephone in Korean."""
    async with engine(db, signal.SIGTERM), web(db) as address:
        await traded(db, "kimp-20261130-01", "ENTER")
        await asyncio.sleep(WATCHED_S)
        for name, size, language in (("page-en", DESKTOP, "en"), ("page-ko", PHONE, "ko")):
            async with tab(address, size=size, language=language) as shown:
                await shown.log_in(PASSWORD)
                await shown.page.wait_for_selector(".pair")
                await shown.page.wait_for_selector(".chart canvas")
                await asyncio.sleep(1)
                await shown.page.screenshot(path=f"{folder}/{name}.png")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        asyncio.run(draw(Path(temporary) / "t.db", sys.argv[1]))
