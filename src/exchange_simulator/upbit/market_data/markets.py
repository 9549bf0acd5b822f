"""The KRW markets: their last price, their invented book, and how quotation shows them."""

from collections import deque
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from exchange_simulator.clock import epoch_ms
from exchange_simulator.decimals import ZERO, ceil_to_step, floor_to_step, plain
from exchange_simulator.market.book import VARIATIONS, SimulatedBook, SimulatedLevel, build_book
from exchange_simulator.market.listings import NAMES
from exchange_simulator.upbit.errors import Refusal
from exchange_simulator.upbit.numbers import (
    KST,
    MIN_TOTAL_KRW,
    PRECISION,
    VOLUME_STEP,
    is_on_step,
    number,
    tick_size,
)

USDT_MARKET = "KRW-USDT"
# Observed books: 0.4 to 0.9 bp between the best levels, about 1 BTC on 20 levels.
_SPREAD_FRACTION = Decimal("0.00006")
_GROWTH = Decimal("0.1")
_LEVELS_FOR_DEPTH = 20
_RATE_STEP = Decimal("0.00000001")


#: what a coarse tick's best level holds at least for each basis point of it, KRW
_KRW_PER_BP = Decimal(3_800_000)
#: steps of the rule differ by 2, 5 and 10: a tenth at a time finds the one there was, or a finer
_FINER = Decimal(10)
_FINEST = Decimal(100)

_PRINTS_KEPT = 2_000
# Trades of other people are invented: one at each price a tick tells, of this size.
_PRINT_BASE = Decimal("0.001")


class Print(NamedTuple):
    """One trade of the market, ours or anyone's; ``is_bid``: the taker bought."""

    sequential_id: int
    price: Decimal
    volume: Decimal
    is_bid: bool
    at: datetime


@dataclass(slots=True, kw_only=True)
class Market:
    """One market; prices in KRW, ``at`` when the price was last told."""

    code: str
    price: Decimal
    previous_price: Decimal
    day_open: Decimal
    day_high: Decimal
    day_low: Decimal
    at: datetime
    traded_volume: Decimal = ZERO
    traded_funds: Decimal = ZERO
    book: SimulatedBook = field(default_factory=SimulatedBook)
    prints: deque[Print] = field(default_factory=lambda: deque(maxlen=_PRINTS_KEPT))
    prints_made: int = 0
    #: the book is repeated as it is, whatever the market does
    is_frozen: bool = False
    #: when the book was received, where it comes from outside; it is shown with this stamp
    book_at: datetime | None = None
    variation: int = 0
    #: the step of a band where this market's differs from today's rule, by the rule's own step
    finer_ticks: dict[Decimal, Decimal] = field(default_factory=dict)

    def tick_at(self, price: Decimal) -> Decimal:
        """The price step of an order at this price, KRW."""
        tick = tick_size(price)
        return self.finer_ticks.get(tick, tick)

    def learn_tick(self, price: Decimal) -> None:
        """A price that was traded lies on the step there was: the rule was another one then."""
        rule = tick_size(price)
        while not is_on_step(price, self.tick_at(price)):
            finer = self.tick_at(price) / _FINER
            if rule / finer > _FINEST:
                self.finer_ticks.pop(rule, None)
                return
            self.finer_ticks[rule] = finer

    def print(self, price: Decimal, volume: Decimal, *, is_bid: bool, at: datetime) -> None:
        """Remember a trade of the market."""
        self.prints_made += 1
        self.prints.append(
            Print(
                sequential_id=self.prints_made,
                price=price,
                volume=volume,
                is_bid=is_bid,
                at=at.astimezone(UTC),
            )
        )

    @property
    def trend(self) -> str:
        """The direction a trade at this moment is shown with."""
        return "down" if self.price < self.previous_price else "up"

    def best_bid(self) -> Decimal:
        """The highest price still bid; zero when the bids are exhausted."""
        for price, left in self.book.bids:
            if left > 0:
                return price
        return ZERO

    def best_ask(self) -> Decimal | None:
        """The lowest price still asked, or ``None``."""
        for price, left in self.book.asks:
            if left > 0:
                return price
        return None

    def size_at(self, price: Decimal) -> Decimal:
        """Base quantity resting at this price, both sides together."""
        levels = [*self.book.bids, *self.book.asks]
        return sum((level.quantity for level in levels if level.price == price), ZERO)


class Markets:
    """All markets by code.

    Attributes:
        suspended: codes of markets that take no orders for now.
        min_total_krw: the smallest order.
        depth_max: by code, how much (base) others leave at the best price of each side, and how
            much further away (bps) the rest lies; 0: it is gone.
    """

    def __init__(
        self, *, depth_krw: Decimal, usdt_depth_krw: Decimal, learns_ticks: bool = False
    ) -> None:
        self._learns_ticks = learns_ticks
        self._top_krw, self._usdt_top_krw = _top_of(depth_krw), _top_of(usdt_depth_krw)
        self._by_code: dict[str, Market] = {}
        self._spread_fraction = _SPREAD_FRACTION
        self.suspended: frozenset[str] = frozenset()
        self.min_total_krw = MIN_TOTAL_KRW
        self.depth_max: dict[str, tuple[Decimal, int]] = {}

    def widen_spread(self, fraction: Decimal) -> None:
        """From the next move on the best levels of every market are so far apart."""
        self._spread_fraction = fraction
        for market in self._by_code.values():
            market.book.is_taken = True

    def get(self, code: str) -> Market | None:
        """The market, or ``None`` if it is not listed (or never had a price)."""
        return self._by_code.get(code)

    def codes(self) -> list[str]:
        """All market codes."""
        return list(self._by_code)

    def all(self) -> list[Market]:
        """All markets, in the order of their listing."""
        return list(self._by_code.values())

    def set_price(
        self, code: str, price: Decimal, *, high: Decimal, low: Decimal, at: datetime
    ) -> Market:
        """The market moved: remember the price and build its book anew."""
        market = self._by_code.get(code)
        if market is None:
            market = Market(
                code=code,
                price=price,
                previous_price=price,
                day_open=price,
                day_high=high,
                day_low=low,
                at=at,
            )
            self._by_code[code] = market
        self.learn_ticks(code, {high, low, price})
        if at is not market.at and at.astimezone(UTC).date() != market.at.astimezone(UTC).date():
            market.day_open, market.day_high, market.day_low = market.price, high, low
            market.traded_volume = market.traded_funds = ZERO
        market.previous_price, market.price, market.at = market.price, price, at
        market.day_high = max(market.day_high, high)
        market.day_low = min(market.day_low, low)
        if not market.is_frozen or not market.book.bids:
            top_krw = self._usdt_top_krw if code == USDT_MARKET else self._top_krw
            stands = price == market.previous_price and bool(market.book.bids)
            market.variation = (market.variation + 1) % VARIATIONS if stands else 0
            finer = tuple(market.finer_ticks.items())
            market.book = _untouched(
                price, top_krw, self._spread_fraction, market.variation, finer
            ).shared()
            if code in self.depth_max:
                quantity, beyond_bps = self.depth_max[code]
                market.book.shrink(quantity, beyond_bps=beyond_bps)
        for told in (price,) if high == low == price else dict.fromkeys((high, low, price)):
            market.print(told, _PRINT_BASE, is_bid=market.trend == "up", at=at)
        return market

    def learn_ticks(self, code: str, traded: Iterable[Decimal]) -> None:
        """Where price steps are learned at all: from prices of a market that is listed."""
        market = self._by_code.get(code)
        if market is not None and self._learns_ticks:
            for price in traded:
                market.learn_tick(price)

    def show(self, code: str, book: SimulatedBook, *, at: datetime) -> Market:
        """A book from outside; the first one lists the market, at its best bid."""
        market = self._by_code.get(code)
        if market is None:
            price = book.bids[0].price
            market = Market(
                code=code,
                price=price,
                previous_price=price,
                day_open=price,
                day_high=price,
                day_low=price,
                at=at,
            )
            self._by_code[code] = market
        market.book, market.book_at, market.at = book, at, at
        return market


def _top_of(depth: Decimal) -> Decimal:
    """What the best level holds, KRW, where 20 levels hold ``depth``."""
    levels = Decimal(_LEVELS_FOR_DEPTH)
    with localcontext(prec=PRECISION):
        return depth / (levels + _GROWTH * levels * (levels - 1) / 2)


@lru_cache(maxsize=1_024)
def _untouched(
    price: Decimal,
    top_krw: Decimal,
    spread_fraction: Decimal,
    variation: int,
    finer_ticks: tuple[tuple[Decimal, Decimal], ...],
) -> SimulatedBook:
    finer = dict(finer_ticks)

    def tick_of(at: Decimal) -> Decimal:
        tick = tick_size(at)
        return finer.get(tick, tick)

    with localcontext(prec=PRECISION):
        return build_book(
            price=price,
            tick_of=tick_of,
            quantity_step=VOLUME_STEP,
            spread=price * spread_fraction,
            top_quote=top_krw,
            growth=_GROWTH,
            variation=variation,
            quote_per_bp=_KRW_PER_BP,
        )


def need_market(markets: Markets, code: str) -> Market:
    """The market.

    Raises:
        Refusal: ``notfoundmarket``.
    """
    market = markets.get(code)
    if market is None:
        raise Refusal("notfoundmarket", detail=code)
    return market


def orderbook(
    market: Market, *, now: datetime, count: int, level: Decimal = ZERO
) -> dict[str, Any]:
    """The book as quotation and stream show it; exhausted levels are not shown.

    Its levels are written out once, and again only when the book has changed.

    Args:
        market: whose book.
        now: stamps it.
        count: how many levels are shown.
        level: prices are grouped into steps of this many KRW, asks up and bids down; 0: not.
    """
    shown = market.book.shown
    if (count, level) not in shown:
        shown[count, level] = _levels_shown(market.book, count, level)
    return {"timestamp": epoch_ms(market.book_at or now), **shown[count, level]}


def _levels_shown(book: SimulatedBook, count: int, level: Decimal) -> dict[str, Any]:
    asks = _grouped(book.asks, level, is_up=True)
    bids = _grouped(book.bids, level, is_up=False)
    units = [
        {
            "ask_price": number(ask.price),
            "bid_price": number(bid.price),
            "ask_size": number(ask.quantity),
            "bid_size": number(bid.quantity),
        }
        for ask, bid in zip(asks[:count], bids[:count], strict=False)
    ]
    return {
        "total_ask_size": number(sum((level.quantity for level in asks), ZERO)),
        "total_bid_size": number(sum((level.quantity for level in bids), ZERO)),
        "orderbook_units": msgspec.Raw(msgspec.json.encode(units)),
        "level": number(level),
    }


def _grouped(levels: list[SimulatedLevel], step: Decimal, *, is_up: bool) -> list[SimulatedLevel]:
    shown = [level for level in levels if level.quantity > 0]
    if step <= 0:
        return shown
    to_step = ceil_to_step if is_up else floor_to_step
    sums: dict[Decimal, Decimal] = {}
    for level in shown:
        price = to_step(level.price, step)
        sums[price] = sums.get(price, ZERO) + level.quantity
    return [SimulatedLevel(price, sums[price]) for price in sums]


def ticker(market: Market, *, now: datetime) -> dict[str, Any]:
    """What the REST and the stream ticker have in common."""
    change = market.price - market.day_open
    rate = (change / market.day_open).quantize(_RATE_STEP)
    utc = market.at.astimezone(UTC)
    return {
        "trade_date": f"{utc:%Y%m%d}",
        "trade_time": f"{utc:%H%M%S}",
        "trade_timestamp": epoch_ms(market.at),
        "opening_price": number(market.day_open),
        "high_price": number(market.day_high),
        "low_price": number(market.day_low),
        "trade_price": number(market.price),
        "prev_closing_price": number(market.day_open),
        "change": "EVEN" if change == 0 else "RISE" if change > 0 else "FALL",
        "change_price": number(abs(change)),
        "change_rate": number(abs(rate)),
        "signed_change_price": number(change),
        "signed_change_rate": number(rate),
        "trade_volume": number(market.traded_volume),
        "acc_trade_price": number(market.traded_funds),
        "acc_trade_price_24h": number(market.traded_funds),
        "acc_trade_volume": number(market.traded_volume),
        "acc_trade_volume_24h": number(market.traded_volume),
        "highest_52_week_price": number(market.day_high),
        "highest_52_week_date": f"{utc:%Y-%m-%d}",
        "lowest_52_week_price": number(market.day_low),
        "lowest_52_week_date": f"{utc:%Y-%m-%d}",
        "timestamp": epoch_ms(now),
    }


def rest_ticker(market: Market, *, now: datetime) -> dict[str, Any]:
    """One row of GET /v1/ticker."""
    korean = market.at.astimezone(KST)
    korean_time = {"trade_date_kst": f"{korean:%Y%m%d}", "trade_time_kst": f"{korean:%H%M%S}"}
    return {"market": market.code, **ticker(market, now=now), **korean_time}


def instrument(market: Market) -> dict[str, Any]:
    """One row of GET /v1/orderbook/instruments."""
    return {
        "market": market.code,
        "quote_currency": "KRW",
        "tick_size": plain(market.tick_at(market.price)),
        "supported_levels": ["0"],
    }


CAUTIONS = (
    "PRICE_FLUCTUATIONS",
    "TRADING_VOLUME_SOARING",
    "DEPOSIT_AMOUNT_SOARING",
    "GLOBAL_PRICE_DIFFERENCES",
    "CONCENTRATION_OF_SMALL_ACCOUNTS",
)


LEVELS = ("caution", "warning", "danger")
"""Of a caution: 주의, 경고, 위험. Since 2026-01-29 its flag is true at any of them."""


def _is_up(name: str, events: Container[str]) -> bool:
    """As ``NAME``, or at a level as ``NAME:danger``."""
    return name in events or any(f"{name}:{level}" in events for level in LEVELS)


def listing(
    code: str,
    *,
    is_detailed: bool,
    events: Container[str] = (),
    names: Mapping[str, tuple[str, str]] = MappingProxyType({}),
) -> dict[str, Any]:
    """One row of GET /v1/market/all, with the usual names unless others are given."""
    base = code.removeprefix("KRW-")
    korean, english = names.get(base) or NAMES.get(base, (base, base))
    row: dict[str, Any] = {"market": code, "korean_name": korean, "english_name": english}
    if is_detailed:
        row["market_event"] = {
            "warning": "warning" in events,
            "caution": {name: _is_up(name, events) for name in CAUTIONS},
        }
    return row
