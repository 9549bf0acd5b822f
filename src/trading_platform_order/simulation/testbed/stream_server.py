"""A server of streams with consumer groups in virtual time, and what such a server may lose.

Written from the documentation of Redis Streams (XADD, XGROUP, XREADGROUP, XPENDING, XCLAIM, XACK),
not from our client: ``tests/e2e/test_signal_stream.py`` holds both against the same expectations.
"""

import asyncio
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from trading_platform_order.signals.arrival.entry_stream import Entry, GroupGone, StreamAway

LOOK_S = 0.01


@dataclass(slots=True)
class _Pending:
    delivered_s: float
    deliveries: int = 1


@dataclass(slots=True)
class _Group:
    last: int = 0
    pending: dict[int, _Pending] = field(default_factory=dict)


@dataclass(slots=True)
class _Memory:
    """What a server knows, and loses the newest part of when it fails."""

    entries: dict[int, dict[bytes, bytes]] = field(default_factory=dict)
    aside: list[dict[bytes, bytes]] = field(default_factory=list)
    group: _Group | None = None
    last: int = 0


class StreamServer:
    """One stream with one group.

    Attributes:
        is_up: it answers.
        acknowledgements_lost: so many more are heard of and forgotten.
    """

    def __init__(self) -> None:
        self.is_up = True
        self.acknowledgements_lost = 0
        self._memory = _Memory()

    def publish(self, fields: Mapping[bytes, bytes]) -> int:
        """XADD."""
        self._memory.last += 1
        self._memory.entries[self._memory.last] = dict(fields)
        return self._memory.last

    def delete(self, number: int) -> None:
        """XDEL: a pending entry stays pending."""
        del self._memory.entries[number]

    def copy(self) -> object:
        """What stands on its disk, or on its replica, now."""
        return deepcopy(self._memory)

    def fall_back(self, copy: object) -> None:
        """It fails, and what comes back is this copy: all since then is lost."""
        if not isinstance(copy, _Memory):
            raise TypeError("not a copy of a server")
        self._memory = deepcopy(copy)

    def lose_everything(self) -> None:
        """It comes back empty, without the stream."""
        self._memory = _Memory()

    @property
    def unacknowledged(self) -> int:
        """Entries that are pending, or were never delivered."""
        group = self._memory.group
        if group is None:
            return len(self._memory.entries)
        fresh = sum(number > group.last for number in self._memory.entries)
        return fresh + len(group.pending)

    @property
    def aside(self) -> Sequence[Mapping[bytes, bytes]]:
        """Entries that were not taken, with the reason."""
        return self._memory.aside

    # -- what a client asks ------------------------------------------------------------------------

    def make_group(self) -> None:
        """XGROUP CREATE with the first entry, and MKSTREAM; an old group stays."""
        self._must_answer()
        if self._memory.group is None:
            self._memory.group = _Group()

    def read(self, *, most: int, now_s: float) -> list[Entry]:
        """XREADGROUP."""
        group = self._group()
        found: list[Entry] = []
        for number in sorted(self._memory.entries):
            if number > group.last and len(found) < most:
                group.last = number
                group.pending[number] = _Pending(delivered_s=now_s)
                found.append(self._entry(number, 1))
        return found

    def claim(self, *, idle_s: float, most: int, now_s: float) -> list[Entry]:
        """XPENDING and XCLAIM."""
        found = []
        for number, pending in sorted(self._group().pending.items())[:most]:
            if now_s - pending.delivered_s < idle_s:
                continue
            pending.delivered_s = now_s
            pending.deliveries += 1
            found.append(self._entry(number, pending.deliveries))
        return found

    def acknowledge(self, numbers: Sequence[int]) -> None:
        """XACK; a group that is gone acknowledges nothing and says so by a count."""
        self._must_answer()
        if self.acknowledgements_lost:
            self.acknowledgements_lost -= 1
            return
        if self._memory.group is not None:
            for number in numbers:
                self._memory.group.pending.pop(number, None)

    def set_aside(self, fields: Mapping[bytes, bytes]) -> None:
        """XADD to the other stream."""
        self._must_answer()
        self._memory.aside.append(dict(fields))

    def _entry(self, number: int, deliveries: int) -> Entry:
        fields = self._memory.entries.get(number)
        return Entry(entry_id=f"{number}-0", fields=fields, deliveries=deliveries)

    def _group(self) -> _Group:
        self._must_answer()
        if self._memory.group is None:
            raise GroupGone
        return self._memory.group

    def _must_answer(self) -> None:
        if not self.is_up:
            raise StreamAway("the simulated server is away")


class SimulatedStream:
    """A client of it, as the engine's door asks for one."""

    def __init__(self, server: StreamServer) -> None:
        self._server = server

    async def prepare(self) -> None:
        """Make the group."""
        self._server.make_group()

    async def pending(self, *, idle_s: float, most: int) -> Sequence[Entry]:
        """Take over what was not acknowledged."""
        return self._server.claim(idle_s=idle_s, most=most, now_s=_now_s())

    async def fresh(self, *, most: int, wait_s: float) -> Sequence[Entry]:
        """Wait on the server."""
        until_s = _now_s() + wait_s
        found = self._server.read(most=most, now_s=_now_s())
        while not found and _now_s() < until_s:
            await asyncio.sleep(LOOK_S)
            found = self._server.read(most=most, now_s=_now_s())
        return found

    async def acknowledge(self, entry_ids: Sequence[str]) -> None:
        """Dealt with."""
        self._server.acknowledge([int(name.partition("-")[0]) for name in entry_ids])

    async def set_aside(self, entry: Entry, reason: str) -> None:
        """Not taken."""
        self._server.set_aside({**(entry.fields or {}), b"reason": reason.encode()})

    async def close(self) -> None:
        """Nothing is open."""


def _now_s() -> float:
    return asyncio.get_running_loop().time()
