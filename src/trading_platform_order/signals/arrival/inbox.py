"""Signals that other processes put into the store's inbox, handed to the engine in order.

The inbox is durable and the wake-up is not: a sender stores first and then knocks, and the source
also looks by itself every second, so a lost knock costs time and nothing else. What is not finished
when the engine dies is handed out again at the next start; the claim keeps it from running twice.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

PAGE = 100


class SignalInbox(Protocol):
    """The part of the store this source needs."""

    async def pending_signals(
        self, limit: int = ..., *, after_id: int = ...
    ) -> Sequence[tuple[int, str]]:
        """``(inbox id, raw text)`` of signals not finished yet, oldest first."""
        ...


class Wake(Protocol):
    """Something that can be knocked on.

    Attributes:
        knocks: how many were heard.
    """

    knocks: int

    async def wait(self, timeout_s: float) -> None:
        """Return at a knock, at the latest after ``timeout_s``; one since the last call counts."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxItem:
    """One signal as it came; finish it in the store under its id, or claim it with that id.

    ``received_s``: when it came out of the store, seconds of the source's stopwatch.
    """

    inbox_id: int
    raw: str
    received_s: float | None = None


class InboxSource:
    """Hands out each waiting signal once per start; iterate until cancelled."""

    def __init__(
        self,
        store: SignalInbox,
        wake: Wake,
        *,
        poll_interval_s: float = 1.0,
        stopwatch: Callable[[], float] | None = None,
    ) -> None:
        self._store = store
        self._wake = wake
        self._poll_interval_s = poll_interval_s
        self._stopwatch = stopwatch
        self._after_id = 0
        # No knock is older than the first look, so what waits at the start is behind knock 0.
        self._seen = -1
        self._looked = asyncio.Event()

    async def caught_up(self, knocks: int, *, limit_s: float) -> bool:
        """Wait until everything was handed out that was stored before so many knocks were heard.

        ``limit_s``: the longest wait in seconds; false if it was not enough.
        """
        if self._seen >= knocks:
            return True
        try:
            async with asyncio.timeout(limit_s):
                while self._seen < knocks:
                    await self._looked.wait()
        except TimeoutError:
            return False
        return True

    async def __aiter__(self) -> AsyncIterator[InboxItem]:
        """Never ends by itself."""
        while True:
            knocks = self._wake.knocks
            page = await self._store.pending_signals(PAGE, after_id=self._after_id)
            received_s = None if self._stopwatch is None else self._stopwatch()
            for inbox_id, raw in page:
                self._after_id = inbox_id
                yield InboxItem(inbox_id=inbox_id, raw=raw, received_s=received_s)
            if len(page) < PAGE:
                self._seen = knocks
                self._looked.set()
                self._looked = asyncio.Event()
            if not page:
                await self._wake.wait(self._poll_interval_s)
