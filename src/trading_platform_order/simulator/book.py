"""A simulated order book around a candle's price. Candles carry no book: this one is invented.

Its shape follows what was observed (see ``docs/ASSUMPTIONS.md``): depth grows away from the best
level. It is a pure function of its arguments, so a replay gives the same book everywhere. Taking
from it depletes it until the next tick of the market rebuilds it.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from trading_platform_order.domain.money import ZERO, floor_to_step

LEVELS = 30


@dataclass(slots=True, kw_only=True)
class SimulatedLevel:
    """Price in the quote asset, quantity in base; quantity falls as it is taken."""

    price: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One execution against a level."""

    price: Decimal
    quantity: Decimal


@dataclass(slots=True, kw_only=True)
class SimulatedBook:
    """Two sides, best level first; ``is_taken``: not as it was built any more.

    ``shown`` keeps how the exchange writes the book, by what was asked for, until it changes. The
    levels of an ``is_shared`` one are those of every book of its shape; they are copied first.
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
            for side in (self.bids, self.asks):
                side[:] = [SimulatedLevel(price=at.price, quantity=at.quantity) for at in side]

    def opposite(self, *, is_buy: bool) -> list[SimulatedLevel]:
        """The levels a taker of this side would match."""
        return self.asks if is_buy else self.bids

    def visible(self, *, is_buy: bool) -> Decimal:
        """Base quantity a taker of this side could take at any price."""
        return sum((level.quantity for level in self.opposite(is_buy=is_buy)), ZERO)

    def visible_quote(self, *, is_buy: bool) -> Decimal:
        """Quote amount of all levels a taker of this side could take."""
        levels = self.opposite(is_buy=is_buy)
        return sum((level.quantity * level.price for level in levels), ZERO)

    def shrink(self, quantity: Decimal) -> None:
        """Others take all but ``quantity`` (base) at the best price of each side."""
        self._change()
        for side in (self.bids, self.asks):
            del side[1:]
            for level in side:
                level.quantity = min(level.quantity, quantity)

    def thin(self, part: Decimal, step: Decimal) -> None:
        """Leave only this part of every level, rounded down to ``step``."""
        self._change()
        for level in (*self.bids, *self.asks):
            level.quantity = floor_to_step(level.quantity * part, step)

    def take_base(
        self, quantity: Decimal, *, is_buy: bool, limit: Decimal | None = None
    ) -> list[Match]:
        """Take up to ``quantity`` (base), never worse than ``limit``; depletes the book."""
        self._change()
        matches: list[Match] = []
        for level in self.opposite(is_buy=is_buy):
            if quantity <= 0 or _beyond(level.price, limit, is_buy=is_buy):
                break
            taken = min(quantity, level.quantity)
            if taken <= 0:
                continue
            level.quantity -= taken
            quantity -= taken
            matches.append(Match(price=level.price, quantity=taken))
        return matches

    def take_quote(self, amount: Decimal, *, step: Decimal) -> list[Match]:
        """Buy for at most ``amount`` (quote); each base quantity is truncated to ``step``."""
        self._change()
        matches: list[Match] = []
        for level in self.asks:
            if amount <= 0:
                break
            taken = min(level.quantity, floor_to_step(amount / level.price, step))
            if taken <= 0:
                if level.quantity > 0:
                    break
                continue
            level.quantity -= taken
            amount -= taken * level.price
            matches.append(Match(price=level.price, quantity=taken))
        return matches


def _beyond(price: Decimal, limit: Decimal | None, *, is_buy: bool) -> bool:
    if limit is None:
        return False
    return price > limit if is_buy else price < limit


def build_book(
    *,
    price: Decimal,
    tick: Decimal,
    quantity_step: Decimal,
    spread: Decimal,
    top_quote: Decimal,
    growth: Decimal,
) -> SimulatedBook:
    """A book of 30 levels a side around ``price``.

    Args:
        price: the last trade; the best bid is this, rounded down to the tick.
        tick: price step.
        quantity_step: base quantity step of resting quantities.
        spread: wished distance between the best levels, quote; at least one tick.
        top_quote: value of the best level, quote.
        growth: each further level holds this many times the best level more (0.1: level n holds
            ``1 + 0.1 n`` times the top).
    """
    shape = _shape(_Wish(price, tick, quantity_step, spread, top_quote, growth))
    return SimulatedBook(
        bids=list(shape.bids), asks=list(shape.asks), shown=shape.shown, is_shared=True
    )


class _Wish(NamedTuple):
    price: Decimal
    tick: Decimal
    quantity_step: Decimal
    spread: Decimal
    top_quote: Decimal
    growth: Decimal


@lru_cache(maxsize=1_024)
def _shape(wish: _Wish) -> SimulatedBook:
    """The untouched book; a market that stands still, and every run, asks for the same again."""
    bid = floor_to_step(wish.price, wish.tick)
    ask = bid + max(wish.tick, floor_to_step(wish.spread, wish.tick))
    bids: list[SimulatedLevel] = []
    asks: list[SimulatedLevel] = []
    for index in range(LEVELS):
        value = wish.top_quote * (1 + wish.growth * index)
        for side, level_price in ((bids, bid - wish.tick * index), (asks, ask + wish.tick * index)):
            if level_price > 0:
                quantity = floor_to_step(value / level_price, wish.quantity_step)
                quantity = max(quantity, wish.quantity_step)
                side.append(SimulatedLevel(price=level_price, quantity=quantity))
    return SimulatedBook(bids=bids, asks=asks)
