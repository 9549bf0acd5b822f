"""The way of an admitted trade through its symbol's queue: registered, run, booked, let go.

A trade that can send nothing is let go meanwhile, so that others of its asset go on beside it; it
holds the queue again before it goes on.
"""

import asyncio

import attrs

from trading_platform_order.domain.trade.closing import Waits
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.executor.intake.close_queue import CloseQueue
from trading_platform_order.executor.intake.symbol_queue import SymbolQueue, SymbolQueues
from trading_platform_order.executor.trades.emergency_stop import EmergencyStop
from trading_platform_order.executor.trades.first_orders import SentOrder
from trading_platform_order.executor.trades.trade_registry import TradeRegistry
from trading_platform_order.executor.trades.trade_runner import Started, TradeRunner
from trading_platform_order.transport.clock import Clock


@attrs.define(kw_only=True, eq=False, repr=False)
class TradeFlow:
    """Of one engine."""

    _registry: TradeRegistry
    _queues: SymbolQueues
    _close_queue: CloseQueue
    _stop: EmergencyStop
    _clock: Clock

    # -- a trade, whose queue is held by whoever begins it -----------------------------------------

    async def run(
        self, trade: PairTrade, started: Started | None, sent: tuple[SentOrder, ...] = ()
    ) -> None:
        """See an admitted trade to its booked end; ``sent``: of its orders, what is on its way."""
        await self._run(self.register(trade, started), sent)

    async def _run(self, runner: TradeRunner, sent: tuple[SentOrder, ...]) -> None:
        self._stop.heed()  # it may have come while the intents were made durable
        self._heed_closes(runner)
        await self._registry.see_through(runner, runner.trade.orders, sent)
        await self._finish(runner)

    async def run_and_release(self, runner: TradeRunner, sent: tuple[SentOrder, ...]) -> None:
        """The same of one that is registered, and let the queue go."""
        await self._run(runner, sent)
        self._queues.release(runner.trade.base)

    async def resume(self, runner: TradeRunner) -> None:
        """See a trade of before the start to its end."""
        self._heed_closes(runner)
        await runner.after_restart()
        await self._registry.see_through(runner)
        await self._finish(runner)
        self._queues.release(runner.trade.base)

    def register(self, trade: PairTrade, started: Started | None = None) -> TradeRunner:
        """A runner for a trade; from now on news of its orders find it, and the queue knows it."""
        runner = self._registry.register(trade, started)
        self._queue_of(runner).runners[trade.trade_id] = runner
        return runner

    def _heed_closes(self, runner: TradeRunner) -> None:
        """A close of its strategy may have come to wait before it was registered."""
        queue = self._queue_of(runner)
        for signal in queue.closes_of(runner.trade.signal.strategy):
            queue.stop_completing(signal, self._clock.now())

    async def _finish(self, runner: TradeRunner) -> None:
        await self._registry.finish(runner)
        self._queue_of(runner).runners.pop(runner.trade.trade_id, None)

    def _queue_of(self, runner: TradeRunner) -> SymbolQueue:
        return self._queues.of(runner.trade.base)

    # -- what the registry tells ------------------------------------------------------------------

    def reopened(self, runner: TradeRunner) -> None:
        """Late news have opened an ended trade again: it holds the queue, whoever else does."""
        queue = self._queue_of(runner)
        queue.hold()
        queue.runners[runner.trade.trade_id] = runner

    def done(self, runner: TradeRunner) -> None:
        """That trade is at its end again."""
        self._queue_of(runner).runners.pop(runner.trade.trade_id, None)
        self._queues.release(runner.trade.base)

    def on_waits_changed(self, runner: TradeRunner, waits: Waits | None) -> None:
        """Let the queue go while the trade can send nothing; hold it again before it goes on."""
        queue, signal_id = self._queue_of(runner), runner.trade.signal.id
        if waits is None:
            self._close_queue.over(signal_id)
            queue.hold()
            return
        if signal_id not in self._close_queue.waiting():
            queue.let_go()
            asyncio.get_running_loop().call_soon(self._queues.serve, runner.trade.base)
        self._close_queue.note(signal_id, waits)

    def may_go_on(self, runner: TradeRunner) -> bool:
        """Return whether a trade that waited may send again.

        Not while another trade of its strategy runs beside it: what that one does has to be booked
        first.
        """
        trade = runner.trade
        return self._queue_of(runner).only_waits(trade.signal.strategy, beside=trade.trade_id)
