"""Commands one after another in one process, each told apart by a mark, for a terminal's test.

``python -m tests.e2e.terminal_session JSON`` with a list of lists of arguments.
"""

import json
import sys

import click

from trading_platform_order.cli.main import main

MARK = "\N{SYMBOL FOR RECORD SEPARATOR}"


def run(commands: list[list[str]]) -> None:
    """Each as if it were called alone."""
    for arguments in commands:
        try:
            main(arguments)
        except SystemExit as ended:
            code = ended.code
        sys.stdout.flush()
        click.echo(f"{MARK}{code}")


if __name__ == "__main__":
    run(json.loads(sys.argv[1]))
