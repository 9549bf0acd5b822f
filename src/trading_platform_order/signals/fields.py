"""One row per field of a signal: how its JSON is read, and how the published schema tells it.

The parser and the JSON Schema are made from the same table, so they cannot drift apart. Readers
raise :class:`Misfit` and nothing else.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from trading_platform_order.domain.signal import SCHEMA_VERSION, Action
from trading_platform_order.signals.faults import FaultCode, Misfit

MAX_BYTES = 16 * 1024
"""Of the text of one signal."""
ID_CHARS_MAX = 128
METADATA_KEYS_MAX = 32
METADATA_KEY_CHARS_MAX = 64
METADATA_TEXT_CHARS_MAX = 256
WHOLE_MAX = 2**53  # beyond it other languages' JSON numbers lose digits
SLIPPAGE_BPS_MAX = 10_000

_AMOUNT = r"[+-]?[0-9]+(?:\.[0-9]+)?"
_TIME = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?"
_ZONE = r"(?:Z|[+-]\d{2}:\d{2})"
_AWARE = re.compile(_TIME + _ZONE, re.ASCII)
_NAIVE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(?:s?nan|inf(?:inity)?)", re.IGNORECASE)
_DIGITS_MAX = 18
_SHOWN_CHARS_MAX = 40
_DECIMAL = re.compile(_AMOUNT)

Metadata = dict[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class JsonFloat:
    """A JSON number with a fraction or exponent, as written."""

    text: str


@dataclass(frozen=True, slots=True)
class JsonConstant:
    """``NaN``, ``Infinity`` or ``-Infinity``: not JSON, but some writers emit them."""

    text: str


Read = Callable[[str, object], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field.

    Attributes:
        read: from the decoded JSON value to the domain's.
        schema: JSON Schema of the value.
    """

    read: Read
    schema: Mapping[str, object]
    required: bool = False


def shown(value: object) -> str:
    """A little of a value, for a message; never long, never unprintable."""
    text = value.text if isinstance(value, JsonFloat | JsonConstant) else ascii(value)
    return text if len(text) <= _SHOWN_CHARS_MAX else f"{text[:_SHOWN_CHARS_MAX]}…"


def _require(kind: type, name: str, value: object, expected: str) -> None:
    if isinstance(value, JsonConstant):
        raise _not_finite(name, value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Misfit(name, FaultCode.WRONG_TYPE, f"{name} must be {expected}, not {shown(value)}")


def _matching(pattern: str, code: FaultCode, expected: str) -> Read:
    compiled = re.compile(pattern, re.ASCII)

    def read(name: str, value: object) -> str:
        _require(str, name, value, expected)
        text = str(value)
        if not compiled.fullmatch(text):
            raise Misfit(name, code, f"{name} must be {expected}, not {shown(text)}")
        return text

    return read


def _action(name: str, value: object) -> Action:
    _require(str, name, value, "ENTER or EXIT")
    try:
        return Action(str(value))
    except ValueError:
        message = f"{name} must be ENTER or EXIT, not {shown(value)}"
        raise Misfit(name, FaultCode.BAD_ACTION, message) from None


def _time(name: str, value: object) -> datetime:
    expected = "an ISO 8601 time with zone, like 2026-01-31T09:00:00Z"
    _require(str, name, value, expected)
    text = str(value)
    if _NAIVE.fullmatch(text):
        message = f"{name} has no zone: {shown(text)}; add Z or an offset like +09:00"
        raise Misfit(name, FaultCode.NAIVE_TIME, message)
    message = f"{name} must be {expected}, not {shown(text)}"
    if not _AWARE.fullmatch(text):
        raise Misfit(name, FaultCode.BAD_TIME, message)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):  # 31 February, hour 25, the year 0
        raise Misfit(name, FaultCode.BAD_TIME, message) from None


def _decimal(name: str, value: object) -> Decimal:
    if isinstance(value, JsonFloat | float):
        raise _no_float(name, value)
    if not isinstance(value, int) or isinstance(value, bool):
        _require(str, name, value, 'a decimal as text, like "0.5"')
    text = str(value)
    if _NOT_FINITE.fullmatch(text):
        raise _not_finite(name, text)
    if not _DECIMAL.fullmatch(text):
        message = f'{name} must be a plain decimal like "0.5", not {shown(text)}'
        raise Misfit(name, FaultCode.NOT_A_NUMBER, message)
    whole, _, fraction = text.lstrip("+-").partition(".")
    if max(len(whole.lstrip("0")), len(fraction)) > _DIGITS_MAX:
        raise _too_precise(name)
    return Decimal(text)


def _no_float(name: str, value: JsonFloat | float) -> Misfit:
    text = value.text if isinstance(value, JsonFloat) else repr(value)
    if _NOT_FINITE.fullmatch(text):
        return _not_finite(name, text)
    if text.lstrip("-").isdigit():  # an integer too long to be read as one
        return _too_precise(name)
    message = f'{name} is a JSON number with a fraction; write it as text: "{shown(value)}"'
    return Misfit(name, FaultCode.FLOAT_AMOUNT, message)


def _not_finite(name: str, value: object) -> Misfit:
    return Misfit(name, FaultCode.NOT_FINITE, f"{name} must be finite, not {shown(value)}")


def _too_precise(name: str) -> Misfit:
    message = f"{name} has over {_DIGITS_MAX} digits on one side of the point"
    return Misfit(name, FaultCode.TOO_PRECISE, message)


def _positive(name: str, value: object) -> Decimal:
    number = _decimal(name, value)
    if number <= 0:
        raise Misfit(name, FaultCode.NOT_POSITIVE, f"{name} must be above 0, not {shown(value)}")
    return number


def _fraction(name: str, value: object) -> Decimal:
    number = _positive(name, value)
    if number > 1:
        message = f"{name} must be at most 1 (all of the capital), not {shown(value)}"
        raise Misfit(name, FaultCode.OUT_OF_RANGE, message)
    return number


def _slippage(name: str, value: object) -> Decimal:
    number = _decimal(name, value)
    if not 0 <= number <= SLIPPAGE_BPS_MAX:
        message = f"{name} must be 0 to {SLIPPAGE_BPS_MAX} basis points, not {shown(value)}"
        raise Misfit(name, FaultCode.OUT_OF_RANGE, message)
    return number


def _version(name: str, value: object) -> int:
    _require(int, name, value, f"the number {SCHEMA_VERSION}")
    if value != SCHEMA_VERSION:
        message = f"{name} must be {SCHEMA_VERSION}, not {shown(value)}"
        raise Misfit(name, FaultCode.UNSUPPORTED_VERSION, message)
    return SCHEMA_VERSION


def _metadata(name: str, value: object) -> Metadata:
    _require(dict, name, value, "an object")
    assert isinstance(value, dict)  # noqa: S101 - for the type checker; _require has refused others
    if len(value) > METADATA_KEYS_MAX:
        message = f"{name} has {len(value)} entries, at most {METADATA_KEYS_MAX} are taken"
        raise Misfit(name, FaultCode.BAD_METADATA, message)
    return {_metadata_key(name, key): _scalar(f"{name}.{key}", item) for key, item in value.items()}


def _metadata_key(name: str, key: str) -> str:
    if not 0 < len(key) <= METADATA_KEY_CHARS_MAX or not key.isprintable():
        message = f"{name} has a key that is not 1 to {METADATA_KEY_CHARS_MAX} printable characters"
        raise Misfit(name, FaultCode.BAD_METADATA, message)
    return key


def _scalar(name: str, value: object) -> str | int | float | bool | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, JsonConstant):
        raise _not_finite(name, value)
    if isinstance(value, JsonFloat | float):
        number = float(value.text if isinstance(value, JsonFloat) else value)
        if not math.isfinite(number):
            raise _not_finite(name, value)
        return number
    if isinstance(value, int):
        if abs(value) > WHOLE_MAX:
            message = f"{name} is beyond {WHOLE_MAX}; write it as text"
            raise Misfit(name, FaultCode.OUT_OF_RANGE, message)
        return value
    if isinstance(value, str):
        if len(value) > METADATA_TEXT_CHARS_MAX:
            message = f"{name} is longer than {METADATA_TEXT_CHARS_MAX} characters"
            raise Misfit(name, FaultCode.BAD_METADATA, message)
        return value
    message = f"{name} must be text, a number, true, false or null; metadata is flat"
    raise Misfit(name, FaultCode.BAD_METADATA, message)


def _text_schema(description: str, pattern: str, longest: int) -> dict[str, object]:
    return {
        "type": "string",
        "description": description,
        "pattern": f"^{pattern}$",
        "minLength": 1,
        "maxLength": longest,
    }


def _amount_schema(description: str, minimum: Mapping[str, int]) -> dict[str, object]:
    plain = "^[+]?[0-9]+(\\.[0-9]{1,18})?$"
    return {
        "description": description,
        "anyOf": [{"type": "string", "pattern": plain}, {"type": "integer", **minimum}],
    }


_ABOVE_ZERO = {"exclusiveMinimum": 0}
_ID = rf"[!-~]{{1,{ID_CHARS_MAX}}}"
_STRATEGY = r"[a-z0-9_.\-]{1,64}"
_SYMBOL = r"[A-Z0-9]{1,20}"
_TIME_SCHEMA = {"type": "string", "format": "date-time"}

FIELDS: Mapping[str, Field] = {
    "schema_version": Field(
        read=_version,
        schema={"const": SCHEMA_VERSION, "description": f"may be left out: {SCHEMA_VERSION}"},
    ),
    "id": Field(
        read=_matching(_ID, FaultCode.BAD_ID, "1 to 128 printable ASCII characters without spaces"),
        schema=_text_schema(
            "unique per account for ever: the same id is never executed twice", _ID, ID_CHARS_MAX
        ),
        required=True,
    ),
    "strategy": Field(
        read=_matching(_STRATEGY, FaultCode.BAD_STRATEGY, "1 to 64 of a-z 0-9 _ . -"),
        schema=_text_schema("who asks; positions are kept per strategy", _STRATEGY, 64),
        required=True,
    ),
    "action": Field(
        read=_action,
        schema={
            "enum": [str(action) for action in Action],
            "description": "ENTER: buy spot, short the hedge. EXIT: close both.",
        },
        required=True,
    ),
    "symbol": Field(
        read=_matching(_SYMBOL, FaultCode.BAD_SYMBOL, "a base asset like BTC, 1 to 20 of A-Z 0-9"),
        schema=_text_schema("base asset by Upbit's code, like BTC or SHIB", _SYMBOL, 20),
        required=True,
    ),
    "created_at": Field(
        read=_time,
        schema={**_TIME_SCHEMA, "description": "when research decided; with zone"},
        required=True,
    ),
    "expires_at": Field(
        read=_time,
        schema={**_TIME_SCHEMA, "description": "do not begin after this; after created_at"},
    ),
    "notional_krw": Field(
        read=_positive, schema=_amount_schema("size: KRW on the spot leg", _ABOVE_ZERO)
    ),
    "quantity_base": Field(
        read=_positive, schema=_amount_schema("size: units of the base asset", _ABOVE_ZERO)
    ),
    "capital_fraction": Field(
        read=_fraction,
        schema=_amount_schema(
            "size: fraction of total capital, above 0, at most 1", {**_ABOVE_ZERO, "maximum": 1}
        ),
    ),
    "spot_price_krw": Field(
        read=_positive, schema=_amount_schema("the price research saw on Upbit", _ABOVE_ZERO)
    ),
    "hedge_price_usdt": Field(
        read=_positive, schema=_amount_schema("the price research saw on Binance", _ABOVE_ZERO)
    ),
    "max_slippage_bps": Field(
        read=_slippage,
        schema=_amount_schema(
            "refuse if the expected fill is worse than the reference by more basis points",
            {"minimum": 0, "maximum": SLIPPAGE_BPS_MAX},
        ),
    ),
    "metadata": Field(
        read=_metadata,
        schema={
            "type": "object",
            "description": "kept with the signal, never acted upon",
            "maxProperties": METADATA_KEYS_MAX,
            "propertyNames": {"minLength": 1, "maxLength": METADATA_KEY_CHARS_MAX},
            "additionalProperties": {
                "type": ["string", "number", "boolean", "null"],
                "maxLength": METADATA_TEXT_CHARS_MAX,
            },
        },
    ),
}

SIZES = ("notional_krw", "quantity_base", "capital_fraction")
