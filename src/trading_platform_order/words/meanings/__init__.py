"""What each setting is for, in the operator's language.

The English stands where the setting is defined, because ``config/.env.example`` and the tables of
the documents are made of it; here each section and each setting is recognised by its own text, as
in :mod:`trading_platform_order.words.help`. A test holds that none is missing or left over.
"""

from trading_platform_order.words.meanings import guards, limits, services, trading
from trading_platform_order.words.text import Language, Text

MEANINGS: tuple[Text, ...] = (
    *trading.MEANINGS,
    *limits.MEANINGS,
    *guards.MEANINGS,
    *services.MEANINGS,
)
_BY_ENGLISH = {text.en: text for text in MEANINGS}


def is_meaning(written: str) -> bool:
    """Whether a setting or a section says exactly this of itself."""
    return written in _BY_ENGLISH


def meaning(written: str, language: Language) -> str:
    """In that language; what nobody translated stays as it is."""
    text = _BY_ENGLISH.get(written)
    return written if text is None else text.within(language)
