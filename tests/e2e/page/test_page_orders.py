"""Stop, resume, close and flatten at the page, against a running engine."""

from datetime import UTC, datetime
from pathlib import Path

from tests.e2e.page.running_page import (
    held_lock,
    resume,
    running_page,
    stop,
    stopped_after_s,
)
from tests.e2e.paper_engine import traded
from trading_platform_order.risk.monitors.emergency_stop import FLATTEN_LATCH, STOP_LATCH
from trading_platform_order.runtime.host.files.stop_file import stop_file_path
from trading_platform_order.storage.base import Reader
from trading_platform_order.storage.sqlite.store import open_inbox, open_reader

STOP_MAX_S = 3.0
"""On a machine that other tests keep busy; `python -m tests.e2e.page.stop_times` measures it."""
LOCK_S = 5.0


async def latch_rows(reader: Reader) -> dict[str, tuple[str, str]]:
    rows = await reader.query("v_latches", limit=50)
    return {
        str(row["kind"]): (str(row["reason"]), str(row["cleared_reason"] or ""))
        for row in reversed(rows)
    }


async def entry_is_refused(db: Path, name: str) -> str:
    """The code with which the engine refuses an entry now."""
    inbox = open_inbox(db)
    created = datetime.now(UTC).isoformat()
    await inbox.put_signal(
        f'{{"schema_version":1,"id":"{name}","strategy":"kimp","action":"ENTER",'
        f'"symbol":"BTC","created_at":"{created}","notional_krw":"500000"}}',
        at_us=1,
    )
    try:
        while not (rows := await inbox.query("v_refusals", where={"signal_id": name})):
            assert not await inbox.query("v_trades", where={"signal_id": name})
        return str(rows[0]["code"])
    finally:
        await inbox.close()


async def test_an_operator_stops_resumes_and_closes(tmp_path: Path) -> None:
    db = tmp_path / "t.db"
    async with running_page(db) as t:
        took_s = await stopped_after_s(db, await stop(t))
        code = await entry_is_refused(db, "while-stopped")
        stop_file = stop_file_path("", db, "main").read_text(encoding="utf-8")
        await resume(t, "it was a test")
        await traded(db, "in", "ENTER")
        await t.page.wait_for_selector(".pair")  # nobody reloaded the page
        await t.page.click(".pair button")
        label = await t.page.inner_text('label[for="close-amount"]')
        await t.page.fill("#close-amount", "1")
        part = await t.page.is_enabled("dialog form button")
        await t.page.fill("#close-amount", "999999999")
        more = await t.page.is_enabled("dialog form button")
        await t.page.fill("#close-amount", "".join(c for c in label if c.isdigit()))
        await t.page.click("dialog form button")
        await t.page.wait_for_selector("dialog p.good")
        await t.page.keyboard.press("Escape")
        await t.page.wait_for_selector(".pair", state="detached")
        reader = open_reader(db)
        latches = await latch_rows(reader)
        (closed,) = [
            row
            for row in await reader.query("v_signals", limit=10)
            if str(row["signal_id"]).startswith("close-")
        ]
        await reader.close()

    assert took_s < STOP_MAX_S
    assert code == "stopped"
    assert stop_file.startswith("tporder web: ")
    assert not stop_file_path("", db, "main").exists()
    reason, cleared = latches[STOP_LATCH]
    assert "Kim (operator, page)" in reason
    assert cleared == "it was a test - Kim (operator, page)"
    assert (part, more) == (True, False)
    assert (closed["action"], closed["symbol"]) == ("EXIT", "BTC")
    assert not [body for body in t.bodies if "planted" in body]


async def test_the_stop_holds_while_the_store_is_locked(tmp_path: Path) -> None:
    db = tmp_path / "t.db"
    async with running_page(db) as t:
        async with held_lock(db, LOCK_S):
            await stop(t)
            told = await t.page.inner_text("dialog p.good")
            there = stop_file_path("", db, "main").exists()
        code = await entry_is_refused(db, "after-the-lock")
        await t.page.wait_for_selector("header .state.bad")

    assert "stop file" in told
    assert there
    assert code == "stopped"


async def test_everything_is_closed_once_its_amount_is_typed(tmp_path: Path) -> None:
    db = tmp_path / "t.db"
    async with running_page(db) as t:
        await traded(db, "in", "ENTER")
        await t.page.wait_for_selector(".pair")
        await t.page.click("header button.stop")
        label = await t.page.inner_text('label[for="flatten-amount"]')
        amount = "".join(c for c in label if c.isdigit())
        await t.page.fill("#flatten-amount", amount[:-1])
        early = await t.page.is_enabled("dialog .danger button")
        await t.page.fill("#flatten-amount", amount)
        await t.page.click("dialog .danger button")
        await t.page.wait_for_selector("dialog p.good")
        await t.page.keyboard.press("Escape")
        await t.page.wait_for_selector(".pair", state="detached")
        reader = open_reader(db)
        latches = await latch_rows(reader)
        await reader.close()

    assert not early
    assert "Kim (operator, page)" in latches[FLATTEN_LATCH][0]
