"""A waiting close by hand: seen in the status, taken back through the inbox, answered."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.pair import signal
from tests.fakes.virtual_time import in_virtual_time
from tests.unit.cli.cli_world import (
    CREATED,
    answer_one,
    append,
    as_json,
    claim_of,
    refused_of,
    signal_of,
    story_db,
    tporder,
)
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.domain.account.account_events import SignalClaimed
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.venue import Venue
from trading_platform_order.runtime.doors.command_consumer import CommandLoop
from trading_platform_order.storage.sqlite.store import SqliteStore

CLOSE = signal_of("close-1", Action.EXIT)
TOLD = Alert(
    kind=AlertKind.CLOSE_WAITS,
    urgent=True,
    fields={"signal_id": "close-1", "waits": "Upbit is in maintenance", "since": "0 s"},
)


def write(db: Path, work: Callable[[SqliteStore], Coroutine[None, None, None]]) -> None:
    async def run() -> None:
        store = SqliteStore(db, build="test", durability="normal")
        await work(store)
        await store.project()
        await store.close()

    asyncio.run(run())


async def claim(store: SqliteStore) -> None:
    wish = replace(CLOSE, notional_krw=Decimal(600_000))
    event = SignalClaimed(signal=wish, part_base=Decimal("0.004"), at=CREATED)
    await append(store, event, claim=claim_of(wish))


def test_the_status_shows_what_waits_since_when_and_why(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    assert as_json(tporder("status", "--db", db, "--json"))["waiting_closes"] == []
    write(db, claim)
    (row,) = as_json(tporder("status", "--db", db, "--json"))["waiting_closes"]
    assert row["waits"] == "its turn, or prices: operators are told after 10 s"

    async def tell(store: SqliteStore) -> None:
        await store.append([], at_us=1, alerts=[TOLD])

    write(db, tell)
    (row,) = as_json(tporder("status", "--db", db, "--json"))["waiting_closes"]
    assert row == {
        "signal_id": "close-1",
        "strategy": "kimp",
        "symbol": "BTC",
        "part_base": "0.004",
        "since": "2026-11-22T09:00:00Z",
        "waits": "Upbit is in maintenance",
    }
    page = tporder("status", "--db", db).stdout
    assert "close-1" in page
    assert "Upbit is in maintenance" in page

    async def refuse(store: SqliteStore) -> None:
        await append(store, replace(refused_of("close-1", "withdrawn", "x"), action="EXIT"))

    write(db, refuse)
    assert as_json(tporder("status", "--db", db, "--json"))["waiting_closes"] == []


@pytest.mark.parametrize(
    ("result", "detail", "code"),
    [
        ("done", "withdrawn: close-1", ExitCode.OK),
        ("refused", "refused: no signal 'close-1' is known", ExitCode.REFUSED),
    ],
)
def test_the_engine_is_asked_and_its_answer_printed(
    result: str, detail: str, code: ExitCode, tmp_path: Path
) -> None:
    db = story_db(tmp_path)
    with ThreadPoolExecutor(1) as pool:
        engine = pool.submit(asyncio.run, answer_one(db, result, detail))
        told = tporder("signal", "withdraw", "close-1", "--db", db, "--reason", "no  need")
        asked = engine.result(timeout=10)
    assert (told.exit_code, told.stdout) == (code, f"close-1: {detail}\n")
    assert (asked.kind, json.loads(asked.body)) == (
        "withdraw",
        {"signal_id": "close-1", "reason": "no need"},
    )


@in_virtual_time
async def test_the_engine_takes_it_back_and_answers() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        await fixture.done(signal(quantity="0.010"))
        fixture.market.suspended = {Venue.UPBIT}
        await asyncio.sleep(1)
        await fixture.signal(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        numbers = [
            await fixture.store.put_command("withdraw", body, at_us=1)
            for body in (
                '{"signal_id":"s2","reason":"no need"}',
                '{"signal_id":"s9"}',
                '{"signal_id":7}',
            )
        ]
        loop = CommandLoop(executor=fixture.executor, store=fixture.store)
        task = asyncio.ensure_future(loop.run())
        await asyncio.sleep(1)
        task.cancel()
        answers = [await fixture.store.command_result(number) for number in numbers]
        fixture.market.suspended = set()
        await asyncio.sleep(30)
        assert fixture.upbit.base == Decimal("0.010")
    assert answers[0] == ("done", "withdrawn: s2")
    assert [answer[0] for answer in answers[1:] if answer] == ["refused", "refused"]
