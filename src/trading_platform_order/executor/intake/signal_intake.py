"""Where signals come in: claimed once, straight through where nothing stands before, else queued.

A claim is durable before anybody hears of it. What waits is executed or refused later, once. An
EXIT waits only for its own strategy's trade, for exchanges that take orders, and for prices; it is
never refused because much waits, and an entry of its strategy that has not begun gives way to it.
"""

import asyncio
from dataclasses import replace

import attrs

from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade.closing import CloseKind, Waits
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.value import value
from trading_platform_order.executor.intake.admission.admission import Admission, Admitted
from trading_platform_order.executor.intake.close_queue import CloseQueue
from trading_platform_order.executor.intake.symbol_queue import SymbolQueue, SymbolQueues
from trading_platform_order.executor.intake.trade_flow import TradeFlow
from trading_platform_order.executor.journal.claims import claim_for
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.start_progress import StartProgress
from trading_platform_order.executor.task_tracker import TaskTracker
from trading_platform_order.executor.trades.trade_runner import Started
from trading_platform_order.storage.base import Claim, ClaimResult


@value
class Receipt:
    """What a sender learns at once: claimed (durably), a repetition, a conflict, or refused."""

    result: ClaimResult
    refusal: Refusal | None = None
    trade_id: str | None = None


@attrs.define(kw_only=True, eq=False, repr=False)
class Intake:
    """Takes signals of one engine."""

    _queues: SymbolQueues
    _flow: TradeFlow
    _progress: StartProgress
    _ports: ExecutorPorts
    _settings: ExecutorSettings
    _admission: Admission
    _close_queue: CloseQueue
    _tasks: TaskTracker

    async def handle(
        self, signal: Signal, claim: Claim, *, received_s: float | None = None
    ) -> Receipt:
        """Execute a signal once; returns as soon as its claim is durable.

        The work belongs to the engine: a caller that is cancelled loses the answer, nothing else.
        It is begun at once, without a turn of the event loop: where nothing has to be waited for,
        both orders are on the wire when this returns.

        Args:
            signal: what is asked.
            claim: of its id.
            received_s: when its first byte came, seconds of the stopwatch; now by default.

        Raises:
            StoreUnavailable: it is not known to be claimed; the engine stops.
            RuntimeError: the engine does not run, or stopped meanwhile.
        """
        work = self.take(signal, claim, received_s=received_s)
        tasks = self._tasks.begin(work, name=f"signal {signal.id}")
        if tasks is None:
            raise RuntimeError("the engine does not run")
        try:
            return await asyncio.shield(tasks)
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if caller is None or caller.cancelling() or not tasks.cancelled():
                raise
            # Only the engine ended: to its caller this is a failure, not a cancellation.
            raise RuntimeError("the engine stopped before the claim was known") from None

    async def take(
        self,
        signal: Signal,
        claim: Claim,
        kind: CloseKind = CloseKind.ASKED,
        *,
        received_s: float | None = None,
    ) -> Receipt:
        """The same for a caller inside the engine, whose own end is the engine's."""
        if self._ports.aside and self._ports.aside.freezes(signal.symbol):
            message = f"{signal.symbol} is set aside: {self._ports.aside.in_words()}"
            refusal = Refusal(code=RefusalCode.UNRESOLVED_TRADE, message=message)
            return self._receipt_of(await self._admission.refuse(signal, refusal, claim=claim))
        if received_s is None:
            received_s = self._ports.stopwatch_s()
        started = Started(monotonic=received_s)
        queue = self._queues.of(signal.symbol)
        if signal.action is Action.EXIT:
            receipt = await self._take_exit(queue, signal, claim, started, kind)
        elif not (queue.is_clear and self._progress.may_enter):
            receipt = await self._enqueue_entry(queue, signal, claim)
        else:
            queue.hold()
            receipt = await self._straight(signal, claim, started)
        return await self._with_conflict(signal, receipt)

    async def _straight(self, signal: Signal, claim: Claim, started: Started) -> Receipt:
        """Nothing stands before it; the caller holds the queue."""
        self._tasks.enter()
        admitted = await self._admission.admit(signal, claim=claim)
        if admitted.trade is None:
            self._queues.release(signal.symbol)
        else:
            self._begin(admitted.trade, admitted, started)
        self._tasks.leave()
        return self._receipt_of(admitted)

    def _begin(self, trade: PairTrade, admitted: Admitted, started: Started) -> None:
        """Its orders are on their way: news of them, and signals, must find the trade from now on.

        Nothing was awaited since they left.
        """
        runner = self._flow.register(trade, started)
        work = self._flow.run_and_release(runner, admitted.sent)
        self._tasks.start(work, name=f"trade {trade.trade_id}")

    # -- closes -----------------------------------------------------------------------------------

    async def _take_exit(
        self, queue: SymbolQueue, signal: Signal, claim: Claim, started: Started, kind: CloseKind
    ) -> Receipt:
        strategy = signal.strategy
        if kind.overtakes:
            stands_before = not queue.only_waits(strategy)
        else:
            stands_before = queue.is_busy(strategy) or bool(queue.closes.get(strategy))
        if stands_before or not self._progress.may_close:
            return await self._enqueue_exit(queue, signal, claim, Waits(reason="its turn"))
        queue.starting[strategy] = signal.id
        queue.hold()
        self._tasks.enter()
        try:
            admitted = await self._admission.admit(signal, claim=claim, kind=kind)
            if admitted.trade is not None:
                self._begin(admitted.trade, admitted, started)
            if admitted.waits is not None and not kind.gives_way:
                receipt = await self._enqueue_exit(queue, signal, claim, admitted.waits)
            else:
                receipt = self._receipt_of(admitted)
                await self._end_entries_before(queue, signal)
            if admitted.trade is None:
                self._queues.release(signal.symbol)
        finally:
            del queue.starting[strategy]
            self._tasks.leave()
        return receipt

    async def _enqueue_exit(
        self, queue: SymbolQueue, signal: Signal, claim: Claim, waits: Waits
    ) -> Receipt:
        """Claim an EXIT that cannot begin now, and let it wait in its strategy's queue.

        ``waits``: what for, as operators are told it.
        """
        if self._admission.is_expired(signal):
            return await self._refuse_expired(signal, claim)
        # Before the claim is awaited: the claim journals the part by the prices of this moment, and
        # the part that is executed must be that one.
        with_part = self._admission.with_part_in_coins(signal)
        result = await self._admission.record_claim(signal, claim)
        if result is ClaimResult.CLAIMED:
            queue.closes_of(signal.strategy).append(with_part)
            self._close_queue.note(signal.id, waits)
            await self._end_entries_before(queue, signal)
            self._queues.serve(signal.symbol)
        return Receipt(result=result)

    async def _end_entries_before(self, queue: SymbolQueue, signal: Signal) -> None:
        """Let nothing of its strategy open any more, now that this EXIT was claimed.

        The entry that runs is not completed; entries that wait are refused.
        """
        queue.stop_completing(signal, self._ports.clock.now())
        queued = [other for other in queue.waiting if other.strategy == signal.strategy]
        for entry in queued:  # all of them before the first await, so that none can begin
            queue.waiting.remove(entry)
        for entry in queued:
            refusal = Refusal(
                code=RefusalCode.CLOSE_WAITS,
                message=f"EXIT {signal.id} of the strategy came before it could begin",
            )
            await self._admission.refuse(entry, refusal, claim=None)

    async def begin_next(self, signal: Signal) -> None:
        """Claim a close of the engine's own, and put it before its strategy's closes that wait."""
        if await self._admission.record_claim(signal, claim_for(signal)) is ClaimResult.CLAIMED:
            self._queues.of(signal.symbol).closes_of(signal.strategy).appendleft(signal)
        self._queues.serve(signal.symbol)

    async def close_next(self, queue: SymbolQueue, signal: Signal) -> None:
        """See a strategy's next close through, claimed before, if it can be begun; else it waits.

        The caller holds the queue and has marked the strategy as starting.
        """
        try:
            admitted = await self._begin_close(queue, signal)
        finally:
            del queue.starting[signal.strategy]
        trade = admitted.trade
        if trade is not None:
            await self._flow.run(trade, None, admitted.sent)
        queue.let_go()
        if trade is not None or signal not in queue.closes_of(signal.strategy):
            self._queues.serve(signal.symbol)

    async def _begin_close(self, queue: SymbolQueue, signal: Signal) -> Admitted:
        """Take it out of its queue, unless it goes on waiting; without a trade it was refused."""
        admitted = await self._admission.admit(signal, claim=None)
        if admitted.waits is not None:
            self._close_queue.note(signal.id, admitted.waits)
            return admitted
        # By name: a close of our own may have come to stand before it meanwhile.
        queue.closes_of(signal.strategy).remove(signal)
        self._close_queue.over(signal.id)
        return admitted

    # -- entries ----------------------------------------------------------------------------------

    async def _enqueue_entry(self, queue: SymbolQueue, signal: Signal, claim: Claim) -> Receipt:
        if self._admission.is_expired(signal):
            return await self._refuse_expired(signal, claim)
        if len(queue.waiting) >= self._settings.queue_bound:
            refusal = Refusal(
                code=RefusalCode.QUEUE_FULL,
                message=f"{len(queue.waiting)} signals wait for {signal.symbol} already",
            )
            return self._receipt_of(await self._admission.refuse(signal, refusal, claim=claim))
        result = await self._admission.record_claim(signal, claim)
        if result is ClaimResult.CLAIMED:
            queue.waiting.append(signal)
            self._queues.serve(signal.symbol)
        return Receipt(result=result)

    async def enter_waiting(self, queue: SymbolQueue, symbol: str) -> None:
        """Entries that waited for the queue, claimed already, in order of arrival."""
        while queue.waiting and queue.holders == 1:
            admitted = await self._admission.admit(queue.waiting.popleft(), claim=None)
            if admitted.trade is not None:
                await self._flow.run(admitted.trade, None, admitted.sent)
        self._queues.release(symbol)

    # -- what is answered -------------------------------------------------------------------------

    async def _refuse_expired(self, signal: Signal, claim: Claim) -> Receipt:
        # Admission looks at the age before anything else, and stores the refusal with the claim.
        return self._receipt_of(await self._admission.admit(signal, claim=claim))

    async def _with_conflict(self, signal: Signal, receipt: Receipt) -> Receipt:
        """A used id with another content is not traded, and an operator learns of it."""
        if receipt.result is ClaimResult.CONFLICT:
            refusal = Refusal(
                code=RefusalCode.SIGNAL_CONFLICT,
                message=f"signal id {signal.id} was used before with another content",
            )
            await self._admission.refuse(signal, refusal, claim=None)
            return replace(receipt, refusal=refusal)
        return receipt

    def _receipt_of(self, admitted: Admitted) -> Receipt:
        trade_id = admitted.trade.trade_id if admitted.trade else None
        return Receipt(result=admitted.result, refusal=admitted.refusal, trade_id=trade_id)
