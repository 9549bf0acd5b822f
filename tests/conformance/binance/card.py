"""A numbered fact of Binance USDS-M futures that we rely on, and how a test says it holds it.

A test says which card it holds by :func:`card`; ``test_cards.py`` compares both directions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

_Test = TypeVar("_Test", bound=Callable[..., object])
MARK = "holds_cards"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One fact.

    Attributes:
        source: where it comes from, with a date.
        test: ``module::function`` below this folder.
    """

    id: str
    fact: str
    source: str
    test: str


def card(*ids: str) -> Callable[[_Test], _Test]:
    """Mark a test as the one that holds these cards."""

    def mark(test: _Test) -> _Test:
        setattr(test, MARK, ids)
        return test

    return mark
