"""``docs/CLI.md`` says what the code says; every exit code has a meaning."""

from pathlib import Path

import pytest

from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.reference import commands_markdown, fresh, rewrite

PAGE = Path(__file__).parents[3] / "docs" / "CLI.md"


def test_the_page_is_fresh() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert fresh(page) == page, (
        "docs/CLI.md is stale: run python -m trading_platform_order.cli.reference docs/CLI.md"
    )


def test_a_stale_page_is_brought_up_to_date(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    stale = tmp_path / "CLI.md"
    stale.write_text(page.replace("| 7 | `NOT_FOUND` |", "| 8 | `LOST` |"), encoding="utf-8")

    rewrite(stale)

    assert stale.read_text(encoding="utf-8") == page


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="no markers for exit codes"):
        fresh("# nothing")


def test_exit_codes_are_stable() -> None:
    assert {code.name: int(code) for code in ExitCode} == {
        "OK": 0,
        "BUG": 1,
        "USAGE": 2,
        "BAD_INPUT": 3,
        "REFUSED": 4,
        "CONFLICT": 5,
        "DUPLICATE": 6,
        "NOT_FOUND": 7,
        "NO_DATABASE": 8,
        "DATABASE_VERSION": 9,
        "DATABASE_PROBLEM": 10,
        "SETTINGS_REFUSED": 11,
        "ACCOUNT_TAKEN": 12,
        "ENGINE_PROBLEM": 13,
        "VIOLATIONS": 14,
        "JOURNAL_BROKEN": 15,
        "INBOX_FULL": 16,
        "NOT_READY": 17,
        "MADE_WAY": 18,
        "SHAPE_DIFFERS": 19,
        "NOT_FLAT": 20,
        "NOT_CONFIRMED": 21,
        "STOP_STANDS": 22,
        "MACHINE_REFUSED": 23,
        "UNKNOWN_ACCOUNT": 24,
        "NOT_TOLD": 25,
        "INTERRUPTED": 130,
    }
    assert all(code.meaning for code in ExitCode)


def test_every_command_is_in_the_reference() -> None:
    text = commands_markdown()

    assert "### `tporder signal send FILE`" in text
    assert "### `tporder simulator serve`" in text
