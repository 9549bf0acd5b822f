"""Where the value of each setting comes from, for whoever reads them; secrets are masked."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from trading_platform_order.runtime.settings.base import Secret
from trading_platform_order.runtime.settings.profiles import Place, profile_of
from trading_platform_order.runtime.settings.settings import Settings, env_name, read_toml
from trading_platform_order.runtime.settings.shown.described import described_sections
from trading_platform_order.runtime.settings.shown.masking import MASK, masked, secret_texts
from trading_platform_order.words.text import Language


class Origin(StrEnum):
    """The later one wins."""

    DEFAULT = "default"
    PROFILE = "profile"
    FILE = "file"
    ENVIRONMENT = "environment"


class ToldSetting(msgspec.Struct, frozen=True, kw_only=True):
    """One setting as a process has it.

    Attributes:
        name: ``section.key``.
        value: as text; of a secret only whether there is one.
        origin: which of the three said so.
        variable: its name in the environment.
    """

    name: str
    value: str
    origin: Origin
    variable: str


def told_settings(
    settings: Settings, config: Path | None, environment: Mapping[str, str]
) -> tuple[ToldSetting, ...]:
    """Each with its value as text and where it comes from.

    Args:
        settings: as they were loaded.
        config: the file that they were loaded from, if there was one.
        environment: the same.

    Raises:
        SettingsRefused: the file cannot be read any more.
    """
    tree = {} if config is None else read_toml(config)
    secrets = secret_texts(settings)
    profile = profile_of({"engine": {"profile": settings.engine.profile}})
    return tuple(
        ToldSetting(
            name=f"{section.name}.{each.key}",
            value=_shown(getattr(getattr(settings, section.name), each.key), secrets),
            origin=_origin((section.name, each.key), profile, tree, environment),
            variable=each.variable,
        )
        for section in described_sections()
        for each in section.settings
    )


def with_meanings(rows: Iterable[ToldSetting], language: Language) -> list[dict[str, str]]:
    """The same as values, with what each is for; empty for one that only another version knows."""
    meanings = _meanings(language)
    return [{**msgspec.structs.asdict(row), "about": meanings.get(row.name, "")} for row in rows]


@cache
def _meanings(language: Language) -> Mapping[str, str]:
    return {
        f"{section.name}.{each.key}": each.meaning
        for section in described_sections(language=language)
        for each in section.settings
    }


def _origin(
    place: Place,
    profile: Mapping[Place, Any],
    tree: Mapping[str, Any],
    environment: Mapping[str, str],
) -> Origin:
    section, item = place
    if env_name(section, item) in environment:
        return Origin.ENVIRONMENT
    inner = tree.get(section)
    if isinstance(inner, dict) and item in inner:
        return Origin.FILE
    return Origin.PROFILE if place in profile else Origin.DEFAULT


def _shown(value: object, secrets: tuple[str, ...]) -> str:
    if isinstance(value, Secret):
        return MASK if value else ""
    if isinstance(value, tuple | frozenset | list):
        items = sorted(map(str, value)) if isinstance(value, frozenset) else map(str, value)
        return ", ".join(masked(item, secrets) for item in items)
    return "" if value is None else masked(str(value), secrets)
