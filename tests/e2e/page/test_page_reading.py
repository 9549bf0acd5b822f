"""What a newcomer must be able to read on the page, on a phone and on a desktop."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.page.browser_fixture import DESKTOP, PHONE, SCREENS, Tab, tab
from tests.e2e.page.served_page import engine_settings, served
from tests.unit.cli.cli_world import (
    AGAIN,
    CREATED,
    LOST,
    SPOT,
    STARTED,
    append,
    claim_of,
    eventful_trade,
    signal_of,
    story_db,
)
from tests.unit.web.web_fixture import SECRETS
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.order_identity.client_order_id import trade_key
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.web.page.texts import texts

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
OLD_DAYS = 300
BOXES = """
selector => [...document.querySelectorAll(selector)].map((found) => {
  const box = found.getBoundingClientRect();
  return {left: box.left, right: box.right, text: found.innerText};
})
"""
CUT = """
[...document.querySelectorAll("main .table")].filter((box) => box.scrollWidth > box.clientWidth)
  .map((box) => box.getAttribute("aria-label"))
"""
PARTED = """
[...document.querySelectorAll("main label")].filter((label) => {
  const of = label.getBoundingClientRect(), to = label.control.getBoundingClientRect();
  const isBeside = of.top < to.bottom && of.bottom > to.top && of.left < to.left;
  const isAbove = of.bottom <= to.top + 1 && to.top - of.bottom < 12 && of.left <= to.left + 1;
  return !(isBeside || isAbove);
}).map((label) => label.innerText)
"""


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = story_db(tmp_path)
    asyncio.run(_more(path))
    return path


async def _more(db: Path) -> None:
    """A start that tells its market, and the eventful trade of a signal of long ago."""
    store = SqliteStore(db, build="b", durability="normal")
    await append(store, replace(STARTED, market="a generated market (seed 7)"))
    signal = replace(signal_of("old"), created_at=CREATED - timedelta(days=OLD_DAYS))
    names = {each.client_order_id: f"old-{each.client_order_id}" for each in (SPOT, LOST, AGAIN)}
    trade_id = trade_key(strategy="kimp", signal_id="old", symbol="BTC")
    for index, event in enumerate(eventful_trade()):
        told = _of_old(event, names, signal_id="old")
        if isinstance(told, te.TradeOpened):
            told = replace(told, trade_id=trade_id, signal=signal)
        await append(store, told, trade_id, claim_of(signal) if index == 0 else None)
    await store.project()
    now_us = int(datetime.now(UTC).timestamp() * 1_000_000)
    settled = {"symbol": "BTC", "spot_base": "0.01", "spot_average_price": "150010000"}
    for kind, urgent, fields in (
        (AlertKind.ENTRY, False, settled),
        (AlertKind.EMERGENCY_STOP, True, {"reason": "x"}),
        (AlertKind.RESUMED, True, {"reason": "lifted: x"}),
    ):
        alert = Alert(kind=kind, urgent=urgent, fields=fields)
        await store.append([], at_us=now_us, alerts=[alert])
    await store.close()


def _of_old(event: te.TradeEvent, names: dict[str, str], *, signal_id: str) -> te.TradeEvent:
    """The same of another signal's orders."""
    if isinstance(event, te.TradeOpened | te.OrdersPlanned):
        orders = tuple(
            replace(order, client_order_id=names[order.client_order_id], signal_id=signal_id)
            for order in event.orders
        )
        return replace(event, orders=orders)
    if isinstance(event, te.FillSeen):
        name = names[event.fill.client_order_id]
        trade_id = f"old-{event.fill.trade_id}"
        return te.FillSeen(
            fill=replace(event.fill, client_order_id=name, trade_id=trade_id), at=event.at
        )
    if isinstance(event, te.OrderAccepted | te.OrderEnded):
        return replace(event, client_order_id=names[event.client_order_id])
    if isinstance(event, te.OrderUnanswered | te.OrderProvenAbsent):
        return replace(event, client_order_id=names[event.client_order_id])
    return event


async def offsets(t: Tab, name: str) -> tuple[list[str], list[float], str]:
    """The lapses that the timeline tells, how full its bars are, and its first step."""
    await t.page.goto(f"{t.address}/#/trade/{name}")
    await t.page.wait_for_selector(".timeline li progress")
    lapses = await t.page.locator(".timeline .when > span").all_inner_texts()
    bars = await t.page.eval_on_selector_all(
        ".timeline progress", "found => found.map((one) => one.value)"
    )
    return lapses, bars, await t.page.inner_text(".timeline li >> nth=0")


@SIZES
async def test_a_signal_created_long_ago_is_drawn_as_its_trade(
    db: Path, size: tuple[int, int]
) -> None:
    async with served(db) as address, tab(address, size=size) as t:
        await t.log_in(SECRETS["operator"])
        lapses, bars, first = await offsets(t, "old")
        young, young_bars, young_first = await offsets(t, "sig-1")
        faults = await t.accessibility_faults()
    words = texts()["en"]
    assert words["page.signal_created"].format(strategy="kimp") in first
    assert words["page.came_late"].format(age="300 d") in first
    assert lapses[0].strip() == "", "its own time says it"
    assert lapses[1].startswith("+0 ms")
    assert lapses[-1].startswith("+12,007 ms")
    assert bars == young_bars, "the bars are of the trade, however old its signal was"
    assert bars[0] == 0
    assert bars[-1] == 1
    assert 0 < bars[1] < bars[5] < 1
    assert words["page.signal_created"].format(strategy="kimp") in young_first
    assert "300 d" not in young_first
    assert young[1].startswith("+2 ms"), "a young one is told from its creation"
    assert faults == []


async def test_on_a_phone_the_menu_shows_every_screen(db: Path) -> None:
    for language in ("en", "ko"):
        async with served(db) as address, tab(address, size=PHONE, language=language) as t:
            await t.log_in(SECRETS["operator"])
            links = await t.page.evaluate(BOXES, "nav a")
        assert len(links) == len(SCREENS)
        assert all(box["left"] >= 0 and box["right"] <= PHONE[0] for box in links), links


@SIZES
@pytest.mark.parametrize("language", ["en", "ko"])
async def test_no_table_is_cut_and_no_label_is_parted_from_its_field(
    db: Path, size: tuple[int, int], language: str
) -> None:
    words = texts()[language]
    async with served(db) as address, tab(address, size=size, language=language) as t:
        await t.log_in(SECRETS["operator"])
        for screen in SCREENS:
            await t.show(screen)
            if size == PHONE:
                assert await t.page.evaluate(CUT) == [], screen
            assert await t.page.evaluate(PARTED) == [], screen
        await t.show("home")
        labels = (words["column.outcome"], words["column.status"])
        cells = ", ".join(f'td[data-label="{label}"]' for label in labels)
        outcomes = await t.page.evaluate(BOXES, cells)
        await t.show("records")
        for record in ("fills", "trades", "signals", "journal"):
            await t.page.select_option("#record", record)
            await t.page.wait_for_selector("main:not(:has([aria-busy])) td")
            if size == PHONE:
                assert await t.page.evaluate(CUT) == [], record
                assert await t.accessibility_faults() == [], record
    assert len(outcomes) == 4
    assert all(box["text"].strip() and box["right"] <= size[0] for box in outcomes), outcomes


@SIZES
async def test_whose_prices_and_whose_settings_are_shown(db: Path, size: tuple[int, int]) -> None:
    for language, market in (("en", "a generated market (seed 7)"), ("ko", "시드 7")):
        words = texts()[language]
        async with served(db) as address, tab(address, size=size, language=language) as t:
            await t.log_in(SECRETS["operator"])
            await t.page.wait_for_selector("header .market")
            header = await t.page.inner_text("header")
            await t.show("settings")
            engine = await t.page.inner_text("#engine")
            body = await t.page.inner_text("main")
        assert market in header
        assert market in engine
        assert "tporder-test" in engine
        assert words["page.settings_about"] in body
        assert words["page.engine_settings_untold"] in body


@SIZES
async def test_the_engines_settings_are_told_first_and_the_servers_at_a_choice(
    db: Path, size: tuple[int, int]
) -> None:
    for language, about in (
        ("en", "absolute cap of one order, KRW"),
        ("ko", "주문 한 건의 절대 한도, KRW"),
    ):
        words = texts()[language]
        async with (
            served(db, engine_settings()) as address,
            tab(address, size=size, language=language) as t,
        ):
            await t.log_in(SECRETS["operator"])
            await t.show("settings")
            await t.page.fill("#wanted", "order_krw_max")
            engines = await t.page.inner_text("main")
            faults = await t.accessibility_faults()
            await t.page.select_option("#whose", "server")
            await t.page.wait_for_selector("main p.warn")
            servers = await t.page.inner_text("main")
        assert words["page.engine_settings"] in engines
        assert about in engines
        assert "7654321" in engines
        assert words["page.engine_settings_old"] not in engines
        assert words["page.settings_about"] in servers
        assert "7654321" not in servers
        assert "1000000" in servers
        assert words["page.engine_settings_untold"] not in servers
        assert faults == []
    async with served(db, engine_settings(epoch=0)) as address, tab(address, size=size) as t:
        await t.log_in(SECRETS["operator"])
        await t.show("settings")
        earlier = await t.page.inner_text("#old")
        body = await t.page.inner_text("main")
    assert earlier == texts()["en"]["page.engine_settings_old"]
    assert "planted" not in body


@SIZES
async def test_a_button_that_waits_says_what_for(db: Path, size: tuple[int, int]) -> None:
    async with served(db) as address, tab(address, size=size) as t:
        await t.log_in(SECRETS["operator"])
        await t.page.click(".pair button")
        told = await t.page.inner_text("#close-needs")
        described = await t.page.get_attribute("#close-amount", "aria-describedby")
        faults = await t.accessibility_faults()
    assert "button opens" in told
    assert described == "close-needs"
    assert faults == []


@SIZES
async def test_the_state_says_since_when_on_one_line(db: Path, size: tuple[int, int]) -> None:
    async with served(db) as address, tab(address, size=size, language="ko") as t:
        await t.log_in(SECRETS["operator"])
        await t.page.wait_for_selector("header .state .whole")
        rects = "document.querySelector('header .state .whole').getClientRects().length"
        assert await t.page.evaluate(rects) == 1


@SIZES
async def test_korean_records_and_alerts_have_no_bare_key(db: Path, size: tuple[int, int]) -> None:
    words = texts()["ko"]
    async with served(db) as address, tab(address, size=size, language="ko") as t:
        await t.log_in(SECRETS["operator"])
        await t.show("records")
        shown: dict[str, list[str]] = {}
        for record, column in (("signals", "status"), ("journal", "kind"), ("orders", "price")):
            await t.page.select_option("#record", record)
            await t.page.wait_for_selector(f'td[data-label="{words[f"column.{column}"]}"]')
            cells = t.page.locator(f'td[data-label="{words[f"column.{column}"]}"]')
            shown[column] = await cells.all_inner_texts()
        await t.show("alerts")
        names = await t.page.locator(".alerts dt").all_inner_texts()
        titles = await t.page.locator(".alerts h2").all_inner_texts()
        faults = await t.accessibility_faults()
    assert set(shown["status"]) == {words["result.accepted"], words["result.refused"]}
    assert f"{words['kind.trade_settled']} trade_settled" in shown["kind"]
    assert "150,010,000" in shown["price"]
    assert names
    assert not [name for name in names if "_" in name], names
    assert len(titles) == 3
    assert sum(words["page.urgent"] in title for title in titles) == 1, "what was done only informs"
    assert faults == []
