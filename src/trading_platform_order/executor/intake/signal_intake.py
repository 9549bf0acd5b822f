"""Where signals come in: claimed once, straight through where nothing stands before, else queued.

A claim is durable before anybody hears of it. What waits is executed or refused later, once. An
EXIT waits only for its own strategy's trade, for exchanges that take orders, and for prices; it is
never refused because much waits, and an entry of its strategy that has not begun gives way to it.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Protocol

from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.closing import CloseKind, Waits
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.executor.intake.admission import Admission, Admitted
from trading_platform_order.executor.intake.close_queue import CloseQueue
from trading_platform_order.executor.intake.symbol_queue import Lane
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.task_tracker import Work
from trading_platform_order.executor.trades.trade_runner import Started
from trading_platform_order.storage.base import Claim, ClaimResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a sender learns at once: claimed (durably), a repetition, a conflict, or refused."""

    result: ClaimResult
    refusal: Refusal | None = None
    trade_id: str | None = None


class IntakeSeat(Protocol):
    """What the intake needs of the engine."""

    @property
    def may_enter(self) -> bool:
        """Entries are begun: both exchanges were swept, and are set up as they must be."""
        ...

    @property
    def may_close(self) -> bool:
        """Closes may be begun: the start has come so far."""
        ...

    def lane(self, symbol: str) -> Lane:
        """Where signals of this base asset queue."""
        ...

    def serve(self, symbol: str) -> None:
        """Begin what can be begun in this lane."""
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
        closes: CloseQueue,
        work: Work,
    ) -> None:
        self._seat = seat
        self._ports = ports
        self._settings = settings
        self._admission = admission
        self._closes = closes
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

    async def take(
        self, signal: Signal, claim: Claim, kind: CloseKind = CloseKind.ASKED
    ) -> Receipt:
        """The same for a caller inside the engine, whose own end is the engine's."""
        started = Started(monotonic=self._ports.stopwatch_s())
        lane = self._seat.lane(signal.symbol)
        if signal.action is Action.EXIT:
            receipt = await self._take_exit(lane, signal, claim, started, kind)
        elif lane.holders or lane.look or lane.is_checked or not self._seat.may_enter:
            # Who owns what of a leg that may be gone is settled before anything is added to it.
            receipt = await self._enqueue(lane, signal, claim)
        else:
            lane.hold()
            receipt = await self._straight(lane, signal, claim, started)
        return await self._told(signal, receipt)

    async def _straight(
        self, lane: Lane, signal: Signal, claim: Claim, started: Started
    ) -> Receipt:
        """Nothing stands before it; the caller holds the lane."""
        self._work.enter()
        admitted = await self._admission.admit(signal, claim=claim)
        self._go_on(lane, signal, admitted, started)
        self._work.leave()
        return self._receipt(admitted)

    def _go_on(self, lane: Lane, signal: Signal, admitted: Admitted, started: Started) -> None:
        if admitted.trade is None:
            self._seat.release(signal.symbol)
        else:
            self._work.start(
                self._seat.trade_and_release(admitted.trade, started, lane),
                name=f"trade {admitted.trade.trade_id}",
            )

    # -- closes -----------------------------------------------------------------------------------

    async def _take_exit(
        self, lane: Lane, signal: Signal, claim: Claim, started: Started, kind: CloseKind
    ) -> Receipt:
        strategy = signal.strategy
        if kind.overtakes:
            stands_before = not lane.only_waits(strategy)
        else:
            stands_before = lane.is_busy(strategy) or bool(lane.closes.get(strategy))
        if stands_before or not self._seat.may_close:
            return await self._enqueue_exit(lane, signal, claim, Waits(reason="its turn"))
        lane.starting[strategy] = signal.id
        lane.hold()
        self._work.enter()
        try:
            admitted = await self._admission.admit(signal, claim=claim, kind=kind)
            if admitted.waits is not None and not kind.gives_way:
                receipt = await self._enqueue_exit(lane, signal, claim, admitted.waits)
            else:
                receipt = self._receipt(admitted)
                await self.make_way(lane, signal)
            self._go_on(lane, signal, admitted, started)
        finally:
            del lane.starting[strategy]
            self._work.leave()
        return receipt

    async def _enqueue_exit(
        self, lane: Lane, signal: Signal, claim: Claim, waits: Waits
    ) -> Receipt:
        if self._admission.is_expired(signal):
            return self._receipt(await self._admission.admit(signal, claim=claim))
        fixed = self._admission.fixed(signal)
        result = await self._admission.claim(signal, claim)
        if result is ClaimResult.CLAIMED:
            lane.queue(signal.strategy).append(fixed)
            self._closes.note(signal.id, waits)
            await self.make_way(lane, signal)
            self._seat.serve(signal.symbol)
        return Receipt(result=result)

    async def make_way(self, lane: Lane, signal: Signal) -> None:
        """An EXIT was claimed: its strategy's entries there add nothing more."""
        self.stop_completing(lane, signal)
        behind = [other for other in lane.waiting if other.strategy == signal.strategy]
        for entry in behind:
            lane.waiting.remove(entry)
            refusal = Refusal(
                code=RefusalCode.CLOSE_WAITS,
                message=f"EXIT {signal.id} of the strategy came before it could begin",
            )
            await self._admission.refuse(entry, refusal, claim=None)

    async def begin_close(self, lane: Lane, signal: Signal) -> PairTrade | None:
        """The next close of a strategy, claimed before; ``None`` if it waits on or was refused.

        The caller holds the lane and has marked the strategy as starting.
        """
        admitted = await self._admission.admit(signal, claim=None)
        if admitted.waits is not None:
            self._closes.note(signal.id, admitted.waits)
            return None
        # By name: a close of our own may have come to stand before it meanwhile.
        lane.queue(signal.strategy).remove(signal)
        self._closes.over(signal.id)
        return admitted.trade

    def stop_completing(self, lane: Lane, signal: Signal) -> None:
        """An EXIT of the strategy that is entering: nothing more is added for that entry."""
        if signal.action is not Action.EXIT:
            return
        for runner in lane.runners.values():
            entering = runner.trade
            if entering.action is Action.ENTER and entering.signal.strategy == signal.strategy:
                reason = f"EXIT {signal.id} arrived"
                runner.post((te.CompletionStopped(reason=reason, at=self._ports.clock.now()),))

    # -- entries ----------------------------------------------------------------------------------

    async def _enqueue(self, lane: Lane, signal: Signal, claim: Claim) -> Receipt:
        if self._admission.is_expired(signal):
            return self._receipt(await self._admission.admit(signal, claim=claim))
        if len(lane.waiting) >= self._settings.lane_bound:
            refusal = Refusal(
                code=RefusalCode.QUEUE_FULL,
                message=f"{len(lane.waiting)} signals wait for {signal.symbol} already",
            )
            return self._receipt(await self._admission.refuse(signal, refusal, claim=claim))
        result = await self._admission.claim(signal, claim)
        if result is ClaimResult.CLAIMED:
            lane.waiting.append(signal)
            self._seat.serve(signal.symbol)
        return Receipt(result=result)

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

    def _receipt(self, admitted: Admitted) -> Receipt:
        trade_id = admitted.trade.trade_id if admitted.trade else None
        return Receipt(result=admitted.result, refusal=admitted.refusal, trade_id=trade_id)
