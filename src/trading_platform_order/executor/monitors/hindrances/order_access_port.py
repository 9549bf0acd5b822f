"""What the monitors report to, and ask, about an exchange's readiness to take orders.

The state itself (open, doubtful, closed) is kept elsewhere; monitors only add what they learn.
"""

from collections.abc import Callable, Mapping

from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.value import value
from trading_platform_order.domain.venue import Venue

OnHindrance = Callable[[Leg, str, Hindrance, str], None]
OnLapsed = Callable[[Leg, str, Hindrance], None]


@value
class OrderAccessPort:
    """Three callables; none of them waits.

    Attributes:
        hindered: an exchange takes no orders: leg, base asset ("" for all), why, its words.
        lapsed: that does not hold any more.
        dead_keys: where the engine's key is dead now, each with the exchange's words.
    """

    hindered: OnHindrance
    lapsed: OnLapsed
    dead_keys: Callable[[], Mapping[Venue, str]]

    @classmethod
    def none(cls) -> "OrderAccessPort":
        """Keeps nothing."""
        return cls(hindered=lambda *_: None, lapsed=lambda *_: None, dead_keys=dict)
