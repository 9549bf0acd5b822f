"""The parts of ``docs/CLI.md`` that repeat code, written by the code.

``python -m trading_platform_order.cli.reference docs/CLI.md`` brings the page up to date; a test
fails while it is not.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from trading_platform_order.cli.console.exit_codes import exit_codes_markdown
from trading_platform_order.cli.main import main


def commands_markdown() -> str:
    """Every command with its arguments, options and help, in the order of ``--help``."""
    return "\n".join(_section(name, command) for name, command in _leaves(main, "tporder"))


def _leaves(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _leaves(command, f"{path} {name}")
        elif command is not None:
            yield f"{path} {name}", command


def _section(name: str, command: click.Command) -> str:
    arguments = [param.make_metavar(click.Context(command)) for param in _arguments(command)]
    lines = [f"### `{' '.join([name, *arguments])}`", "", inspect.cleandoc(command.help or ""), ""]
    options = [param for param in command.params if isinstance(param, click.Option)]
    if options:
        lines += ["| option | meaning |", "|---|---|"]
        lines += [_row(command, option) for option in options]
        lines.append("")
    return "\n".join(lines)


def _arguments(command: click.Command) -> list[click.Argument]:
    return [param for param in command.params if isinstance(param, click.Argument)]


def _row(command: click.Command, option: click.Option) -> str:
    name, meaning = option.get_help_record(click.Context(command)) or ("", "")
    return f"| `{name}` | {meaning.replace('|', '/')} |"


def fresh(page: str) -> str:
    """The page with its generated parts as they should be.

    Raises:
        ValueError: a part's markers are not there.
    """
    for title, text in (("exit codes", exit_codes_markdown()), ("commands", commands_markdown())):
        start, end = f"<!-- {title}: generated -->\n", f"<!-- {title}: end -->"
        pattern = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
        if not pattern.search(page):
            raise ValueError(f"no markers for {title}")
        part = f"{start}{text}{end}"
        page = pattern.sub(lambda _, part=part: part, page)  # type: ignore[misc]
    return page


def rewrite(path: Path) -> None:
    """Bring the file up to date."""
    path.write_text(fresh(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    rewrite(Path(sys.argv[1]))
