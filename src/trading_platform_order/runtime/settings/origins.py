"""Where the value of each setting comes from, for whoever reads them; secrets are masked."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from trading_platform_order.runtime.settings.base import Secret
from trading_platform_order.runtime.settings.described import described_sections
from trading_platform_order.runtime.settings.profiles import Place, profile_of
from trading_platform_order.runtime.settings.settings import Settings, env_name, read_toml

MASK = "••••••••"


class Origin(StrEnum):
    """The later one wins."""

    DEFAULT = "default"
    PROFILE = "profile"
    FILE = "file"
    ENVIRONMENT = "environment"


def told_settings(
    settings: Settings, config: Path | None, environment: Mapping[str, str]
) -> tuple[Mapping[str, str], ...]:
    """Each with its value as text, where it comes from, and what it is for."""
    tree = {} if config is None else read_toml(config)
    profile = profile_of({"engine": {"profile": settings.engine.profile}})
    return tuple(
        {
            "name": f"{section.name}.{each.key}",
            "value": _shown(getattr(getattr(settings, section.name), each.key)),
            "origin": _origin((section.name, each.key), profile, tree, environment),
            "variable": each.variable,
            "about": each.meaning,
        }
        for section in described_sections()
        for each in section.settings
    )


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


def _shown(value: object) -> str:
    if isinstance(value, Secret):
        return MASK if value else ""
    if isinstance(value, tuple | frozenset | list):
        return ", ".join(
            sorted(map(str, value)) if isinstance(value, frozenset) else map(str, value)
        )
    return "" if value is None else str(value)
