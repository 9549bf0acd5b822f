"""What the exchange does to a position by itself: liquidation and auto-deleveraging.

Client order ids of such orders begin with ``autoclose-`` and ``adl_autoclose`` (Binance docs,
Event-Order-Update). Cross margin: when the maintenance margin is no longer covered, open orders
end with reason 5 and every position is closed at its mark price. The real exchange closes at
worse prices and takes a fee of its own; the figures here are kinder, the events are the same.
"""

from collections.abc import Callable
from decimal import Decimal

from trading_platform_order.domain.money import floor_to_step
from trading_platform_order.simulator.binance.account import Account
from trading_platform_order.simulator.binance.matching import Matching
from trading_platform_order.simulator.binance.order import SimulatedOrder
from trading_platform_order.simulator.binance.symbols import SymbolRules


class ForcedClosing:
    """Closes positions without being asked."""

    def __init__(
        self,
        *,
        account: Account,
        matching: Matching,
        rules: dict[str, SymbolRules],
        now_ms: Callable[[], int],
    ) -> None:
        self._account = account
        self._matching = matching
        self._rules = rules
        self._now_ms = now_ms

    def liquidate_if_due(self) -> list[SimulatedOrder]:
        """Close everything if the margin balance no longer covers the maintenance margin."""
        held = self._account.held()
        figures = self._matching.figures()
        if not held or figures.margin_balance > figures.maintenance:
            return []
        for order in self._matching.open_orders():
            self._matching.expire_for_liquidation(order)
        return [self._close(symbol, f"autoclose-{self._now_ms()}") for symbol in held]

    def deleverage(self, symbol: str) -> SimulatedOrder | None:
        """Close one position for someone else's sake; ``None`` if it is flat."""
        if not self._account.position(symbol).quantity:
            return None
        return self._close(symbol, "adl_autoclose")

    def _close(self, symbol: str, client_order_id: str) -> SimulatedOrder:
        price: Decimal = floor_to_step(self._account.mark(symbol), self._rules[symbol].tick)
        return self._matching.force_close(symbol, client_order_id=client_order_id, price=price)
