"""``docs/SCENARIOS.md``: the list of scenarios and where each comes from, written from the code.

``python -m trading_platform_order.simulation.scenarios.docs_page docs/SCENARIOS.md`` writes it.
"""

import sys
from pathlib import Path

from trading_platform_order.simulation.scenarios.catalogue import (
    CHAPTERS,
    Scenario,
    all_scenarios,
)
from trading_platform_order.simulation.scenarios.field_failures import FIELD_FAILURES, NOT_OURS

_INTRODUCTION = """\
# Scenarios

Failures that users of other trading systems reported, and some that the exchanges' rules make
possible. Each is a short script over the real engine, the real adapters and the real store, against
both simulated exchanges in virtual time; it says what goes wrong and what must be true after it.
Then the judges of every simulated run look at the exchanges' own state: nothing is filled twice,
all is hedged or flat, the ledger equals both exchanges, every signal has one fate, every foreign
movement is known as such, the chain of the journal verifies. A fault that does not strike fails its
scenario.

    tporder simulate --list                     names and sentences
    tporder simulate --scenario all             play them all
    tporder simulate --scenario NAME --json     one, with its timeline

They are written to be read, and to be translated for other systems: one folder,
`simulation/scenarios/`, one function each. `make generated` writes this
page.
"""


def page() -> str:
    """The whole page."""
    scenarios = all_scenarios()
    lines = [_INTRODUCTION]
    for chapter, title in CHAPTERS.items():
        members = [found for found in scenarios if found.chapter == chapter]
        lines += [f"## {title}", "", "| scenario | what happens, and what must be | source |"]
        lines.append("|---|---|---|")
        lines += [
            f"| `{found.name}` | {_cell(found.about)} | {_cell(source(found))} |"
            for found in members
        ]
        lines.append("")
    lines += ["## Field failures and their scenarios", "", "| # | thread | essence | scenarios |"]
    lines.append("|---|---|---|---|")
    for number, failure in FIELD_FAILURES.items():
        names = [f"`{found.name}`" for found in scenarios if number in found.failures]
        covered = ", ".join(names) or f"none: {NOT_OURS.get(number, '')}"
        lines.append(f"| {number} | {failure.thread} | {_cell(failure.essence)} | {covered} |")
    lines.append("")
    return "\n".join(lines)


def source(scenario: Scenario) -> str:
    """Where a scenario comes from, in words."""
    threads = [f"{number}: {FIELD_FAILURES[number].thread}" for number in scenario.failures]
    return "; ".join([*threads, *([scenario.rule] if scenario.rule else [])])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main(path: str) -> None:
    """Write the page."""
    Path(path).write_text(page(), encoding="utf-8")
    sys.stdout.write(f"written: {path}\n")


if __name__ == "__main__":
    main(sys.argv[1])
