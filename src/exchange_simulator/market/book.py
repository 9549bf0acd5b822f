"""A simulated order book around a candle's price. Candles carry no book: this one is invented.

Its shape follows what was observed (see ``docs/ASSUMPTIONS.md``): depth grows away from the best
level. It is a pure function of its arguments, so a replay gives the same book everywhere. Taking
from it depletes it until the next tick of the market rebuilds it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from exchange_simulator.decimals import BPS, ZERO, ceil_to_step, floor_to_step

LEVELS = 30
VARYING_LEVEL = 4
VARIATIONS = 7
"""A live book always changes: while the price stands, the quantity of this level goes through so
many values, on both sides. A prime, so that no reader's pace meets the same one each time."""


class SimulatedLevel(NamedTuple):
    """Price in the quote asset, quantity in base; what is taken from stands there anew."""

    price: Decimal
    quantity: Decimal


class Match(NamedTuple):
    """One execution against a level."""

    price: Decimal
    quantity: Decimal


def in_pieces(matches: Sequence[Match], most: Decimal | None) -> Iterator[Match]:
    """A level may be many small orders: each match in trades of at most ``most`` (base)."""
    for price, quantity in matches:
        left = quantity
        while most is not None and left > most:
            yield Match(price, most)
            left -= most
        yield Match(price, left)


@dataclass(slots=True, kw_only=True)
class SimulatedBook:
    """Two sides, best level first; ``is_taken``: not as it was built any more.

    ``shown`` keeps how the exchange writes the book, by what was asked for, until it changes. The
    sides of an ``is_shared`` one are those of every book of its shape; they are copied first.
    """

    bids: list[SimulatedLevel] = field(default_factory=list)
    asks: list[SimulatedLevel] = field(default_factory=list)
    is_taken: bool = False
    shown: dict[object, Any] = field(default_factory=dict)
    is_shared: bool = False

    def _change(self) -> None:
        self.is_taken = True
        self.shown = {}
        if self.is_shared:
            self.is_shared = False
            self.bids, self.asks = list(self.bids), list(self.asks)

    def opposite(self, *, is_buy: bool) -> list[SimulatedLevel]:
        """The levels a taker of this side would match."""
        return self.asks if is_buy else self.bids

    def shared(self) -> "SimulatedBook":
        """Another book of the same shape, which can be taken from apart."""
        return SimulatedBook(bids=self.bids, asks=self.asks, shown=self.shown, is_shared=True)

    def visible(self, *, is_buy: bool) -> Decimal:
        """Base quantity a taker of this side could take at any price."""
        return sum((level.quantity for level in self.opposite(is_buy=is_buy)), ZERO)

    def visible_quote(self, *, is_buy: bool) -> Decimal:
        """Quote amount of all levels a taker of this side could take."""
        levels = self.opposite(is_buy=is_buy)
        return sum((level.quantity * level.price for level in levels), ZERO)

    def shrink(self, quantity: Decimal, *, beyond_bps: int = 0) -> None:
        """Others take all but ``quantity`` (base) at the best price of each side.

        ``beyond_bps``: what lay behind is still there, so much further away; 0: it is gone too.
        """
        self._change()
        for side, away in ((self.bids, -beyond_bps), (self.asks, beyond_bps)):
            best = [SimulatedLevel(price, min(left, quantity)) for price, left in side[:1]]
            behind = side[1:] if beyond_bps else []
            side[:] = best + [SimulatedLevel(_moved(price, away), left) for price, left in behind]

    @property
    def mid(self) -> Decimal | None:
        """Between the best prices at which something is left; ``None`` without one of them."""
        bid, ask = (
            next((level.price for level in side if level.quantity > 0), None)
            for side in (self.bids, self.asks)
        )
        return None if bid is None or ask is None else (bid + ask) / 2

    def thin(self, part: Decimal, step: Decimal) -> None:
        """Leave only this part of every level, rounded down to ``step``."""
        self._change()
        for side in (self.bids, self.asks):
            side[:] = [
                SimulatedLevel(price, floor_to_step(left * part, step)) for price, left in side
            ]

    def take_base(
        self, quantity: Decimal, *, is_buy: bool, limit: Decimal | None = None
    ) -> list[Match]:
        """Take up to ``quantity`` (base), never worse than ``limit``; depletes the book."""
        self._change()
        matches: list[Match] = []
        side = self.opposite(is_buy=is_buy)
        for index, (price, left) in enumerate(side):
            if quantity <= 0 or _beyond(price, limit, is_buy=is_buy):
                break
            taken = min(quantity, left)
            if taken <= 0:
                continue
            side[index] = SimulatedLevel(price, left - taken)
            quantity -= taken
            matches.append(Match(price, taken))
        return matches

    def take_quote(self, amount: Decimal, *, step: Decimal) -> list[Match]:
        """Buy for at most ``amount`` (quote); each base quantity is truncated to ``step``."""
        self._change()
        matches: list[Match] = []
        for index, (price, left) in enumerate(self.asks):
            if amount <= 0:
                break
            taken = min(left, floor_to_step(amount / price, step))
            if taken <= 0:
                if left > 0:
                    break
                continue
            self.asks[index] = SimulatedLevel(price, left - taken)
            amount -= taken * price
            matches.append(Match(price, taken))
        return matches


def _beyond(price: Decimal, limit: Decimal | None, *, is_buy: bool) -> bool:
    if limit is None:
        return False
    return price > limit if is_buy else price < limit


def build_book(
    *,
    price: Decimal,
    tick_of: Callable[[Decimal], Decimal],
    quantity_step: Decimal,
    spread: Decimal,
    top_quote: Decimal,
    growth: Decimal,
    variation: int = 0,
    quote_per_bp: Decimal = ZERO,
) -> SimulatedBook:
    """A book of 30 levels a side around ``price``.

    A market that stands still, and every run, asks for the same again: keep it, and hand out
    :meth:`SimulatedBook.shared`.

    Args:
        price: the last trade; the best bid is this, rounded down to the tick.
        tick_of: the price step at a price; levels beyond the edge of a band have another one.
        quantity_step: base quantity step of resting quantities.
        spread: wished distance between the best levels, quote; at least one tick.
        top_quote: value of the best level, quote.
        growth: each further level holds this many times the best level more (0.1: level n holds
            ``1 + 0.1 n`` times the top).
        variation: quantity steps that the varying level holds more.
        quote_per_bp: the best level holds at least this value for each basis point of a tick: where
            ticks are coarse, many stand at each.
    """
    tick = tick_of(price)
    bid = floor_to_step(price, tick)
    ask = bid + max(tick, floor_to_step(spread, tick))
    ask = ceil_to_step(ask, tick_of(ask))
    top = max(top_quote, quote_per_bp * (tick / price * BPS))
    bids: list[SimulatedLevel] = []
    asks: list[SimulatedLevel] = []
    for index in range(LEVELS):
        value = top * (1 + growth * index)
        for side, at in ((bids, bid), (asks, ask)):
            if at > 0:
                quantity = max(value / at // quantity_step * quantity_step, quantity_step)
                if index == VARYING_LEVEL:
                    quantity += quantity_step * variation
                side.append(SimulatedLevel(at, quantity))
        bid, ask = _next_lower(bid, tick_of), ask + tick_of(ask)
    return SimulatedBook(bids=bids, asks=asks)


def _next_lower(price: Decimal, tick_of: Callable[[Decimal], Decimal]) -> Decimal:
    """The next possible price; the edge of a band belongs to the coarser one above it."""
    below = price - tick_of(price)
    finer = tick_of(below)
    return price - finer if price - finer > below and tick_of(price - finer) == finer else below


def _moved(price: Decimal, bps: int) -> Decimal:
    """To six digits, which both exchanges' price steps divide."""
    step = Decimal(1).scaleb(price.adjusted() - 5)
    return floor_to_step(price + price * bps / BPS, step)
