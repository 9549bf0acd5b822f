"""What every section of the settings is made of."""

import msgspec
from msgspec import Meta


class SettingsRefused(Exception):  # noqa: N818 - the text is for the operator
    """A setting is missing, unknown or out of bounds; the text names it and the cure."""


class Secret:
    """A text that no log, page or exception may show."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret(set)" if self._text else "Secret(empty)"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def reveal(self) -> str:
        """The text itself; only for the code that signs or sends with it."""
        return self._text


def about(
    text: str,
    *,
    secret: bool = False,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
) -> Meta:
    """What a setting is, and its bounds."""
    extra = {"secret": secret} if secret else None
    if gt is not None:
        return Meta(description=text, extra=extra, gt=gt, le=le)
    return Meta(description=text, extra=extra, ge=ge, le=le)


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group of settings."""
