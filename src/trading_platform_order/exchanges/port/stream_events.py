"""What the streams of an exchange tell, and whoever hears it."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.market import Book, FxRate
from trading_platform_order.domain.order import Balance, OrderReport
from trading_platform_order.domain.protection.protective_stop import StopReport
from trading_platform_order.domain.value import value
from trading_platform_order.domain.venue import Venue


@value
class OrderUpdate:
    """The private stream told something about one order (ours or anyone's)."""

    report: OrderReport


@value
class BalancesChanged:
    """The private stream told new balances: only the assets that changed."""

    exchange: Venue
    balances: tuple[Balance, ...]


@value
class FundingSettled:
    """Funding was paid or received; read :meth:`BaseExchange.funding` for the truth."""

    exchange: Venue
    at: datetime


@value
class StreamUp:
    """The private stream is subscribed. Nothing is replayed: resync by REST now."""

    exchange: Venue


@value
class StreamDown:
    """The private stream was lost; events may be missed until the next ``StreamUp``."""

    exchange: Venue
    reason: str


@value
class PositionChanged:
    """The private stream told a position: base units, a short is negative."""

    exchange: Venue
    symbol: str
    quantity: Decimal


@value
class StopUpdate:
    """The private stream told how a conditional order stands (ours or anyone's)."""

    report: StopReport


PrivateEvent = (
    OrderUpdate
    | StopUpdate
    | BalancesChanged
    | PositionChanged
    | FundingSettled
    | StreamUp
    | StreamDown
)
PrivateSink = Callable[[PrivateEvent], None]

MarketEvent = Book | FxRate
MarketSink = Callable[[MarketEvent], None]
