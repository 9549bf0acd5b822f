"""What of the settings no line, file or page may show."""

import re
from urllib.parse import urlsplit

import msgspec

from trading_platform_order.runtime.settings.base import Secret
from trading_platform_order.runtime.settings.settings import Settings

MASK = "••••••••"
SECRET_CHARS_MIN = 8
PART_CHARS_MIN = 16
"""What is shorter is no secret that anybody gave out (or no token in an address), and would be
found in ordinary words."""


def secret_texts(settings: Settings) -> tuple[str, ...]:
    """Every secret of the settings, longest first; of an address, what makes it secret as well."""
    texts: set[str] = set()
    for section in msgspec.structs.fields(Settings):
        group = getattr(settings, section.name)
        for item in msgspec.structs.fields(type(group)):
            value = getattr(group, item.name)
            if isinstance(value, Secret) and value:
                texts |= _parts(value.reveal())
    return tuple(sorted(texts, key=lambda text: (-len(text), text)))


def _parts(secret: str) -> set[str]:
    if len(secret) < SECRET_CHARS_MIN:
        return set()
    if "://" not in secret:
        return {secret}
    found: set[str] = {secret}
    for word in secret.split():  # several channels stand in one setting
        address = urlsplit(word)
        web = (address.password or "", address.query, address.path, *address.path.split("/"))
        # Elsewhere a token may stand anywhere, where a host stands too.
        anywhere = () if address.scheme in _WEB else _SEPARATORS.split(word)
        found |= {part for part in (word, *web, *anywhere) if len(part) >= PART_CHARS_MIN}
    return found


_WEB = frozenset({"http", "https"})
_SEPARATORS = re.compile(r"[/@:?&=#,]+")


def masked(value: str, secrets: tuple[str, ...]) -> str:
    """A value that is no secret itself, without what could be one in it.

    Args:
        value: of a setting that is shown.
        secrets: of all settings (:func:`secret_texts`): one may stand in another setting as well.
    """
    for secret in secrets:
        value = value.replace(secret, MASK)
    return _without_tokens(value) if "://" in value else value


def _without_tokens(address: str) -> str:
    """Services take keys in the path or the query; user and password stand before the host."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return MASK
    before, at, _ = parts.netloc.rpartition("@")
    shown = address.replace(f"{before}@", f"{MASK}@", 1) if at else address
    if parts.scheme not in _WEB:
        return shown
    words = _SEPARATORS.split(f"{parts.path}&{parts.query}&{parts.fragment}")
    for word in sorted({word for word in words if len(word) >= PART_CHARS_MIN}, key=len)[::-1]:
        shown = shown.replace(word, MASK)
    return shown
