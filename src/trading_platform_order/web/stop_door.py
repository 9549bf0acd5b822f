"""The stop as the page orders it: in the store, and in the file that needs no store.

The store's write lock may be held by somebody else just when an operator wants to stop. The file
needs neither store nor engine: trading is stopped while it exists. Whoever resumes removes it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from trading_platform_order.client.stopping import PAGE_MARK, Done, set_stop
from trading_platform_order.runtime.host.files.stop_file import StopFile
from trading_platform_order.storage.base import Inbox, StoreUnavailable

STORE_WAIT_S = 0.5
"""So long an answer waits for the store, while the file says the same already."""


@dataclass(slots=True)
class StopDoor:
    """Sets the stop; a store that does not answer at once is told as soon as it does."""

    inbox: Inbox
    knock: Callable[[], bool]
    path: Path
    _orders: set[asyncio.Task[Done | StoreUnavailable]] = field(default_factory=set, init=False)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Orders that still wait for the store are given up at the end; the file stays."""
        try:
            yield
        finally:
            for order in self._orders:
                order.cancel()
            if self._orders:
                await asyncio.wait(self._orders)

    async def stop(self, reason: str, *, flatten: bool) -> Done | None:
        """Both; ``None``: the file holds, and the store has not answered yet.

        Raises:
            StoreUnavailable: neither could be written.
        """
        order = asyncio.create_task(self._in_store(reason, flatten=flatten), name="stop")
        self._orders.add(order)
        order.add_done_callback(self._orders.discard)
        problem = await asyncio.to_thread(StopFile(path=self.path).leave, PAGE_MARK + reason)
        # Without the file only the store can stop: then its own limit is waited for.
        await asyncio.wait((order,), timeout=STORE_WAIT_S if problem is None else None)
        if not order.done():
            self.knock()
            return None
        done = order.result()
        if isinstance(done, Done):
            return done
        if problem is not None:
            raise done
        return None

    async def _in_store(self, reason: str, *, flatten: bool) -> Done | StoreUnavailable:
        try:
            return await set_stop(self.inbox, self.knock, reason, flatten=flatten)
        except StoreUnavailable as unavailable:
            return unavailable
