"""Every card names a test that says it holds the card, and the other way round."""

from importlib import import_module
from pathlib import Path

from tests.conformance.binance.cards import BINANCE_CARDS, MARK


def marked() -> set[tuple[str, str]]:
    """(card, test) of every marked test in this folder."""
    found = set()
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        module = import_module(f"tests.conformance.binance.{path.stem}")
        for name, value in vars(module).items():
            if name.startswith("test_"):
                found |= {(card, f"{path.stem}::{name}") for card in getattr(value, MARK, ())}
    return found


def test_cards_and_tests_name_each_other() -> None:
    assert {(row.id, row.test) for row in BINANCE_CARDS} == marked()


def test_cards_are_numbered_once_and_dated() -> None:
    assert [row.id for row in BINANCE_CARDS] == [
        f"B-{number:03}" for number in range(1, len(BINANCE_CARDS) + 1)
    ]
    assert all(row.fact and "20" in row.source for row in BINANCE_CARDS)
