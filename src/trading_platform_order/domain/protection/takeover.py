"""What the watchdog sends in the engine's place, in a form that the engine can adopt.

Every order belongs to a pair trade: to the unfinished one whose legs it takes back, or to an EXIT
of its own that closes what a strategy holds. So its fills are booked by the same code as any other.
"""

from trading_platform_order.domain.order import Order
from trading_platform_order.domain.trade.trade_events import DecisionPrices, Holding
from trading_platform_order.domain.value import value


@value
class TakeoverIntent:
    """One order of the watchdog, durable before it leaves.

    Attributes:
        trade_id: the unfinished trade it belongs to, or the watchdog's own.
        strategy: whose holding it reduces.
        base: base asset.
        own_trade: the trade is the watchdog's own EXIT and not in the journal yet.
        start: what the strategy held of it when that EXIT was planned.
        decision: the market at that moment.
    """

    trade_id: str
    strategy: str
    base: str
    own_trade: bool
    start: Holding
    decision: DecisionPrices
    order: Order


def signal_id_of(generation: int) -> str:
    """The signal that the watchdog's own EXIT is told to come from."""
    return f"watchdog-{generation}"
