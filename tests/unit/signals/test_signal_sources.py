"""Files, pipes, the inbox and the knock: nothing is lost, whatever the layout or the timing."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from trading_platform_order.domain.signal import Signal
from trading_platform_order.signals.any_format import Found
from trading_platform_order.signals.arrival.inbox import InboxSource
from trading_platform_order.signals.arrival.wakeup import LocalWake, SocketWake, knock_at, wake_path
from trading_platform_order.signals.faults import FaultCode, SignalFault
from trading_platform_order.signals.fields import MAX_BYTES
from trading_platform_order.signals.reader import Piece, read_pieces
from trading_platform_order.storage.sqlite.store import SqliteStore


def line(number: int) -> bytes:
    values = {
        "id": f"s{number}",
        "strategy": "kimp",
        "action": "ENTER",
        "symbol": "BTC",
        "created_at": "2026-11-22T00:00:00Z",
    }
    return json.dumps(values).encode()


def told(pieces: Iterable[Piece]) -> list[tuple[int, str]]:
    return [(one.line, named(one.found)) for one in pieces]


def named(item: Found) -> str:
    if isinstance(item, SignalFault):
        return item.code.value
    return item.id if isinstance(item, Signal) else "HOLD"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"\n\r\n  \n", []),
        (line(1), [(1, "s1")]),
        (line(1) + b"\n" + line(2) + b"\n", [(1, "s1"), (2, "s2")]),
        (b"\xef\xbb\xbf" + line(1) + b"\r\n\r\n" + line(2) + b"\r\n", [(1, "s1"), (3, "s2")]),
        (b"\n\n" + line(1), [(3, "s1")]),
        (line(1) + b"\n{broken}\n" + line(3), [(1, "s1"), (2, "bad_json"), (3, "s3")]),
        (line(1) + b"\n" + line(2)[:30], [(1, "s1"), (2, "truncated")]),
        (line(1)[:-1] + b"\n" + line(2), [(1, "bad_json"), (2, "s2")]),
        (line(1) + b"\n\xff\xfe\n" + line(3), [(1, "s1"), (2, "bad_encoding"), (3, "s3")]),
        (
            b"x" * (5 * MAX_BYTES) + b"\n" + line(2) + b"\n" + b"y" * (2 * MAX_BYTES),
            [(1, "too_large"), (2, "s2"), (3, "too_large")],
        ),
        (line(1).ljust(MAX_BYTES) + b"\r\n" + line(2), [(1, "s1"), (2, "s2")]),
        (b"\xef\xbb\xbf" + line(1).ljust(MAX_BYTES) + b"\r\n" + line(2), [(1, "s1"), (2, "s2")]),
    ],
)
def test_json_lines(content: bytes, expected: list[tuple[int, str]]) -> None:
    assert told(read_pieces(io.BytesIO(content))) == expected


def test_one_object_over_several_lines() -> None:
    indented = json.dumps(json.loads(line(1)), indent=2).encode()
    by_hand = line(1).replace(b", ", b",\r\n")

    assert told(read_pieces(io.BytesIO(b"\n" + indented + b"\n"))) == [(2, "s1")]
    assert told(read_pieces(io.BytesIO(by_hand))) == [(1, "s1")]
    assert told(read_pieces(io.BytesIO(indented[:-1]))) == [(1, "bad_json")]
    long = b"{\n" + b" " * (3 * MAX_BYTES) + indented[1:]
    assert told(read_pieces(io.BytesIO(long))) == [(1, "too_large")]


def test_the_message_for_a_cut_line_says_so() -> None:
    (piece,) = read_pieces(io.BytesIO(line(1)[:-10]))
    found = piece.found

    assert isinstance(found, SignalFault)
    assert found.code is FaultCode.TRUNCATED
    assert "not complete" in found.message


# -- inbox --------------------------------------------------------------------------------------


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(":memory:", build="b", durability="normal")
    yield opened
    await opened.close()


async def take(source: InboxSource, count: int) -> list[str]:
    found: list[str] = []
    async with asyncio.timeout(5):
        async for item in source:
            found.append(item.raw)
            if len(found) == count:
                break
    return found


async def test_the_inbox_is_handed_out_in_order_once_and_again_after_a_restart(
    store: SqliteStore,
) -> None:
    numbers = [await store.put_signal(f"raw {n}", at_us=n) for n in range(250)]
    source = InboxSource(store, LocalWake(), poll_interval_s=0.001)

    assert await take(source, 250) == [f"raw {n}" for n in range(250)]
    await store.put_signal("late", at_us=9)
    assert await take(source, 1) == ["late"]

    for number in numbers:
        await store.finish_signal(number, result="claimed")
    assert await take(InboxSource(store, LocalWake()), 1) == ["late"]


async def test_a_knock_is_faster_than_the_poll_and_the_poll_needs_none(store: SqliteStore) -> None:
    wake = LocalWake()
    patient = InboxSource(store, wake, poll_interval_s=60.0)
    waiting = asyncio.create_task(take(patient, 1))
    await asyncio.sleep(0.001)
    await store.put_signal("knocked", at_us=1)
    wake.knock()
    assert await waiting == ["knocked"]

    polling = asyncio.create_task(take(InboxSource(store, LocalWake(), poll_interval_s=0.001), 2))
    await asyncio.sleep(0.001)
    await store.put_signal("unannounced", at_us=2)
    assert await polling == ["knocked", "unannounced"]


# -- the knock ----------------------------------------------------------------------------------


async def test_a_knock_from_another_socket_wakes(tmp_path: Path) -> None:
    path = wake_path(tmp_path / "s.db", "main")
    assert not knock_at(path)
    wake = SocketWake(path)
    assert wake.open() is None

    for _ in range(100):  # a full socket buffer is no error
        knock_at(path)
    async with asyncio.timeout(5):
        await wake.wait(60.0)
    wake.knock()
    async with asyncio.timeout(5):
        await wake.wait(60.0)
    await wake.wait(0.001)  # nobody knocks: the wait ends by itself

    wake.close()
    wake.close()
    assert not path.exists()
    assert not knock_at(path)


async def test_a_dead_engines_socket_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "wake"
    dead = SocketWake(path)
    dead.open()
    alive = SocketWake(path)

    assert alive.open() is None
    assert knock_at(path)
    await alive.wait(5.0)
    alive.close()
    dead.close()


async def test_without_a_socket_the_reason_is_told_and_polling_goes_on(tmp_path: Path) -> None:
    deep = SocketWake(tmp_path / ("x" * 120))
    taken = SocketWake(tmp_path / "file")
    taken.path.write_text("not ours")

    assert "no wake-up socket" in (deep.open() or "")
    assert "no wake-up socket" in (taken.open() or "")
    assert taken.path.read_text() == "not ours"
    await deep.wait(0.001)
