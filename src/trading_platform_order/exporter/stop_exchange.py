"""Our emergency stop and the shared flag, each told to the other."""

from collections.abc import Callable
from pathlib import Path

from trading_platform_order.client.stopping import set_stop
from trading_platform_order.exporter.destination import Destination
from trading_platform_order.exporter.emergency_flag import FLAG_LATCH, read_flag, to_write
from trading_platform_order.risk.monitors.emergency_stop import STOP_LATCH
from trading_platform_order.storage.base import Reader
from trading_platform_order.storage.sqlite.store import open_inbox
from trading_platform_order.transport.clock import Clock, epoch_us

Knock = Callable[[], bool]


class StopExchange:
    """Of one account.

    The store is opened to write only when something has to be written: a stop that somebody set,
    and that it stands or stands no more.
    """

    def __init__(self, *, path: Path, account: str, clock: Clock, knock: Knock) -> None:
        self._path = path
        self._account = account
        self._clock = clock
        self._knock = knock

    async def tell_both(self, reader: Reader, destination: Destination) -> str:
        """Bring both up to date; returns why the flag stops us, empty if it does not.

        Raises:
            DestinationAway: the flag is not known; what it said last stays in force.
            StoreUnavailable: our store cannot be read or written.
        """
        stored = await destination.flag()
        flag = read_flag(stored.text, account=self._account)
        latches = {latch.kind: latch for latch in await reader.latches()}
        if flag.cause:
            if not {STOP_LATCH, FLAG_LATCH} <= latches.keys():
                await self._stop(flag.cause)
            return flag.cause
        if FLAG_LATCH in latches:
            await self.forget("the flag is not set any more")
        stop = latches.get(STOP_LATCH)
        now = self._clock.now()
        text = to_write(flag, None if stop is None else stop.reason, account=self._account, at=now)
        if text is not None:
            # Whoever changed it meanwhile is heard in the next turn.
            await destination.replace_flag(stored, text, at=now)
        return ""

    async def _stop(self, cause: str) -> None:
        reason = f"emergency_flag: set in the storage database: {cause}"
        inbox = open_inbox(self._path, account=self._account)
        try:
            await set_stop(inbox, self._knock, reason, flatten=False)
            await inbox.set_latch(FLAG_LATCH, reason, at_us=epoch_us(self._clock.now()))
        finally:
            await inbox.close()

    async def forget(self, why: str) -> None:
        """It holds nothing up any more; the stop itself stays until somebody resumes."""
        if not self._is_store_there():
            return
        inbox = open_inbox(self._path, account=self._account)
        try:
            await inbox.clear_latch(FLAG_LATCH, why, at_us=epoch_us(self._clock.now()))
        finally:
            await inbox.close()

    def _is_store_there(self) -> bool:
        return self._path.is_file()
