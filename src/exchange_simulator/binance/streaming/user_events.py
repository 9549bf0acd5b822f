"""In which order the private events of a fill are told.

Captures of unrelated projects show ACCOUNT_UPDATE before ORDER_TRADE_UPDATE, fill by fill, also
with a gap between; the documents promise an order only among events of one type. So either may come
first, and the order's event may come later; those of orders keep their order among themselves.
"""

from collections.abc import Callable
from typing import Any

from exchange_simulator.ports import Schedule

Event = dict[str, Any]


class UserEvents:
    """Tells the events of one account.

    Attributes:
        order_first: ORDER_TRADE_UPDATE comes before ACCOUNT_UPDATE.
        gap_s: what comes second comes so much later.
    """

    def __init__(self, *, emit: Callable[[Event], None], schedule: Schedule) -> None:
        self._emit = emit
        self._schedule = schedule
        self.order_first = False
        self.gap_s = 0.0

    def of_order(self, event: Event) -> None:
        """Something happened to an order: told behind what was told of it before."""
        self._tell(event, late=not self.order_first)

    def of_account(self, event: Event) -> None:
        """Wallet and position have changed."""
        self._tell(event, late=self.order_first)

    def of_fill(self, notice: Event, order: Event, account: Event) -> None:
        """One fill: the early notice, then both of its events."""
        self._emit(notice)
        if self.order_first:
            self.of_order(order)
            self.of_account(account)
        else:
            self.of_account(account)
            self.of_order(order)

    def _tell(self, event: Event, *, late: bool) -> None:
        if late and self.gap_s > 0:
            self._schedule(self.gap_s, lambda: self._emit(event))
        else:
            self._emit(event)
