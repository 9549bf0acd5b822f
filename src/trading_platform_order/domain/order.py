"""Orders, fills and positions as every part of the system sees them.

``Order`` keeps the names the specification asks for (``id``, ``exchange``, ``symbol``, ``side``,
``type``, ``quantity``, ``price``, ``status``, ``signal_id``, ``created_at``) and adds what a real
system needs. Symbols are ``BTC-KRW`` on Upbit and ``BTCUSDT`` on Binance; the adapters translate
to the wire.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.value import value
from trading_platform_order.domain.venue import Venue


class Leg(StrEnum):
    """The two sides of a pair: coins bought on Upbit, the same quantity shorted on Binance."""

    SPOT = "spot"
    HEDGE = "hedge"

    @property
    def other(self) -> "Leg":
        """The opposite leg."""
        return Leg.HEDGE if self is Leg.SPOT else Leg.SPOT


class Purpose(StrEnum):
    """Why an order exists; part of its client order id."""

    OPEN = "open"
    CLOSE = "close"
    COMPLETE = "complete"
    UNWIND = "unwind"
    TRUE_UP = "true_up"
    WATCHDOG = "watchdog"
    PROTECT = "protect"
    TRAIL = "trail"


class OrderSide(StrEnum):
    """Direction of an order."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def opposite(self) -> "OrderSide":
        """The other direction."""
        return OrderSide.SELL if self is OrderSide.BUY else OrderSide.BUY


class OrderType(StrEnum):
    """How an order is priced; ``BEST`` (Upbit) is a limit at the best opposite price."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    BEST = "BEST"


class TimeInForce(StrEnum):
    """How long a limit order may stay working. ``POST_ONLY`` never takes: it ends unfilled."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    POST_ONLY = "POST_ONLY"


class OrderStatus(StrEnum):
    """What is known of an order. ``docs/ARCHITECTURE.md`` draws the moves between these.

    ``PENDING``   intent durable; it may have been sent, nothing has answered yet.
    ``UNKNOWN``   it may have happened; being looked up; never treated as failure or success.
    ``WORKING``   the exchange holds it open.
    ``FILLED``    ended, filled as far as the exchange could.
    ``CANCELLED`` ended with less than asked; ``executed_quantity`` says how much was filled.
    ``REFUSED``   the exchange proved that it did not accept it.
    ``ABSENT``    proven never to have taken effect; the id stays watched.
    """

    PENDING = "PENDING"
    UNKNOWN = "UNKNOWN"
    WORKING = "WORKING"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    REFUSED = "REFUSED"
    ABSENT = "ABSENT"

    @property
    def is_final(self) -> bool:
        """Nothing more is expected of the order (a late truth may still arrive)."""
        return self in _FINAL


_FINAL = frozenset(
    {OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.REFUSED, OrderStatus.ABSENT}
)


@value
class Order:
    """One order intent and what is known of it.

    Attributes:
        id: UUID, a pure function of ``client_order_id``.
        client_order_id: Upbit ``identifier`` / Binance ``newClientOrderId``.
        exchange: where it goes.
        symbol: ``BTC-KRW`` or ``BTCUSDT``.
        quantity: base asset. For an Upbit market buy the quantity aimed at; ``quote_amount`` rules.
        price: quote per base, limit orders only.
        quote_amount: KRW to spend, without fee; Upbit market and best buys only.
        executed_quantity: base asset, cumulative, never falls.
        exchange_order_id: what the exchange calls it, once known.
        detail: refusal code or the reason for the present status, for operators.
    """

    id: str
    client_order_id: str
    exchange: Venue
    symbol: str
    side: OrderSide
    type: OrderType
    quantity: Decimal
    price: Decimal | None = None
    quote_amount: Decimal | None = None
    time_in_force: TimeInForce | None = None
    reduce_only: bool = False
    leg: Leg
    purpose: Purpose
    attempt: int
    signal_id: str
    created_at: datetime
    status: OrderStatus = OrderStatus.PENDING
    executed_quantity: Decimal = ZERO
    exchange_order_id: str | None = None
    detail: str = ""

    @property
    def opens(self) -> bool:
        """It buys coins or sells short: it makes a leg longer."""
        return self.side is (OrderSide.BUY if self.leg is Leg.SPOT else OrderSide.SELL)


@value
class Fill:
    """One trade of one of our orders, as the exchange reported it.

    Attributes:
        trade_id: the exchange's own id; with the exchange, symbol and order it is unique for ever.
        quantity: base asset.
        price: quote per base.
        fee: amount paid, positive; unrounded.
        fee_asset: ``KRW`` on Upbit, ``USDT`` (or ``BNB``) on Binance.
        at: the exchange's time of the trade.
        fee_quote: a fee paid in another asset than the quote's, in the quote asset at a price at
            most 60 s older than the trade; ``None`` if the quote asset paid it, or no such price
            was known.
    """

    exchange: Venue
    symbol: str
    client_order_id: str
    trade_id: str
    side: OrderSide
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str
    at: datetime
    fee_quote: Decimal | None = None


@value
class ExecutedTotals:
    """What all trades of an ended order came to together, as exactly as the exchange tells it.

    Attributes:
        quote: price times quantity of them all, in the quote asset.
        fee: paid for them, in ``fee_asset``.
    """

    quote: Decimal
    fee: Decimal
    fee_asset: str


@value
class OrderReport:
    """What an exchange says about one order at one moment (response, stream or look-up).

    Attributes:
        executed_quantity: base asset, cumulative.
        is_open: the exchange may still fill more of it.
        fills: those carried by this report; maybe not all of the order's fills.
        created_at: the exchange's time of creation, where it tells it.
        quote_amount: KRW total of an Upbit market buy.
        totals: of all trades, where the exchange lists only some of them.
    """

    exchange: Venue
    symbol: str
    client_order_id: str
    exchange_order_id: str
    side: OrderSide
    type: OrderType
    quantity: Decimal | None
    price: Decimal | None
    quote_amount: Decimal | None = None
    executed_quantity: Decimal
    is_open: bool
    fills: tuple[Fill, ...] = ()
    created_at: datetime | None = None
    totals: ExecutedTotals | None = None


@value
class Position:
    """A holding on one exchange.

    Attributes:
        quantity: base asset, signed: a short is negative. On Upbit: balance plus locked.
        entry_price: average entry in the quote asset; zero when flat or not told.
        mark_price: the exchange's valuation price; zero where it has none.
        liquidation_price: zero where there is none.
    """

    exchange: Venue
    symbol: str
    quantity: Decimal
    entry_price: Decimal
    mark_price: Decimal
    liquidation_price: Decimal


@value
class Balance:
    """One asset on one exchange: ``available`` to trade with, ``locked`` in open orders."""

    asset: str
    available: Decimal
    locked: Decimal

    @property
    def total(self) -> Decimal:
        """Available plus locked."""
        return self.available + self.locked


def spot_symbol(base: str) -> str:
    """``BTC`` -> ``BTC-KRW``."""
    return f"{base}-KRW"


def hedge_symbol(base: str) -> str:
    """``BTC`` -> ``BTCUSDT``."""
    return f"{base}USDT"


def leg_symbol(leg: Leg, base: str) -> str:
    """The symbol a leg of this base asset trades."""
    return spot_symbol(base) if leg is Leg.SPOT else hedge_symbol(base)


def leg_of(symbol: str) -> Leg:
    """The leg that trades a symbol: the core's names tell it, whatever the exchange calls it."""
    return Leg.SPOT if "-" in symbol else Leg.HEDGE


def quote_asset(symbol: str) -> str:
    """What a symbol is paid in: ``KRW`` or ``USDT``."""
    return "KRW" if leg_of(symbol) is Leg.SPOT else "USDT"


def base_asset(symbol: str) -> str:
    """``BTC-KRW`` or ``BTCUSDT`` -> ``BTC``.

    Raises:
        ValueError: the symbol has neither form.
    """
    for ending in ("-KRW", "USDT"):
        if symbol.endswith(ending) and len(symbol) > len(ending):
            return symbol.removesuffix(ending)
    raise ValueError(f"not a pair symbol: {symbol!r} (expected like BTC-KRW or BTCUSDT)")
