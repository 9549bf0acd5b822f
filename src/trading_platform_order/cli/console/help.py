"""``--help`` in the operator's language: what click composes is translated as it is written."""

import re
from collections.abc import Iterable

import click

from trading_platform_order.words import common as words
from trading_platform_order.words.help import first_sentence, paragraphs, translated

_HEADINGS = {
    "Usage": words.HELP_USAGE,
    "Options": words.HELP_OPTIONS,
    "Commands": words.HELP_COMMANDS,
}
_MEANING = re.compile(r"(?P<text>.*?)(?P<extra>(?:^|  )\[[^\[\]]*\])?", re.DOTALL)
"""An option's meaning, and behind two spaces what click adds: ``[default: 5; required]``."""

_KOREAN = re.compile("[가-힣]")


class HelpFormatter(click.HelpFormatter):
    """Writes the operator's language."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The first line."""
        prefix = prefix or f"{words.HELP_USAGE()}: "
        wide = len(_KOREAN.findall(prefix))  # click takes a Korean letter for one column
        self.width -= wide
        super().write_usage(prog, args, prefix)
        self.width += wide

    def write_heading(self, heading: str) -> None:
        """Above a list."""
        known = _HEADINGS.get(heading)
        super().write_heading(heading if known is None else known())

    def write_text(self, text: str) -> None:
        """A command's help."""
        room = self.width - self.current_indent
        parts = (_kept(translated(part), room) for part in paragraphs(text))
        super().write_text("\n\n".join(parts))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """A list of options or commands."""
        rows = list(rows)
        first = min(max((len(name) for name, _ in rows), default=0), col_max) + col_spacing
        room = max(self.width - first - 2, 10)
        kept = [(name, _kept(_meaning(text), room)) for name, text in rows]
        super().write_dl(kept, col_max, col_spacing)


def _kept(text: str, columns: int) -> str:
    """Lines that click leaves alone: it counts letters, and a Korean one takes two columns."""
    if not _KOREAN.search(text):
        return text
    from trading_platform_order.words.width import wrapped  # noqa: PLC0415 - brings rich, slow

    return "\n".join(("\b", *wrapped(text, columns)))


def _meaning(text: str) -> str:
    found = _MEANING.fullmatch(text)
    if found is None or not found["extra"]:
        return translated(text)
    extra = found["extra"].replace("required", words.HELP_REQUIRED())
    return translated(found["text"]) + extra.replace("default:", f"{words.HELP_DEFAULT()}:")


class HelpContext(click.Context):
    """A command's context whose help is the operator's."""

    formatter_class = HelpFormatter


class Group(click.Group):
    """Commands of one subject; the list says the first sentence of each."""

    context_class = HelpContext

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list."""
        commands = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, first_sentence(one.help or "")) for name, one in commands if one]
            )
