"""Prices the core decides on: books, the KRW value of a USDT, and the exchanges' filters.

Beside its age a price has its source. A stream that is silent is noticed by the age of what it told
last, so what was asked for in its stead must not make it look alive: whoever looks at the market
says which sources count.

How old a price is never depends on our calendar. An age is the larger of two: the time since it
arrived, on the clock that counts suspend; and the exchange's own time as last measured, carried on
by that clock, minus the stamp.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from trading_platform_order.domain.money import ZERO, ceil_to_step, floor_to_step
from trading_platform_order.domain.order import Leg, OrderSide
from trading_platform_order.domain.pairs.pair import Listing
from trading_platform_order.domain.value import value
from trading_platform_order.domain.venue import Venue


class Source(StrEnum):
    """How a price came here."""

    STREAM = "stream"
    ASKED = "asked for"


STREAMED = frozenset({Source.STREAM})
"""What an entry goes by, and what tells whether prices still come."""
ANY_SOURCE = frozenset(Source)
"""What a close goes by, and what is held is valued at: the younger of both."""


class Sources(NamedTuple):
    """Of the parts of a view."""

    spot: Source = Source.STREAM
    hedge: Source = Source.STREAM
    fx: Source = Source.STREAM


ALL_STREAMED = Sources()


class Level(NamedTuple):
    """One price level: quote per base, and base quantity. Books are made of many, many a second."""

    price: Decimal
    quantity: Decimal


@value
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
        levels = self.asks if side is OrderSide.BUY else self.bids
        best = levels[0]
        if ZERO < quantity <= best.quantity:
            return Sweep(filled_base=quantity, quote=quantity * best.price, worst_price=best.price)
        remaining, quote, worst = quantity, ZERO, ZERO
        for level in levels:
            if remaining <= 0:
                break
            taken = min(remaining, level.quantity)
            quote += taken * level.price
            worst = level.price
            remaining -= taken
        return Sweep(filled_base=quantity - max(remaining, ZERO), quote=quote, worst_price=worst)


@value
class Sweep:
    """The result of walking a book: base filled, quote paid or received, last price touched."""

    filled_base: Decimal
    quote: Decimal
    worst_price: Decimal


@value
class FxRate:
    """KRW for one USDT, with its source and the time it is valid for."""

    krw_per_usdt: Decimal
    at: datetime
    source: str


@value
class ExchangeTime:
    """An exchange's own time as it was measured once, carried on by the clock that counts suspend.

    The exchange told ``at`` at some moment between question and answer. What is derived from it is
    certain, never a guess in the middle: a slow answer widens the bounds and moves nothing.

    Attributes:
        at: what it told.
        asked_s: our suspend-counting clock when it was asked, seconds.
        answered_s: the same when the answer was there.
        slack_s: how much later than ``at`` it may have been: 1 for a time in whole seconds.
    """

    at: datetime
    asked_s: float
    answered_s: float
    slack_s: float = 0.0

    @property
    def width_s(self) -> float:
        """How far its bounds are apart, seconds."""
        return self.answered_s - self.asked_s + self.slack_s

    def age_s(self, stamp: datetime, now_s: float) -> float:
        """Seconds that have surely passed on the exchange since ``stamp``."""
        return (self.at - stamp).total_seconds() + (now_s - self.answered_s)

    def ahead_s(self, stamp: datetime, now_s: float) -> float:
        """Seconds by which ``stamp`` is surely ahead of the exchange's time; else negative."""
        return (stamp - self.at).total_seconds() - (now_s - self.asked_s) - self.slack_s

    def age_and_ahead_s(self, stamp: datetime, now_s: float) -> tuple[float, float]:
        """Both at the price of one difference of dates: every look at the market asks for them."""
        since_s = (self.at - stamp).total_seconds()
        return since_s + now_s - self.answered_s, self.asked_s - now_s - since_s - self.slack_s

    def likely(self, now_s: float) -> datetime:
        """The exchange's time now, half way between its bounds."""
        middle_s = (self.asked_s + self.answered_s - self.slack_s) / 2
        return self.at + timedelta(seconds=now_s - middle_s)

    def agrees_with(self, other: "ExchangeTime", within_s: float) -> bool:
        """Some time lies within the bounds of both, give or take ``within_s``."""
        later = other.at + timedelta(seconds=self.answered_s - other.answered_s)
        apart_s = (self.at - later).total_seconds()
        return -self.width_s - within_s <= apart_s <= other.width_s + within_s


TIME_WIDTH_S_MAX = 2.5
"""A measurement whose bounds are wider replaces a closer one only when that is old."""
TIME_KEPT_S = 600.0
"""So long: by then our clock may have drifted from the exchange's by tens of milliseconds."""
TIME_APART_S_MAX = 1.0
"""Two measurements further apart contradict each other."""


def believed_time(
    held: ExchangeTime | None, doubted: ExchangeTime | None, new: ExchangeTime
) -> tuple[ExchangeTime, ExchangeTime | None]:
    """What to carry on after one more measurement, and what to doubt until the next.

    One answer that contradicts what is known is not believed; a second one that agrees with it is:
    an odd answer must not make every price look old, and a clock that was set must be learnt.
    """
    if held is None:
        return new, None
    if not new.agrees_with(held, TIME_APART_S_MAX):
        is_confirmed = doubted is not None and new.agrees_with(doubted, TIME_APART_S_MAX)
        return (new, None) if is_confirmed else (held, new)
    is_close = new.width_s <= max(TIME_WIDTH_S_MAX, held.width_s)
    is_due = new.answered_s - held.answered_s > TIME_KEPT_S
    return (new if is_close or is_due else held), None


class Ages(NamedTuple):
    """How old the parts of a view are, seconds, and how far their stamps run ahead.

    Attributes:
        spot_s: age of the spot book; ``hedge_s``: of the hedge book; ``fx_s``: of the rate.
        spot_ahead_s: how far the spot book's stamp is surely ahead of its exchange's time, negative
            if it is not; the others likewise.
    """

    spot_s: float = 0.0
    hedge_s: float = 0.0
    fx_s: float = 0.0
    spot_ahead_s: float = 0.0
    hedge_ahead_s: float = 0.0
    fx_ahead_s: float = 0.0


class PriceBand(NamedTuple):
    """The price step, in the quote asset, of prices from ``lowest`` on up to the next band."""

    lowest: Decimal
    tick: Decimal


@value
class Instrument:
    """What an exchange lets us trade in one symbol, and what it charges.

    Attributes:
        price_tick: smallest price step of the present price, in the quote asset.
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
        ends_at: when it will not be traded any more; ``None`` while no end is told.
        price_bands: where the step depends on the order's own price, highest band first; empty:
            ``price_tick`` holds for every price.
        listing: what the exchange calls it besides; ``None``: not read (yet).
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
    ends_at: datetime | None = None
    price_bands: tuple[PriceBand, ...] = ()
    listing: Listing | None = None

    def tick_at(self, price: Decimal) -> Decimal:
        """The price step of an order at this price, which may lie in another band than the book."""
        for band in self.price_bands:
            if price >= band.lowest:
                return band.tick
        return self.price_tick

    def floor_price(self, price: Decimal) -> Decimal:
        """The highest price an order may have that is not above this one."""
        return floor_to_step(price, self.tick_at(price))

    def ceil_price(self, price: Decimal) -> Decimal:
        """The lowest price an order may have that is not below this one."""
        above = ceil_to_step(price, self.tick_at(price))
        return ceil_to_step(above, self.tick_at(above))  # it may be the first of the next band


@value
class PairView:
    """Everything the core needs to see of the market for one base asset at one moment.

    Attributes:
        now: our calendar, for what is written down; how old a part is, ``ages`` says.
        sources: how each part came here.
    """

    base: str
    now: datetime
    spot_book: Book
    hedge_book: Book
    fx: FxRate
    ages: Ages
    spot: Instrument
    hedge: Instrument
    sources: Sources = ALL_STREAMED

    def book(self, leg: Leg) -> Book:
        """The book a leg trades on."""
        return self.spot_book if leg is Leg.SPOT else self.hedge_book

    def age_s(self, leg: Leg) -> float:
        """Age of the book a leg trades on, seconds."""
        return self.ages.spot_s if leg is Leg.SPOT else self.ages.hedge_s

    @property
    def books_age_s(self) -> float:
        """Age of the older of both books, seconds."""
        return max(self.ages.spot_s, self.ages.hedge_s)

    def instrument(self, leg: Leg) -> Instrument:
        """The instrument a leg trades."""
        return self.spot if leg is Leg.SPOT else self.hedge

    def krw_per_quote(self, leg: Leg) -> Decimal:
        """KRW for one unit of the leg's quote asset."""
        return Decimal(1) if leg is Leg.SPOT else self.fx.krw_per_usdt
