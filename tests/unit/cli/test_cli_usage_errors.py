"""A command line that cannot be taken is told in the operator's language, and exits as ever."""

import inspect
import re

import click
import pytest
from click.testing import CliRunner

from trading_platform_order.cli.main import main
from trading_platform_order.words.text import Text
from trading_platform_order.words.usage import FAULTS, TRY_HELP

LINES = [
    "--nope",
    "nope",
    "signal sned",
    "status --jsn",
    "explain",
    "alerts ack x",
    "alerts ack 0",
    "simulate --runs -1",
    "trades --limit abc",
    "alerts list extra",
    "alerts list one two",
    "pnl --day",
    "stop --json=3",
    "stop",
    "backtest --file /nope.csv",
]
ENGLISH = re.compile(r"\b[a-z]{2,} [a-z]{2,} [a-z]{2,}")


def told(line: str, language: str) -> tuple[int, str]:
    answer = CliRunner().invoke(main, line.split(), env={"TPORDER_LANG": language})
    return answer.exit_code, answer.stderr


@pytest.mark.parametrize("line", LINES)
def test_it_is_told_in_korean_with_the_same_exit_code(line: str) -> None:
    english, korean = told(line, "en"), told(line, "ko")

    assert english[0] == korean[0] != 0
    _, found, fault = korean[1].partition("오류: ")
    assert found
    assert ENGLISH.search(fault) is None, fault
    assert "Error" not in korean[1]


def test_in_english_it_is_clicks_own() -> None:
    code, text = told("status --jsn", "en")

    assert code == 2
    assert "Usage: " in text
    assert "Try '" in text
    assert "Error: No such option '--jsn'. Did you mean '--json'?" in text


@pytest.mark.parametrize("fault", [*FAULTS, TRY_HELP], ids=lambda fault: fault.en)
def test_each_is_still_said_by_click(fault: Text) -> None:
    modules = (click.exceptions, click.core, click.types, click.parser)
    written = "".join(inspect.getsource(module) for module in modules)

    for word in re.findall(r"[A-Za-z][a-z]+", re.sub(r"\{.*?\}", " ", fault.en)):
        assert word.lower() in written.lower(), word
