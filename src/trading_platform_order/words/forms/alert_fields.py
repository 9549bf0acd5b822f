"""The fields of an alert as operators read them: `alerts list` and the page.

An alert holds names and figures as programs know them. Each has a name for operators here; one that
has none is shown by its own, without the unit that ends it, which stands behind the figure instead.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from trading_platform_order.words import actions
from trading_platform_order.words.sentences import localised

_UNITS = {"krw": "KRW", "usdt": "USDT", "ms": "ms", "us": "µs", "s": "s", "bps": "bps", "base": ""}
_PRICES = {"spot_average_price": "KRW", "hedge_average_price": "USDT"}


def told_fields(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """Name and text of each field, in their order."""
    base = fields.get("symbol", "")
    return [(_name(name), _text(name, str(text), base)) for name, text in fields.items()]


def _name(name: str) -> str:
    known = actions.ALERT_FIELDS.get(name)
    if known is not None:
        return known()
    stem, _, unit = name.rpartition("_")
    return localised((stem if stem and unit in _UNITS else name).replace("_", " "))


def _text(name: str, text: str, base: str) -> str:
    unit = _PRICES.get(name)
    if unit is None:
        stem, _, last = name.rpartition("_")
        if not stem or last not in _UNITS:
            return localised(text)
        unit = base if last == "base" else _UNITS[last]
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return localised(text)
    if not amount.is_finite():
        return text
    figure = f"{amount:,f}"
    return actions.OF_UNIT(figure=figure, unit=unit) if unit else figure
