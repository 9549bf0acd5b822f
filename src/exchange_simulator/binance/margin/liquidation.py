"""What the exchange does to a position by itself: liquidation and auto-deleveraging.

Client order ids of such orders begin with ``autoclose-`` and ``adl_autoclose`` (Binance docs,
Event-Order-Update). When the maintenance margin is no longer covered, open orders end with reason 5
and positions are closed at their mark price: all crossed ones together, an isolated one alone. The
real exchange closes at worse prices and takes a fee of its own; the figures here are kinder, the
events are the same.
"""

from collections.abc import Callable
from decimal import Decimal

import attrs

from exchange_simulator.binance.margin.account import Account
from exchange_simulator.binance.margin.position_key import symbol_of
from exchange_simulator.binance.market_data.symbols import SymbolRules
from exchange_simulator.binance.trading.matching import Matching
from exchange_simulator.binance.trading.order import SimulatedOrder
from exchange_simulator.decimals import floor_to_step


@attrs.define(kw_only=True, eq=False, repr=False)
class ForcedClosing:
    """Closes positions without being asked."""

    _account: Account
    _matching: Matching
    _rules: dict[str, SymbolRules]
    _now_ms: Callable[[], int]

    def liquidate_if_due(self) -> list[SimulatedOrder]:
        """Close what no longer covers its maintenance margin.

        All crossed positions stand and fall together; an isolated one stands on its own money.
        """
        closed = [
            self._liquidate(holding) for holding in self._account.held() if self._sinks(holding)
        ]
        held = [one for one in self._account.held() if not self._account.is_isolated(one)]
        if not held:
            return closed
        figures = self._matching.figures()
        if figures.cross_balance > figures.cross_maintenance:
            return closed
        for order in self._matching.open_orders():
            self._matching.expire_for_liquidation(order)
        return closed + [self._close(holding, f"autoclose-{self._now_ms()}") for holding in held]

    def _sinks(self, holding: str) -> bool:
        account = self._account
        if not account.is_isolated(holding):
            return False
        standing = account.standing(holding)
        return account.isolated_wallet(holding) + standing.unrealised <= standing.maintenance

    def _liquidate(self, holding: str) -> SimulatedOrder:
        for order in self._matching.open_orders(symbol_of(holding)):
            self._matching.expire_for_liquidation(order)
        return self._close(holding, f"autoclose-{self._now_ms()}")

    def deleverage(self, symbol: str) -> SimulatedOrder | None:
        """Close the position of a contract for someone else's sake; ``None`` if it is flat."""
        closed = [self._close(one, "adl_autoclose") for one in self._account.holdings_in(symbol)]
        return closed[0] if closed else None

    def _close(self, holding: str, client_order_id: str) -> SimulatedOrder:
        tick = self._rules[symbol_of(holding)].tick
        price: Decimal = floor_to_step(self._account.mark(holding), tick)
        return self._matching.force_close(holding, client_order_id=client_order_id, price=price)
