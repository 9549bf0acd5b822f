"""The page's requests over real sockets: logging in, what a login may do, what it reads."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import apsw
import pytest

from tests.unit.cli.cli_world import (
    LOST,
    SPOT,
    append,
    claim_of,
    fill_of,
    opened,
    signal_of,
    story_db,
    tell_live,
    tporder,
)
from tests.unit.web.page.page_browser import page
from tests.unit.web.web_fixture import SECRETS, engine
from trading_platform_order.domain.order_identity.client_order_id import trade_key
from trading_platform_order.domain.trade.trade_events import FillSeen
from trading_platform_order.risk.monitors.emergency_stop import FLATTEN_LATCH, STOP_LATCH
from trading_platform_order.runtime.host.files.stop_file import stop_file_path
from trading_platform_order.storage.base import Latch, Reader
from trading_platform_order.storage.sqlite.store import SqliteStore, open_reader
from trading_platform_order.web.page.login_limits import TRIES_MAX


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return story_db(tmp_path)


async def test_nothing_is_read_without_a_login(db: Path) -> None:
    async with page(db) as browser:
        for path in ("/page/home", "/page/settings", "/v1/status", "/page/records/orders"):
            assert (await browser.get(path))[0] == 401, path
        assert await browser.get("/page/session") == (200, None)
        status, text = await browser.get("/")
        headers = browser.last.headers
    assert status == 200
    assert "app.mjs" in text
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


async def test_a_file_is_asked_for_anew_and_answered_by_its_tag(db: Path) -> None:
    async with page(db) as browser:
        url = browser.address + "/page/static/app.mjs"
        async with browser.session.get(url) as first:
            await first.read()
        tag = {"if-none-match": first.headers["etag"]}
        async with browser.session.get(url, headers=tag) as again:
            await again.read()
        outside = [
            (await browser.get(f"/page/static/{path}"))[0]
            for path in ("../assets.py", "%2e%2e/assets.py", "nothing.mjs", "")
        ]
    assert (first.status, again.status) == (200, 304)
    assert first.headers["content-type"].startswith("text/javascript")
    assert all(status in {401, 404} for status in outside), outside


async def test_no_header_is_said_twice(db: Path) -> None:
    async with page(db) as browser:
        await browser.log_in(SECRETS["operator"])
        told = {}
        for path in ("/", "/page/static/app.mjs", "/page/words", "/page/home", "/page/csv/fills"):
            assert (await browser.get(path))[0] == 200
            told[path] = [(name.lower(), text) for name, text in browser.last.headers.items()]
    for path, headers in told.items():
        names = [name for name, _ in headers]
        assert len(names) == len(set(names)), (path, names)
        assert dict(headers)["content-type"].count("charset") <= 1, path
        assert dict(headers)["x-content-type-options"] == "nosniff", path
    assert dict(told["/"])["cache-control"] == "no-cache"
    assert dict(told["/page/home"])["cache-control"] == "no-store"


async def test_a_login_reads_and_ends(db: Path) -> None:
    async with page(db) as browser:
        assert (await browser.log_in(SECRETS["operator"] + "x"))[0] == 401
        status, told = await browser.log_in(SECRETS["operator"])
        cookie = browser.last.headers["set-cookie"]
        assert status == 200
        assert (told["key"], told["who"]) == ("operator", "Kim (operator, page)")
        assert (await browser.get("/page/session"))[1] == told
        assert (await browser.get("/page/home"))[0] == 200
        assert (await browser.post("/page/logout", {}))[0] == 200
        assert (await browser.get("/page/home"))[0] == 401
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie


async def test_behind_tls_the_cookie_says_so(db: Path) -> None:
    async with page(db) as browser:
        await browser.post(
            "/page/login", {"password": SECRETS["operator"]}, x_forwarded_proto="https"
        )
        cookie = browser.last.headers["set-cookie"]
    assert cookie.startswith("__Host-tporder=")
    assert cookie.endswith("; Secure")


async def test_another_site_changes_nothing(db: Path) -> None:
    body = {"reason": "x"}
    async with page(db) as browser:
        await browser.log_in(SECRETS["operator"])
        right = browser.csrf
        refused = [
            await browser.post("/v1/stop", body, sec_fetch_site="cross-site"),
            await browser.post("/v1/stop", body, sec_fetch_site="same-site"),
        ]
        browser.csrf = ""
        refused.append(await browser.post("/v1/stop", body))
        browser.csrf = right[:-1]
        refused.append(await browser.post("/v1/stop", body))
        browser.csrf = "login"
        other = await browser.post(
            "/page/login", {"password": SECRETS["operator"]}, sec_fetch_site="cross-site"
        )
    assert [status for status, _ in refused] == [403] * 4
    codes = [problem["code"] for _, problem in refused]
    assert codes == ["another_site", "another_site", "no_csrf", "no_csrf"]
    assert other[0] == 403
    reader = open_reader(db)
    assert await reader.latches() == []
    await reader.close()


async def test_guessing_is_slowed_and_a_login_goes_on(db: Path) -> None:
    async with page(db) as browser:
        await browser.log_in(SECRETS["operator"])
        kept = browser.csrf
        wrong = [await browser.log_in("wrong") for _ in range(TRIES_MAX)]
        blocked = await browser.log_in(SECRETS["operator"])
        browser.csrf = kept
        still = await browser.post("/v1/stop", {"reason": "still here"})
    assert [status for status, _ in wrong] == [401] * TRIES_MAX
    assert blocked[0] == 429
    assert still[0] == 200


async def test_a_reader_only_looks(db: Path) -> None:
    async with page(db) as browser:
        status, told = await browser.log_in(SECRETS["reader"])
        assert (status, told["key"]) == (200, "reader")
        assert (await browser.get("/page/home"))[0] == 200
        orders: list[tuple[str, dict[str, object]]] = [
            ("/v1/stop", {"reason": "x"}),
            ("/v1/resume", {"reason": "x"}),
            ("/v1/close", {"symbol": "BTC"}),
            ("/v1/signals", {}),
            ("/page/alerts/1/acknowledge", {}),
        ]
        for path, body in orders:
            assert (await browser.post(path, body))[0] == 403, path
        assert (await browser.post("/page/logout", {}))[0] == 200


async def test_a_stop_of_the_page_says_who_and_its_file_goes_when_resumed(db: Path) -> None:
    stop_file = stop_file_path("", db, "main")
    async with page(db) as browser:
        await browser.log_in(SECRETS["operator"])
        status, told = await browser.post("/v1/stop", {"reason": "a test", "file": True})
        assert stop_file.read_text(encoding="utf-8").startswith("tporder web: a test")
        resumed = await browser.post("/v1/resume", {"reason": "mended"})
    assert (status, told["in_store"]) == (200, True)
    assert told["reason"] == "a test - Kim (operator, page)"
    assert (resumed[0], resumed[1]["changed"]) == (200, True)
    assert not stop_file.exists()


async def set_latch(reader: Reader) -> Latch:
    while True:
        latch = await reader.latch(STOP_LATCH)
        if latch is not None:
            return latch
        await asyncio.sleep(0.02)


async def test_the_stop_holds_while_another_process_holds_the_stores_lock(db: Path) -> None:
    stop_file = stop_file_path("", db, "main")
    async with page(db) as browser:
        await browser.log_in(SECRETS["operator"])
        held = apsw.Connection(str(db))
        held.execute("BEGIN IMMEDIATE")
        began_s = asyncio.get_running_loop().time()
        status, told = await browser.post("/v1/stop", {"reason": "locked", "file": True})
        took_s = asyncio.get_running_loop().time() - began_s
        assert stop_file.exists()
        held.execute("ROLLBACK")
        held.close()
        reader = open_reader(db)
        async with asyncio.timeout(5):
            latch = await set_latch(reader)
        await reader.close()
    assert (status, told["stopped"], told["in_store"]) == (200, True, False)
    assert took_s < 1.5
    assert latch.reason == "locked - Kim (operator, page)"


def test_the_command_line_lifts_a_stop_of_the_page_and_leaves_others(db: Path) -> None:
    stop_file = stop_file_path("", db, "main")
    tporder("stop", "--db", db, "--reason", "x")
    stop_file.write_text("somebody's own\n", encoding="utf-8")
    refused = tporder("resume", "--db", db, "--reason", "y")
    stop_file.write_text("tporder web: by a page\n", encoding="utf-8")
    lifted = tporder("resume", "--db", db, "--reason", "y")

    assert refused.exit_code != 0
    assert lifted.exit_code == 0, lifted.output
    assert not stop_file.exists()


async def test_what_is_closed_is_typed(db: Path) -> None:
    tell_live(db)
    with engine(db):
        async with page(db) as browser:
            await browser.log_in(SECRETS["operator"])
            tell_live(db)
            home = (await browser.get("/page/home"))[1]
            value = str(round(float(home["positions"][0]["value_krw"])))
            flatten = {"reason": "x", "flatten": True}
            tell_live(db)
            wrong = [
                await browser.post("/v1/stop", flatten),
                await browser.post("/v1/stop", flatten | {"confirm_krw": "1"}),
                await browser.post("/v1/close", {"symbol": "BTC"}),
                await browser.post("/v1/close", {"symbol": "BTC", "confirm_krw": "1"}),
            ]
            reader = open_reader(db)
            assert await reader.latches() == []
            tell_live(db)
            close = {"symbol": "BTC", "confirm_krw": value}
            closed = await browser.post("/v1/close", close)
            part = await browser.post("/v1/close", {"symbol": "BTC", "krw": "500000"})
            tell_live(db)
            flat = await browser.post("/v1/stop", flatten | {"confirm_krw": value})
            latch = await reader.latch(FLATTEN_LATCH)
            await reader.close()
    assert [status for status, _ in wrong] == [409] * 4
    assert {problem["code"] for _, problem in wrong} == {"another_amount"}
    assert json.loads(closed[1]["detail"])["krw"] is None
    assert json.loads(closed[1]["detail"])["reason"] == "Kim (operator, page)"
    assert json.loads(part[1]["detail"])["krw"] == "500000"
    assert flat[0] == 200
    assert latch is not None


async def test_without_a_price_a_close_is_typed_as_nothing(db: Path) -> None:
    """What nobody can value must get out all the same."""
    with engine(db):
        async with page(db) as browser:
            await browser.log_in(SECRETS["operator"])
            other = await browser.post("/v1/close", {"symbol": "BTC", "confirm_krw": "5"})
            closed = await browser.post("/v1/close", {"symbol": "BTC", "confirm_krw": "0"})
    assert (other[0], closed[0]) == (409, 200)


async def test_every_screen_is_read_in_both_languages_and_tells_no_secret(db: Path) -> None:
    tell_live(db)
    texts: list[str] = []
    async with page(db) as browser:
        await browser.log_in(SECRETS["operator"])
        for path in (
            *(f"/page/home?lang={lang}" for lang in ("en", "ko")),
            *(f"/page/story/sig-1?lang={lang}" for lang in ("en", "ko")),
            *(f"/page/risk?lang={lang}" for lang in ("en", "ko")),
            *(f"/page/reconcile?lang={lang}" for lang in ("en", "ko")),
            *(f"/page/alerts?lang={lang}" for lang in ("en", "ko")),
            "/page/market",
            *(f"/page/settings?lang={lang}" for lang in ("en", "ko")),
            "/page/words",
            *(f"/page/records/{name}" for name in ("orders", "fills", "journal", "equity")),
        ):
            status, found = await browser.get(path)
            assert status == 200, (path, found)
            texts.append(json.dumps(found, ensure_ascii=False))
        english = (await browser.get("/page/story/sig-1?lang=en"))[1]
        korean = (await browser.get("/page/story/sig-1?lang=ko"))[1]
        unknown = await browser.get("/page/story/nobody")
        told = (await browser.get("/page/settings"))[1]
    assert not [text for text in texts if "planted" in text]
    assert english["steps"][0]["body"] == korean["steps"][0]["body"]
    assert english["steps"][0]["text"] != korean["steps"][0]["text"]
    assert unknown[0] == 404
    assert told["engine"] is None
    shown = {row["name"]: row for row in told["server"]}
    assert shown["web.operator_secret"]["value"] == "••••••••"
    assert shown["engine.mode"] == shown["engine.mode"] | {"value": "paper", "origin": "default"}


async def test_what_the_exchanges_watch_is_read_from_the_store(db: Path) -> None:
    async with page(db) as browser:
        assert (await browser.get("/page/surveillance"))[0] == 401
        await browser.log_in(SECRETS["reader"])
        status, told = await browser.get("/page/surveillance")
        document = (await browser.get("/openapi.json"))[1]
    assert status == 200
    assert [one["venue"] for one in told] == ["binance"] * 5 + ["upbit"] * 5
    assert {(one["now"], one["unknown"]) for one in told} == {("0.0000", "")}
    assert {one["limit_of"] for one in told} == {"exchange", "ours"}
    answer = document["paths"]["/page/surveillance"]["get"]["responses"]["200"]
    items = answer["content"]["application/json"]["schema"]["items"]
    assert items == {"$ref": "#/components/schemas/Watched"}
    assert set(told[0]) == set(document["components"]["schemas"]["Watched"]["required"])


async def test_young_orders_and_fills_are_counted(db: Path) -> None:
    at = datetime.now(UTC)
    young = [
        replace(order, client_order_id=f"p-{name}", created_at=at)
        for name, order in (("s", SPOT), ("h", LOST))
    ]
    spot = fill_of(young[0], "t-9", "150010000", "750.05", "KRW")
    store = SqliteStore(db, build="b", durability="normal")
    signal = signal_of("sig-9")
    trade_id = trade_key(strategy="kimp", signal_id="sig-9", symbol="BTC")
    await append(store, opened(signal, young, at), trade_id, claim_of(signal))
    await append(store, FillSeen(fill=replace(spot, at=at), at=at), trade_id)
    await store.project()
    await store.close()
    tell_live(db)
    async with page(db) as browser:
        await browser.log_in(SECRETS["reader"])
        told = {(o["venue"], o["name"]): o for o in (await browser.get("/page/surveillance"))[1]}
    unfilled, share = told["binance", "unfilled"], told["upbit", "volume_share"]
    assert (unfilled["now"], unfilled["orders"], unfilled["is_judged"]) == ("1.0000", 1, False)
    assert (share["now"], share["symbol"], share["unknown"]) == (None, "BTC-KRW", "no_volume")
    assert told["upbit", "minute_orders"]["now"] == "1.0000"
