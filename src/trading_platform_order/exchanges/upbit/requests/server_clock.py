"""Upbit's clock, as its answers tell it, carried on by the clock that counts suspend.

An order found under an identifier is ours only if it was not created before the intent. Our
calendar may be wrong or jump, so the intent's time is kept on the exchange's clock. The ``Date``
header has whole seconds: what is told here may lie a second behind the exchange, never ahead of it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from trading_platform_order.domain.order import Order
from trading_platform_order.domain.order_identity.order_match import CLOCK_MARGIN_S
from trading_platform_order.transport.clock import Clock

READ_EVERY_S = 30.0
KEPT = 10_000
EXACT_MARGIN_S = 3.0


class ServerClock:
    """One exchange's time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._anchor: tuple[datetime, float] | None = None
        self._sent_at: dict[str, datetime] = {}

    def observe(self, headers: Mapping[str, str]) -> None:
        """An answer came just now."""
        now_s = self._clock.boottime()
        if self._anchor is not None and now_s - self._anchor[1] < READ_EVERY_S:
            return
        text = headers.get("date", "")
        try:
            told = parsedate_to_datetime(text).astimezone(UTC)
        except ValueError:
            return
        self._anchor = (told, now_s)

    def now(self) -> datetime:
        """The exchange's time; ours before the first answer."""
        if self._anchor is None:
            return self._clock.now()
        told, at_s = self._anchor
        return told + timedelta(seconds=self._clock.boottime() - at_s)

    def sending(self, client_order_id: str) -> None:
        """This order leaves now. Before the first answer the exchange's time is not known."""
        if self._anchor is None:
            return
        self._sent_at.setdefault(client_order_id, self.now())
        if len(self._sent_at) > KEPT:
            del self._sent_at[next(iter(self._sent_at))]

    def margin_s(self, order: Order) -> float:
        """How much older than :meth:`as_intended` an order may look and still be ours."""
        is_exact = order.client_order_id in self._sent_at
        return EXACT_MARGIN_S if is_exact else CLOCK_MARGIN_S

    def as_intended(self, order: Order) -> Order:
        """The intent with its time on the exchange's clock.

        After a restart only the journal's time is left; it is moved by what our calendar differs
        now.
        """
        sent_at = self._sent_at.get(order.client_order_id)
        if sent_at is None:
            sent_at = order.created_at + (self.now() - self._clock.now())
        return replace(order, created_at=sent_at)
