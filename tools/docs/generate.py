"""Writes what the documents repeat from code, so that neither can say something else.

    python -m tools.docs.generate [--check]

Whole files (:data:`FILES`) are replaced. In all others a part is marked by ``<!-- generated: NAME
-->`` and ``<!-- end -->``; only what stands between is replaced. With ``--check`` nothing is
written, and the exit code is 1 if anything is stale; a test does the same.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from tools.docs import tables as make
from tools.docs.layers import layers
from tools.docs.metrics import metrics_table
from tools.docs.settings import env_example, settings_table
from trading_platform_order.signals.faults import faults_markdown
from trading_platform_order.signals.schema import json_schema_text
from trading_platform_order.storage.projections.views import views_markdown
from trading_platform_order.words.text import Language

REPOSITORY = Path(__file__).resolve().parents[2]
MARK, END = "<!-- generated: ", "<!-- end -->"

Text = Callable[[], str]

FILES: Mapping[str, Text] = {
    "config/.env.example": env_example,
    "config/.env.example.ko": partial(env_example, Language.KO),
    "docs/signal.schema.json": json_schema_text,
}


def _settings_tables(language: Language) -> Mapping[str, Text]:
    sections = ("risk", "protect", "hindrances", "trade")
    return {f"settings: {name}": partial(settings_table, name, language) for name in sections}


PARTS: Mapping[str, Mapping[str, Text]] = {
    "docs/ARCHITECTURE.md": {
        "order states": make.order_states,
        "order diagram": make.order_diagram,
        "order moves": make.order_moves,
        "order id letters": make.order_id_letters,
        "layers": layers,
    },
    "docs/EXCHANGE_API.md": {
        "upbit budgets": make.upbit_budgets,
        "upbit errors": make.upbit_error_table,
        "binance budgets": make.binance_budgets,
        "binance errors": make.binance_error_table,
    },
    "docs/OPERATIONS.md": {"alerts": make.alert_titles, "metrics": metrics_table},
    "docs/RISK_MANAGEMENT.md": {
        **_settings_tables(Language.EN),
        "refusal codes": make.refusal_codes,
        "stop conditions": make.stop_conditions,
    },
    "docs/RISK_MANAGEMENT.ko.md": _settings_tables(Language.KO),
    "docs/SIGNALS.md": {"signal fields": make.signal_fields, "signal faults": faults_markdown},
    "docs/SIMULATION.md": {
        "simulator faults": make.simulator_faults,
        "simulation faults": make.simulation_faults,
        "checkers": make.simulation_checkers,
    },
    "docs/STORAGE.md": {"journal events": make.journal_events, "views": views_markdown},
}


class PartMissing(Exception):  # noqa: N818 - names what the document lacks
    """A document does not have the markers of a part that belongs into it."""


def render(name: str, present: str) -> str:
    """What the file ``name`` must say, given what it says now.

    Raises:
        PartMissing: a marker is not there, or its end is not.
    """
    if name in FILES:
        return FILES[name]()
    for part, text in PARTS[name].items():
        present = _replaced(present, part, text(), name)
    return present


def _replaced(document: str, part: str, text: str, name: str) -> str:
    mark = f"{MARK}{part} -->\n"
    before, found, rest = document.partition(mark)
    old, ended, after = rest.partition(END)
    if not found or not ended or MARK in old:
        raise PartMissing(f"{name} lacks {mark.strip()} … {END}")
    return f"{before}{mark}{text}{END}{after}"


def stale(root: Path) -> list[str]:
    """The files below ``root`` that do not say what the code says."""
    return [name for name in (*FILES, *PARTS) if _present(root, name) != _wanted(root, name)]


def write(root: Path) -> list[str]:
    """Bring all files below ``root`` up to date; returns those that changed."""
    names = stale(root)
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_wanted(root, name), encoding="utf-8")
    return names


def _present(root: Path, name: str) -> str:
    path = root / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _wanted(root: Path, name: str) -> str:
    return render(name, _present(root, name))


def main(arguments: Sequence[str]) -> int:
    """The command; returns its exit code."""
    if list(arguments) not in ([], ["--check"]):
        sys.stderr.write("usage: python -m tools.docs.generate [--check]\n")
        return 2
    check = bool(arguments)
    names = stale(REPOSITORY) if check else write(REPOSITORY)
    for name in names:
        sys.stdout.write(f"{'stale' if check else 'written'}: {name}\n")
    if check and names:
        sys.stdout.write("run: make generated\n")
    return int(check and bool(names))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
