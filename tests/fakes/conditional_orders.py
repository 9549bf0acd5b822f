"""Conditional orders of the fake exchange, with scripted fates."""

import asyncio
from collections import deque
from dataclasses import replace

from tests.fakes.outcomes import (
    SILENT_TIMEOUT_S,
)
from trading_platform_order.domain.outcome import (
    AlreadyGone,
    CancelOutcome,
    CancelRequested,
    NotFound,
    ProvenAbsent,
    ReadFailed,
    Refused,
    Unknown,
)
from trading_platform_order.domain.protection.protective_stop import (
    ProtectiveStopOrder,
    ProtectiveStopState,
    StopReport,
)
from trading_platform_order.exchanges.port.conditional import StopOutcome


class FakeConditionalOrders:
    """Stops that wait until a test lets them fire.

    Attributes:
        stops: every one that was taken, as it stands.
        stops_sent: every one that was sent, as it was.
        stops_most: how many of one kind ever stood at once.
        stop_outcomes: of the next ones: ``"taken"``, ``"lost"``, ``"unanswered"`` or a refusal.
        lost_stop_cancels: so many of the next cancels are not answered.
        happened, reads_fail, read_s, proof_s: the exchange's own.
    """

    happened: list[str]
    reads_fail: bool
    read_s: float
    proof_s: float

    def __init__(self) -> None:
        self.stops: dict[str, ProtectiveStopOrder] = {}
        self.stops_sent: list[ProtectiveStopOrder] = []
        self.stops_most = 0
        self.stop_outcomes: deque[str | Refused] = deque()
        self.lost_stop_cancels = 0

    async def place_stop(self, stop: ProtectiveStopOrder) -> StopOutcome:
        name = stop.client_order_id
        self.happened.append(f"stop sent {name[-3:]}")
        self.stops_sent.append(stop)
        outcome = self.stop_outcomes.popleft() if self.stop_outcomes else "taken"
        if isinstance(outcome, Refused):
            await asyncio.sleep(self.read_s)
            return outcome
        if outcome != "lost":
            self.stops[name] = replace(stop, state=ProtectiveStopState.WAITING)
            waiting = [s for s in self.stops.values() if s.state is ProtectiveStopState.WAITING]
            same = [s for s in waiting if s.kind is stop.kind]
            self.stops_most = max(self.stops_most, len(same))
        if outcome != "taken":
            await asyncio.sleep(SILENT_TIMEOUT_S)
            return Unknown(reason="no answer")
        await asyncio.sleep(self.read_s)
        return self.stop_report(name)

    def stop_report(self, name: str, reason: str = "") -> StopReport:
        """How a conditional order stands."""
        stop = self.stops[name]
        return StopReport(
            client_order_id=name,
            exchange_order_id=f"a-{name}",
            symbol="BTCUSDT",
            state=stop.state,
            quantity=stop.quantity,
            trigger_price_usdt=stop.trigger_price_usdt,
            reason=reason or stop.state.value,
        )

    async def look_up_stop(self, stop: ProtectiveStopOrder) -> StopReport | NotFound | ReadFailed:
        await asyncio.sleep(self.read_s)
        if self.reads_fail:
            return ReadFailed(reason="no answer")
        if stop.client_order_id not in self.stops:
            return NotFound()
        return self.stop_report(stop.client_order_id)

    async def prove_stop_absence(
        self, stop: ProtectiveStopOrder
    ) -> StopReport | ProvenAbsent | Unknown:
        await asyncio.sleep(self.proof_s)
        if stop.client_order_id in self.stops:
            return self.stop_report(stop.client_order_id)
        return ProvenAbsent(evidence="nowhere")

    async def cancel_stop(self, client_order_id: str) -> CancelOutcome:
        self.happened.append(f"stop cancelled {client_order_id[-3:]}")
        await asyncio.sleep(self.read_s)
        if self.lost_stop_cancels > 0:
            self.lost_stop_cancels -= 1
            return Unknown(reason="no answer")
        stop = self.stops.get(client_order_id)
        if stop is None or stop.state is not ProtectiveStopState.WAITING:
            return AlreadyGone()
        self.stops[client_order_id] = replace(stop, state=ProtectiveStopState.CANCELLED)
        return CancelRequested()

    async def open_stops(self, symbol: str) -> tuple[StopReport, ...] | ReadFailed:
        await asyncio.sleep(self.read_s)
        if self.reads_fail:
            return ReadFailed(reason="no answer")
        waiting = [n for n, stop in self.stops.items() if stop.state is ProtectiveStopState.WAITING]
        return tuple(self.stop_report(name) for name in waiting) if symbol == "BTCUSDT" else ()

    @property
    def waiting_stops(self) -> list[ProtectiveStopOrder]:
        """Those that stand."""
        return [stop for stop in self.stops.values() if stop.state is ProtectiveStopState.WAITING]
