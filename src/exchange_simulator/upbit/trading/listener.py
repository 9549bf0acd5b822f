"""Who hears what the matching does."""

from collections.abc import Sequence
from typing import Protocol

from exchange_simulator.upbit.market_data.markets import Market
from exchange_simulator.upbit.trading.orders import SimulatedOrder, Trade


class Listener(Protocol):
    """Hears of everything a stream may have to tell."""

    def order_changed(
        self, order: SimulatedOrder, trade: Trade | None, *, is_prevented: bool = False
    ) -> None:
        """An order was accepted, traded, ended, or prevented from trading with our own."""
        ...

    def assets_changed(self, assets: Sequence[str]) -> None:
        """Balances of these assets changed."""
        ...

    def book_taken(self, market: Market) -> None:
        """Something was taken from the market's book."""
        ...

    def traded(self, market: Market) -> None:
        """The market has a new print."""
        ...
