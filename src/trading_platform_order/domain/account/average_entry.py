"""A position at its average entry, signed: the one arithmetic the ledger and the PnL share.

A short is positive. Coins held are a negative short; so is a short of which more was bought back
than was there (an order proven absent fills after all), until the trade that did it restores it.
"""

from dataclasses import dataclass
from decimal import Decimal

from trading_platform_order.domain.money import ZERO


@dataclass(slots=True, kw_only=True)
class AveragedShort:
    """Quantity and what it was sold for.

    Attributes:
        quantity: base units, positive for a short.
        entry_value: in the unit of the prices it was traded at; negative for a long.
    """

    quantity: Decimal = ZERO
    entry_value: Decimal = ZERO

    def trade(self, sold: Decimal, price: Decimal) -> Decimal:
        """Sell this much (negative: buy) at a price; returns the profit realised."""
        realised, opened = ZERO, sold
        if sold * self.quantity < 0:
            closed = min(abs(sold), abs(self.quantity)).copy_sign(self.quantity)
            realised = self.take_out(closed) - closed * price
            opened = sold + closed
        self.quantity += opened
        self.entry_value += opened * price
        return realised

    def take_out(self, quantity: Decimal) -> Decimal:
        """Remove a part without a trade; returns the entry value that went with it."""
        value = self.entry_value
        if quantity != self.quantity:
            value = ZERO if self.quantity == 0 else value * quantity / self.quantity
        self.quantity -= quantity
        self.entry_value -= value
        return value

    def unrealised(self, price: Decimal) -> Decimal:
        """Profit if closed at a price."""
        return self.entry_value - self.quantity * price
