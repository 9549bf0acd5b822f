"""What a sender learns: claimed, refused, duplicate, conflict or queued; and nothing is lost."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.cli_world import (
    CREATED,
    TRADE,
    append,
    as_json,
    claim_of,
    opened,
    refused_of,
    signal_of,
    tporder,
)
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.signal import Signal
from trading_platform_order.signals.arrival.inbox import InboxSource
from trading_platform_order.signals.arrival.wakeup import SocketWake, wake_path
from trading_platform_order.signals.schema import json_schema_text, parse_signal, signal_to_json
from trading_platform_order.storage.relational.inbox_table import PENDING_MAX
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.store import SqliteStore, open_inbox

Answer = Callable[[SqliteStore, int, str], Awaitable[None]]


@contextmanager
def engine(db: Path, answer: Answer) -> Iterator[None]:
    """Something that takes signals out of the inbox as an engine does, in its own thread."""
    running, stop = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def take(store: SqliteStore, wake: SocketWake) -> None:
        # It looks by itself only after a minute: what makes a test quick is the knock.
        async for item in InboxSource(store, wake, poll_interval_s=60):
            await answer(store, item.inbox_id, item.raw)

    async def run() -> None:
        store = SqliteStore(db, build="b", durability="normal")
        wake = SocketWake(wake_path(db, "main"))
        assert wake.open() is None
        async with asyncio.TaskGroup() as group:
            taking = group.create_task(take(store, wake))
            loops.append(asyncio.get_running_loop())
            running.set()
            await stop.wait()
            taking.cancel()
        wake.close()
        await store.close()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert running.wait(5)
    try:
        yield
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join()


def signal_in(raw: str) -> Signal:
    found = parse_signal(raw)
    assert isinstance(found, Signal)
    return found


async def trade(store: SqliteStore, inbox_id: int, raw: str) -> None:
    signal = signal_in(raw)
    await append(store, opened(signal, (), CREATED), TRADE, claim_of(signal, inbox_id))


async def queue_of_one_symbol(store: SqliteStore, inbox_id: int, raw: str) -> None:
    signal = signal_in(raw)
    claimed = ae.SignalClaimed(signal=signal, at=CREATED)
    await append(store, claimed, claim=claim_of(signal, inbox_id))


async def refuse_by_risk(store: SqliteStore, inbox_id: int, raw: str) -> None:
    refused = refused_of(signal_in(raw).id, "order_cap", "one order of 2,000,000 KRW")
    await append(store, refused, claim=claim_of(signal_in(raw), inbox_id))


async def call_it_a_duplicate(store: SqliteStore, inbox_id: int, raw: str) -> None:
    await store.finish_signal(inbox_id, result="duplicate", detail="sig-1")


async def call_it_a_conflict(store: SqliteStore, inbox_id: int, raw: str) -> None:
    await append(store, refused_of("sig-1", "signal_conflict", "other content"))
    await store.finish_signal(inbox_id, result="conflict", detail="sig-1")


async def call_it_refused(store: SqliteStore, inbox_id: int, raw: str) -> None:
    await store.finish_signal(inbox_id, result="refused", detail="cannot be read")


async def say_nothing(store: SqliteStore, inbox_id: int, raw: str) -> None:
    """An engine that is busy."""


def send(db: Path, *options: str, signal: Signal | None = None) -> Any:  # noqa: ANN401 - a Result
    text = signal_to_json(signal or signal_of()).encode()
    return tporder("signal", "send", "-", "--db", db, *options, stdin=text)


OUTCOMES: dict[str, tuple[Answer, ExitCode, str]] = {
    "traded": (trade, ExitCode.OK, f"claimed: pair trade {TRADE} opened"),
    "waits": (queue_of_one_symbol, ExitCode.OK, "claimed: durably; it waits for its turn"),
    "refused": (refuse_by_risk, ExitCode.REFUSED, "refused order_cap: one order of 2,000,000 KRW"),
    "unread": (call_it_refused, ExitCode.REFUSED, "refused: cannot be read"),
    "duplicate": (call_it_a_duplicate, ExitCode.DUPLICATE, "duplicate: claimed before"),
    "conflict": (call_it_a_conflict, ExitCode.CONFLICT, "conflict signal_conflict: this id was"),
}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_engines_answer_is_told(outcome: str, tmp_path: Path) -> None:
    answer, code, text = OUTCOMES[outcome]
    db = tmp_path / "t.db"
    with engine(db, answer):
        result = send(db)

    assert result.exit_code == code
    assert result.stdout.startswith(f"line 1: sig-1: {text}")


def test_a_repetition_tells_what_came_of_the_first(tmp_path: Path) -> None:
    db = tmp_path / "t.db"
    with engine(db, refuse_by_risk):
        send(db)
    with engine(db, call_it_a_duplicate):
        again = send(db, "--outcome")

    assert again.exit_code == ExitCode.DUPLICATE
    _, before, every_step = again.stdout.splitlines()
    assert before.startswith("  Before: refused order_cap: one order of 2,000,000 KRW")
    assert every_step == "  Every step: tporder explain sig-1"


def test_every_step_is_told_when_asked_for(tmp_path: Path) -> None:
    db = tmp_path / "t.db"
    with engine(db, trade):
        result = send(db, "--explain", "--wait", "0.5")

    first, blank, *story = result.stdout.splitlines()
    assert first == f"line 1: sig-1: claimed: pair trade {TRADE} opened"
    assert not blank
    assert story == tporder("explain", "sig-1", "--db", db).stdout.splitlines()


def test_an_explanation_is_not_for_programs(tmp_path: Path) -> None:
    result = send(tmp_path / "t.db", "--explain", "--json")

    assert result.exit_code == ExitCode.USAGE
    assert "--outcome" in result.stderr


def test_research_s_own_signals_are_taken_and_a_hold_is_acknowledged(tmp_path: Path) -> None:
    lines = (
        b'{"action": "BUY", "symbol": "BTC", "timestamp": "2026-11-22T18:00:00", "quantity": 0.1}\n'
        b'{"action": "HOLD", "symbol": "BTC", "timestamp": "2026-11-22T18:00:00"}\n'
    )
    db, kept = tmp_path / "t.db", {"TPORDER_RESEARCH_TIMEZONE": "Asia/Seoul"}
    result = tporder("signal", "send", "-", "--db", db, "--wait", "0", stdin=lines, env=kept)

    assert result.exit_code == ExitCode.OK
    first, second, remedy = result.stdout.splitlines()
    assert first.startswith("line 1: research-")
    assert second == "line 2: hold: acknowledged; nothing is traded"
    assert remedy.startswith("  Cure: start the engine")
    inbox = open_inbox(db)
    ((_, raw),) = asyncio.run(inbox.pending_signals())
    asyncio.run(inbox.close())
    assert signal_in(raw).created_at == CREATED


def test_without_an_engine_it_waits_in_the_inbox(tmp_path: Path) -> None:
    db = tmp_path / "deep" / "folder" / "t.db"

    result = send(db, "--wait", "0.01", "--json")

    answer = as_json(result)
    assert answer["exit"] == "OK"
    assert answer["signals"] == [
        {
            "line": 1,
            "signal_id": "sig-1",
            "inbox_id": 1,
            "result": "queued",
            "code": "",
            "field": "",
            "detail": "durable in the inbox; no engine answered yet",
            "cure": "",
            "has_ended": False,
            "repeated": False,
        }
    ]
    taken: list[str] = []

    async def note(store: SqliteStore, inbox_id: int, raw: str) -> None:
        taken.append(raw)
        await call_it_a_duplicate(store, inbox_id, raw)

    with engine(db, note):
        send(db, signal=signal_of("sig-2"))
    assert [signal_in(raw).id for raw in taken] == ["sig-1", "sig-2"]


def test_a_busy_engine_does_not_hold_the_sender(tmp_path: Path) -> None:
    db = tmp_path / "t.db"
    with engine(db, say_nothing):
        result = send(db, "--wait", "0.02")

    assert result.exit_code == ExitCode.OK
    assert "queued: durable in the inbox" in result.stdout


@pytest.mark.parametrize("code", ["invalid_signal", "signal_conflict"])
def test_an_older_refusal_under_the_same_id_is_another_signals(code: str, tmp_path: Path) -> None:
    async def refuse_another_first(store: SqliteStore, inbox_id: int, raw: str) -> None:
        await append(store, refused_of("sig-1", code, "it was broken"))
        await trade(store, inbox_id, raw)

    db = tmp_path / "t.db"
    with engine(db, refuse_another_first):
        result = send(db)

    assert result.exit_code == ExitCode.OK
    assert "opened" in result.stdout


def test_the_exit_is_that_of_the_worst_line(tmp_path: Path) -> None:
    async def answer(store: SqliteStore, inbox_id: int, raw: str) -> None:
        outcome = {"a": call_it_a_duplicate, "b": call_it_refused, "c": queue_of_one_symbol}
        await outcome[signal_in(raw).id](store, inbox_id, raw)

    db = tmp_path / "t.db"
    lines = "\n".join(signal_to_json(signal_of(name)) for name in "abc")
    with engine(db, answer):
        result = tporder("signal", "send", "-", "--db", db, stdin=lines.encode())

    assert result.exit_code == ExitCode.REFUSED
    told = [line.split(": ")[1:3] for line in result.stdout.splitlines()]
    assert told == [["a", "duplicate"], ["b", "refused"], ["c", "claimed"]]


def test_a_full_inbox_says_what_was_not_stored(tmp_path: Path) -> None:
    db = tmp_path / "t.db"
    asyncio.run(open_inbox(db).close())
    filler = Database.open(db)
    filler.execute_many(
        "INSERT INTO inbox_signals (account, at_us, raw) VALUES ('main', ?, '')",
        ((number,) for number in range(PENDING_MAX - 1)),
    )
    filler.close()
    lines = "\n".join(signal_to_json(signal_of(name)) for name in "ab")

    result = tporder("signal", "send", "-", "--db", db, "--wait", "0", stdin=lines.encode())

    assert result.exit_code == ExitCode.INBOX_FULL
    assert "line 1: a: queued" in result.stdout
    assert "line 2 and all after it were not stored" in result.stderr


def test_senders_that_make_the_database_at_once_lose_nothing(tmp_path: Path) -> None:
    db = tmp_path / "t.db"

    async def one(name: str) -> None:
        inbox = open_inbox(db)
        await inbox.put_signal(name, at_us=1)
        await inbox.close()

    names = [f"s{number}" for number in range(8)]
    threads = [threading.Thread(target=lambda name=name: asyncio.run(one(name))) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    connection = Database.open(db)
    found = {row[0] for row in connection.execute("SELECT raw FROM inbox_signals")}
    connection.close()
    assert found == set(names)


def test_the_schema_is_printed_as_it_is_published() -> None:
    result = tporder("signal", "schema")

    assert result.stdout == json_schema_text()
    assert json.loads(result.stdout)["title"] == "Trading signal"
