"""Where signals come in: claimed once, straight through if their lane is free, else queued.

A claim is durable before anybody hears of it. What waits is executed or refused later, once.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Protocol

from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.executor.intake.admission import Admission, Admitted
from trading_platform_order.executor.intake.symbol_queue import Lane
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.task_tracker import Work
from trading_platform_order.executor.trades.trade_runner import Started
from trading_platform_order.storage.base import Claim, ClaimResult

EXIT_MARKET_WAIT_S = 60.0
EXIT_MARKET_RETRY_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a sender learns at once: claimed (durably), a repetition, a conflict, or refused."""

    result: ClaimResult
    refusal: Refusal | None = None
    trade_id: str | None = None


class IntakeSeat(Protocol):
    """What the intake needs of the engine."""

    def lane(self, symbol: str) -> Lane:
        """Where signals of this base asset queue."""
        ...

    def serve(self, symbol: str) -> None:
        """Run what waits in this lane, if nothing holds it."""
        ...

    def release(self, symbol: str) -> None:
        """One who held the lane is done."""
        ...

    async def trade_and_release(
        self, trade: PairTrade, started: Started | None, lane: Lane
    ) -> None:
        """See an admitted trade to its end."""
        ...


class Intake:
    """Takes signals of one engine."""

    def __init__(
        self,
        *,
        seat: IntakeSeat,
        ports: ExecutorPorts,
        settings: ExecutorSettings,
        admission: Admission,
        work: Work,
    ) -> None:
        self._seat = seat
        self._ports = ports
        self._settings = settings
        self._admission = admission
        self._work = work

    async def handle(self, signal: Signal, claim: Claim) -> Receipt:
        """Execute a signal once; returns as soon as its claim is durable.

        The work belongs to the engine: a caller that is cancelled loses the answer, nothing else.

        Raises:
            StoreUnavailable: it is not known to be claimed; the engine stops.
            RuntimeError: the engine does not run, or stopped meanwhile.
        """
        work = self._work.task(self.take(signal, claim), name=f"signal {signal.id}")
        if work is None:
            raise RuntimeError("the engine does not run")
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if caller is None or caller.cancelling() or not work.cancelled():
                raise
            # Only the engine ended: to its caller this is a failure, not a cancellation.
            raise RuntimeError("the engine stopped before the claim was known") from None

    async def take(self, signal: Signal, claim: Claim) -> Receipt:
        """The same for a caller inside the engine, whose own end is the engine's."""
        started = Started(monotonic=self._ports.clock.monotonic())
        lane = self._seat.lane(signal.symbol)
        if lane.holders or self._must_wait_for_market(signal):
            return await self._told(signal, await self._enqueue(lane, signal, claim))
        lane.hold()
        self._work.enter()
        admitted = await self._admission.admit(signal, claim=claim)
        receipt = self._receipt(admitted)
        if admitted.trade is None:
            self._seat.release(signal.symbol)
        else:
            self._work.start(
                self._seat.trade_and_release(admitted.trade, started, lane),
                name=f"trade {admitted.trade.trade_id}",
            )
        self._work.leave()
        return await self._told(signal, receipt)

    def _must_wait_for_market(self, signal: Signal) -> bool:
        """An EXIT is never refused for want of a price while one may still come."""
        if signal.action is not Action.EXIT or not self._ports.market.knows(signal.symbol):
            return False
        return self._ports.market.view(signal.symbol, self._ports.clock.now()) is None

    async def wait_for_market(self, signal: Signal) -> None:
        """Return when an EXIT can be priced, or a minute later."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + EXIT_MARKET_WAIT_S
        while loop.time() < deadline:
            if not self._must_wait_for_market(signal):
                return
            await asyncio.sleep(EXIT_MARKET_RETRY_S)

    async def _told(self, signal: Signal, receipt: Receipt) -> Receipt:
        """A used id with another content is not traded, and a person learns of it."""
        if receipt.result is ClaimResult.CONFLICT:
            refusal = Refusal(
                code=RefusalCode.SIGNAL_CONFLICT,
                message=f"signal id {signal.id} was used before with another content",
            )
            await self._admission.refuse(signal, refusal, claim=None)
            return replace(receipt, refusal=refusal)
        return receipt

    async def _enqueue(self, lane: Lane, signal: Signal, claim: Claim) -> Receipt:
        now = self._ports.clock.now()
        if self._admission.is_expired(signal, now):
            return self._receipt(await self._admission.admit(signal, claim=claim))
        if len(lane.waiting) >= self._settings.lane_bound:
            refusal = Refusal(
                code=RefusalCode.QUEUE_FULL,
                message=f"{len(lane.waiting)} signals wait for {signal.symbol} already",
            )
            return self._receipt(await self._admission.refuse(signal, refusal, claim=claim))
        result = await self._admission.claim(signal, claim)
        if result is ClaimResult.CLAIMED:
            self.stop_completing(lane, signal)
            lane.waiting.append(signal)
            self._seat.serve(signal.symbol)
        return Receipt(result=result)

    def stop_completing(self, lane: Lane, signal: Signal) -> None:
        """An EXIT of the strategy that is entering: nothing more is added for that entry."""
        runner = lane.runner
        if runner is None or signal.action is not Action.EXIT:
            return
        entering = runner.trade
        if entering.action is Action.ENTER and entering.signal.strategy == signal.strategy:
            reason = f"EXIT {signal.id} arrived"
            runner.post((te.CompletionStopped(reason=reason, at=self._ports.clock.now()),))

    def _receipt(self, admitted: Admitted) -> Receipt:
        trade_id = admitted.trade.trade_id if admitted.trade else None
        return Receipt(result=admitted.result, refusal=admitted.refusal, trade_id=trade_id)
