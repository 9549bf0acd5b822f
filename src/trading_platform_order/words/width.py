"""How wide a text is on a terminal, where a Korean letter takes two columns, and wrapping by it."""

import re

from rich.cells import cell_len, chop_cells

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
WIDTH = 80
"""Columns of an operator's terminal."""


def padded(text: str, columns: int) -> str:
    """Blanks behind it, up to so many columns."""
    return text + " " * max(columns - cell_len(text), 0)


def wrapped(text: str, columns: int) -> list[str]:
    """Lines of at most so many columns, broken at blanks; a word that is wider is broken itself."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if _shown_len(joined) <= columns:
            line = joined
            continue
        if line:
            lines.append(line)
        if _shown_len(word) <= columns:  # a colour within it must not be chopped
            line = word
            continue
        *full, line = chop_cells(_COLOUR.sub("", word), columns)
        lines += full
    return [*lines, line] if line or not lines else lines


def _shown_len(text: str) -> int:
    """Columns without what colours the text."""
    return cell_len(_COLOUR.sub("", text) if "\x1b" in text else text)


def fitted(line: str, columns: int) -> str:
    """A line as it is where it fits, else broken at blanks, its next lines two columns further."""
    if _shown_len(line) <= columns:
        return line
    indent = " " * (len(line) - len(line.lstrip()))
    first, *rest = wrapped(line, columns - len(indent) - 2)
    return "\n".join((f"{indent}{first}", *(f"{indent}  {each}" for each in rest)))
