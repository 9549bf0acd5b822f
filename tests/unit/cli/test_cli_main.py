"""The front door: quick, helpful, and never a traceback for what was foreseen."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.unit.cli.cli_world import tporder
from trading_platform_order import __version__
from trading_platform_order.cli.console.errors import TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.main import COMMANDS
from trading_platform_order.executor.journal.event_codec import JournalUnreadable
from trading_platform_order.market.files.candle_fault import CandleFileError
from trading_platform_order.storage.base import ChainBroken, InboxFull, StoreUnavailable
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLocked

HELP_IMPORTS = """
import sys
from trading_platform_order.cli.main import main
main(["--help"], standalone_mode=False)
heavy = ("aiohttp", "asyncio", "msgspec", "rich", "apsw")
print([name for name in heavy if name in sys.modules])
"""


def test_help_names_every_command_and_imports_none() -> None:
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", HELP_IMPORTS], capture_output=True, text=True, check=True
    )

    assert ran.stdout.splitlines()[-1] == "[]"
    for name in COMMANDS:
        assert f"\n  {name} " in ran.stdout


def test_the_version() -> None:
    assert tporder("--version").stdout == f"tporder, version {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    result = tporder(name, "--help")

    assert result.exit_code == ExitCode.OK
    assert f"Usage: main {name}" in result.stdout or f"Usage: tporder {name}" in result.stdout


def test_an_unknown_command_is_a_usage_fault() -> None:
    result = tporder("frobnicate")

    assert result.exit_code == ExitCode.USAGE
    assert "No such command 'frobnicate'" in result.stderr


FORESEEN: list[tuple[BaseException, ExitCode, str]] = [
    (StoreUnavailable("disk full"), ExitCode.DATABASE_PROBLEM, "disk full"),
    (ChainBroken(7, "changed"), ExitCode.JOURNAL_BROKEN, "journal row 7: changed"),
    (AccountLocked("in use by process 1"), ExitCode.ACCOUNT_TAKEN, "in use by process 1"),
    (InboxFull("10000 wait"), ExitCode.INBOX_FULL, "10000 wait"),
    (JournalUnreadable("row 3"), ExitCode.DATABASE_VERSION, "row 3"),
    (KeyboardInterrupt(), ExitCode.INTERRUPTED, "interrupted"),
    (
        ExceptionGroup("tasks", [ExceptionGroup("inner", [StoreUnavailable("no disk")])]),
        ExitCode.DATABASE_PROBLEM,
        "no disk",
    ),
]


def raising(error: BaseException) -> click.Command:
    def fail() -> ExitCode:
        raise error

    return TellingCommand("fail", callback=fail)


@pytest.mark.parametrize(("error", "code", "text"), FORESEEN)
def test_foreseen_faults_are_one_line(error: BaseException, code: ExitCode, text: str) -> None:
    result = CliRunner().invoke(raising(error), [])

    assert result.exit_code == code
    assert result.stderr == f"Error: {text}\n"


def test_a_candle_file_names_its_place() -> None:
    error = CandleFileError(Path("c.csv"), line=3, problem="no price", remedy="add one")

    result = CliRunner().invoke(raising(error), [])

    assert result.exit_code == ExitCode.BAD_INPUT
    assert result.stderr == "Error: c.csv, line 3: no price\nCure: add one\n"


BUGS = [
    ZeroDivisionError("a bug"),
    ExceptionGroup("tasks", [StoreUnavailable("no disk"), ZeroDivisionError("a bug")]),
]


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_shows_itself(bug: Exception) -> None:
    result = CliRunner().invoke(raising(bug), [])

    assert result.exit_code == ExitCode.BUG
    assert result.exception is bug
