"""``--help`` in the operator's language, paragraph by paragraph.

The English stands where the command is defined, because ``docs/CLI.md`` and completion are made of
it; here each paragraph and each option's meaning is recognised by its own text, as in
:mod:`trading_platform_order.words.sentences`. A test holds that none is missing or left over.
"""

import inspect
import re

from trading_platform_order.words.help import checks, common, control, history, overview, services
from trading_platform_order.words.text import Text

HELP: tuple[Text, ...] = (
    *common.HELP,
    *services.HELP,
    *checks.HELP,
    *control.HELP,
    *overview.HELP,
    *history.HELP,
)
_BY_ENGLISH = {text.en: text for text in HELP}


def paragraphs(written: str) -> list[str]:
    """A docstring's paragraphs, each as one line."""
    parts = re.split(r"\n\s*\n", inspect.cleandoc(written))
    return [" ".join(part.split()) for part in parts if part.strip()]


def translated(paragraph: str) -> str:
    """As the operator reads it; what nobody translated stays as it is."""
    text = _BY_ENGLISH.get(paragraph)
    return paragraph if text is None else text()


def first_sentence(written: str) -> str:
    """What a list of commands shows of a command's help."""
    first, *_ = [*paragraphs(written), ""]
    sentence, dot, _ = translated(first).partition(". ")
    return sentence + dot.strip()
