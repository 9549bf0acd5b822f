"""How the operator of a command reads, before any settings are read: for ``--help`` and faults."""

from collections.abc import Mapping

from trading_platform_order.words.text import Language, Locale, locale_of

LANG, TIMEZONE = "TPORDER_LANG", "TPORDER_TIMEZONE"


def early_locale(environment: Mapping[str, str]) -> Locale:
    """As the environment says; what cannot be is left for the settings to refuse."""
    wanted = environment.get(LANG, "")
    language = Language(wanted) if wanted in set(Language) else None
    try:
        return locale_of(environment, language, environment.get(TIMEZONE, ""))
    except ValueError:
        return locale_of(environment, language)
