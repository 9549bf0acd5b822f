"""One connection of the local socket: lines in and out, bounded in size, number and time.

Nothing here waits: bytes are cut into lines as they come, and whoever serves the connection takes
them one by one. While too many wait the peer is not read; while it does not read, nothing more is
taken from it. A line that is too long is kept as far as it shows that, and its rest is let go.
"""

import asyncio
from collections import deque
from typing import cast

from trading_platform_order.signals.arrival.local_socket import LINE_BYTES_MAX

LINES_AHEAD = 32


class Lines(asyncio.Protocol):
    """What one peer says and is told.

    Attributes:
        taken: lines that were handed out.
        active_s: when it last said something or was told something.
        under_way: lines whose answer has not been written, and outcomes it waits for.
    """

    def __init__(self, now_s: float) -> None:
        self.taken = 0
        self.active_s = now_s
        self.under_way = 0
        self._part_s = self._blocked_s = now_s
        self._part = bytearray()
        self._skips = False
        self._lines: deque[bytes] = deque()
        self._has_ended = self._is_lost = self._is_paused = self._is_blocked = False
        self._closed_s: float | None = None
        self._arrived, self._gone, self._answered = (asyncio.Event() for _ in range(3))
        self._writable = asyncio.Event()
        self._writable.set()
        self._transport: asyncio.Transport | None = None

    # -- what the event loop says ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        # A cast: uvloop's transports are of no class of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        # Whatever does not leave at once holds its next line up: the kernel's buffer is enough.
        self._transport.set_write_buffer_limits(high=0)

    def data_received(self, data: bytes) -> None:
        """Cut it into lines."""
        self.active_s = asyncio.get_running_loop().time()
        if not self._part:
            self._part_s = self.active_s
        first, *rest = data.split(b"\n")
        self._add(first)
        for more in rest:
            self._end_line()
            self._add(more)
        if rest:
            self._part_s = self.active_s
        if len(self._lines) >= LINES_AHEAD and self._transport is not None:
            self._is_paused = True
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """It says nothing more, and may still want its answers."""
        self._has_ended = True
        self._arrived.set()
        return True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - as the loop calls it
        """It is gone."""
        self._is_lost = self._has_ended = True
        self._arrived.set()
        self._writable.set()
        self._answered.set()
        self._gone.set()

    def pause_writing(self) -> None:
        """It does not read."""
        self._is_blocked, self._blocked_s = True, asyncio.get_running_loop().time()
        self._writable.clear()

    def resume_writing(self) -> None:
        """It reads again."""
        self._is_blocked = False
        self._writable.set()

    # -- what its server says ----------------------------------------------------------------------

    def begin(self) -> None:
        """An answer is owed."""
        self.under_way += 1
        self._answered.clear()

    def end(self) -> None:
        """It was given, or never will be."""
        self.under_way -= 1
        if not self.under_way:
            self._answered.set()

    async def answered(self) -> None:
        """Until no answer is owed, or nobody reads it."""
        await self._answered.wait()

    # -- what its server asks ----------------------------------------------------------------------

    @property
    def is_lost(self) -> bool:
        """Nobody reads what is written."""
        return self._is_lost

    @property
    def is_idle(self) -> bool:
        """Nothing of it is waited for by either side."""
        return not (self._lines or self._part or self.under_way or self._is_blocked)

    def is_late(self, now_s: float, *, part_s: float, write_s: float) -> bool:
        """It has let half a line stand, or not read its answers, for too many seconds."""
        if self._is_blocked and now_s - self._blocked_s > write_s:
            return True
        if self._closed_s is not None and now_s - self._closed_s > write_s:
            return True
        return bool(self._part or self._skips) and now_s - self._part_s > part_s

    async def next(self) -> bytes | None:
        """The next line without its end; ``None`` when there will be no more."""
        while not self._lines:
            if self._has_ended:
                return None
            self._arrived.clear()
            await self._arrived.wait()
        line = self._lines.popleft()
        self.taken += 1
        if self._is_paused and len(self._lines) < LINES_AHEAD // 2 and self._transport is not None:
            self._is_paused = False
            self._transport.resume_reading()
        return line

    @property
    def rest(self) -> bytes:
        """What came after the last line's end, once there will be no more."""
        return bytes(self._part)

    async def write(self, line: bytes) -> None:
        """Tell it a line; returns when it has read enough of what it was told before."""
        if self._transport is not None and not self._is_lost:
            self._transport.write(line + b"\n")
            self.active_s = asyncio.get_running_loop().time()
        await self._writable.wait()

    async def close(self) -> None:
        """Let go of it when it has been told everything, or is late."""
        if self._transport is not None:
            self._closed_s = asyncio.get_running_loop().time()
            self._transport.close()
            await self._gone.wait()

    def abort(self) -> None:
        """Let go of it at once."""
        self._has_ended = True
        self._arrived.set()
        if self._transport is not None:
            self._transport.abort()

    def _add(self, data: bytes) -> None:
        if self._skips or not data:
            return
        self._part += data
        if len(self._part) > LINE_BYTES_MAX:
            self._lines.append(bytes(self._part[:LINE_BYTES_MAX]))
            self._part.clear()
            self._skips = True
            self._arrived.set()

    def _end_line(self) -> None:
        if not self._skips and (line := bytes(self._part).strip(b"\r")):
            self._lines.append(line)
            self._arrived.set()
        self._part.clear()
        self._skips = False
