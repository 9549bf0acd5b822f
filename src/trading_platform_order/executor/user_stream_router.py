"""What the private streams tell, handed to whom it concerns. Never blocks and decides nothing.

News of an order of ours goes to its trade, running or ended. News of anybody else's order, and of
a position or balance, can only raise the suspicion that one leg is gone.
"""

import attrs

from trading_platform_order.domain.order import Leg, OrderReport, base_asset, leg_of
from trading_platform_order.domain.order_identity.client_order_id import read_client_order_id
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.report_events import events_of_report
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.exchanges.port.stream_events import (
    BalancesChanged,
    FundingSettled,
    OrderUpdate,
    PositionChanged,
    PrivateEvent,
    StopUpdate,
    StreamDown,
    StreamUp,
)
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.account.leg_loss.leg_loss import LegLoss
from trading_platform_order.executor.intake.symbol_queue import SymbolQueues
from trading_platform_order.executor.protection.protective_stops import ProtectiveStops
from trading_platform_order.executor.task_tracker import TaskTracker
from trading_platform_order.executor.trades.trade_registry import TradeRegistry
from trading_platform_order.transport.clock import Clock


@attrs.define(kw_only=True, eq=False, repr=False)
class UserStreamRouter:
    """Called by the adapters."""

    _registry: TradeRegistry
    _queues: SymbolQueues
    _account: AccountService
    _leg_loss: LegLoss
    _protective_stops: ProtectiveStops
    _tasks: TaskTracker
    _exchanges: PairExchanges
    _clock: Clock

    def take(self, event: PrivateEvent) -> None:
        """One piece of news."""
        match event:
            case OrderUpdate():
                self._on_order(event.report)
            case StopUpdate():
                self._protective_stops.heard(event.report)
            case BalancesChanged():
                self._on_balances(event)
            case PositionChanged():
                self._on_position(event)
            case FundingSettled():
                self._tasks.start(self._account.book_funding(event.at), name="funding")
            case StreamUp():
                leg = self._exchanges.leg(event.exchange)
                self._account.stream_up(leg)
                for runner in self._registry.runners.values():
                    runner.resync()
                self._tasks.start(self._after_stream_up(leg), name="resync")
            case StreamDown():
                self._account.stream_down(self._exchanges.leg(event.exchange))

    def _on_position(self, event: PositionChanged) -> None:
        base = base_or_none(event.symbol)
        if base is not None:
            busy = self._queues.is_held(base)
            if self._leg_loss.position_told(base, -event.quantity, is_busy=busy):
                self._book_told(base)

    def _on_balances(self, event: BalancesChanged) -> None:
        self._account.on_balances(event)
        if self._exchanges.leg(event.exchange) is Leg.SPOT:
            for balance in event.balances:
                busy = self._queues.is_held(balance.asset)
                self._leg_loss.balance_told(balance.asset, balance.total, is_busy=busy)

    def _on_order(self, report: OrderReport) -> None:
        trade_id = self._registry.trade_of(report.client_order_id)
        if trade_id is None:
            if read_client_order_id(report.client_order_id) is None:
                self._on_foreign_order(report)
            else:
                self._tasks.start(self._on_old_order(report), name="order of long ago")
            return
        self._on_order_of(trade_id, report)

    async def _on_old_order(self, report: OrderReport) -> None:
        """Under a name of ours, and of no trade in memory: perhaps of one that settled long ago."""
        await self._registry.history.recall_orders([report.client_order_id])
        trade_id = self._registry.trade_of(report.client_order_id)
        if trade_id is None:
            self._on_foreign_order(report)
        else:
            self._on_order_of(trade_id, report)

    def _on_order_of(self, trade_id: str, report: OrderReport) -> None:
        events = events_of_report(report, self._clock.now())
        runner = self._registry.runners.get(trade_id)
        if runner is not None:
            runner.post(events)
        else:
            self._registry.hand_late(trade_id, events)

    def _on_foreign_order(self, report: OrderReport) -> None:
        """A hedge order that belongs to no trade was filled: only one leg may be left of the pair.

        Running entries of the asset are not completed: what was taken must not be entered again.
        """
        base = base_or_none(report.symbol)
        if leg_of(report.symbol) is Leg.SPOT or not report.fills or base is None:
            return
        for runner in self._registry.runners.values():
            if runner.trade.base == base and runner.trade.action is Action.ENTER:
                reason = f"{report.client_order_id} traded the hedge from outside"
                runner.post((te.CompletionStopped(reason=reason, at=self._clock.now()),))
        self._leg_loss.executions_told(base, report.fills)
        self._book_told(base)

    def _book_told(self, base: str) -> None:
        self._tasks.start(self._leg_loss.book_told(base), name=f"told of {base}")

    async def _after_stream_up(self, leg: Leg) -> None:
        if not self._account.book.is_open:
            return
        # Whatever was taken away while nobody listened is told by nobody afterwards.
        for base in sorted(self._account.book.held_bases()):
            self._queues.request_position_check(base)
        await self._account.refresh(leg)
        if leg is Leg.HEDGE:
            await self._account.book_funding(self._clock.now())


def base_or_none(symbol: str) -> str | None:
    """The base asset; ``None`` for a symbol that no pair of ours can have."""
    try:
        return base_asset(symbol)
    except ValueError:
        return None
