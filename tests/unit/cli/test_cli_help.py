"""``--help`` says all of it in both languages, and the catalogue of it holds nothing else."""

import re
from collections.abc import Iterator

import click
import pytest

from tests.unit.cli.cli_world import tporder
from trading_platform_order.cli.main import COMMANDS, main
from trading_platform_order.words.help import HELP, paragraphs
from trading_platform_order.words.help.lines import LINES

HANGUL = re.compile(r"[가-힣]")


def commands(
    command: click.Command = main, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from commands(child, (*path, name))


EVERY = [path for path, _ in commands()]


def test_every_paragraph_and_every_option_has_its_korean_and_nothing_is_left_over() -> None:
    shown = {"Show this message and exit."}
    for _, command in commands():
        shown |= set(paragraphs(command.help or ""))
        for option in command.params:
            if isinstance(option, click.Option):
                shown |= set(paragraphs(option.help or ""))

    assert sorted(shown) == sorted(text.en for text in HELP)


def test_every_option_says_what_it_means() -> None:
    silent = [
        (*path, option.opts[0])
        for path, command in commands()
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]

    assert not silent


def test_every_command_has_its_line() -> None:
    assert list(LINES) == list(COMMANDS)


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_no_english_stands_in_korean_help(path: tuple[str, ...]) -> None:
    shown = tporder(*path, "--help", env={"TPORDER_LANG": "ko"}).stdout

    # what stands between brackets are names: of arguments, of what may be chosen
    bare = re.sub(
        r"\[[^\]]*\]|`[^`]*`|tporder completion \w+|--?[a-z-]+|[A-Z_]{2,}|\([^)]*\)", "", shown
    )
    english = [line for line in bare.splitlines() if re.search(r"[a-z]{2,} [a-z]{2,} [a-z]", line)]

    assert HANGUL.search(shown)
    assert not [line for line in english if not line.startswith("사용법")]
    assert re.search(r"^(Usage|Options|Commands):", shown, re.MULTILINE) is None


def test_what_click_adds_to_an_option_is_korean_too() -> None:
    shown = tporder("drill", "paper", "--help", env={"TPORDER_LANG": "ko"}).stdout

    assert "기본값" in shown
    assert "default" not in shown
