"""One market whose book and prints are another's: a live exchange's, or another simulator's.

The fill model (also in ``docs/SIMULATION.md``):
* an order meets the first book that is received after its latency; until one comes it waits, so a
  silent feed is an outage and fills nothing;
* what was taken from a level stays taken until the feed shows that price with another size, or
  without any for one image;
* a resting order stands behind the size shown at its price when it came to rest. Only prints fill
  it: one at its price for what is left of the print behind that queue, one beyond it for all the
  print holds. Our orders of one market share a print.
"""

import math
import random
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from exchange_simulator.decimals import ZERO
from exchange_simulator.market.book import SimulatedBook, SimulatedLevel

Levels = Sequence[tuple[Decimal, Decimal]]
Latency = Callable[[], float]
Arrive = Callable[[str, Callable[[], None]], None]
"""Brings an accepted order to the book of a symbol, where it meets it."""

LATENCY_MEDIAN_S = 0.06
LATENCY_SIGMA = 0.5
LATENCY_MAX_S = 1.0


def drawn_latency(seed: int) -> Latency:
    """From us to an exchange's matching, seconds: log-normal, median 60 ms, sigma 0.5, at most 1.

    One order in twenty takes longer than 137 ms, one in a thousand longer than 280 ms.
    """
    draws = random.Random(seed)  # noqa: S311 - no secret

    def latency() -> float:
        drawn_s = draws.lognormvariate(math.log(LATENCY_MEDIAN_S), LATENCY_SIGMA)
        return min(drawn_s, LATENCY_MAX_S)

    return latency


class Resting(NamedTuple):
    """One of our orders in the book; ``name`` is another after its price or quantity changed."""

    name: str
    is_buy: bool
    price: Decimal
    left: Decimal


class Filled(NamedTuple):
    """What a print gave to the order of this name, base."""

    name: str
    quantity: Decimal


class FedBook:
    """What is known of one market beside its book."""

    def __init__(self) -> None:
        self._shown: tuple[dict[Decimal, Decimal], dict[Decimal, Decimal]] = ({}, {})
        self._waiting: list[tuple[float, Callable[[], None]]] = []
        self._ahead: dict[str, Decimal] = {}

    def show(self, before: SimulatedBook | None, bids: Levels, asks: Levels) -> SimulatedBook:
        """The book of this image, without what we took from the one ``before``."""
        old = before or SimulatedBook()
        sides = [
            _untaken(left, shown, levels)
            for left, shown, levels in zip(
                (old.bids, old.asks), self._shown, (bids, asks), strict=True
            )
        ]
        self._shown = dict(bids), dict(asks)
        return SimulatedBook(bids=sides[0], asks=sides[1])

    def wait(self, until_s: float, meet: Callable[[], None]) -> None:
        """An order arrives then (stopwatch), and meets the next book after that."""
        self._waiting.append((until_s, meet))

    def arrived(self, now_s: float) -> list[Callable[[], None]]:
        """Of the orders that wait, those that meet a book received now; earliest first."""
        due = sorted((one for one in self._waiting if one[0] <= now_s), key=lambda one: one[0])
        self._waiting = [one for one in self._waiting if one[0] > now_s]
        return [meet for _, meet in due]

    def stand(self, resting: Iterable[Resting]) -> None:
        """These rest; those that are new stand behind what is shown at their price."""
        self._ahead = {
            one.name: self._ahead.get(one.name, self._size_at(one.price, is_buy=one.is_buy))
            for one in resting
        }

    def _size_at(self, price: Decimal, *, is_buy: bool) -> Decimal:
        return self._shown[0 if is_buy else 1].get(price, ZERO)

    def printed(
        self, resting: Sequence[Resting], price: Decimal, quantity: Decimal, *, is_buy: bool
    ) -> list[Filled]:
        """What our resting orders get of a print, best price first, then the oldest.

        Args:
            resting: all of the market, oldest first.
            price: of the print.
            quantity: of the print, base.
            is_buy: the taker bought.
        """
        met = [one for one in resting if one.is_buy is not is_buy and _reached(one, price)]
        met.sort(key=lambda one: -one.price if one.is_buy else one.price)
        given, filled = ZERO, []
        for one in met:
            ahead = self._ahead.get(one.name, ZERO) if one.price == price else ZERO
            self._ahead[one.name] = max(ahead - quantity, ZERO)
            share = min(one.left, max(quantity - ahead, ZERO) - given)
            if share > 0:
                given += share
                filled.append(Filled(one.name, share))
        return filled


def _reached(order: Resting, price: Decimal) -> bool:
    return price <= order.price if order.is_buy else price >= order.price


def _untaken(
    left: Sequence[SimulatedLevel], shown: dict[Decimal, Decimal], levels: Levels
) -> list[SimulatedLevel]:
    kept = {level.price: level.quantity for level in left}
    return [
        SimulatedLevel(price, kept.get(price, size) if shown.get(price) == size else size)
        for price, size in levels
    ]


def at_once(_symbol: str, meet: Callable[[], None]) -> None:
    """Without a way in between: the book is our own."""
    meet()
