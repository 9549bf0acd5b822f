"""The local socket as a door: one signal a line, one answer a line, after the durable claim.

Whoever connects is another process of the engine's user, and may still be broken: every size, count
and time is bounded, each connection is served by a task of its own, one line after the other, and
no line waits for another connection's answer to be read. An EXIT waits neither for entries of other
connections nor for anything that is only read, but for what its own sender handed in before.

The inbox and this door take from the same senders: what was stored there before a line came is
handed over before it, as long as that takes no longer than a moment.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import attrs
import msgspec

from trading_platform_order.client.handing_in import (
    BROKEN_MAX,
    SendOutcome,
    Sent,
    fault_answer,
)
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.runtime.doors.outcome_waits import Follow, OutcomeWaits, follow_of
from trading_platform_order.runtime.doors.signal_door import SignalDoor, Taken
from trading_platform_order.runtime.doors.socket_answers import Answers
from trading_platform_order.runtime.doors.socket_lines import Lines
from trading_platform_order.runtime.engine import Background, Engine
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.signals.any_format import Found, read_any
from trading_platform_order.signals.arrival.inbox import InboxSource
from trading_platform_order.signals.arrival.local_socket import (
    LocalListener,
    may_talk,
    peer_uid,
    socket_path,
)
from trading_platform_order.signals.arrival.wakeup import LocalWake
from trading_platform_order.signals.faults import FaultCode, SignalFault
from trading_platform_order.signals.research_format import ResearchRules
from trading_platform_order.storage.base import Reader
from trading_platform_order.transport.clock import Clock

CONNECTIONS_MAX = 64
ACCEPTS_AT_ONCE = 8
ACCEPT_PAUSE_S = 0.01
ENTRIES_AT_ONCE = 8
LOOK_S = 0.5
INBOX_FIRST_S = 30.0
"""How long the door stays shut until what waited in the inbox at the start is handed over."""

Outcomes = Callable[[int, Follow, Callable[[], bool]], Awaitable[Sent]]
"""The answer to a line that asks for an outcome; the last one tells whether it is still wanted."""
UidOf = Callable[[socket.socket], int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorLimits:
    """What a client may take of the engine's time.

    Attributes:
        part_s: from the beginning of a line to its end, seconds.
        write_s: until it reads on, once its answers fill the buffers, seconds.
        order_s: a line waits at most so many seconds for what is in the inbox before it.
    """

    part_s: float = 10.0
    write_s: float = 5.0
    order_s: float = 0.25


class Taker(Protocol):
    """Claims signals; a :class:`SignalDoor`."""

    async def take(self, found: Found, *, received_s: float | None = None) -> Taken:
        """Durable on return; ``received_s``: when it came, monotonic seconds."""
        ...

    async def look_for_stop(self) -> None:
        """Learn of a stop that another process has set."""
        ...


@attrs.define(kw_only=True, eq=False, repr=False)
class SocketDoor:
    """A background part of the engine."""

    _listener: LocalListener
    _door: Taker
    _answers: Answers
    _outcomes: Outcomes
    _source: InboxSource
    _wake: LocalWake
    _rules: ResearchRules
    _on_problem: Callable[[str], None]
    _limits: DoorLimits = DoorLimits()
    _uid_of: UidOf = peer_uid
    _open: set[Lines] = attrs.field(factory=set, init=False)
    _entries: asyncio.Semaphore = attrs.field(
        factory=lambda: asyncio.Semaphore(ENTRIES_AT_ONCE), init=False
    )
    _stop_seen: int = attrs.field(default=-1, init=False)
    _group: asyncio.TaskGroup | None = attrs.field(default=None, init=False)

    async def run(self) -> None:
        """Serve until cancelled.

        Raises:
            StoreUnavailable: the journal cannot be written.
        """
        await self._source.caught_up(0, limit_s=INBOX_FIRST_S)
        problem = self._listener.open()
        if problem:
            self._on_problem(f"{problem}; signals come through the inbox alone")
            await asyncio.get_running_loop().create_future()
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as self._group:
            loop.add_reader(self._listener.fileno(), self._knocked)
            try:
                while True:
                    await asyncio.sleep(LOOK_S)
                    self._look_after(loop.time())
            finally:
                loop.remove_reader(self._listener.fileno())
                self._listener.close()
                for lines in self._open:
                    lines.abort()

    # -- connections -------------------------------------------------------------------------------

    def _knocked(self) -> None:
        """Take in a few; a flood of them gets no more than a part of the loop's time."""
        loop = asyncio.get_running_loop()
        for _ in range(ACCEPTS_AT_ONCE):
            end = self._listener.accept()
            if end is None:
                return
            self._admit(end)
        loop.remove_reader(self._listener.fileno())
        loop.call_later(ACCEPT_PAUSE_S, self._listen_on)

    def _listen_on(self) -> None:
        if self._listener.fileno() >= 0:
            asyncio.get_running_loop().add_reader(self._listener.fileno(), self._knocked)

    def _admit(self, end: socket.socket) -> None:
        if not may_talk(self._uid_of(end)):
            _turn_away(end, "not_authorised", "this socket is for the engine's own user")
        elif not self._has_room():
            _turn_away(end, "busy", f"{CONNECTIONS_MAX} connections are at work")
        else:
            lines = Lines(asyncio.get_running_loop().time())
            self._open.add(lines)
            assert self._group is not None  # noqa: S101 - it listens inside the group only
            self._group.create_task(self._serve(end, lines), name="local socket")

    def _has_room(self) -> bool:
        """Also by letting go of the one that has been idle for longest."""
        if len(self._open) < CONNECTIONS_MAX:
            return True
        idle = min((one for one in self._open if one.is_idle), key=_active_s, default=None)
        if idle is None:
            return False
        self._open.discard(idle)
        idle.abort()
        return True

    def _look_after(self, now_s: float) -> None:
        limits = self._limits
        for lines in list(self._open):
            if lines.is_late(now_s, part_s=limits.part_s, write_s=limits.write_s):
                lines.abort()

    async def _serve(self, end: socket.socket, lines: Lines) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(lambda: lines, end)
        except OSError:
            end.close()
            self._open.discard(lines)
            return
        try:
            await self._answer_all(lines)
            while lines.under_way and not lines.is_lost:
                await lines.answered()
            await lines.close()
        finally:
            self._open.discard(lines)
            lines.abort()

    async def _answer_all(self, lines: Lines) -> None:
        broken = 0
        while (line := await lines.next()) is not None:
            asked = follow_of(line)
            if asked is not None:
                self._follow(lines, asked)
                continue
            sent = await self._served(lines, read_any(line, self._rules))
            broken += sent is not None and sent.result is SendOutcome.BROKEN
            if sent is None or broken >= BROKEN_MAX:
                return
        rest = read_any(lines.rest, self._rules)
        if isinstance(rest, SignalFault):
            if lines.rest:  # it went away within a line: nothing was handed in, nothing is recorded
                text = f"the last line is not complete ({rest.message})"
                cut = SignalFault(field="", code=FaultCode.TRUNCATED, message=text)
                await lines.write(msgspec.json.encode(fault_answer(lines.taken + 1, cut)))
        else:
            await self._served(lines, rest)

    def _follow(self, lines: Lines, asked: Follow) -> None:
        """Its answer comes when it comes, and keeps no line after it back."""
        assert self._group is not None  # noqa: S101 - served inside the group only
        lines.begin()
        self._group.create_task(self._followed(lines, lines.taken, asked), name="outcome")

    async def _followed(self, lines: Lines, number: int, asked: Follow) -> None:
        try:
            sent = await self._outcomes(number, asked, lambda: not lines.is_lost)
            await lines.write(msgspec.json.encode(sent))
        finally:
            lines.end()

    async def _served(self, lines: Lines, found: Found) -> Sent | None:
        """Take it and tell what came of it; ``None`` if the engine ends."""
        lines.begin()
        try:
            sent = await self._answered(lines.taken, found, lines.active_s)
        except RuntimeError:
            return None  # without an answer the sender hands it in again
        finally:
            lines.end()
        await lines.write(msgspec.json.encode(sent))
        return sent

    # -- signals -----------------------------------------------------------------------------------

    async def _answered(self, number: int, found: Found, received_s: float) -> Sent:
        knocks = await self._after_the_inbox()
        if isinstance(found, Signal) and found.action is Action.EXIT:
            taken = await self._door.take(found, received_s=received_s)
        else:
            async with self._entries:
                if self._stop_seen < knocks or not self._wake.hears_others:
                    await self._door.look_for_stop()
                    self._stop_seen = max(self._stop_seen, knocks)
                taken = await self._door.take(found, received_s=received_s)
        return await self._answers.of(number, taken)

    async def _after_the_inbox(self) -> int:
        """Whoever stored something, or set a stop, has knocked before the line came."""
        self._wake.listen()
        knocks = self._wake.knocks
        await self._source.caught_up(knocks, limit_s=self._limits.order_s)
        return knocks


def _active_s(lines: Lines) -> float:
    return lines.active_s


def _turn_away(end: socket.socket, result: str, detail: str) -> None:
    with suppress(OSError), end:
        end.send(msgspec.json.encode({"result": result, "detail": detail}) + b"\n")


def socket_door(
    settings: Settings,
    path: Path,
    *,
    reader: Reader,
    source: InboxSource,
    wake: LocalWake,
    clock: Clock,
    waits: OutcomeWaits,
    on_problem: Callable[[str], None],
) -> Callable[[Engine], Background]:
    """The local socket beside the store, as a part of the engine."""

    async def outcome(line: int, asked: Follow, is_wanted: Callable[[], bool]) -> Sent:
        return await waits.outcome(reader, line, asked, is_wanted=is_wanted)

    def make(engine: Engine) -> Background:
        return SocketDoor(
            listener=LocalListener(socket_path(path, settings.engine.account)),
            door=SignalDoor(engine, clock),
            answers=Answers(reader),
            outcomes=outcome,
            source=source,
            wake=wake,
            rules=settings.research.rules(),
            on_problem=on_problem,
        )

    return make
