"""A real Chromium on the page: what it complains about is a failure, what it shows is kept."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import pytest
from playwright.async_api import ConsoleMessage, Page, Response, async_playwright

SCREENS = ("home", "trade", "market", "risk", "reconcile", "records", "alerts", "settings")
DESKTOP, PHONE = (1280, 900), (390, 844)
SHOTS = "out/page"
"""Made by the browser's driver; git ignores it."""
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
WATCH = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""
RUN = "axe.run({resultTypes: ['violations']})"
LIMIT_MS = 15_000


def chromium() -> str:
    """Where it is; a machine of continuous integration must have it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and not os.environ.get("CI"):
        pytest.skip("no chromium: apt-get install --no-install-recommends chromium fonts-nanum")
    assert found is not None, "no chromium on a machine of continuous integration"
    return found


@dataclass
class Tab:
    """One tab, and all that was wrong in it; the library marks what listens on the instance.

    Attributes:
        bodies: every text that the server sent to it.
    """

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    async def log_in(self, password: str, name: str = "Kim") -> None:
        await self.page.goto(self.address)
        await self.page.fill("#name", name)
        await self.page.fill("#password", password)
        await self.page.click("form button")
        await self.page.wait_for_selector("header .state strong")

    async def show(self, screen: str) -> None:
        """By the menu, as an operator does; waits until it is there."""
        await self.page.click(f'nav a[href="#/{screen}"]')
        await self.page.wait_for_selector(f'nav a[href="#/{screen}"][aria-current="page"]')
        await self.page.wait_for_selector("main:not(:has([aria-busy]))")

    async def keep(self, name: str) -> None:
        """A picture of the whole page, for whoever reads the run."""
        await self.page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)

    async def accessibility_faults(self) -> list[str]:
        """What axe finds that is serious or critical."""
        await self.page.evaluate(AXE)
        found: dict[str, Any] = await self.page.evaluate(RUN)
        return [
            f"{fault['id']}: {node['html'][:160]}"
            for fault in found["violations"]
            if fault["impact"] in {"serious", "critical"}
            for node in fault["nodes"]
        ]

    async def violations(self) -> list[str]:
        """Of the page's policy, since it was loaded."""
        told: list[str] = await self.page.evaluate("window.violations")
        return told

    def heard(self, message: ConsoleMessage) -> None:
        """What the browser's console says; what is no error or warning is left out."""
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    async def note(self, response: Response) -> None:
        kind = response.headers.get("content-type", "")
        if response.ok and "event-stream" not in kind and response.status == 200:
            self.bodies.append(await response.text())


@asynccontextmanager
async def tab(
    address: str,
    *,
    size: tuple[int, int] = DESKTOP,
    language: str = "en",
    scheme: Any = "light",  # noqa: ANN401 - one of the library's literals
) -> AsyncIterator[Tab]:
    """A fresh browser; at its end nothing may have gone wrong in it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium())
        width, height = size
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            locale="ko-KR" if language == "ko" else "en-GB",
            color_scheme=scheme,
            has_touch=size == PHONE,
        )
        await context.add_init_script(WATCH)
        page = await context.new_page()
        page.set_default_timeout(LIMIT_MS)
        found = Tab(page, address)
        page.on("pageerror", lambda error: found.complaints.append(f"error: {error}"))
        page.on("console", found.heard)
        reading: set[asyncio.Task[None]] = set()

        def read(response: Response) -> None:
            task = asyncio.ensure_future(found.note(response))
            reading.add(task)
            task.add_done_callback(reading.discard)

        page.on("response", read)
        yield found
        assert await found.violations() == []
        page.remove_listener("response", read)
        await asyncio.gather(*reading, return_exceptions=True)
        await browser.close()
    assert found.complaints == []
