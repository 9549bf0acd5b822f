"""Every screen in a real browser: both languages, phone and desktop, light and dark."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.e2e.page.browser_fixture import DESKTOP, PHONE, SCREENS, tab
from tests.e2e.page.served_page import engine_settings, served
from tests.unit.cli.cli_world import story_db
from tests.unit.web.web_fixture import SECRETS
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.web.page.texts import texts

FIRST_PAINT_MS = 1_000
INSIDE = "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
"""The browser's own frame counts as the body."""


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = story_db(tmp_path)
    asyncio.run(_alarm(path))
    return path


async def _alarm(db: Path) -> None:
    store = SqliteStore(db, build="b", durability="normal")
    alert = Alert(kind=AlertKind.ONE_LEG_FAILED, urgent=True, fields={"symbol": "BTC"})
    at_us = int(datetime.now(UTC).timestamp() * 1_000_000)
    await store.append([], at_us=at_us, alerts=[alert])
    await store.close()


@pytest.mark.parametrize(
    ("name", "size", "language", "scheme"),
    [
        ("desktop-en", DESKTOP, "en", "light"),
        ("desktop-ko", DESKTOP, "ko", "dark"),
        ("phone-en", PHONE, "en", "dark"),
        ("phone-ko", PHONE, "ko", "light"),
    ],
)
async def test_every_screen(
    db: Path, name: str, size: tuple[int, int], language: str, scheme: str
) -> None:
    words = texts()[language]
    async with (
        served(db, engine_settings()) as address,
        tab(address, size=size, language=language, scheme=scheme) as t,
    ):
        await t.page.goto(address)
        await t.page.wait_for_selector("form")
        assert await t.accessibility_faults() == []
        await t.keep(f"{name}-login")
        await t.log_in(SECRETS["operator"])
        for screen in SCREENS:
            await t.show(screen)
            assert await t.page.inner_text("h1") == words[f"page.{screen}"]
            assert await t.page.is_visible("header .stop"), screen
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert await t.page.evaluate(wide) <= 0, screen
            faults = await t.accessibility_faults()
            assert faults == [], f"{screen}: {faults}"
            await t.keep(f"{name}-{screen}")
        await t.page.click('nav a[href="#/trade"]')
        await t.page.click("td a >> nth=0")
        await t.page.wait_for_selector(".timeline li")
        assert await t.page.locator(".timeline li").count() == 11
        assert await t.page.locator("details[open] pre").count() >= 1
        assert await t.accessibility_faults() == []
        await t.keep(f"{name}-timeline")
        await t.page.click("header .stop")
        await t.page.wait_for_selector("dialog[open]")
        assert await t.accessibility_faults() == []
        await t.keep(f"{name}-stop")
        text = await t.page.inner_text("body")
    assert t.bodies
    for secret in SECRETS.values():
        assert secret not in text
        assert not [body for body in t.bodies if secret in body]


async def test_home_tells_what_ten_seconds_need_in_order(db: Path) -> None:
    more = {"naked_krw": Decimal(500_000), "naked_s": 12.0, "usdt_to_move": Decimal(150)}
    async with served(db, **more) as address, tab(address) as t:
        await t.log_in(SECRETS["operator"])
        await t.page.wait_for_selector(".tile.bad")
        titles = await t.page.locator(".tile h2").all_inner_texts()
        tiles = await t.page.locator(".tile").all_inner_texts()
        header = await t.page.inner_text("header")
        body = await t.page.inner_text("main")
    words = texts()["en"]
    order = ("naked", "exit_now", "liquidation", "today", "open_ends")
    assert titles == [words[f"page.{key}"] for key in order]
    assert "PAPER" in header
    assert "ARMED" in header
    assert "500,000 KRW" in tiles[0]
    assert "12 s" in tiles[0]
    assert "2,300 KRW" in tiles[1]
    assert "150 USDT" in tiles[2]
    assert "600,000" in tiles[3]
    assert "1 alarms" in tiles[4]
    assert "0.01 BTC" in body


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_the_risk_screen_tells_what_the_exchanges_watch(db: Path, language: str) -> None:
    words = texts()[language]
    async with served(db) as address, tab(address, language=language) as t:
        await t.log_in(SECRETS["operator"])
        await t.show("risk")
        await t.page.wait_for_selector("#surveillance .gauge")
        shown = await t.page.locator("#surveillance .gauge").all_inner_texts()
        await t.keep(f"surveillance-{language}")
    assert len(shown) == 10
    assert words["surveillance.unfilled"] in shown[0]
    assert words["surveillance_note.exchange"] in shown[0]
    counted = words["page.not_judged"].replace("{from}", "300").replace("{orders}", "0")
    assert counted in shown[0]
    assert words["surveillance.proof_orders_day"] in shown[9]
    assert words["surveillance_note.ours"] in shown[9]


async def test_the_first_paint_is_quick_and_the_switches_hold(db: Path) -> None:
    async with served(db) as address, tab(address) as t:
        await t.page.goto(address)
        await t.page.wait_for_selector("form")
        paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        assert await t.page.evaluate(paint) < FIRST_PAINT_MS
        await t.log_in(SECRETS["operator"])
        await t.page.click("header .switches button >> nth=0")
        await t.page.click("header .switches button >> nth=1")
        await t.page.reload()
        await t.page.wait_for_selector("header .state strong")
        assert await t.page.get_attribute("html", "lang") == "ko"
        assert await t.page.get_attribute("html", "data-theme") == "dark"
        assert await t.page.inner_text("h1") == "홈"


async def test_the_policy_lets_nothing_else_run(db: Path) -> None:
    async with served(db) as address, tab(address) as t:
        await t.page.goto(address)
        await t.page.wait_for_selector("form")
        await t.page.evaluate(
            """() => {
              const script = document.createElement("script");
              script.textContent = "window.ran = true";
              document.body.append(script);
            }"""
        )
        assert await t.page.evaluate("window.ran === undefined")
        assert len(await t.violations()) == 1
        assert len(t.complaints) == 1
        t.complaints.clear()
        await t.page.evaluate("window.violations.length = 0")


async def test_the_keyboard_is_enough(db: Path) -> None:
    async with served(db) as address, tab(address) as t:
        await t.log_in(SECRETS["operator"])
        await t.page.evaluate("document.activeElement.blur()")
        await t.page.keyboard.press("Tab")
        assert await t.page.evaluate("document.activeElement.className") == "skip"
        await t.page.keyboard.press("Enter")
        assert await t.page.evaluate("document.activeElement.id") == "content"
        await t.page.focus("header .stop")
        await t.page.keyboard.press("Enter")
        await t.page.wait_for_selector("dialog[open]")
        for _ in range(8):
            await t.page.keyboard.press("Tab")
            assert await t.page.evaluate(INSIDE)
        await t.page.keyboard.press("Escape")
        await t.page.wait_for_selector("dialog", state="detached")


async def test_a_reader_sees_no_button_that_orders(db: Path) -> None:
    async with served(db) as address, tab(address) as t:
        await t.log_in(SECRETS["reader"])
        await t.page.wait_for_selector(".pair")
        assert await t.page.locator("header .stop, .pair button").count() == 0
        await t.show("alerts")
        assert await t.page.locator(".alerts button").count() == 0


def lines_of(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


async def test_records_are_looked_through_and_alarms_acknowledged(db: Path) -> None:
    async with served(db) as address, tab(address) as t:
        await t.log_in(SECRETS["operator"])
        await t.show("records")
        await t.page.wait_for_selector("tbody tr >> nth=2")
        await t.page.fill("#q", "hm1")
        await t.page.wait_for_selector("tbody tr >> nth=1", state="detached")
        assert await t.page.locator("tbody tr").count() == 1
        async with t.page.expect_download() as waiting:
            await t.page.click("a[download]")
        assert lines_of(await (await waiting.value).path()) == 2
        await t.page.select_option("#record", "journal")
        await t.page.wait_for_selector("td code")
        await t.show("alerts")
        await t.page.click(".alerts button")
        await t.page.wait_for_selector(".alerts button", state="detached")
        await t.show("home")
        await t.page.wait_for_selector('.tile a:has-text("0 alarms")')
