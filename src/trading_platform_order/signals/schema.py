"""The published wire form of a signal: reading it strictly, writing it, and its JSON Schema.

Reading never raises for what the text holds: it returns the signal, or the first fault with its
field and code. Strict on purpose. A misspelt ``max_slippage_bps`` that is silently ignored costs
money; a binary float is not the amount its sender wrote.
"""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from trading_platform_order.domain.signal import Signal
from trading_platform_order.signals.content import wire_of
from trading_platform_order.signals.faults import FaultCode, Misfit, SignalFault
from trading_platform_order.signals.fields import (
    FIELDS,
    ID_CHARS_MAX,
    MAX_BYTES,
    SIZES,
    JsonConstant,
    JsonFloat,
    shown,
)
from trading_platform_order.signals.quick_reader import read_quickly

# Python itself reads no integers over 4,300 digits.
_INTEGER_CHARS_MAX = 4_000
_NAME_CHARS_MAX = 64


def parse_signal(raw: bytes | str) -> Signal | SignalFault:
    """Read one signal from the text of one JSON object.

    A byte order mark and surrounding white space are taken. Never raises for what ``raw`` holds.
    """
    found = read_values(raw)
    return signal_from_values(found) if isinstance(found, dict) else found


def read_values(raw: bytes | str) -> Signal | SignalFault | dict[str, object]:
    """The values of a text; the signal itself where it can be read quickly."""
    quick = read_quickly(raw)
    if quick is not None:
        return quick
    try:
        return decode(raw)
    except Misfit as misfit:
        return fault_of(misfit, {})


def signal_from_values(values: Mapping[str, object]) -> Signal | SignalFault:
    """Read one signal from plain values of the schema: text, int, bool, None and one flat dict.

    The door for sources in this process, a strategy for one; as strict as the text.
    """
    try:
        return _read(values)
    except Misfit as misfit:
        return fault_of(misfit, values)


def fault_of(misfit: Misfit, values: Mapping[str, object]) -> SignalFault:
    """What was found while reading ``values``, under their id if it can be read."""
    claimed = values.get("id")
    known = isinstance(claimed, str) and len(claimed) <= ID_CHARS_MAX and claimed.isprintable()
    return SignalFault(
        field=misfit.field,
        code=misfit.code,
        message=misfit.message,
        signal_id=str(claimed) if known else "",
    )


def signal_to_json(signal: Signal) -> str:
    """One line of JSON that :func:`parse_signal` reads back as an equal signal."""
    return msgspec.json.encode(wire_of(signal)).decode()


def json_schema() -> dict[str, object]:
    """The schema as JSON Schema 2020-12.

    It cannot say two things the parser also refuses: a repeated field, and ``expires_at`` before
    ``created_at``; and a negative or zero amount written as text.
    """
    several = [{"required": [one, two]} for one in SIZES for two in SIZES if one < two]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Trading signal",
        "description": "At most one size. Amounts are decimals as text (or integers).",
        "type": "object",
        "properties": {name: dict(field.schema) for name, field in FIELDS.items()},
        "required": [name for name, field in FIELDS.items() if field.required],
        "additionalProperties": False,
        "not": {"anyOf": several},
    }


def json_schema_text() -> str:
    """The schema as committed in ``docs/signal.schema.json``."""
    return json.dumps(json_schema(), indent=2) + "\n"


# -- reading --------------------------------------------------------------------------------------


def decode(raw: bytes | str) -> dict[str, object]:
    """The values of the text of one JSON object; numbers with a fraction as they are written.

    Raises:
        Misfit: it is none.
    """
    text = _text(raw)
    try:
        document = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=JsonFloat,
            parse_int=_integer,
            parse_constant=JsonConstant,
        )
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise Misfit("", FaultCode.BAD_JSON, message) from None
    except RecursionError:
        raise Misfit("", FaultCode.TOO_DEEP, "nested too deeply; a signal is flat") from None
    if not isinstance(document, dict):
        raise Misfit("", FaultCode.NOT_AN_OBJECT, "a signal is one JSON object")
    return document


def _text(raw: bytes | str) -> str:
    try:
        size = len(raw) if isinstance(raw, bytes) else len(raw.encode())
        if size > MAX_BYTES:
            raise Misfit("", FaultCode.TOO_LARGE, f"{size} bytes, at most {MAX_BYTES} are read")
        text = raw.decode() if isinstance(raw, bytes) else raw
    except UnicodeError:
        raise Misfit("", FaultCode.BAD_ENCODING, "not UTF-8 text") from None
    text = text.removeprefix("\ufeff").strip()
    if not text:
        raise Misfit("", FaultCode.EMPTY, "there is no text")
    return text


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        for text in (name, value):
            # "\ud800" is legal JSON but no text that could be stored.
            if not isinstance(text, str) or text.isascii():
                continue
            if any("\ud800" <= letter <= "\udfff" for letter in text):
                message = f"half of a surrogate pair in {shown(name)}"
                raise Misfit(_printable(name), FaultCode.BAD_ENCODING, message)
        if name in found:
            message = f"{shown(name)} is given twice"
            raise Misfit(_printable(name), FaultCode.DUPLICATE_FIELD, message)
        found[name] = value
    return found


def _integer(text: str) -> int | JsonFloat:
    # Kept as text, a longer one is refused later, with its field's name.
    return int(text) if len(text) <= _INTEGER_CHARS_MAX else JsonFloat(text)


def _printable(name: str) -> str:
    return name if name.isprintable() and len(name) <= _NAME_CHARS_MAX else shown(name)


def _read(document: Mapping[str, object]) -> Signal:
    for name in document:
        if name not in FIELDS:
            message = f"unknown field {shown(name)}; known are {', '.join(FIELDS)}"
            raise Misfit(_printable(name), FaultCode.UNKNOWN_FIELD, message)
    for name, field in FIELDS.items():
        if field.required and document.get(name) is None:
            raise Misfit(name, FaultCode.MISSING_FIELD, f"{name} is required")
    values: dict[str, Any] = {
        name: field.read(name, document[name])
        for name, field in FIELDS.items()
        if document.get(name) is not None
    }
    sizes = [name for name in SIZES if name in values]
    if len(sizes) > 1:
        message = f"give at most one size, not {' and '.join(sizes)}"
        raise Misfit(sizes[1], FaultCode.SEVERAL_SIZES, message)
    signal = Signal(**values)
    if signal.expires_at is not None and signal.expires_at <= signal.created_at:
        message = "expires_at must be after created_at"
        raise Misfit("expires_at", FaultCode.EXPIRES_TOO_EARLY, message)
    return signal
