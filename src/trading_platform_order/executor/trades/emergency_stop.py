"""The emergency stop as running trades meet it: set, learned of, and lifted.

The latch itself is durable and the account's (``AccountService``). What is here makes the trades
obey: under a stop nothing adds exposure, and once an operator lifts it, what had given up tries
again.
"""

from collections.abc import Callable

from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.trades.trade_registry import TradeRegistry
from trading_platform_order.transport.clock import Clock


class EmergencyStop:
    """Of one engine."""

    def __init__(self, *, account: AccountService, registry: TradeRegistry, clock: Clock) -> None:
        self._account = account
        account.on_latched = self._stop_entering
        self._registry = registry
        self._clock = clock

    async def wake(self) -> None:
        """Another process may have set or lifted it: look now."""
        was_stopped = self._account.latched_reason
        await self._account.read_latch()
        reason = self._account.latched_reason
        if reason == was_stopped:
            return
        await self._account.journal_stop(was_stopped)
        if reason is not None:
            self._stop_entering(reason)
        else:
            self._resume_halted()

    async def latch(self, reason: str) -> None:
        """Set it for a reason that the engine itself found."""
        await self._account.latch(reason)

    async def trade_halted(self, trade: PairTrade) -> None:
        """A trade gave up: an operator must look before anything is entered."""
        await self.latch(f"trade {trade.trade_id} halted: {trade.detail}")

    def heed(self) -> None:
        """Have entries that run obey a stop that may have come before they were registered."""
        if self._account.stopped_reason is not None:
            self._stop_entering(self._account.stopped_reason)

    def _stop_entering(self, reason: str) -> None:
        """The stop lets nothing add exposure, the completion of a running ENTER included."""
        now = self._clock.now()
        for runner in self._registry.runners.values():
            if runner.trade.action is Action.ENTER:
                runner.post((te.CompletionStopped(reason=f"stop: {reason}", at=now),))

    def _resume_halted(self) -> None:
        """An operator lifted the stop: trades that had given up try again."""
        self.resume_halted(lambda _: "the stop was lifted")

    def resume_halted(self, why: Callable[[PairTrade], str | None]) -> None:
        """Have trades that gave up try again; ``why`` says for which, and is journalled."""
        for trade in self._registry.unsettled:
            reason = why(trade) if trade.state is TradeState.HALTED else None
            if reason is not None:
                now = self._clock.now()
                events: list[te.TradeEvent] = [te.TradeResumed(reason=reason, at=now)]
                stopped = self._account.stopped_reason
                if stopped is not None and trade.action is Action.ENTER:
                    events.append(te.CompletionStopped(reason=f"stop: {stopped}", at=now))
                self._registry.hand_late(trade.trade_id, tuple(events))
