"""The research repository's own signal beside the strict one: recognised by its shape, translated.

Research publishes two shapes (its specification 1.0, and the model in its code); neither has an id.
Both become a strict signal here, so that everything behind a door knows one form only. A pure
function of the text and the door's rules: the same signal delivered twice has the same id, and is
traded once.
"""

import base64
import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from trading_platform_order.domain.money import floor_to_step, plain
from trading_platform_order.domain.signal import Action
from trading_platform_order.signals.faults import FaultCode, Misfit
from trading_platform_order.signals.fields import (
    FIELDS,
    METADATA_KEY_CHARS_MAX,
    METADATA_KEYS_MAX,
    METADATA_TEXT_CHARS_MAX,
    WHOLE_MAX,
    JsonConstant,
    JsonFloat,
    Metadata,
    shown,
)

ID_PREFIX = "research-"
HOLD = "HOLD"
KNOWN = (
    *("id", "strategy", "action", "symbol", "confidence", "timestamp", "metadata"),
    *("reason", "exchange", "quantity", "price", "level"),
)
_ID_CHARS = 26  # of base32: 130 bits
_ACTIONS = {"ENTER": Action.ENTER, "BUY": Action.ENTER, "EXIT": Action.EXIT, "SELL": Action.EXIT}
_ONLY_RESEARCH = {"BUY", "SELL", HOLD}
_ONE_LEG_IS_THE_PAIR = {"upbit", "both"}
_LEVELS = ("level", "entry_level")
_PRICES = {"upbit_price": "spot_price_krw", "binance_price": "hedge_price_usdt"}
_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)\d*(?:(Z)|([+-]\d{2}):?(\d{2}))?",
    re.ASCII,
)
_SYMBOL = re.compile(r"(?:KRW[-/])?([A-Z0-9]+?)(?:[-/]?USDT|[-/]KRW)?", re.ASCII)
_FINEST = Decimal("1E-18")
_WHOLE_MAX = Decimal("1E+18")
Values = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResearchRules:
    """What a door adds to a research signal that does not say it.

    Attributes:
        zone: of times without one; ``None``: they are refused.
        strategy: of signals that name none.
        level_krw: by level (:func:`level_name`), KRW on the spot leg of a BUY without a quantity.
    """

    zone: tzinfo | None = None
    strategy: str = "research"
    level_krw: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Research decided to do nothing: acknowledged, never stored, never traded."""

    symbol: str


def is_research(values: Values) -> bool:
    """By its shape: ``timestamp``, or an action only research has; never with ``created_at``."""
    if "created_at" in values:
        return False
    return "timestamp" in values or _action_text(values) in _ONLY_RESEARCH


def translated(values: Values, rules: ResearchRules) -> dict[str, object] | Hold:
    """The strict form's values, for :func:`~.schema.signal_from_values`; or that it is a HOLD.

    Raises:
        Misfit: a field is faulty; it is named as research calls it.
    """
    if _action_text(values) == HOLD:
        return Hold(symbol=shown(values.get("symbol")))
    for name in values:
        if name not in KNOWN:
            text = f"unknown field {shown(name)}; of the research format are {', '.join(KNOWN)}"
            raise Misfit(shown(name), FaultCode.UNKNOWN_FIELD, text)
    action = _action(values)
    metadata = _metadata(values)
    read: dict[str, object] = {
        "strategy": _strategy(values, rules),
        "action": action.value,
        "symbol": _symbol(values),
        "created_at": _time(values, rules.zone),
        **_size(values),
        **_prices(values, metadata, action),
    }
    level = next((text for text in _texts(values, metadata, _LEVELS) if text), "")
    if action is Action.ENTER and "quantity_base" not in read:
        read |= _size_of_level(level, rules)
    reason = next((text for text in _texts(values, metadata, ("reason",)) if text), "")
    read["id"] = values.get("id") or derived_id(read, level=level, reason=reason)
    read["metadata"] = _kept(values, metadata, level=level, reason=reason)
    return read


def derived_id(read: Values, *, level: str, reason: str) -> str:
    """The id of a signal that has none.

    A pure function of strategy, symbol, action, time, level and reason: a repeated delivery is a
    duplicate, and a second scale-in of the same instant (another level) is another signal.
    """
    parts = [str(read[name]) for name in ("strategy", "symbol", "action", "created_at")]
    text = json.dumps([*parts, level, reason], separators=(",", ":"))
    digest = base64.b32encode(hashlib.sha256(text.encode()).digest()).decode().lower()
    return ID_PREFIX + digest[:_ID_CHARS]


def level_name(text: str) -> str:
    """A level as settings name it: ``1``, ``Level 1`` and ``level1`` are one."""
    return "".join(text.lower().replace("_", " ").split()).removeprefix("level")


def shortest(value: object) -> str | None:
    """A number by its shortest decimal text, without an exponent; ``None`` if it is none.

    ``0.1`` as a binary float is read as ``0.1``, which is what its sender wrote. A computed
    quantity has more digits than the schema takes; those after the eighteenth are dropped.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value)
    if isinstance(value, JsonFloat | float):
        number = float(value.text) if isinstance(value, JsonFloat) else value
        return plain(_fitting(Decimal(repr(number)))) if math.isfinite(number) else None
    return None


def _fitting(number: Decimal) -> Decimal:
    whole_fits = abs(number) < _WHOLE_MAX  # else it is refused by its name later
    return floor_to_step(number, _FINEST) if whole_fits else number


# -- fields ---------------------------------------------------------------------------------------


def _action_text(values: Values) -> str:
    action = values.get("action")
    return action.upper() if isinstance(action, str) else ""


def _action(values: Values) -> Action:
    action = _ACTIONS.get(_action_text(values))
    if action is None:
        given = values.get("action")
        if given is None:
            raise Misfit("action", FaultCode.MISSING_FIELD, "action is required")
        text = f"action must be BUY, SELL, HOLD, ENTER or EXIT, not {shown(given)}"
        raise Misfit("action", FaultCode.BAD_ACTION, text)
    exchange = values.get("exchange")
    if exchange is not None and str(exchange).lower() not in _ONE_LEG_IS_THE_PAIR:
        # BUY on Binance would close the short that an ENTER opens: never guess.
        text = (
            "BUY and SELL mean the pair, as seen on Upbit; an order of one leg is not traded: "
            f"exchange is {shown(exchange)}"
        )
        raise Misfit("exchange", FaultCode.BAD_EXCHANGE, text)
    return action


def _strategy(values: Values, rules: ResearchRules) -> object:
    given = values.get("strategy")
    text = "_".join(given.lower().split()) if isinstance(given, str) else given
    return FIELDS["strategy"].read("strategy", rules.strategy if text is None else text)


def _symbol(values: Values) -> object:
    given = values.get("symbol")
    if given is None:
        raise Misfit("symbol", FaultCode.MISSING_FIELD, "symbol is required")
    market = _SYMBOL.fullmatch(given.upper()) if isinstance(given, str) else None
    return FIELDS["symbol"].read("symbol", given if market is None else market[1])


def _time(values: Values, zone: tzinfo | None) -> str:
    given = values.get("timestamp")
    if given is None:
        raise Misfit("timestamp", FaultCode.MISSING_FIELD, "timestamp is required")
    found = _TIME.fullmatch(given) if isinstance(given, str) else None
    if found is not None:
        day, clock, utc, hours, minutes = found.groups()
        given = f"{day}T{clock}" + (utc or (f"{hours}:{minutes}" if hours else ""))
        if zone is not None and not (utc or hours):
            given = _in_zone(given, zone)
    moment = FIELDS["created_at"].read("timestamp", given)
    assert isinstance(moment, datetime)  # noqa: S101 - for the type checker
    return moment.isoformat().replace("+00:00", "Z")


def _in_zone(text: str, zone: tzinfo) -> str:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return f"{text}Z"  # no such day: the reader behind names it


def _size(values: Values) -> dict[str, object]:
    quantity = values.get("quantity")
    if quantity is None:
        return {}
    read = FIELDS["quantity_base"].read("quantity", shortest(quantity) or quantity)
    assert isinstance(read, Decimal)  # noqa: S101 - for the type checker
    return {"quantity_base": plain(read)}


def _size_of_level(level: str, rules: ResearchRules) -> dict[str, object]:
    """What the settings say of this level. One they do not know is refused, never guessed."""
    if not level or not rules.level_krw:
        return {}
    size_krw = rules.level_krw.get(level_name(level))
    if size_krw is None:
        known = ", ".join(rules.level_krw)
        text = f"level {shown(level)} has no size in research.level_krw, only {known}"
        raise Misfit("level", FaultCode.OUT_OF_RANGE, text)
    return {"notional_krw": plain(size_krw)}


def _prices(values: Values, metadata: Values, action: Action) -> dict[str, object]:
    """Reference prices; one that cannot be read refuses an ENTER, and never an EXIT."""
    given = {f"metadata.{name}": (field, metadata.get(name)) for name, field in _PRICES.items()}
    if values.get("exchange") is not None and str(values["exchange"]).lower() == "upbit":
        given = {"price": ("spot_price_krw", values.get("price")), **given}
    found: dict[str, object] = {}
    for name, (target, value) in given.items():
        if value is None:
            continue
        try:
            read = FIELDS[target].read(name, shortest(value) or value)
        except Misfit:
            if action is Action.ENTER:
                raise
            continue
        assert isinstance(read, Decimal)  # noqa: S101 - for the type checker
        found[target] = plain(read)
    return found


def _metadata(values: Values) -> Values:
    given = values.get("metadata")
    if given is None:
        return {}
    if not isinstance(given, dict):
        text = f"metadata must be an object, not {shown(given)}"
        raise Misfit("metadata", FaultCode.WRONG_TYPE, text)
    return given


def _texts(values: Values, metadata: Values, names: tuple[str, ...]) -> Iterator[str]:
    """The first of these that says something, the signal's own before its metadata's."""
    for source in (values, metadata):
        for name in names:
            value = source.get(name)
            if value is not None and value != "":
                yield _text(value)


# -- metadata -------------------------------------------------------------------------------------


def _kept(values: Values, metadata: Values, *, level: str, reason: str) -> Metadata:
    """All else, flat and short. It changes nothing in trading, so what does not fit is cut."""
    said: dict[str, object] = {"reason": reason or None, "level": level or None}
    said |= {name: values.get(name) for name in ("confidence", "exchange", "price")}
    kept: dict[str, object] = {name: value for name, value in said.items() if value is not None}
    kept = {**kept, **{name: value for name, value in metadata.items() if name not in kept}}
    fitting = {
        name: _scalar(value)
        for name, value in kept.items()
        if 0 < len(name) <= METADATA_KEY_CHARS_MAX and name.isprintable()
    }
    return dict(list(fitting.items())[:METADATA_KEYS_MAX])


def _scalar(value: object) -> str | int | float | bool | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) <= WHOLE_MAX:
        return value
    if isinstance(value, JsonFloat | float):
        number = float(value.text) if isinstance(value, JsonFloat) else value
        return number if math.isfinite(number) else str(number)
    if isinstance(value, JsonConstant):
        return value.text
    return _text(value)[:METADATA_TEXT_CHARS_MAX]


def _text(value: object) -> str:
    number = shortest(value)
    if number is not None:
        return number
    if isinstance(value, str):
        return value
    return json.dumps(value, default=_bare, ensure_ascii=False, separators=(",", ":"))


def _bare(value: object) -> object:
    if isinstance(value, JsonFloat):
        return float(value.text)
    return value.text if isinstance(value, JsonConstant) else str(value)
