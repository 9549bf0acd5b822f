"""The part of the port that conditional orders need: they only reduce, and wait on the exchange."""

from trading_platform_order.domain.outcome import (
    AlreadyGone,
    CancelOutcome,
    NotFound,
    ProvenAbsent,
    ReadFailed,
    Refused,
    Unknown,
)
from trading_platform_order.domain.protection.protective_stop import ProtectiveStopOrder, StopReport
from trading_platform_order.domain.venue import Venue

StopOutcome = StopReport | Refused | Unknown


class ConditionalOrders:
    """As an exchange without them answers; one that has them overrides all of it."""

    venue: Venue

    async def place_stop(self, stop: ProtectiveStopOrder) -> StopOutcome:  # noqa: ARG002 - the port's
        """Send one conditional order once. The intent must be durable before this is called."""
        return Refused(code="unsupported", message=f"{self.venue} has no conditional orders")

    async def look_up_stop(self, stop: ProtectiveStopOrder) -> StopReport | NotFound | ReadFailed:  # noqa: ARG002
        """How it stands; one that does not fit the intent is ``ReadFailed("collision: …")``."""
        return NotFound()

    async def prove_stop_absence(
        self,
        stop: ProtectiveStopOrder,  # noqa: ARG002
    ) -> StopReport | ProvenAbsent | Unknown:
        """One bounded step from unknown to known, as :meth:`prove_absence`; never sends again."""
        return Unknown(reason=f"{self.venue} has no conditional orders")

    async def cancel_stop(self, client_order_id: str) -> CancelOutcome:  # noqa: ARG002
        """Ask for the end of one that waits."""
        return AlreadyGone()

    async def open_stops(self, symbol: str) -> tuple[StopReport, ...] | ReadFailed:  # noqa: ARG002
        """All that wait in a symbol, whoever placed them."""
        return ()

    async def countdown(self, symbol: str, wait_ms: int) -> ReadFailed | None:  # noqa: ARG002
        """Have the exchange end a symbol's open orders unless told again; zero calls it off."""
        return None
