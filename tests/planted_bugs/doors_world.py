"""Worlds of the doors: a socket with good and bad senders, and a stream that is resumed.

Over real sockets and a real store, with something that claims as an engine does. Each says what it
objects to.
"""

import asyncio
import json
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from tests.unit.cli.cli_world import append, refused_of, story_db
from tests.unit.runtime.socket_fixture import ACCOUNT, DoorFixture, answer, strict
from trading_platform_order.domain.alert import Alert
from trading_platform_order.runtime.doors.socket_door import DoorLimits
from trading_platform_order.signals.arrival.local_socket import LocalListener
from trading_platform_order.signals.arrival.wakeup import knock_at, wake_path
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.web.event_stream import EventStream, Place

SOCKET, STREAM = "socket:0", "stream:0"
NAMES = (SOCKET, STREAM)
SOON_S = 1.0


def play_doors(name: str) -> list[str]:
    """What is objected to in this world."""
    with tempfile.TemporaryDirectory() as folder:
        if name == SOCKET:
            return asyncio.run(_socket(Path(folder)))
        return asyncio.run(_stream(story_db(Path(folder))))


async def _socket(folder: Path) -> list[str]:
    objections: list[str] = []
    fixture = DoorFixture(folder)
    async with fixture.run(DoorLimits(order_s=20)):
        if LocalListener(fixture.path).open() is None:
            return ["the socket of a living engine was taken"]
        objections += await _claims(fixture)
        objections += await _order(fixture)
        fixture.uid += 1
        async with fixture.connected() as (reader, writer):
            writer.write(strict("foreign"))
            told = await _soon(reader)
        if told and told["result"] != "not_authorised":
            objections.append("another user's signal was taken")
    return objections


async def _claims(fixture: DoorFixture) -> list[str]:
    objections = []
    fixture.engine.entries.clear()
    async with AsyncExitStack() as stack:
        waiting = [await stack.enter_async_context(fixture.connected()) for _ in range(12)]
        for number, (_, writer) in enumerate(waiting):
            writer.write(strict(f"in-{number}"))
        if await _soon(waiting[0][0]):
            objections.append("an entry was answered before its claim")
        async with fixture.connected() as (reader, writer):
            writer.write(strict("out", "EXIT"))
            if not await _soon(reader):
                objections.append("an exit waited for entries of others")
        fixture.engine.entries.set()
        for reader, _ in waiting:
            await _soon(reader)
    return objections


async def _order(fixture: DoorFixture) -> list[str]:
    await fixture.store.put_signal(strict("stored").decode(), at_us=1)
    knock_at(wake_path(fixture.db, ACCOUNT))
    fixture.engine.heard.clear()
    fixture.engine.entries.clear()  # the one that was stored is under way
    asyncio.get_running_loop().call_later(SOON_S / 5, fixture.engine.entries.set)
    await fixture.told(strict("after", "EXIT"), strict("entry"))
    heard = fixture.engine.heard
    objections = []
    if heard.index("stored") > heard.index("after"):
        objections.append("a signal overtook what was stored before it")
    if "stop" not in heard or heard.index("stop") > heard.index("entry"):
        objections.append("an entry was taken without a look at the stop")
    return objections


async def _soon(reader: asyncio.StreamReader) -> dict[str, object]:
    try:
        async with asyncio.timeout(SOON_S):
            return await answer(reader)
    except (TimeoutError, OSError, json.JSONDecodeError):
        return {}


async def _stream(db: Path) -> list[str]:
    store = SqliteStore(db, build="b", durability="normal")
    for number in range(3):
        alert = Alert(kind="test", urgent=False, fields={"number": str(number)})
        await store.append([], at_us=number, alerts=[alert])
        await append(store, refused_of(f"late-{number}", "order_cap", "too large"))

    async def standing() -> dict[str, object]:
        return {}

    stream = EventStream(store, standing)
    whole = (await stream.after(Place(seq=0, alert=0))).events
    objections = [] if len(whole) == 10 else [f"{len(whole)} events and not 10"]
    for number, event in enumerate(whole):
        place = Place.read(str(event.place))
        rest = None if place is None else (await stream.after(place)).events
        if rest != whole[number + 1 :]:
            objections.append(f"behind event {event.place} the stream goes on otherwise")
    await store.close()
    return objections
