"""``docs/CONFORMANCE.md``: the cards and the listed differences, written from the data.

``python -m tests.conformance.page`` writes it; a test fails when it is stale.
"""

import sys
from pathlib import Path

from tests.conformance.binance import cards as binance_cards
from tests.conformance.binance import parity as binance_parity
from tests.conformance.upbit import cards as upbit_cards
from tests.conformance.upbit import parity as upbit_parity

PAGE = Path(__file__).resolve().parents[2] / "docs" / "CONFORMANCE.md"


def card_tests() -> dict[str, list[str]]:
    """The test of every card by venue, as ``file.py::function``."""
    return {
        "upbit": [f"upbit/{card.test}" for card in upbit_cards.UPBIT_CARDS],
        "binance": [
            f"binance/{card.test.replace('::', '.py::')}" for card in binance_cards.BINANCE_CARDS
        ],
    }


def difference_counts() -> dict[str, int]:
    """Listed differences between our requests and other clients', by venue."""
    return {
        "upbit": len(upbit_parity.DIFFERENCES),
        "binance": len(binance_parity.DIFFERENCES),
    }


def page() -> str:
    """The whole page."""
    lines = [
        "# Conformance",
        "",
        "Each fact about an exchange that the system relies on is a card: what it says, where it",
        "is written, and the test that holds it. The same simulators serve other people's",
        "clients, unmodified: `ccxt`, `upbit-sdk`, `python-binance`. `make conformance` runs",
        "everything and prints what was held. `python -m tests.conformance.page` writes this page.",
        "",
    ]
    rows = {
        "Upbit": [
            (card.id, card.fact, f"{card.source}, {card.date}", card.test)
            for card in upbit_cards.UPBIT_CARDS
        ],
        "Binance USDⓈ-M futures": [
            (card.id, card.fact, card.source, card.test) for card in binance_cards.BINANCE_CARDS
        ],
    }
    for title, cards in rows.items():
        lines += [f"## {title}", "", "| card | fact | source and date | test |"]
        lines.append("|---|---|---|---|")
        for name, fact, source, test in cards:
            cells = (name, fact, source, f"`{test}`")
            lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"written: {PAGE.name}\n")
