"""Takes signals out of the durable inbox and hands them to the engine, each once."""

from typing import assert_never

from trading_platform_order.domain.signal import Signal
from trading_platform_order.runtime.doors.signal_door import SignalDoor
from trading_platform_order.runtime.engine import Engine
from trading_platform_order.signals.any_format import read_any
from trading_platform_order.signals.arrival.inbox import InboxItem, InboxSource
from trading_platform_order.signals.faults import SignalFault
from trading_platform_order.signals.research_format import Hold
from trading_platform_order.storage.base import ClaimResult, InboxResult, Store
from trading_platform_order.transport.clock import Clock

_REPEATED = {
    ClaimResult.DUPLICATE: InboxResult.DUPLICATE,
    ClaimResult.CONFLICT: InboxResult.CONFLICT,
}


class InboxLoop:
    """A background part of the engine."""

    def __init__(self, *, engine: Engine, store: Store, source: InboxSource, clock: Clock) -> None:
        self._door = SignalDoor(engine, clock)
        self._store = store
        self._source = source

    async def run(self) -> None:
        """Run until cancelled."""
        async for item in self._source:
            await self._door.look_for_stop()
            await self._take(item)

    async def _take(self, item: InboxItem) -> None:
        taken = await self._door.take(
            read_any(item.raw), inbox_id=item.inbox_id, received_s=item.received_s
        )
        match taken.found:
            case SignalFault() as fault:
                detail = f"{fault.field}: {fault.message}"
                await self._finish(item, InboxResult.REFUSED, detail)
            case Hold():
                await self._finish(item, InboxResult.DONE, "HOLD: nothing is traded")
            case Signal() as signal:
                if taken.receipt is not None and taken.receipt.result in _REPEATED:
                    await self._finish(item, _REPEATED[taken.receipt.result], signal.id)
            case never:
                assert_never(never)

    async def _finish(self, item: InboxItem, result: InboxResult, detail: str) -> None:
        await self._store.finish_signal(item.inbox_id, result=result, detail=detail)
