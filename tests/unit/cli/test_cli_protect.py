"""A trailing stop by hand: into the inbox, carried out by the engine, seen in the status."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from tests.unit.cli.cli_world import CREATED, as_json, story_db, tporder
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.domain.protection.protective_stop import (
    ProtectiveStopOrder,
    ProtectiveStopState,
    StopKind,
    StopMoved,
    StopPlanned,
)
from trading_platform_order.executor.journal.event_codec import entry_of
from trading_platform_order.runtime.doors.command_consumer import CommandLoop, ProtectBody
from trading_platform_order.storage.base import Command
from trading_platform_order.storage.sqlite.store import SqliteStore, open_reader

STOP = ProtectiveStopOrder(
    client_order_id="tp-aaaaaaaaaaaaaaaaaaaa-hp1",
    base="BTC",
    kind=StopKind.PROTECTIVE,
    quantity=D("0.010"),
    trigger_price_usdt=D("140000.0"),
    callback_bps=None,
    created_at=CREATED,
)


def commands(db: Path) -> int:
    async def read() -> int:
        reader = open_reader(db)
        try:
            return (await reader.overview()).waiting_commands
        finally:
            await reader.close()

    return asyncio.run(read())


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("--trailing", "150", "--off"),
        ("--trailing", "5"),
        ("--trailing", "2010"),
        ("--trailing", "155"),
        ("--trailing", "NaN"),
        ("--trailing", "much"),
    ],
)
def test_what_binance_would_not_take_is_refused_at_once(
    wrong: tuple[str, ...], tmp_path: Path
) -> None:
    db = story_db(tmp_path)
    result = tporder("protect", "BTC", *wrong, "--db", db, "--reason", "x")
    assert result.exit_code == ExitCode.USAGE
    assert commands(db) == 0


def test_a_reason_is_required(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    assert tporder("protect", "BTC", "--off", "--db", db).exit_code == ExitCode.USAGE


def put(db: Path, *events: StopPlanned | StopMoved) -> None:
    async def write() -> None:
        store = SqliteStore(db, build="test", durability="normal")
        await store.append([entry_of(event) for event in events], at_us=1)
        await store.close()

    asyncio.run(write())


def test_the_status_shows_what_stands(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    put(db, StopPlanned(stop=STOP, reason="none", at=CREATED))
    (row,) = as_json(tporder("status", "--db", db, "--json"))["stops"]
    assert row["client_order_id"] == STOP.client_order_id
    assert (row["kind"], row["quantity_base"], row["trigger_price_usdt"]) == (
        "protective",
        "0.01",
        "140000",
    )
    assert "at 140,000 USDT" in tporder("status", "--db", db).stdout

    ended = StopMoved(
        client_order_id=STOP.client_order_id,
        state=ProtectiveStopState.CANCELLED,
        reason="x",
        at=CREATED + timedelta(seconds=1),
    )
    put(db, ended)
    assert as_json(tporder("status", "--db", db, "--json"))["stops"] == []


# -- the engine's side ----------------------------------------------------------------------------


class Inbox:
    """The part of the store that the loop uses."""

    def __init__(self, *bodies: tuple[str, str]) -> None:
        self.waiting = [
            Command(id=number, kind=kind, body=body, at_us=1)
            for number, (kind, body) in enumerate(bodies)
        ]
        self.results: dict[int, tuple[str, str]] = {}

    async def pending_commands(self, limit: int = 100, *, after_id: int = 0) -> list[Command]:
        return [command for command in self.waiting if command.id not in self.results]

    async def finish_command(self, command_id: int, *, result: str, detail: str = "") -> None:
        self.results[command_id] = (result, detail)


@in_virtual_time
async def test_the_engine_carries_it_out_and_answers() -> None:
    fixture = ExecutorFixture()
    inbox = Inbox(
        ("protect", '{"symbol":"BTC","trailing_bps":"150","reason":"news"}'),
        ("protect", '{"symbol":"ETH","trailing_bps":"150","reason":"nothing held"}'),
        ("protect", '{"symbol":"BTC","trailing_bps":"7","reason":"x"}'),
        ("protect", "not json"),
        ("dance", "{}"),
    )
    async with fixture.running():
        await fixture.done(signal(quantity="0.010"))
        loop = CommandLoop(executor=fixture.executor, store=inbox)  # type: ignore[arg-type]
        task = asyncio.ensure_future(loop.run())
        await asyncio.sleep(1.0)
        await fixture.quiet()
        task.cancel()
        (stop,) = fixture.binance.waiting_stops
        assert replace(stop, state=ProtectiveStopState.PENDING).callback_bps == D(150)
    assert inbox.results[0] == ("done", "asked for: 150 bps")
    assert [result for result, _ in inbox.results.values()] == ["done"] + ["refused"] * 4


def test_a_body_says_what_is_wanted() -> None:
    assert ProtectBody(symbol="BTC", reason="x").trailing_bps is None
