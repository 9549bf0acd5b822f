"""The settings files that a new installation begins with: pure text, one set for each mode.

The TOML file holds everything but secrets: what the mode needs is set, all else stands below with
its meaning and its default, as a comment. Secrets stand in files of their own, one for each
process, because the watchdog must not have the engine's keys, nor the engine the watchdog's.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path

from trading_platform_order.domain.money import plain
from trading_platform_order.runtime.settings.settings import (
    CONFIG_VARIABLE,
    Mode,
    PaperMarket,
)
from trading_platform_order.runtime.settings.shown.described import (
    DescribedSection,
    DescribedSetting,
    described_sections,
)
from trading_platform_order.words import installing as words
from trading_platform_order.words.text import Language

SETTINGS_FILE = "tporder.toml"

_SECRETS = {
    "engine.env": ("upbit", "binance", "discord", "notify", "redis"),
    "watchdog.env": ("watchdog", "discord", "notify"),
    "web.env": ("web",),
    "exporter.env": ("exporter",),
}
"""Which sections' secrets which process reads."""
_HEARTBEATS = {"engine.env": ("engine_url",), "watchdog.env": ("watchdog_url",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterFile:
    """One file to be written; ``name`` without a folder."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """What the new installation is for.

    Attributes:
        symbols: base assets, at least one.
        market: whose prices paper mode shows.
        store: path of the database.
        language: of the comments.
    """

    mode: Mode
    account: str
    symbols: Sequence[str]
    store: Path
    market: PaperMarket = PaperMarket.LIVE
    language: Language = Language.EN


def starter_files(starter: Starter) -> tuple[StarterFile, ...]:
    """The settings file, and the files for the secrets of each process that the mode knows."""
    settings = StarterFile(name=SETTINGS_FILE, text=_settings_text(starter))
    names = {
        Mode.PAPER: ("web.env", "exporter.env"),
        Mode.TESTNET: ("engine.env", "web.env", "exporter.env"),
        Mode.LIVE: ("engine.env", "watchdog.env", "web.env", "exporter.env"),
    }[starter.mode]
    return (settings, *(_secrets_file(name, starter.language) for name in names))


def _settings_text(starter: Starter) -> str:
    chosen = _chosen(starter)
    language = starter.language
    head = words.SETTINGS_HEAD.within(language, mode=starter.mode, variable=CONFIG_VARIABLE)
    lines = _comment(head)
    for section in described_sections(language=language):
        lines += ["", f"# --- {section.about}", f"[{section.name}]"]
        for setting in section.settings:
            lines += _setting_lines(setting, chosen, language)
    return "\n".join(lines) + "\n"


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in text.splitlines()]


def _chosen(starter: Starter) -> dict[tuple[str, str], object]:
    chosen: dict[tuple[str, str], object] = {
        ("engine", "mode"): starter.mode,
        ("engine", "account"): starter.account,
        ("engine", "symbols"): tuple(starter.symbols),
        ("store", "path"): str(starter.store),
    }
    if starter.mode is Mode.PAPER:
        chosen["paper", "market"] = starter.market
    if starter.mode is Mode.LIVE:
        # Real money is not traded without a watchdog: its absence is told.
        chosen["watchdog", "expected"] = True
    return chosen


def _setting_lines(
    setting: DescribedSetting, chosen: dict[tuple[str, str], object], language: Language
) -> Iterable[str]:
    if setting.is_secret:
        told = words.SECRET_SETTING.within(
            language, key=setting.key, meaning=setting.meaning, variable=setting.variable
        )
        return _comment(told)
    bounds = f"; {setting.bounds}" if setting.bounds else ""
    lines = [f"# {setting.meaning}{bounds}"]
    place = (setting.section, setting.key)
    if place in chosen:
        return [*lines, f"{setting.key} = {_toml(chosen[place])}"]
    if setting.default is None:
        return [*lines, *_comment(words.NOT_SET.within(language, key=setting.key))]
    return [*lines, f"#{setting.key} = {_toml(setting.default)}"]


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Enum():
            return json.dumps(str(value.value))
        case Decimal():
            return json.dumps(plain(value))
        case int() | float():
            return repr(value)
        case tuple() | frozenset():
            items: Collection[object] = sorted(value) if isinstance(value, frozenset) else value
            return f"[{', '.join(map(_toml, items))}]"
        case _:
            return json.dumps(str(value), ensure_ascii=False)


def _secrets_file(name: str, language: Language) -> StarterFile:
    head = words.SECRETS_HEAD.within(language, process=name.removesuffix(".env"))
    lines = _comment(head)
    for section in described_sections(language=language):
        for setting in _secrets(section, name):
            lines += ["", f"# {setting.meaning}", f"{setting.variable}="]
    return StarterFile(name=name, text="\n".join(lines) + "\n")


def _secrets(section: DescribedSection, name: str) -> Iterable[DescribedSetting]:
    for setting in section.settings:
        if not setting.is_secret:
            continue
        if section.name == "heartbeat":
            if setting.key in _HEARTBEATS.get(name, ()):
                yield setting
        elif section.name in _SECRETS[name]:
            yield setting
