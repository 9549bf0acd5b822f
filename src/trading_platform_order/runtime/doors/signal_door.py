"""What a door of a running engine does with a signal: claim it, or journal why it cannot be read.

Socket and inbox share it, so that there is one reading, one claim and one refusal, whichever way a
signal came. It returns once what it tells is durable.
"""

from dataclasses import dataclass

from trading_platform_order.domain.account.account_events import SignalRefused
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.executor.intake.signal_intake import Receipt
from trading_platform_order.runtime.engine import Engine
from trading_platform_order.signals.any_format import Found
from trading_platform_order.signals.faults import SignalFault
from trading_platform_order.signals.research_format import Hold
from trading_platform_order.transport.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of one text.

    Attributes:
        found: what was read in it.
        receipt: of a signal; a HOLD and what cannot be read have none.
        trade: that it opened.
    """

    found: Found
    receipt: Receipt | None = None
    trade: PairTrade | None = None


class SignalDoor:
    """Of one engine that takes signals."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def look_for_stop(self) -> None:
        """Another process may have set the emergency stop just before it sent an entry."""
        await self._engine.executor.wake()

    async def take(
        self, found: Found, *, inbox_id: int | None = None, received_s: float | None = None
    ) -> Taken:
        """Hand it to the engine.

        Args:
            found: what was read in a text.
            inbox_id: of the inbox's row that carried it.
            received_s: when the text came, by the engine's stopwatch; now by default.

        Raises:
            StoreUnavailable: it is not known to be durable; the engine stops.
            RuntimeError: the engine does not run, or stopped meanwhile.
        """
        if isinstance(found, SignalFault):
            await self._refuse(found)
            return Taken(found=found)
        if isinstance(found, Hold):
            return Taken(found=found)
        receipt = await self._engine.submit(found, inbox_id=inbox_id, received_s=received_s)
        trade = None if receipt.trade_id is None else self._engine.trade_of(receipt.trade_id)
        return Taken(found=found, receipt=receipt, trade=trade)

    async def _refuse(self, fault: SignalFault) -> None:
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
