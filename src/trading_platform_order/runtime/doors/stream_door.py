"""A stream with a consumer group as a door: each entry a signal, acknowledged after its claim.

An entry is acknowledged once its signal is claimed (or refused, or known from before) and that is
on the disk, whatever the store's durability is set to. Until then the server keeps it pending, and
whoever runs the account next takes it over. Nothing rests on the server beyond that: what it
delivers again is a duplicate by the signal's own id, and what it loses its publisher sends again.

Order within the stream is kept. A few entries are read at a time, and the next ones only when these
are claimed: a publisher that is faster than the engine fills its own stream, not our memory.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import attrs

from trading_platform_order.domain.signal import Signal
from trading_platform_order.runtime.doors.signal_door import Taken
from trading_platform_order.runtime.doors.socket_door import Taker
from trading_platform_order.signals.any_format import Found, read_any
from trading_platform_order.signals.arrival.entry_stream import (
    Entry,
    EntryStream,
    GroupGone,
    StreamAway,
)
from trading_platform_order.signals.faults import FaultCode, SignalFault
from trading_platform_order.signals.fields import MAX_BYTES
from trading_platform_order.signals.research_format import ResearchRules
from trading_platform_order.storage.base import ClaimResult

TEXT = b"signal"
"""The field that holds a signal's JSON; others are the publisher's own."""
AT_ONCE = 32
WAIT_S = 5.0
IDLE_S = 10.0
"""Delivered so long ago and not acknowledged: by an engine that died, or its word was lost."""
LOOK_S = 5.0
"""Between two looks for such entries."""
DELIVERIES_MAX = 10
"""An entry that was delivered so often, and never dealt with, ends whoever takes it."""
RETRY_FIRST_S, RETRY_MAX_S = 0.2, 5.0

Flush = Callable[[], Awaitable[None]]


@attrs.define(kw_only=True, eq=False, repr=False)
class StreamDoor:
    """A background part of the engine.

    ``flush``: everything that was committed is on the disk once it returns.
    """

    _stream: EntryStream
    _door: Taker
    _flush: Flush
    _rules: ResearchRules
    _on_problem: Callable[[str], None]
    _looked_s: float = attrs.field(default=float("-inf"), init=False)
    _problem: str = attrs.field(default="", init=False)

    async def run(self) -> None:
        """Serve until cancelled.

        Raises:
            StoreUnavailable: the journal cannot be written; what was read stays pending.
        """
        pause_s = RETRY_FIRST_S
        try:
            while True:
                try:
                    await self._stream.prepare()
                    pause_s = RETRY_FIRST_S
                    await self._serve()
                except GroupGone:
                    self._tell("the server lost the stream or its group: read from its beginning")
                except StreamAway as away:
                    self._tell(f"{away}; signals of the stream wait there")
                    await asyncio.sleep(pause_s)
                    pause_s = min(pause_s * 2, RETRY_MAX_S)
        finally:
            await self._stream.close()

    async def _serve(self) -> None:
        """As long as the server answers. What it still holds of us comes first."""
        loop = asyncio.get_running_loop()
        while entries := await self._stream.pending(idle_s=0.0, most=AT_ONCE):
            await self._take_all(entries)
        self._looked_s = loop.time()
        while True:
            if loop.time() - self._looked_s >= LOOK_S:
                await self._take_all(await self._stream.pending(idle_s=IDLE_S, most=AT_ONCE))
                self._looked_s = loop.time()
            await self._take_all(await self._stream.fresh(most=AT_ONCE, wait_s=WAIT_S))
            self._problem = ""

    async def _take_all(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        received_s = asyncio.get_running_loop().time()
        await self._door.look_for_stop()
        for entry in entries:
            await self._take(entry, received_s)
        await self._flush()
        await self._stream.acknowledge([entry.entry_id for entry in entries])

    async def _take(self, entry: Entry, received_s: float) -> None:
        if entry.fields is None:
            return  # there is nothing to deal with any more
        found = self._read(entry)
        taken = await self._door.take(found, received_s=received_s)
        reason = _not_taken(found, taken)
        if reason:
            await self._set_aside(entry, reason)

    def _read(self, entry: Entry) -> Found:
        if entry.deliveries > DELIVERIES_MAX:
            text = f"delivered {entry.deliveries} times and never dealt with"
            return _fault(FaultCode.OUT_OF_RANGE, text)
        fields = entry.fields or {}
        raw = fields.get(TEXT)
        if raw is None:
            names = ", ".join(sorted(name.decode(errors="replace") for name in fields)[:10])
            return _fault(
                FaultCode.MISSING_FIELD, f"an entry has the field signal; this one: {names}"
            )
        if len(raw) > MAX_BYTES:
            return _fault(FaultCode.TOO_LARGE, f"{len(raw)} bytes, {MAX_BYTES} are allowed")
        return read_any(raw, self._rules)

    async def _set_aside(self, entry: Entry, reason: str) -> None:
        self._on_problem(f"warning: stream entry {entry.entry_id} was not taken: {reason}")
        await self._stream.set_aside(entry, reason)

    def _tell(self, problem: str) -> None:
        if problem != self._problem:
            self._on_problem(f"warning: signal stream: {problem}")
        self._problem = problem


def _not_taken(found: Found, taken: Taken) -> str:
    """Why an entry belongs among those an operator looks at; empty: it does not."""
    if isinstance(found, SignalFault):
        return f"{found.field}: {found.message}" if found.field else found.message
    receipt = taken.receipt
    if isinstance(found, Signal) and receipt and receipt.result is ClaimResult.CONFLICT:
        return f"another signal was claimed under the id {found.id}"
    return ""


def _fault(code: FaultCode, message: str) -> SignalFault:
    return SignalFault(field="signal", code=code, message=message, signal_id="")
