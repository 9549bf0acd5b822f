"""Settings of what operators read: the language and the time zone."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from trading_platform_order.runtime.settings.base import Section, SettingsRefused
from trading_platform_order.runtime.settings.base import about as _about
from trading_platform_order.words.text import Language, Locale, locale_of


class Lang(StrEnum):
    """Which language."""

    AUTO = "auto"
    EN = "en"
    KO = "ko"


class LocaleSection(Section, frozen=True, kw_only=True):
    """What operators read; JSON, the journal, views and metrics stay English and UTC."""

    lang: Annotated[
        Lang, _about("ko, en, or auto: Korean where the terminal's locale is Korean")
    ] = Lang.AUTO
    timezone: Annotated[
        str, _about("zone of the times shown, e.g. KST or Europe/Berlin; empty: KST in Korean, UTC")
    ] = ""

    def chosen(self, environment: Mapping[str, str]) -> Locale:
        """As set, else as the terminal's locale is."""
        language = None if self.lang is Lang.AUTO else Language(self.lang.value)
        return locale_of(environment, language, self.timezone)


def check_locale(section: LocaleSection) -> None:
    """The zone must exist.

    Raises:
        SettingsRefused: it does not.
    """
    try:
        section.chosen({})
    except ValueError as error:
        raise SettingsRefused(f"locale.timezone: {error}") from None
