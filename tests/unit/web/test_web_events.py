"""The event stream: everything durable is told once, also over a connection that broke."""

import asyncio
import socket
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.unit.cli.cli_world import TRADE, append, refused_of, story_db
from tests.unit.web.web_fixture import Api, Event, api
from trading_platform_order.domain.alert import Alert
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.web.signals_api import STREAMS_MAX

BEGIN = "0-0"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return story_db(tmp_path)


async def alert(store: SqliteStore, number: int, *, size: int = 1) -> None:
    fields = {"number": str(number), "text": "x" * size}
    await store.append([], at_us=number, alerts=[Alert(kind="test", urgent=False, fields=fields)])


async def written(db: Path) -> None:
    """Alerts and rows in turn."""
    store = SqliteStore(db, build="b", durability="normal")
    for number in range(3):
        await alert(store, number)
        await append(store, refused_of(f"late-{number}", "order_cap", "too large"))
    await store.close()


async def first(stream: AsyncIterator[Event], count: int) -> list[Event]:
    """The first durable ones."""
    found: list[Event] = []
    async for event in stream:
        if event.id:
            found.append(event)
            if len(found) == count:
                break
    return found


async def test_what_is_durable_is_told_from_the_beginning(db: Path) -> None:
    await written(db)
    async with api(db) as door, door.stream(BEGIN) as stream:
        told = await first(stream, 10)

    names = [event.name for event in told]
    assert names == ["engine", "trade", "trade", "refusal", *["refusal"] * 3, *["alert"] * 3]
    opened, settled = told[1].data, told[2].data
    assert (opened["state"], opened["trade_id"], opened["signal_id"]) == (
        "executing",
        TRADE,
        "sig-1",
    )
    assert settled["state"] == "settled"
    assert "is hedged" in settled["detail"]
    assert "is hedged" not in opened["detail"], "as it stood then"
    assert told[3].data["code"] == "order_cap"
    assert [event.data["fields"]["number"] for event in told[-3:]] == ["0", "1", "2"]


async def test_no_event_is_lost_or_told_twice_over_a_broken_connection(db: Path) -> None:
    await written(db)
    async with api(db) as door, door.stream(BEGIN) as stream:
        whole = await first(stream, 10)
    async with api(db) as door:  # another process
        for before, event in pairwise(whole):
            async with door.stream(before.id) as stream:
                assert await first(stream, 1) == [event]
        async with door.stream(whole[4].id) as stream:
            assert await first(stream, 5) == whole[5:]


async def test_from_now_on_each_is_told_as_it_comes(db: Path) -> None:
    await written(db)
    async with api(db) as door, door.stream() as stream:
        standing = await anext(stream)
        await written(db)
        told = await first(stream, 6)

    assert (standing.name, standing.data, standing.id) == ("standing", {"state": "armed"}, "")
    assert {event.name for event in told} == {"refusal", "alert"}
    assert int(told[0].id.partition("-")[0]) > 10


async def test_a_place_that_the_store_does_not_have_is_refused(db: Path) -> None:
    async with api(db) as door:
        for last in ("999-0", "0-999", "1", "-1-0", "x", "1-2-3", "\u0661-0"):
            headers = door.headers("GET", "/v1/events", b"") | {"Last-Event-ID": last}
            status, problem = await door.ask("GET", "/v1/events", headers=headers)
            assert (status, problem["code"]) == (400, "no_such_event"), last
        status, _ = await door.ask("GET", "/v1/events", headers={})
        assert status == 401


async def test_a_reader_that_does_not_read_is_let_go(db: Path) -> None:
    store = SqliteStore(db, build="b", durability="normal")
    for number in range(1_000):
        await alert(store, number, size=16_000)
    async with api(db, unread_s=0.3) as door:
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            _ask(slow, door)
            async with door.stream(BEGIN) as stream:
                assert len(await first(stream, 900)) == 900
            async with asyncio.timeout(10):
                while await _open_streams(door) > 0:  # noqa: ASYNC110 - of another connection
                    await asyncio.sleep(0.05)
    await store.close()


def _ask(end: socket.socket, door: Api) -> None:
    target = f"/v1/events?after={BEGIN}"
    host, port = door.address.removeprefix("http://").split(":")
    headers = door.headers("GET", target, b"")
    lines = [f"GET {target} HTTP/1.1", "Host: x", *(f"{k}: {v}" for k, v in headers.items())]
    end.connect((host, int(port)))
    end.sendall("\r\n".join([*lines, "", ""]).encode())


async def _open_streams(door: Api) -> int:
    status, text = await door.ask("GET", "/metrics")
    assert status == 200
    [line] = [one for one in text.splitlines() if one.startswith("tporder_web_streams ")]
    return int(float(line.split()[1]))


async def test_more_streams_than_there_is_room_for_are_told_so(db: Path) -> None:
    async with api(db) as door, asyncio.TaskGroup() as group:
        opened = [group.create_task(_kept(door)) for _ in range(STREAMS_MAX)]
        await asyncio.sleep(1)
        status, problem = await door.ask("GET", "/v1/events")
        for task in opened:
            task.cancel()
    assert (status, problem["code"]) == (503, "busy")


async def _kept(door: Api) -> None:
    async with door.stream() as stream:
        async for event in stream:
            assert event.name
