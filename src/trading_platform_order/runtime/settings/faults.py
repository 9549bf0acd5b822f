"""What is wrong with a setting, in words that name its key, its value and its cure."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, get_args

import msgspec

from trading_platform_order.runtime.settings.base import Secret, Section

_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>[^`]*)`")


def explained(text: str, tree: Mapping[str, Any], settings: type[Section]) -> str:
    """A refusal by the decoder (msgspec: ``… - at `$.risk.order_krw_max```), for the operator."""
    at = _AT.search(text)
    path = at["path"] if at else ""
    section, _, field = path.partition(".")
    field = field.partition("[")[0]
    unknown = _UNKNOWN.match(text)
    sections = {item.name: item.type for item in msgspec.structs.fields(settings)}
    if unknown is not None:
        return _unknown(unknown["name"], section, sections)
    words = text if at is None else text[: at.start()]
    if section not in sections:
        return words
    if not field:
        value = tree.get(section)
        return f"{section} must be a table of settings, [{section}] in the file, not {value!r}"
    return _wrong(f"{section}.{field}", words, tree, sections[section])


def nearest(name: str, known: list[str]) -> str:
    """``; did you mean X?``, or nothing."""
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _unknown(name: str, section: str, sections: Mapping[str, Any]) -> str:
    if not section:
        known = [f"[{one}]" for one in sections]
        return f"unknown section [{name}]{nearest(f'[{name}]', known)}"
    fields = [f"{section}.{item.name}" for item in msgspec.structs.fields(sections[section])]
    everywhere = [
        f"{other}.{item.name}"
        for other, kind in sections.items()
        for item in msgspec.structs.fields(kind)
    ]
    key = f"{section}.{name}"
    return f"unknown setting {key}{nearest(key, fields) or nearest(key, everywhere)}"


def _wrong(key: str, words: str, tree: Mapping[str, Any], kind: type[Section]) -> str:
    section, _, name = key.partition(".")
    item = next(one for one in msgspec.structs.fields(kind) if one.name == name)
    value = tree[section][name] if isinstance(tree.get(section), dict) else None
    is_secret = Secret in (item.type, *get_args(item.type))
    shown = "" if is_secret or value is None else f" {value!r}"
    choices = _choices(item.type)
    if choices:
        return f"{key} is{shown}, and must be one of {', '.join(choices)}" + nearest(
            str(value), choices
        )
    said = words.replace("`", "")
    return f"{key} cannot be{shown}: {said}. It is: {_about(item.type)}"


def _choices(kind: Any) -> list[str]:  # noqa: ANN401 - any annotation
    for one in (kind, *get_args(kind)):
        if isinstance(one, type) and issubclass(one, StrEnum):
            return [member.value for member in one]
    return []


def _about(kind: Any) -> str:  # noqa: ANN401 - any annotation
    metas = [one for one in get_args(kind) if isinstance(one, msgspec.Meta)]
    return next((meta.description for meta in metas if meta.description), "see the documentation")
