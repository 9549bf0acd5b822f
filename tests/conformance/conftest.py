"""Ends a run over this folder with the table of what was held."""

import pytest

from tests.conformance.counting import CALLS
from tests.conformance.page import card_counts, difference_counts


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not CALLS:
        return
    failed = len(terminalreporter.stats.get("failed", [])) + len(
        terminalreporter.stats.get("error", [])
    )
    write = terminalreporter.write_line
    write("")
    for venue, count in card_counts().items():
        write(f"cards held, {venue:<38} {count:>7}")
    for client, calls in sorted(CALLS.items()):
        write(f"calls of {client:<41} {calls:>7}")
    for venue, count in difference_counts().items():
        write(f"listed request differences, {venue:<22} {count:>7}")
    # An unlisted difference fails its test, so it shows in the failures.
    write(f"failures (unlisted differences among them) {failed:>15}")
