"""Text from and for terminals of any encoding: nothing typed or read ends a command."""

import sys
from typing import TextIO

import click

_KOREAN = "cp949"
"""What Korean terminals speak that do not speak UTF-8 (EUC-KR and its superset)."""


def readable(text: str) -> str:
    """Text whose bytes were not UTF-8: as Korean if they are that, else with replacements.

    Python hands over bytes that it cannot decode as lone surrogates (PEP 383), which neither the
    store nor any message can hold.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        pass
    else:
        return text
    raw = text.encode(errors="surrogateescape")
    try:
        return raw.decode(_KOREAN)
    except UnicodeDecodeError:
        return raw.decode(errors="replace")


def show_what_can_be_shown() -> None:
    """From now on output replaces what the terminal's encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        _replace_in(stream)


def _replace_in(stream: TextIO) -> None:
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")


def can_show(text: str) -> bool:
    """Whether standard output has all of these characters."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def say(text: str, *, err: bool = False) -> None:
    """One answer to the operator; on a terminal broken at blanks, elsewhere as it is."""
    stream = sys.stderr if err else sys.stdout
    if stream.isatty():
        # The only use of rich before a command runs: `--help` answers at once without it.
        from trading_platform_order.words.width import WIDTH, fitted  # noqa: PLC0415

        text = "\n".join(fitted(line, WIDTH) for line in text.split("\n"))
    click.echo(text, err=err)
