"""The emergency stop by hand: durable, with a reason, and honest about what it changed."""

import asyncio
from pathlib import Path

import pytest

from tests.unit.cli.cli_world import as_json, story_db, tporder
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.risk.monitors.emergency_stop import Condition
from trading_platform_order.runtime.host.files.stop_file import stop_file_path
from trading_platform_order.signals.arrival.wakeup import SocketWake, wake_path
from trading_platform_order.storage.base import Latch
from trading_platform_order.storage.sqlite.store import open_inbox, open_reader


def latches(db: Path) -> list[Latch]:
    async def read() -> list[Latch]:
        reader = open_reader(db)
        try:
            return await reader.latches()
        finally:
            await reader.close()

    return asyncio.run(read())


def test_stop_and_resume(tmp_path: Path) -> None:
    db = story_db(tmp_path)

    stopped = tporder("stop", "--db", db, "--reason", "  drill\n of today ")
    (latch,) = latches(db)
    again = tporder("stop", "--db", db, "--reason", "another")
    resumed = tporder("resume", "--db", db, "--reason", "drill over")
    nothing = tporder("resume", "--db", db, "--reason", "once more")

    assert "STOPPED account main: entries are refused, exits pass." in stopped.stdout
    assert "No engine answered" in stopped.stdout
    assert (latch.kind, latch.reason) == ("stop", "drill of today")
    assert "was stopped already" in again.stdout
    assert "its reason stays: drill of today" in again.stdout
    assert "RESUMED account main" in resumed.stdout
    assert "drill of today" in resumed.stdout
    assert latches(db) == []
    assert "was not stopped; nothing changed" in nothing.stdout
    assert {r.exit_code for r in (stopped, again, resumed, nothing)} == {ExitCode.OK}


def test_for_programs(tmp_path: Path) -> None:
    db = story_db(tmp_path)

    first = as_json(tporder("stop", "--db", db, "--reason", "drill", "--json"))
    second = as_json(tporder("stop", "--db", db, "--reason", "other", "--json"))
    third = as_json(tporder("resume", "--db", db, "--reason", "over", "--json"))

    told = {"account": "main", "stopped": True, "engine_told": False, "reason": "drill"}
    assert first == {**told, "changed": True, "flatten": False}
    assert second == {**told, "changed": False, "flatten": False}
    assert (third["stopped"], third["changed"]) == (False, True)


def hold(db: Path, condition: Condition, words: str) -> None:
    async def write() -> None:
        inbox = open_inbox(db)
        try:
            await inbox.set_latch(condition.latch, words, at_us=1)
        finally:
            await inbox.close()

    asyncio.run(write())


def over(db: Path, condition: Condition) -> None:
    async def write() -> None:
        inbox = open_inbox(db)
        try:
            await inbox.clear_latch(condition.latch, "it is over", at_us=2)
        finally:
            await inbox.close()

    asyncio.run(write())


@pytest.mark.parametrize("condition", list(Condition))
def test_resume_is_refused_while_the_cause_holds(condition: Condition, tmp_path: Path) -> None:
    db = story_db(tmp_path)
    tporder("stop", "--db", db, "--reason", "drill")
    hold(db, condition, f"{condition}: its figures")

    refused = tporder("resume", "--db", db, "--reason", "surely fine")

    assert refused.exit_code == ExitCode.STOP_STANDS
    assert f"{condition}: its figures" in refused.stderr
    assert {latch.kind for latch in latches(db)} == {"stop", f"holds:{condition}"}
    over(db, condition)
    assert tporder("resume", "--db", db, "--reason", "mended").exit_code == ExitCode.OK
    assert latches(db) == []


def test_resume_names_every_cause_and_cannot_be_forced(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    tporder("stop", "--db", db, "--reason", "drill")
    for condition in Condition:
        hold(db, condition, f"{condition}: its figures")

    refused = tporder("resume", "--db", db, "--reason", "surely fine")

    assert all(f"{condition}: its figures" in refused.stderr for condition in Condition)
    forced = tporder("resume", "--db", db, "--reason", "x", "--force")
    assert forced.exit_code == ExitCode.USAGE


def test_resume_is_refused_while_the_stop_file_exists(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    tporder("stop", "--db", db, "--reason", "drill")
    file = stop_file_path("", db, "main")
    file.write_text("leave it\n", encoding="utf-8")

    refused = tporder("resume", "--db", db, "--reason", "fine")
    file.unlink()
    resumed = tporder("resume", "--db", db, "--reason", "the file is gone")

    assert (refused.exit_code, resumed.exit_code) == (ExitCode.STOP_STANDS, ExitCode.OK)
    assert str(file) in refused.stderr


def test_flatten_is_durable_and_lifted_with_the_stop(tmp_path: Path) -> None:
    db = story_db(tmp_path)

    told = tporder("stop", "--db", db, "--reason", "enough", "--flatten")
    set_now = {latch.kind for latch in latches(db)}
    tporder("resume", "--db", db, "--reason", "flat")

    assert "will be closed" in told.stdout
    assert set_now == {"stop", "flatten"}
    assert latches(db) == []


@pytest.mark.parametrize("command", ["stop", "resume"])
@pytest.mark.parametrize(
    "reason", [(), ("--reason", ""), ("--reason", " \t"), ("--reason", "x" * 501)]
)
def test_a_reason_is_required(command: str, reason: tuple[str, ...], tmp_path: Path) -> None:
    db = story_db(tmp_path)

    result = tporder(command, "--db", db, *reason)

    assert result.exit_code == ExitCode.USAGE
    assert "--reason" in result.stderr
    assert latches(db) == []


async def test_a_running_engine_is_woken(tmp_path: Path) -> None:
    db = await asyncio.to_thread(story_db, tmp_path)
    wake = SocketWake(wake_path(db, "main"))
    assert wake.open() is None

    result = await asyncio.to_thread(tporder, "stop", "--db", db, "--reason", "drill")
    async with asyncio.timeout(1):
        await wake.wait(60)
    wake.close()

    assert "The running engine was told." in result.stdout
