"""Takes signals out of the durable inbox and hands them to the engine, each once."""

from trading_platform_order.domain.account.account_events import SignalRefused
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.runtime.engine import Engine
from trading_platform_order.signals.any_format import read_any
from trading_platform_order.signals.faults import SignalFault
from trading_platform_order.signals.inbox import InboxItem, InboxSource
from trading_platform_order.signals.research_format import Hold
from trading_platform_order.storage.base import ClaimResult, InboxResult, Store
from trading_platform_order.transport.clock import Clock


class InboxLoop:
    """A background part of the engine."""

    def __init__(self, *, engine: Engine, store: Store, source: InboxSource, clock: Clock) -> None:
        self._engine = engine
        self._store = store
        self._source = source
        self._clock = clock

    async def run(self) -> None:
        """Run until cancelled."""
        async for item in self._source:
            await self._engine.executor.wake()
            await self._take(item)

    async def _take(self, item: InboxItem) -> None:
        signal = read_any(item.raw)
        if isinstance(signal, SignalFault):
            await self._refuse(item, signal)
            return
        if isinstance(signal, Hold):
            await self._store.finish_signal(
                item.inbox_id, result=InboxResult.DONE, detail="HOLD: nothing is traded"
            )
            return
        receipt = await self._engine.submit(signal, inbox_id=item.inbox_id)
        if receipt.result is ClaimResult.CLAIMED:
            return
        result = (
            InboxResult.CONFLICT
            if receipt.result is ClaimResult.CONFLICT
            else InboxResult.DUPLICATE
        )
        await self._store.finish_signal(item.inbox_id, result=result, detail=signal.id)

    async def _refuse(self, item: InboxItem, fault: SignalFault) -> None:
        figures = {"field": fault.field, "fault": fault.code.value}
        await self._engine.executor.account.journal(
            SignalRefused(
                signal_id=fault.signal_id,
                strategy="",
                action="",
                symbol="",
                code=RefusalCode.INVALID_SIGNAL.value,
                message=fault.message,
                figures=figures,
                at=self._clock.now(),
            ),
            Alert(
                kind=AlertKind.REFUSAL,
                urgent=False,
                fields={"signal_id": fault.signal_id, "reason": fault.message, **figures},
            ),
        )
        await self._store.finish_signal(
            item.inbox_id, result=InboxResult.REFUSED, detail=f"{fault.field}: {fault.message}"
        )
