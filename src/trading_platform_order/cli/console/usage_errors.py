"""A command line that click cannot take, told in the operator's language.

click composes its errors in English. They are recognised by their own text, as help is; one that is
not in the catalogue is shown as it stands. Exit codes are click's.
"""

import re
from functools import lru_cache
from typing import IO, Any

import click
from click.exceptions import NoArgsIsHelpError

from trading_platform_order.cli.console.terminal import say
from trading_platform_order.words import common, usage
from trading_platform_order.words.sentences import localised, pattern_of
from trading_platform_order.words.text import Language, Text, locale


class ToldUsage(click.UsageError):
    """The same error in the operator's words."""

    def __init__(self, error: click.UsageError) -> None:
        super().__init__(_translated(error.format_message()), error.ctx)

    def show(self, file: IO[Any] | None = None) -> None:
        """Usage, where help is found, and what is wrong; on standard error."""
        del file
        if self.ctx is not None:
            say(self.ctx.get_usage(), err=True)
            names = self.ctx.help_option_names
            if names and self.ctx.command.get_help_option(self.ctx) is not None:
                hint = usage.TRY_HELP(command=self.ctx.command_path, option=names[0])
                say(f"{hint}\n", err=True)
        say(common.ERROR(text=self.format_message()), err=True)


class Help(click.UsageError):
    """A group of commands that was called alone: its help, which is no fault that needs a cure."""

    def show(self, file: IO[Any] | None = None) -> None:
        """On standard error."""
        del file
        say(self.format_message(), err=True)


def told(error: click.UsageError) -> click.UsageError:
    """What is raised instead: English is click's own."""
    if isinstance(error, NoArgsIsHelpError):
        return Help(error.format_message(), error.ctx)
    if locale().language is Language.EN or isinstance(error, ToldUsage | Help):
        return error
    return ToldUsage(error)


def _translated(text: str) -> str:
    for pattern, fault in _patterns():
        match = pattern.fullmatch(text)
        if match is not None:
            return fault(**{name: _translated(part) for name, part in match.groupdict().items()})
    return localised(text)


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], Text], ...]:
    """The most letters of its own first."""
    ordered = sorted(usage.FAULTS, key=lambda fault: -len(pattern_of(fault.en)[1]))
    return tuple((re.compile(pattern_of(each.en)[0], re.DOTALL), each) for each in ordered)
