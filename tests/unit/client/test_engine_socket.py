"""The client at the socket of a running engine, and what it does when that breaks off."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.unit.runtime.socket_fixture import ACCOUNT, DoorFixture, strict
from trading_platform_order.client import AsyncClient, SendOutcome
from trading_platform_order.client.engine_socket import EngineSocket
from trading_platform_order.client.handing_in import Unanswered

BUY = {"action": "BUY", "symbol": "BTC", "timestamp": "2026-11-22T09:00:00+00:00", "price": 0.1}
LIMIT_S = 20


@pytest.fixture
def door(tmp_path: Path) -> DoorFixture:
    return DoorFixture(tmp_path)


@asynccontextmanager
async def listening(path: Path, answers: tuple[bytes, ...]) -> AsyncIterator[list[bytes]]:
    """Reads a line of each connection, tells it this, and breaks off; silent without an answer."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readline())
        answer = answers[len(heard) - 1 :]
        if answer:
            writer.write(answer[0])
            writer.close()
        else:
            await reader.read()
            writer.close()

    server = await asyncio.start_unix_server(serve, path)
    async with asyncio.timeout(LIMIT_S), server:
        yield heard
    os.unlink(path)  # noqa: PTH108 - inside a loop


async def test_a_running_engine_answers_and_nothing_goes_into_the_inbox(door: DoorFixture) -> None:
    async with door.run(), AsyncClient(door.db) as client:
        sent = await client.send(BUY)
        again = await client.send(BUY)
        broken = await client.send({"action": "BUY"})
        laid_out = await client.send(json.dumps(json.loads(strict("laid-out")), indent=2))
        refused = await client.send(BUY | {"symbol": "ETH"})
        conflict = await client.send(BUY | {"id": sent.signal_id, "quantity": 2})

    assert (sent.result, sent.inbox_id) == (SendOutcome.CLAIMED, 0)
    assert (again.result, again.repeated) == (SendOutcome.CLAIMED, True)
    assert (broken.result, broken.field) == (SendOutcome.BROKEN, "symbol")
    assert (laid_out.result, laid_out.inbox_id > 0) == (SendOutcome.CLAIMED, True)
    assert (refused.code, conflict.code) == ("order_cap", "signal_conflict")
    assert door.engine.heard.count(sent.signal_id) == 1


async def test_both_ways_give_the_same_answers(door: DoorFixture) -> None:
    texts = [
        strict("a").decode(),
        strict("a").decode(),
        strict("eth", symbol="ETH").decode(),
        strict("a", notional_krw="1").decode(),
        json.dumps(BUY),
        "{",
    ]
    async with door.run(), AsyncClient(door.db) as client:
        straight = [await client.send(text) for text in texts]
    other = DoorFixture(door.db.parent / "other")
    async with other.run(listens=False), AsyncClient(other.db) as client:
        stored = [await client.send(text) for text in texts]

    assert [one.inbox_id for one in straight] == [0] * len(texts)
    assert all(one.inbox_id for one in stored)
    plain = [
        [(one.result, one.code, one.detail, one.repeated) for one in way]
        for way in (straight, stored)
    ]
    assert plain[0] == plain[1]


@pytest.mark.parametrize(
    "answers",
    [(b"",), (b'{"result":"busy","detail":"full"}\n',), (b'{"line":1',), (b"x" * 70_000,), ()],
)
async def test_what_broke_off_before_its_answer_goes_into_the_inbox_under_its_id(
    door: DoorFixture, answers: tuple[bytes, ...]
) -> None:
    async with listening(door.path, answers) as heard:
        engine = EngineSocket(door.db, ACCOUNT, answer_s=0.2)
        with pytest.raises(Unanswered):
            await engine.hand(strict("a").decode())
        await engine.aclose()
        async with AsyncClient(door.db) as client:
            sent = await client.send(strict("a"), wait_s=0)
    [(number, raw)] = await door.store.pending_signals()
    async with door.run(), AsyncClient(door.db) as client:
        again = await client.send(strict("a"))

    assert heard[0] == strict("a")
    assert (sent.result, sent.inbox_id) == (SendOutcome.QUEUED, number)
    assert raw.encode() + b"\n" == strict("a")
    assert (again.result, again.repeated) == (SendOutcome.CLAIMED, True)
    assert door.engine.heard.count("a") == 1


async def test_a_kept_connection_to_an_engine_that_ended_is_made_anew(door: DoorFixture) -> None:
    async with AsyncClient(door.db) as client:
        async with door.run():
            first = await client.send(strict("a"))
        async with door.run():
            second = await client.send(strict("b"))
        gone = await client.send(strict("c"), wait_s=0)

    assert [one.inbox_id for one in (first, second)] == [0, 0]
    assert gone.inbox_id > 0


async def test_many_at_once_share_a_few_connections(door: DoorFixture) -> None:
    async with door.run(), AsyncClient(door.db) as client:
        sent = await asyncio.gather(*(client.send(strict(f"s{number}")) for number in range(100)))

    assert {one.result for one in sent} == {SendOutcome.CLAIMED}
    assert {one.inbox_id for one in sent} == {0}
