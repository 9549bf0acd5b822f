"""The local socket: one answer a line, after the durable claim, whoever else is connected."""

import asyncio
import json
import socket
import stat
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.unit.cli.cli_world import append, refused_of
from tests.unit.runtime.socket_fixture import ACCOUNT, DoorFixture, answer, results, strict
from trading_platform_order.runtime.doors.socket_door import CONNECTIONS_MAX, DoorLimits
from trading_platform_order.signals.arrival.local_socket import LocalListener, is_answered, may_talk
from trading_platform_order.signals.arrival.wakeup import knock_at, wake_path
from trading_platform_order.storage.sqlite.store import open_reader

RESEARCH = (
    b'{"action": "BUY", "symbol": "BTC", "timestamp": "2026-11-22T09:00:00Z", "price": 1.5}\n'
)
HOLD = b'{"action": "HOLD", "symbol": "BTC"}\n'
SHORT = DoorLimits(part_s=0.05, write_s=0.05)


@pytest.fixture
def door(tmp_path: Path) -> DoorFixture:
    return DoorFixture(tmp_path)


async def test_each_line_is_answered_in_either_format(door: DoorFixture) -> None:
    eth = strict("eth", symbol="ETH")
    other = strict("a", notional_krw="1")
    async with door.run():
        told = await door.told(strict("a"), RESEARCH, b"\r\n", HOLD, b"{\n", eth, other)

    assert results(told) == ["claimed", "claimed", "hold", "broken", "refused", "conflict"]
    assert [one["line"] for one in told] == [1, 2, 3, 4, 5, 6]
    assert told[1]["signal_id"].startswith("research-")
    assert (told[3]["code"], bool(told[3]["cure"])) == ("bad_json", True)
    assert (told[4]["code"], "too large" in told[4]["detail"]) == ("order_cap", True)
    assert told[5]["code"] == "signal_conflict"


async def test_a_repetition_is_answered_as_the_first_time(door: DoorFixture) -> None:
    async with door.run():
        first = await door.told(strict("a"), strict("eth", symbol="ETH"))
        again = await door.told(strict("a"), strict("eth", symbol="ETH"))
    async with door.run():  # another process, which remembers nothing
        later = await door.told(strict("a"), strict("eth", symbol="ETH"))

    assert [one["repeated"] for one in first] == [False, False]
    assert again == [one | {"repeated": True} for one in first]
    assert later == again
    assert door.engine.heard.count("a") == 1


async def test_nothing_is_answered_before_its_claim_is_durable(door: DoorFixture) -> None:
    door.engine.entries.clear()
    async with door.run(), door.connected() as (reader, writer):
        writer.write(strict("a"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readline(), 0.05)
        door.engine.entries.set()
        told = await answer(reader)
        beside = open_reader(door.db, account=ACCOUNT)
        claim = await beside.claim_of("a")
        await beside.close()

    assert told["result"] == "claimed"
    assert claim is not None


async def test_a_line_of_ten_megabytes_is_refused_and_the_next_one_taken(door: DoorFixture) -> None:
    async with door.run(), door.connected() as (reader, writer):
        for _ in range(160):
            writer.write(b"x" * 64 * 1024)
            await writer.drain()
        writer.write(b"\n" + strict("a"))
        told = [await answer(reader) for _ in range(2)]

    assert [(one["result"], one["code"]) for one in told] == [
        ("broken", "too_large"),
        ("claimed", ""),
    ]


async def test_half_a_line_is_not_waited_for_and_nothing_comes_of_it(door: DoorFixture) -> None:
    async with door.run(SHORT), door.connected() as (reader, writer):
        writer.write(strict("half")[:-10])
        exits = await door.told(strict("out", "EXIT"))
        assert await reader.read() == b"", "it is let go"
        async with door.connected() as (_, leaving):
            leaving.write(strict("gone")[:-10])
        after = await door.told(strict("b"))

    assert results([*exits, *after]) == ["claimed", "claimed"]
    assert [name for name in door.engine.heard if name != "stop"] == ["out", "b"]
    kinds = [row.kind async for row in door.store.journal_all()]
    assert kinds == ["signal_claimed"] * 2


async def test_the_last_line_needs_no_end_but_must_be_whole(door: DoorFixture) -> None:
    async with door.run():
        for sent, expected in ((strict("a")[:-1], "claimed"), (strict("b")[:-9], "broken")):
            async with door.connected() as (reader, writer):
                writer.write(sent)
                writer.write_eof()
                told = await answer(reader)
                assert await reader.read() == b""
            assert told["result"] == expected

    assert told["code"] == "truncated"
    assert [name for name in door.engine.heard if name != "stop"] == ["a"]


async def test_who_never_reads_is_let_go_and_keeps_nobody_back(door: DoorFixture) -> None:
    async with door.run(SHORT), door.connected() as (reader, writer):
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        with pytest.raises(ConnectionError):
            await _send_on(writer)
        told = await door.told(strict("out", "EXIT"))

    assert results(told) == ["claimed"]


async def _send_on(writer: asyncio.StreamWriter) -> None:
    for _ in range(20_000):
        writer.write(strict("same", "EXIT"))
        await writer.drain()


async def test_a_thousand_connections_keep_no_exit_back(door: DoorFixture) -> None:
    told = []
    async with door.run(), AsyncExitStack() as stack:
        for number in range(1_000):
            end = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            end.settimeout(0)
            while end.connect_ex(str(door.path)):  # noqa: ASYNC110 - the queue is full: on purpose
                await asyncio.sleep(0)
            if number % 100 == 0:
                async with asyncio.timeout(2):
                    told += await door.told(strict(f"out-{number}", "EXIT"))

    assert results(told) == ["claimed"] * 10


async def test_connections_at_work_are_not_closed_for_a_new_one(door: DoorFixture) -> None:
    door.engine.entries.clear()
    async with door.run(), AsyncExitStack() as stack:
        busy = [await stack.enter_async_context(door.connected()) for _ in range(CONNECTIONS_MAX)]
        for number, (_, writer) in enumerate(busy):
            writer.write(strict(f"in-{number}"))
        await asyncio.sleep(0.05)
        async with door.connected() as (reader, _):
            turned_away = json.loads(await reader.readline())
        door.engine.entries.set()
        told = [await answer(reader) for reader, _ in busy]

    assert turned_away["result"] == "busy"
    assert results(told) == ["claimed"] * CONNECTIONS_MAX


async def test_an_exit_does_not_wait_for_entries_of_others(door: DoorFixture) -> None:
    door.engine.entries.clear()
    async with door.run(), AsyncExitStack() as stack:
        for number in range(20):
            _, writer = await stack.enter_async_context(door.connected())
            writer.write(strict(f"in-{number}"))
        told = await door.told(strict("out", "EXIT"))
        door.engine.entries.set()

    assert results(told) == ["claimed"]


async def test_another_user_is_turned_away(door: DoorFixture) -> None:
    door.uid += 1
    async with door.run(), asyncio.timeout(2), door.connected() as (reader, _):
        told = json.loads(await reader.readline())
        assert await reader.read() == b"", "and nothing of it is read"

    assert told["result"] == "not_authorised"
    assert not may_talk(None)
    assert not may_talk(door.uid)
    assert may_talk(door.uid, door.uid)


async def test_what_was_stored_or_stopped_before_a_line_comes_before_it(door: DoorFixture) -> None:
    await door.store.put_signal(strict("waited").decode(), at_us=1)
    async with door.run():
        await door.told(strict("a", "EXIT"))
        await door.store.put_signal(strict("stored").decode(), at_us=2)
        knock_at(wake_path(door.db, ACCOUNT))
        await door.told(strict("b", "EXIT"))
        await door.told(strict("c"))
        await door.told(strict("d"))

    assert door.engine.heard == ["waited", "a", "stored", "b", "stop", "c", "d"]


async def test_an_engine_that_ends_answers_nothing(door: DoorFixture) -> None:
    async with door.run():
        door.engine.has_ended = True
        async with door.connected() as (reader, writer):
            writer.write(strict("a"))
            assert await reader.read() == b""
    assert not door.path.exists()


async def test_an_outcome_is_told_when_it_is_there_and_keeps_no_line_back(
    door: DoorFixture,
) -> None:
    refused = refused_of("a", "expired", "too old")
    async with door.run(), door.connected() as (reader, writer):
        writer.write(strict("a"))
        await answer(reader)
        writer.write(b'{"follow": "a", "wait_s": 60}\n' + strict("b"))
        writer.write(b'{"follow": "b", "wait_s": 0}\n{"follow": "nobody"}\n{"follow": 1}\n')
        others = [await answer(reader) for _ in range(4)]
        writer.write_eof()
        await append(door.store, refused)
        door.waits.event(refused, "", None)
        ended = await answer(reader)
        assert await reader.read() == b""

    assert (ended["line"], ended["result"], ended["code"]) == (2, "refused", "expired")
    told = {one["line"]: (one["result"], one["code"]) for one in others}
    assert told == {
        3: ("claimed", ""),
        4: ("claimed", ""),
        5: ("broken", "no_such_signal"),
        6: ("broken", "unknown_field"),
    }


# -- the file -------------------------------------------------------------------------------------


async def test_a_dead_engines_file_is_replaced_and_a_living_ones_is_not(tmp_path: Path) -> None:
    path = tmp_path / "s.db.main.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(path))
    living, second = LocalListener(path), LocalListener(path)
    assert living.open() is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "another process listens there" in str(second.open())
    assert is_answered(path)

    second.close()
    assert is_answered(path), "it was not the second one's to remove"
    living.close()
    assert not path.exists()


async def test_without_a_socket_the_inbox_goes_on(tmp_path: Path) -> None:
    (tmp_path / "t.db.main.sock").write_text("not ours")
    door = DoorFixture(tmp_path)
    async with door.run():
        assert len(door.problems) == 1
    assert "no socket lies there" in door.problems[0]
    assert (tmp_path / "t.db.main.sock").read_text() == "not ours"
    assert "no local socket" in str(LocalListener(tmp_path / ("x" * 120)).open())
