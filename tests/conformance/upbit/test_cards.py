"""The cards and the tests that hold them are in step, both ways."""

import importlib
import re
from pathlib import Path

import pytest

from tests.conformance.upbit.card import Card, held_by
from tests.conformance.upbit.cards import UPBIT_CARDS

FOLDER = Path(__file__).resolve().parent
PACKAGE = "tests.conformance.upbit"


def marks_in(file: Path) -> dict[str, tuple[str, ...]]:
    """Every test of a file and the cards it says it holds."""
    module = importlib.import_module(f"{PACKAGE}.{file.stem}")
    return {
        f"{file.name}::{name}": held_by(test)
        for name, test in vars(module).items()
        if name.startswith("test_")
    }


TESTS = {name: ids for file in FOLDER.glob("test_*.py") for name, ids in marks_in(file).items()}


@pytest.mark.parametrize("card", UPBIT_CARDS, ids=lambda card: card.id)
def test_every_card_is_held_by_the_test_it_names(card: Card) -> None:
    assert card.id in TESTS.get(card.test, ()), f"{card.test} does not hold {card.id}"
    assert card.fact.endswith(".")
    assert card.source
    assert re.fullmatch(r"\d{4}(-\d\d){0,2}", card.date)


def test_every_mark_is_a_card() -> None:
    known = {card.id for card in UPBIT_CARDS}
    assert {one for ids in TESTS.values() for one in ids} == known


def test_cards_are_numbered_without_gaps() -> None:
    assert [card.id for card in UPBIT_CARDS] == [
        f"U-{number:03}" for number in range(1, len(UPBIT_CARDS) + 1)
    ]
