"""Every setting as documents and settings files show it: meaning, default, bounds."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import get_type_hints

import msgspec
from msgspec import Meta

from trading_platform_order.domain.money import plain
from trading_platform_order.runtime.settings.base import Secret
from trading_platform_order.runtime.settings.settings import Settings, env_name
from trading_platform_order.words.meanings import bounds as words
from trading_platform_order.words.meanings import meaning
from trading_platform_order.words.text import Language


class NotDescribed(Exception):  # noqa: N818 - a fact about the source that a document needs
    """A setting or a section carries no description."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedSetting:
    """One setting.

    Attributes:
        section: its table in a settings file; ``key``: its name there.
        variable: its name in the environment.
        default: what holds where nothing is set.
        bounds: in words; empty for none.
    """

    section: str
    key: str
    variable: str
    meaning: str
    default: object
    bounds: str

    @property
    def is_secret(self) -> bool:
        """Whether its value is never shown."""
        return isinstance(self.default, Secret)

    @property
    def default_text(self) -> str:
        """The default as the environment would hold it."""
        return _environment_text(self.default)


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedSection:
    """A group of settings, in order."""

    name: str
    about: str
    settings: tuple[DescribedSetting, ...]


def described_sections(
    settings: type[msgspec.Struct] = Settings, language: Language = Language.EN
) -> tuple[DescribedSection, ...]:
    """All settings, in order, told in that language.

    Raises:
        NotDescribed: one of them says nothing about itself.
    """
    return tuple(
        DescribedSection(
            name=field.name,
            about=meaning(_about(field.name, field.type), language),
            settings=tuple(_settings(field.name, field.type, language)),
        )
        for field in msgspec.structs.fields(settings)
    )


def _about(name: str, section: type[msgspec.Struct]) -> str:
    text = (section.__doc__ or "").strip().splitlines()
    if not text:
        raise NotDescribed(f"the settings [{name}] have no docstring")
    return text[0].strip().replace("``", "`").removesuffix(".")


def _settings(
    section: str, kind: type[msgspec.Struct], language: Language
) -> Iterator[DescribedSetting]:
    hints = get_type_hints(kind, include_extras=True)
    for item in msgspec.structs.fields(kind):
        notes = getattr(hints[item.name], "__metadata__", ())
        about = next((note for note in notes if isinstance(note, Meta)), Meta())
        if not about.description:
            raise NotDescribed(f"setting {section}.{item.name} has no description")
        yield DescribedSetting(
            section=section,
            key=item.name,
            variable=env_name(section, item.name),
            meaning=meaning(about.description, language),
            default=item.default,
            bounds=_bounds_text(item.default, about, language),
        )


def _environment_text(value: object) -> str:
    match value:
        case Secret() | None:
            return ""
        case bool():
            return str(value).lower()
        case Enum():
            return str(value.value)
        case Decimal():
            return plain(value)
        case tuple():
            return ",".join(f"{item:g}" if isinstance(item, float) else item for item in value)
        case _:
            return str(value)


def _bounds_text(default: object, about: Meta, language: Language) -> str:
    parts = []
    if about.gt is not None:
        parts.append(words.ABOVE.within(language, least=about.gt))
    if about.ge is not None:
        parts.append(words.FROM.within(language, least=about.ge))
    if about.le is not None:
        parts.append(words.UP_TO.within(language, most=about.le))
    if isinstance(default, Decimal):
        parts.append(words.FROM.within(language, least=0))
    return ", ".join(parts)
