"""The socket door over a real store, with something that claims as an engine does."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from tests.unit.cli.cli_world import append, claim_of, refused_of
from trading_platform_order.client.handing_in import Sent
from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.executor.intake.signal_intake import Receipt
from trading_platform_order.runtime.doors.outcome_waits import Follow, OutcomeWaits
from trading_platform_order.runtime.doors.signal_door import Taken
from trading_platform_order.runtime.doors.socket_answers import Answers
from trading_platform_order.runtime.doors.socket_door import DoorLimits, SocketDoor
from trading_platform_order.signals.any_format import Found, read_any
from trading_platform_order.signals.arrival.inbox import InboxItem, InboxSource
from trading_platform_order.signals.arrival.local_socket import LocalListener, socket_path
from trading_platform_order.signals.arrival.wakeup import SocketWake, wake_path
from trading_platform_order.signals.research_format import ResearchRules
from trading_platform_order.storage.base import ClaimResult, InboxResult
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.transport.clock import SystemClock

LIMIT_S = 30
ACCOUNT = "main"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def strict(name: str, action: str = "ENTER", **more: object) -> bytes:
    values = {
        "id": name,
        "strategy": "kimp",
        "action": action,
        "symbol": "BTC",
        "created_at": "2026-11-22T09:00:00Z",
    }
    return json.dumps(values | more).encode() + b"\n"


class Engine:
    """Claims durably; refuses ETH.

    Attributes:
        entries: entries wait here before their claim.
        heard: ids in the order in which they were taken, and ``stop`` for each look for one.
        has_ended: takes nothing more.
    """

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self.entries = asyncio.Event()
        self.entries.set()
        self.heard: list[str] = []
        self.has_ended = False

    async def look_for_stop(self) -> None:
        self.heard.append("stop")

    async def take(
        self, found: Found, *, inbox_id: int | None = None, received_s: float | None = None
    ) -> Taken:
        if self.has_ended:
            raise RuntimeError("the engine does not run")
        if not isinstance(found, Signal):
            return Taken(found=found)
        if found.action is Action.ENTER:
            await self.entries.wait()
        return Taken(found=found, receipt=await self._claimed(found, inbox_id))

    async def _claimed(self, signal: Signal, inbox_id: int | None) -> Receipt:
        before, claim = await self._store.claim_of(signal.id), claim_of(signal, inbox_id)
        if before is not None:
            is_same = before.content_hash == claim.content_hash
            return Receipt(result=ClaimResult.DUPLICATE if is_same else ClaimResult.CONFLICT)
        self.heard.append(signal.id)
        if signal.symbol == "ETH":
            event = refused_of(signal.id, "order_cap", "too large")
            await append(self._store, event, claim=claim)
            refusal = Refusal(
                code=RefusalCode(event.code), message=event.message, figures=event.figures
            )
            return Receipt(result=ClaimResult.CLAIMED, refusal=refusal)
        claimed = ae.SignalClaimed(signal=signal, at=SystemClock().now())
        await append(self._store, claimed, claim=claim)
        return Receipt(result=ClaimResult.CLAIMED)


class DoorFixture:
    """One store, and the door of its engine while :meth:`run` lasts."""

    def __init__(self, root: Path) -> None:
        root.mkdir(exist_ok=True)
        self.db = root / "t.db"
        self.path = socket_path(self.db, ACCOUNT)
        self.store = SqliteStore(self.db, account=ACCOUNT, build="b", durability="normal")
        self.engine = Engine(self.store)
        self.waits = OutcomeWaits()
        self.problems: list[str] = []
        self.uid = os.geteuid()

    @asynccontextmanager
    async def run(
        self,
        limits: DoorLimits = DoorLimits(),  # noqa: B008 - frozen
        *,
        listens: bool = True,
    ) -> AsyncIterator[None]:
        wake = SocketWake(wake_path(self.db, ACCOUNT))
        assert wake.open() is None
        source = InboxSource(self.store, wake, poll_interval_s=60)
        door = SocketDoor(
            listener=LocalListener(self.path),
            door=self.engine,
            answers=Answers(self.store),
            outcomes=self._outcome,
            source=source,
            wake=wake,
            rules=ResearchRules(),
            on_problem=self.problems.append,
            limits=limits,
            uid_of=lambda _: self.uid,
        )
        with closing(wake):
            async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._inbox(source))]
                if listens:
                    tasks.append(group.create_task(door.run()))
                while listens and not (self.path.is_socket() or self.problems):  # noqa: ASYNC110 - a file
                    await asyncio.sleep(0.002)
                yield
                for task in tasks:
                    task.cancel()

    async def _outcome(self, line: int, asked: Follow, is_wanted: Callable[[], bool]) -> Sent:
        return await self.waits.outcome(self.store, line, asked, is_wanted=is_wanted)

    async def _inbox(self, source: InboxSource) -> None:
        async for item in source:
            await self._take(item)

    async def _take(self, item: InboxItem) -> None:
        taken = await self.engine.take(read_any(item.raw), inbox_id=item.inbox_id)
        if taken.receipt is None:
            await self.store.finish_signal(item.inbox_id, result=InboxResult.REFUSED)
        elif taken.receipt.result is not ClaimResult.CLAIMED:
            await self.store.finish_signal(item.inbox_id, result=taken.receipt.result)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Connection]:
        reader, writer = await asyncio.open_unix_connection(self.path)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    async def told(self, *lines: bytes) -> list[dict[str, Any]]:
        """What a well-behaved client is answered."""
        async with self.connected() as (reader, writer):
            writer.writelines(lines)
            return [await answer(reader) for line in lines if line.strip()]


async def answer(reader: asyncio.StreamReader) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await reader.readline())
    return found


def results(answers: Iterable[dict[str, Any]]) -> list[str]:
    return [one["result"] for one in answers]
