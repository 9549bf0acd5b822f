"""Orders out against intents in: what the exchanges show under our prefix must be journalled.

An intent is durable before its first byte leaves, so an order that is seen and, some seconds later,
still in no journal was not sent by the engine as it should be: a second engine, another store, a
stolen key, a bug. The same holds for more executed than was intended.
"""

from collections.abc import Callable
from dataclasses import dataclass

from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import Leg, Order, OrderReport, OrderSide, Purpose, leg_of
from trading_platform_order.domain.order_identity.client_order_id import read_client_order_id
from trading_platform_order.exchanges.port.stream_events import OrderUpdate, PrivateEvent

REMEMBERED_MAX = 10_000


@dataclass(slots=True)
class _Sighting:
    report: OrderReport
    since: float


class UnjournalledOrders:
    """Remembers what was seen until the journal explains it."""

    def __init__(self, *, prefix: str, monotonic: Callable[[], float]) -> None:
        self._prefix = prefix
        self._monotonic = monotonic
        self._seen: dict[str, _Sighting] = {}

    def on_private_event(self, event: PrivateEvent) -> None:
        """From the private streams; never blocks."""
        if isinstance(event, OrderUpdate):
            self.note(event.report)

    def note(self, report: OrderReport) -> None:
        """An order was seen on an exchange."""
        name = report.client_order_id
        if not name.startswith(self._prefix) or _is_protective(report):
            return
        known = self._seen.get(name)
        if known is not None:
            if report.executed_quantity > known.report.executed_quantity:
                known.report = report
        elif len(self._seen) < REMEMBERED_MAX:
            self._seen[name] = _Sighting(report, self._monotonic())

    def judge(self, intent_of: Callable[[str], Order | None], *, limit_s: float) -> tuple[str, ...]:
        """One line for each order that nothing explains; explained ones are forgotten.

        Args:
            intent_of: the journalled intent under an id.
            limit_s: how long an order may be in no journal.
        """
        lines: list[str] = []
        for name, sighting in list(self._seen.items()):
            intent = intent_of(name)
            report = sighting.report
            if intent is not None:
                if _exceeds(intent, report):
                    lines.append(_over(intent, report))
                del self._seen[name]
            elif self._monotonic() - sighting.since >= limit_s:
                lines.append(f"{report.exchange} has order {name}, which no journal knows")
                del self._seen[name]
        return tuple(lines)


def _is_protective(report: OrderReport) -> bool:
    """A stop on the hedge that fired: it only reduces, and the journal keeps it apart."""
    named = read_client_order_id(report.client_order_id)
    protects = named is not None and named.purpose in {Purpose.PROTECT, Purpose.TRAIL}
    return protects and leg_of(report.symbol) is Leg.HEDGE and report.side is OrderSide.BUY


def _exceeds(intent: Order, report: OrderReport) -> bool:
    if intent.symbol != report.symbol or intent.side is not report.side:
        return report.executed_quantity > 0
    if intent.quote_amount is not None:
        # How many coins an amount of KRW buys is not known before.
        return report.quote_amount is not None and report.quote_amount > intent.quote_amount
    return report.executed_quantity > intent.quantity


def _over(intent: Order, report: OrderReport) -> str:
    return (
        f"{report.exchange} executed {report.side} {plain(report.executed_quantity)} "
        f"{report.symbol} of {intent.client_order_id}, which was to "
        f"{intent.side} {plain(intent.quantity)} {intent.symbol}"
    )
