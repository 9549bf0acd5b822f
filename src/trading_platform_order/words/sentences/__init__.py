"""Sentences that the engine writes in English, as operators read them in another language.

The journal, the outbox and the answers of an engine are durable or cross to another process: they
are English whoever reads them, and old ones replay for ever. So they are not looked up by a key but
recognised by their own text when they are shown. One that is not recognised is shown as it stands:
a sentence in the wrong language is read, a missing one is not.
"""

import re
import string
from functools import lru_cache

from trading_platform_order.words.forms.moments import with_times
from trading_platform_order.words.meanings import is_meaning, meaning
from trading_platform_order.words.sentences import (
    account,
    alerts,
    candles,
    commands,
    doctor,
    exchanges,
    log_lines,
    machine_faults,
    monitors,
    refusals,
    settings,
    signals,
    store,
    trades,
    watchdog,
)
from trading_platform_order.words.text import Language, Text, locale

SENTENCES: tuple[Text, ...] = (
    *account.SENTENCES,
    *commands.SENTENCES,
    *signals.SENTENCES,
    *refusals.SENTENCES,
    *trades.SENTENCES,
    *doctor.SENTENCES,
    *alerts.SENTENCES,
    *candles.SENTENCES,
    *log_lines.SENTENCES,
    *monitors.SENTENCES,
    *watchdog.SENTENCES,
    *exchanges.SENTENCES,
    *store.SENTENCES,
    *settings.SENTENCES,
    *machine_faults.SENTENCES,
)

UNIT_LETTERS = 2
_BETWEEN = "; "
"""Between sentences that were put together."""
_BEFORE = ": "
"""Between a name and what is said of it."""


def localised(text: str, language: Language | None = None) -> str:
    """A sentence of the engine in the operator's language; as it is where nobody translated it.

    Times in it are told in the operator's zone.
    """
    wanted = locale().language if language is None else language
    return with_times(text if wanted is Language.EN else _translated(text, wanted))


@lru_cache(maxsize=1_024)
def _translated(text: str, language: Language) -> str:
    if is_meaning(text):  # a refusal of a setting's value says what the setting is
        return meaning(text, language)
    for pattern, sentence in _patterns():
        match = pattern.fullmatch(text)
        if match is None:
            continue
        figures = match.groupdict()
        # A figure that holds a whole sentence more was not one of this sentence's.
        if any(_BETWEEN in figure and not is_meaning(figure) for figure in figures.values()):
            continue
        if _is_unit(sentence) and any(" " in figure for figure in figures.values()):
            continue
        named = {name: _translated(figure, language) for name, figure in figures.items()}
        return sentence.within(language, **named)
    for joined in (_BETWEEN, _BEFORE):
        before, found, after = text.partition(joined)
        if found:
            return f"{_translated(before, language)}{joined}{_translated(after, language)}"
    return text


def _is_unit(sentence: Text) -> bool:
    """A figure and its unit, as in ``{waited} s``, or hardly a word: other sentences fit it too."""
    return sum(map(str.isalpha, pattern_of(sentence.en)[1])) <= UNIT_LETTERS


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], Text], ...]:
    """The most letters of its own first, so that a general sentence never hides a special one."""
    ordered = sorted(SENTENCES, key=lambda sentence: -len(pattern_of(sentence.en)[1]))
    return tuple((re.compile(pattern_of(each.en)[0], re.DOTALL), each) for each in ordered)


def pattern_of(template: str) -> tuple[str, str]:
    """The regular expression of a template, and its letters without the placeholders."""
    pattern, letters, names = "", "", set[str]()
    for literal, name, _, _ in string.Formatter().parse(template):
        pattern += re.escape(literal)
        letters += literal
        if name is not None:
            pattern += f"(?P={name})" if name in names else f"(?P<{name}>.+?)"
            names.add(name)
    return pattern, letters
