"""A numbered fact about Upbit that we rely on, and how a test says that it holds it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., object])

_MARK = "upbit_cards"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One fact.

    Attributes:
        fact: in our words.
        source: where it is written, or that nobody wrote it and what we assume.
        date: of the source.
        test: ``file::function`` in ``tests/conformance/upbit``.
    """

    id: str
    fact: str
    source: str
    date: str
    test: str


def holds(*ids: str) -> Callable[[Test], Test]:
    """The decorated test holds these cards."""

    def mark(test: Test) -> Test:
        setattr(test, _MARK, ids)
        return test

    return mark


def held_by(test: object) -> tuple[str, ...]:
    """The cards a test says it holds."""
    ids: tuple[str, ...] = getattr(test, _MARK, ())
    return ids
