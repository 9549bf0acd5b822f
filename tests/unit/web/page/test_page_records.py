"""Records, refusals and alerts as the page's requests tell them."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.cli.cli_world import (
    AGAIN,
    CREATED,
    LOST,
    SPOT,
    append,
    claim_of,
    fill_of,
    opened,
    signal_of,
    story_db,
    tell_live,
)
from tests.unit.web.page.page_browser import page
from tests.unit.web.web_fixture import SECRETS
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.order_identity.client_order_id import trade_key
from trading_platform_order.domain.trade.trade_events import FillSeen
from trading_platform_order.runtime.settings.settings import load_settings
from trading_platform_order.runtime.settings.specification import loosened_limits
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.web.page.records_api import csv_of


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return story_db(tmp_path)


async def test_records_are_searched_filtered_and_taken_as_csv(db: Path) -> None:
    async with page(db) as browser:
        await browser.log_in(SECRETS["operator"])
        all_orders = (await browser.get("/page/records/orders"))[1]
        upbit = (await browser.get("/page/records/orders?exchange=upbit"))[1]
        found = (await browser.get("/page/records/orders?q=hm1"))[1]
        absent = (await browser.get("/page/records/orders?status=ABSENT"))[1]
        journal = (await browser.get("/page/records/journal?q=order_absent"))[1]
        nothing = await browser.get("/page/records/secrets")
        status, text = await browser.get("/page/csv/fills?q=t-2")
    assert len(all_orders) == 3
    assert {row["exchange"] for row in upbit} == {"upbit"}
    assert [row["client_order_id"][-3:] for row in found] == ["hm1"]
    assert {row["status"] for row in absent} == {"ABSENT"}
    assert [row["seq"] for row in journal] == sorted((row["seq"] for row in journal), reverse=True)
    assert nothing[0] == 400
    head, row, *rest = text.splitlines()
    assert status == 200
    assert head.startswith("account,seq,exchange")
    assert "t-2" in row
    assert not rest


async def test_an_order_tells_what_it_was_filled_at_on_average(db: Path) -> None:
    async with page(db) as browser:
        await browser.log_in(SECRETS["operator"])
        rows = (await browser.get("/page/records/orders"))[1]
        upbit = (await browser.get("/page/records/orders?symbol=KRW-BTC"))[1]
        _, text = await browser.get("/page/csv/orders")
    prices = {row["client_order_id"]: row["average_price"] for row in rows}
    assert prices == {
        SPOT.client_order_id: "150010000",
        LOST.client_order_id: None,
        AGAIN.client_order_id: "107990",
    }
    assert [row["exchange"] for row in upbit] == ["upbit"], "by the exchange's own name too"
    head, *lines = text.splitlines()
    assert head.endswith(",average_price")
    assert [line.rpartition(",")[2] for line in lines] == ["107990", "150010000", ""]


async def test_an_average_of_a_part_of_the_fills_is_not_told(db: Path) -> None:
    store = SqliteStore(db, build="b", durability="normal")
    trade_id = trade_key(strategy="kimp", signal_id="sig-9", symbol="BTC")
    order = replace(SPOT, client_order_id="p-parts", signal_id="sig-9")
    signal = signal_of("sig-9")
    await append(store, opened(signal, [order], CREATED), trade_id, claim_of(signal))
    for number, (price, quantity) in enumerate((("150000000", "0.004"), ("150003000", "0.002"))):
        fill = replace(
            fill_of(order, f"t-9{number}", price, "1", "KRW"), quantity=Decimal(quantity)
        )
        await append(store, FillSeen(fill=fill, at=CREATED), trade_id)
    await store.project()
    await store.close()
    async with page(db) as browser:
        await browser.log_in(SECRETS["operator"])
        (row,) = (await browser.get("/page/records/orders?q=p-parts"))[1]
    assert row["average_price"] == "150001000"


async def test_refusals_are_told_in_the_readers_language(db: Path) -> None:
    async with page(db) as browser:
        await browser.log_in(SECRETS["operator"])
        english = (await browser.get("/page/risk?lang=en"))[1]["refusals"][0]
        korean = (await browser.get("/page/risk?lang=ko"))[1]["refusals"][0]
    assert english["figures"] == {"order": "2,000,000 KRW", "limit of one order": "1,000,000 KRW"}
    assert korean["figures"] == {"주문 금액": "2,000,000 KRW", "주문 한도": "1,000,000 KRW"}


async def test_loosened_limits_are_told_in_the_readers_language(db: Path) -> None:
    profile = load_settings(None, {"TPORDER_ENGINE_PROFILE": "strategy-3.0"})
    tell_live(db, profile=profile.engine.profile, loosened=loosened_limits(profile))
    async with page(db) as browser:
        await browser.log_in(SECRETS["operator"])
        english = (await browser.get("/page/risk?lang=en"))[1]
        korean = (await browser.get("/page/risk?lang=ko"))[1]
    assert english["profile"] == "strategy-3.0"
    assert "open pairs up to 60% of capital (the specification: 50%)" in [
        one["text"] for one in english["loosened"]
    ]
    assert "보유 페어 한도 60%(총 자본 대비, 기획서: 50%)" in [
        one["text"] for one in korean["loosened"]
    ]


def test_no_cell_is_a_formula() -> None:
    rows: list[dict[str, str | int | None]] = [
        {"a": "=1+1", "b": "-12.5", "c": "+x", "d": None, "e": "@x", "f": "-x", "g": 'a,"b"'}
    ]
    _, line = csv_of(tuple("abcdefg"), rows).splitlines()
    assert line == """'=1+1,-12.5,'+x,,'@x,'-x,"a,""b\"\"\""""


async def test_an_alarm_is_acknowledged(db: Path) -> None:
    store = SqliteStore(db, build="b", durability="normal")
    alert = Alert(kind=AlertKind.ONE_LEG_FAILED, urgent=True, fields={"symbol": "BTC"})
    await store.append([], at_us=1, alerts=[alert])
    await store.close()
    async with page(db) as browser:
        await browser.log_in(SECRETS["operator"])
        (told,) = (await browser.get("/page/alerts?lang=ko"))[1]
        done = await browser.post(f"/page/alerts/{told['id']}/acknowledge", {})
        (after,) = (await browser.get("/page/alerts"))[1]
        missing = await browser.post("/page/alerts/99/acknowledge", {})
    assert told["title"] == "한쪽 주문 실패"
    assert told["acknowledged_at_us"] is None
    assert done == (200, {"acknowledged": True})
    assert after["acknowledged_at_us"]
    assert after["action"]
    assert missing[0] == 404


async def test_a_delivery_that_nobody_makes_is_not_told_as_under_way(db: Path) -> None:
    store = SqliteStore(db, build="b", durability="normal")
    now_us = int(datetime.now(UTC).timestamp() * 1_000_000)
    for at_us in (now_us - 120_000_000, now_us):
        await store.append(
            [], at_us=at_us, alerts=[Alert(kind=AlertKind.ENGINE_STARTED, urgent=False)]
        )
    await store.close()
    async with page(db) as browser:
        await browser.log_in(SECRETS["operator"])
        told = (await browser.get("/page/alerts"))[1]
    assert [alert["result"] for alert in told] == ["waiting", "unsent"]


async def test_what_an_operator_did_is_no_alarm_to_acknowledge(db: Path) -> None:
    store = SqliteStore(db, build="b", durability="normal")
    now_us = int(datetime.now(UTC).timestamp() * 1_000_000)
    resumed = Alert(kind=AlertKind.RESUMED, urgent=True, fields={"reason": "lifted: x"})
    await store.append([], at_us=now_us, alerts=[resumed])
    before = await store.query("v_alerts", limit=9)
    await store.close()
    async with page(db) as browser:
        await browser.log_in(SECRETS["operator"])
        (told,) = (await browser.get("/page/alerts"))[1]
        now = (await browser.get("/page/home"))[1]["now"]
    assert [row["urgent"] for row in before] == [1]
    assert not told["waits_for_operator"]
    assert now["unacknowledged_alerts"] == 0
