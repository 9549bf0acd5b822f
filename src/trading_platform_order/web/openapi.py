"""The OpenAPI document: generated from the handlers, with what they take as text filled in."""

from typing import Any

from trading_platform_order import __version__
from trading_platform_order.client.signing import KEY, NONCE, SIGNATURE, TIME
from trading_platform_order.signals.schema import json_schema
from trading_platform_order.web.auth import OPEN_PATHS

TITLE = "tporder"
VERSION = __version__


def completed(generated: dict[str, Any]) -> dict[str, Any]:
    """The body of a signal, and the four headers of a signature."""
    schemas = generated.setdefault("components", {}).setdefault("schemas", {})
    strict = json_schema()
    strict.pop("$schema")
    schemas["Signal"] = strict
    schemas["ResearchSignal"] = _RESEARCH
    one = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in _SIGNALS]}
    generated["paths"]["/v1/signals"]["post"]["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": one}},
    }
    generated["components"]["securitySchemes"] = {
        name: {"type": "apiKey", "in": "header", "name": name}
        for name in (KEY, TIME, NONCE, SIGNATURE)
    }
    generated["security"] = [{name: [] for name in (KEY, TIME, NONCE, SIGNATURE)}]
    for path, item in generated["paths"].items():
        if path in OPEN_PATHS:
            for operation in item.values():
                operation["security"] = []
    return generated


_SIGNALS = ("Signal", "ResearchSignal")
_RESEARCH: dict[str, Any] = {
    "type": "object",
    "description": "research's own format, see docs/SIGNALS.md",
    "required": ["action", "symbol", "timestamp"],
    "properties": {
        "action": {"enum": ["ENTER", "EXIT", "BUY", "SELL", "HOLD"]},
        "symbol": {"type": "string", "pattern": "^[A-Z0-9]{1,20}$"},
        "timestamp": {"type": "string", "format": "date-time"},
        "strategy": {"type": "string"},
        "id": {"type": "string"},
        "level": {"type": ["string", "number"]},
        "reason": {"type": "string"},
        "confidence": {"type": "number"},
        "exchange": {"enum": ["upbit", "both", None]},
        "quantity": {"type": "number", "exclusiveMinimum": 0},
        "price": {"type": "number"},
        "metadata": {"type": "object"},
    },
    "additionalProperties": False,
}
