"""Ends a run over this folder with the table of what was held."""

import pytest

from tests.conformance.counting import CALLS, COMPARED, UNLISTED
from tests.conformance.page import card_tests, difference_counts


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not CALLS:
        return
    reports = [
        report for kind in ("failed", "error") for report in terminalreporter.stats.get(kind, [])
    ]
    broken = " ".join(report.nodeid for report in reports)
    write = terminalreporter.write_line
    write("")
    for venue, tests in card_tests().items():
        held = sum(test not in broken for test in tests)
        write(f"cards held, {venue:<38} {held:>7} of {len(tests)}")
    for client, calls in sorted(CALLS.items()):
        write(f"calls of {client:<41} {calls:>7}")
    for venue, count in difference_counts().items():
        write(f"requests compared with others', {venue:<18} {COMPARED[venue]:>7}")
        write(f"listed request differences, {venue:<22} {count:>7}")
        write(f"unlisted request differences, {venue:<20} {UNLISTED[venue]:>7}")
    write(f"failures {len(reports):>49}")
