"""The watched folder: a file moved into it is a signal, or several; the simplest door.

A file goes through the durable inbox like everything else. Then it is moved to ``done/`` or
``refused/``, with the answer beside it. The claim decides that a signal is traded once: a crash
between inbox and move hands the file in again, and the engine gives the first answer once more.

It never waits in front of anything: reading and moving happen in a thread, and a file whose answer
is awaited keeps no other one back.
"""

import asyncio
import io
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import attrs
import msgspec

from trading_platform_order.client.handing_in import (
    Outcome,
    SendOutcome,
    first_answers,
    hand_in,
    wait,
)
from trading_platform_order.runtime.engine import Background, Engine
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.signals.arrival.wakeup import LocalWake
from trading_platform_order.signals.reader import read_pieces
from trading_platform_order.signals.research_format import ResearchRules
from trading_platform_order.storage.base import Inbox
from trading_platform_order.transport.clock import SystemClock, epoch_us

Found = TypeVar("Found")
DONE, REFUSED = "done", "refused"
ANSWER = ".answer.json"
FILE_BYTES_MAX = 4 * 1024 * 1024
UNDER_WAY_MAX = 200
PRIVATE_FOLDER = 0o700
UNFINISHED = (".tmp", ".part", ".swp", "~")
"""Ends of names under which other programs write what is not complete yet."""
_BAD = {SendOutcome.BROKEN, SendOutcome.REFUSED, SendOutcome.CONFLICT}


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file as it lay there; another size or time of writing is another content."""

    path: Path
    written_ns: int
    size: int


@attrs.define(kw_only=True, eq=False, repr=False)
class FolderDoor:
    """A background part of the engine."""

    _folder: Path
    _inbox: Inbox
    _knock: Callable[[], object]
    _rules: ResearchRules
    _poll_s: float
    _answer_s: float
    _on_problem: Callable[[str], None]
    _before: frozenset[Arrived] = attrs.field(factory=frozenset, init=False)
    _under_way: set[Arrived] = attrs.field(factory=set, init=False)
    _stuck: set[Arrived] = attrs.field(factory=set, init=False)
    _problem: str = attrs.field(default="", init=False)

    async def run(self) -> None:
        """Run until cancelled.

        Raises:
            StoreUnavailable: the inbox cannot be written.
        """
        async with asyncio.TaskGroup() as group:
            while True:
                for arrived in await self._complete():
                    self._under_way.add(arrived)
                    await self._take(arrived, group)
                await asyncio.sleep(self._poll_s)

    async def _complete(self) -> list[Arrived]:
        """New files that nobody wrote to between two looks, the oldest first."""
        found = await self._tried(partial(_look, self._folder))
        now = frozenset(found or ())
        complete = (now & self._before) - self._under_way - self._stuck
        self._before, self._stuck = now, self._stuck & now
        room = UNDER_WAY_MAX - len(self._under_way)
        return sorted(complete, key=lambda one: (one.written_ns, one.path.name))[:room]

    async def _take(self, arrived: Arrived, group: asyncio.TaskGroup) -> None:
        raw = await self._tried(partial(_read, arrived.path))
        if raw is None:
            self._give_up(arrived)
            return
        if len(raw) > FILE_BYTES_MAX:
            too_large = Outcome(stopped=f"over {FILE_BYTES_MAX} bytes: nothing of it was read")
            await self._finish(arrived, too_large)
            return
        outcome = await hand_in(self._inbox, self._knock, read_pieces(io.BytesIO(raw), self._rules))
        group.create_task(self._answer(arrived, outcome), name=f"file {arrived.path.name}")

    async def _answer(self, arrived: Arrived, outcome: Outcome) -> None:
        await wait(self._inbox, outcome.sent, wait_s=self._answer_s, to_the_end=False)
        await first_answers(self._inbox, outcome.sent)
        await self._finish(arrived, outcome)

    async def _finish(self, arrived: Arrived, outcome: Outcome) -> None:
        if await self._tried(partial(_move, self._folder, arrived, outcome)) is None:
            self._give_up(arrived)
        self._under_way.discard(arrived)

    def _give_up(self, arrived: Arrived) -> None:
        """It stays where it is, and is looked at again when it changes or the engine starts."""
        self._under_way.discard(arrived)
        self._stuck.add(arrived)

    async def _tried(self, work: Callable[[], Found]) -> Found | None:
        try:
            return await asyncio.to_thread(work)
        except OSError as error:
            problem = f"folder {self._folder}: {error}"
            if problem != self._problem:
                self._on_problem(problem)
            self._problem = problem
            return None


def folder_door(
    settings: Settings, inbox: Inbox, wake: LocalWake, on_problem: Callable[[str], None]
) -> list[Callable[[Engine], Background]]:
    """The folder of the settings, if they name one, as a part of the engine.

    One that cannot be made is told and left out: a door that is shut keeps no exit back.
    """
    if not settings.folder.path:
        return []
    folder = Path(settings.folder.path)
    try:
        for one in (folder, folder / DONE, folder / REFUSED):
            one.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        on_problem(f"warning: folder {folder}: {error}; no signal is taken from it")
        return []
    door = FolderDoor(
        folder=folder,
        inbox=inbox,
        knock=wake.knock,
        rules=settings.research.rules(),
        poll_s=settings.folder.poll_s,
        answer_s=settings.folder.answer_s,
        on_problem=on_problem,
    )
    return [lambda _: door]


# -- in a thread ----------------------------------------------------------------------------------


def _look(folder: Path) -> list[Arrived]:
    """Plain files alone: nothing that points elsewhere, nothing whose reading would wait."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name.endswith(UNFINISHED):
                continue
            try:
                told = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # taken away meanwhile
            if stat.S_ISREG(told.st_mode):
                found.append(Arrived(Path(entry.path), told.st_mtime_ns, told.st_size))
    return found


def _read(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(FILE_BYTES_MAX + 1)


def _move(folder: Path, arrived: Arrived, outcome: Outcome) -> bool:
    """The answer first: a file that has gone was answered. One that grew meanwhile stays."""
    told = arrived.path.lstat()
    if (told.st_mtime_ns, told.st_size) != (arrived.written_ns, arrived.size):
        return True
    target = _free(folder / _room(outcome), arrived.path.name)
    answer = msgspec.json.encode(
        {"file": arrived.path.name, "stopped": outcome.stopped, "signals": outcome.sent}
    )
    beside = target.with_name(target.name + ANSWER)
    unfinished = beside.with_name(f".{beside.name}.tmp")
    unfinished.write_bytes(answer + b"\n")
    unfinished.replace(beside)
    arrived.path.rename(target)
    return True


def _room(outcome: Outcome) -> str:
    is_bad = bool(outcome.stopped) or not outcome.sent
    is_bad |= any(item.result in _BAD for item in outcome.sent)
    return REFUSED if is_bad else DONE


def _free(room: Path, name: str) -> Path:
    """A place no other file lies at: names may be used again."""
    target = room / name
    if not target.exists():
        return target
    at_us = epoch_us(SystemClock().now())
    return room / f"{Path(name).stem}.{at_us}{Path(name).suffix}"
