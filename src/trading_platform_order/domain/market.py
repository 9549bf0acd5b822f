"""Prices the core decides on: books, the KRW value of a USDT, and the exchanges' filters."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg, OrderSide, Venue


class Level(NamedTuple):
    """One price level: quote per base, and base quantity. Books are made of many, many a second."""

    price: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """An order book image, best level first on both sides; ``at`` is the exchange's time."""

    symbol: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    at: datetime

    @property
    def mid(self) -> Decimal:
        """Halfway between the best bid and the best ask."""
        return (self.bids[0].price + self.asks[0].price) / 2

    def side_for(self, side: OrderSide) -> tuple[Level, ...]:
        """The levels an order of this side would take: asks for a buy, bids for a sell."""
        return self.asks if side is OrderSide.BUY else self.bids

    def sweep(self, side: OrderSide, quantity: Decimal) -> "Sweep":
        """What taking ``quantity`` (base) from the visible levels would cost."""
        remaining, quote, worst = quantity, ZERO, ZERO
        for level in self.side_for(side):
            if remaining <= 0:
                break
            taken = min(remaining, level.quantity)
            quote += taken * level.price
            worst = level.price
            remaining -= taken
        return Sweep(filled_base=quantity - max(remaining, ZERO), quote=quote, worst_price=worst)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The result of walking a book: base filled, quote paid or received, last price touched."""

    filled_base: Decimal
    quote: Decimal
    worst_price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FxRate:
    """KRW for one USDT, with its source and the time it is valid for."""

    krw_per_usdt: Decimal
    at: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """What an exchange lets us trade in one symbol, and what it charges.

    Attributes:
        price_tick: smallest price step, in the quote asset.
        quantity_step: smallest quantity step, base asset.
        min_quantity: base asset.
        max_quantity: base asset; zero means no limit.
        min_notional: quote asset; on Binance reduce-only orders are exempt.
        max_notional: quote asset; zero means no limit.
        taker_fee_rate: fraction of notional.
        is_trading: the exchange accepts orders now.
        warning: what the exchange warns of in this market, or why that is not known; empty for
            nothing.
        cautions: the exchange's own names of lesser alerts that are up in this market.
    """

    venue: Venue
    symbol: str
    price_tick: Decimal
    quantity_step: Decimal
    min_quantity: Decimal
    max_quantity: Decimal
    min_notional: Decimal
    max_notional: Decimal
    taker_fee_rate: Decimal
    is_trading: bool = True
    warning: str = ""
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PairView:
    """Everything the core needs to see of the market for one base asset at one moment."""

    base: str
    now: datetime
    spot_book: Book
    hedge_book: Book
    fx: FxRate
    spot: Instrument
    hedge: Instrument

    def book(self, leg: Leg) -> Book:
        """The book a leg trades on."""
        return self.spot_book if leg is Leg.SPOT else self.hedge_book

    def instrument(self, leg: Leg) -> Instrument:
        """The instrument a leg trades."""
        return self.spot if leg is Leg.SPOT else self.hedge

    def krw_per_quote(self, leg: Leg) -> Decimal:
        """KRW for one unit of the leg's quote asset."""
        return Decimal(1) if leg is Leg.SPOT else self.fx.krw_per_usdt
