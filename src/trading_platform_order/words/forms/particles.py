"""Korean particles that depend on whether the word before them ends in a consonant.

Templates carry both forms, as in ``{name}이(가)``, because nobody knows the word when they are
written. The right one is chosen when it is filled in. Where the sound of a word is not certain
(most words in Latin letters), both forms stay.
"""

import re

_FORMS = {
    "이(가)": ("이", "가"),
    "을(를)": ("을", "를"),
    "은(는)": ("은", "는"),
    "과(와)": ("과", "와"),
    "(으)로": ("으로", "로"),
    "(이)라": ("이라", "라"),
}
"""After a consonant, after a vowel."""
_MARK = re.compile("|".join(map(re.escape, _FORMS)))
_ASIDE = re.compile(r"\s*\([^()]*\)$")
"""What stands in brackets behind a word is not spoken with it."""
_CLOSING = "\"'`]"
_FIRST, _LAST, _ENDINGS = 0xAC00, 0xD7A3, 28
"""Hangul syllables in Unicode: 28 possible endings each, the first of them none."""
_RIEUL = 8
"""The ending ㄹ, after which 로 stands as after a vowel."""
_DIGITS = {"0": 21, "1": _RIEUL, "3": 16, "6": 1, "7": _RIEUL, "8": _RIEUL}
"""Endings of the digits as they are read (영, 일, 삼, 육, 칠, 팔); the others end in a vowel."""
_LETTERS = {"L": _RIEUL, "M": 16, "N": 4, "R": _RIEUL}
"""Endings of the letters as they are read one by one (엘, 엠, 엔, 알)."""
_SPELLED_CHARS_MAX = 5
"""Capitals up to so many are read letter by letter, as tickers are."""


def with_particles(text: str) -> str:
    """The text with one form of each particle, where the word before it decides."""
    found = _MARK.search(text)
    if found is None:
        return text
    before, mark = text[: found.start()], found.group()
    ending = _ending(before)
    if ending is None:
        chosen = mark
    else:
        is_closed = ending > 0 and not (mark == "(으)로" and ending == _RIEUL)
        chosen = _FORMS[mark][0 if is_closed else 1]
    return before + chosen + with_particles(text[found.end() :])


def _ending(before: str) -> int | None:
    """How the last word ends: 0 a vowel, else a consonant; ``None``: not certain."""
    spoken = _ASIDE.sub("", before).rstrip(_CLOSING)
    last = spoken[-1:]
    if not last:
        return None
    if _FIRST <= ord(last) <= _LAST:
        return (ord(last) - _FIRST) % _ENDINGS
    if last.isdecimal() and last.isascii():
        return _DIGITS.get(last, 0)
    word = re.search(r"[A-Z]+$", spoken)
    if word is None or len(word.group()) > _SPELLED_CHARS_MAX:
        return None
    if word.start() and (spoken[word.start() - 1].isalnum() or spoken[word.start() - 1] == "_"):
        return None
    return _LETTERS.get(last, 0)
