"""A text in both languages, and in which of them and in which time zone operators read.

A text is a constant of a module of this package, so that the type checker knows every name and a
test can see what nobody uses. Programs read English and UTC whatever is set here: JSON, the
journal, the views and the metrics never pass through this module.
"""

import string
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trading_platform_order.words.forms.particles import with_particles


class Language(StrEnum):
    """What operators read."""

    EN = "en"
    KO = "ko"


KST = timezone(timedelta(hours=9), "KST")
"""Korea has no summer time, so its time is known without the machine's own tables of zones."""

_LOCALE_NAMES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""In the order in which POSIX lets one outrank the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locale:
    """How operators read."""

    language: Language = Language.EN
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Text:
    """One text with its ``{placeholders}``, which are the same in every language."""

    en: str
    ko: str

    def __call__(self, **values: object) -> str:
        """The text in the operator's language, filled in."""
        return self.within(_current.get().language, **values)

    def within(self, language: Language, /, **values: object) -> str:
        """The text in a given language, filled in."""
        if language is Language.KO:
            return with_particles(self.ko.format_map(values))
        return self.en.format_map(values)


def placeholders(template: str) -> list[str]:
    """Their names, sorted."""
    return sorted(name for _, name, _, _ in string.Formatter().parse(template) if name)


_current: ContextVar[Locale] = ContextVar("locale", default=Locale())  # noqa: B039 - it is frozen


def locale() -> Locale:
    """How the operator of this process reads."""
    return _current.get()


def use(chosen: Locale) -> None:
    """From now on, in this context."""
    _current.set(chosen)


@contextmanager
def using(chosen: Locale) -> Iterator[None]:
    """For a while."""
    token = _current.set(chosen)
    try:
        yield
    finally:
        _current.reset(token)


def locale_of(
    environment: Mapping[str, str], language: Language | None = None, zone: str = ""
) -> Locale:
    """What is set, else what the terminal's locale says.

    Args:
        environment: for the terminal's locale.
        language: ``None``: Korean in a Korean locale, else English.
        zone: a name of the IANA database; empty: Korea's with Korean, else UTC.

    Raises:
        ValueError: no such zone.
    """
    if language is None:
        named = next((environment[name] for name in _LOCALE_NAMES if environment.get(name)), "")
        language = Language.KO if named.lower().startswith("ko") else Language.EN
    if not zone:
        return Locale(language=language, zone=KST if language is Language.KO else UTC)
    return Locale(language=language, zone=zone_of(zone))


def zone_of(name: str) -> tzinfo:
    """The zone of that name.

    Raises:
        ValueError: there is none.
    """
    if name in {"KST", "Asia/Seoul"}:
        return KST
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no time zone is called {name!r}") from None


def time_text(moment: datetime, *, exact: bool = False) -> str:
    """``2026-01-31 18:00:00 KST``: the operator's time with its zone.

    Args:
        moment: with its zone.
        exact: to the millisecond.
    """
    local = moment.astimezone(_current.get().zone)
    shown = local.replace(tzinfo=None).isoformat(
        sep=" ", timespec="milliseconds" if exact else "seconds"
    )
    return f"{shown} {local.tzname()}"
