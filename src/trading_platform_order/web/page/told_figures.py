"""Figures of alerts and refusals as operators read them: a name, grouped digits and a unit.

Journal and outbox keep them by names whose end is their unit (``spot_base``, ``order_krw_max``).
"""

import re
from collections.abc import Mapping
from decimal import Decimal

from trading_platform_order.words import common, explain, page, page_figures
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import Language, Text

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_UNITS = {
    "krw": "KRW",
    "usdt": "USDT",
    "base": "",
    "bps": "bps",
    "ms": "ms",
    "s": "s",
    "us": "µs",
}
_PRICES = {"spot_average_price": "KRW", "hedge_average_price": "USDT"}
_CHOSEN: Mapping[str, Mapping[str, Text]] = {
    "action": common.ACTIONS,
    "side": common.SIDES,
    "leg": common.LEGS,
    "exchange": common.VENUES,
    "status": explain.STATUSES,
    "outcome": page.OUTCOMES,
}


def told_figures(fields: Mapping[str, str], language: Language) -> dict[str, str]:
    """Every figure by its name, both in the reader's language; what nobody named stays readable."""
    base = fields.get("symbol", "")
    told: dict[str, str] = {}
    for name, text in fields.items():
        label = told_name(name, language)
        # Two figures with one name: neither may hide the other.
        label = label if label not in told else f"{label} ({name})"
        told[label] = _told_value(name, text, base, language)
    return told


def told_name(name: str, language: Language) -> str:
    """What a figure is called."""
    known = page_figures.FIGURES.get(name)
    if known is not None:
        return known.within(language)
    parts = [part for part in name.split("_") if part not in _UNITS]
    if len(parts) == 1 and parts[0] not in page_figures.PARTS:
        return localised(name, language)
    told = (page_figures.PARTS.get(part) for part in parts)
    texts = [
        part if text is None else text.within(language)
        for part, text in zip(parts, told, strict=True)
    ]
    return " ".join(texts)


def _told_value(name: str, text: str, base: str, language: Language) -> str:
    if not _NUMBER.fullmatch(text):
        words = _CHOSEN.get(name, page_figures.VALUES)
        known = words.get(text)
        return localised(text, language) if known is None else known.within(language)
    unit = _unit(name, base)
    if unit is None:
        return text
    return f"{Decimal(text):,f} {unit}".rstrip()


def _unit(name: str, base: str) -> str | None:
    """Of a number; ``None``: it has none, and may be an id or a count."""
    if name in _PRICES:
        return _PRICES[name]
    parts = name.split("_")
    last = parts[-2] if parts[-1] in {"max", "min"} and len(parts) > 1 else parts[-1]
    if last not in _UNITS:
        return None
    return base if last == "base" else _UNITS[last]
