"""Answers and stream messages as no documentation tells them, beside the ones that are as told.

Exchanges list a coin whose figures are still null, begin to use a word that nobody has heard of,
or turn a number into an object. What is added here is always somebody else's row: another market,
another order. Whatever concerns the client is still there and still right.
"""

import json
from typing import Any

FOREIGN = "ODD"
"""The asset of every row that is added; neither exchange has a market for it."""
_WORD = "ODD_WORD"
_NAMES = {
    "currency": FOREIGN,
    "asset": FOREIGN,
    "baseAsset": FOREIGN,
    "market": f"KRW-{FOREIGN}",
    "code": f"KRW-{FOREIGN}",
    "cd": f"KRW-{FOREIGN}",
    "symbol": f"{FOREIGN}USDT",
    "pair": f"{FOREIGN}USDT",
    "s": f"{FOREIGN}USDT",
    "ps": f"{FOREIGN}USDT",
    "uuid": "00000000-0000-4000-8000-00000000c0de",
    "identifier": "odd-order",
    "clientOrderId": "odd_order",
    "clientAlgoId": "odd_order",
    "c": "odd_order",
    "orderId": 1,
    "algoId": 1,
    "id": 1,
    "tranId": 1,
}
"""Keys that name whose row it is, on both exchanges' REST and streams."""
_OWNERS = ("currency", "asset", "market", "symbol")
_KEPT = frozenset({"e", "E", "type", "ty", "stream", "stream_type"})
"""What kind of message it is; an unknown kind would be passed over unread."""


def with_odd_rows(body: bytes) -> bytes:
    """The answer with three odd rows in each of its lists of objects; an object gets a word more.

    Anything that is not JSON is returned as it is.
    """
    try:
        answer = json.loads(body)
    except ValueError:
        return body
    if isinstance(answer, list):
        answer += _odd_rows(answer)
    elif isinstance(answer, dict):
        for value in answer.values():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                value.extend(_odd_rows(value))
        answer["oddWord"] = _WORD
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def with_unreadable_rows(body: bytes, base: str) -> bytes:
    """The answer with nulls in every row of this base asset, whose name alone can still be read."""
    try:
        answer = json.loads(body)
    except ValueError:
        return body
    names = {base, f"KRW-{base}", f"{base}USDT"}
    lists = [answer] if isinstance(answer, list) else []
    if isinstance(answer, dict):
        lists += [value for value in answer.values() if isinstance(value, list)]
    for rows in lists:
        for row in rows:
            if isinstance(row, dict) and _owner(row) in names:
                row.update({key: None for key in row if key not in _NAMES})
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def _owner(row: dict[str, Any]) -> object:
    return next((row[key] for key in _OWNERS if key in row), None)


def odd_messages(text: str) -> list[str]:
    """Somebody else's messages of the same kind: nulls, wrong types, unknown words."""
    try:
        message = json.loads(text)
    except ValueError:
        return []
    if not isinstance(message, dict):
        return []
    return [json.dumps(row, separators=(",", ":")) for row in _odd_rows([message])]


def _odd_rows(rows: list[Any]) -> list[Any]:
    model = next((row for row in rows if isinstance(row, dict)), None)
    if model is None:
        return [] if rows else [{"market": _NAMES["market"], "symbol": _NAMES["symbol"]}]
    return [_foreign(model, how) for how in ("null", "type", "word")]


def _foreign(model: dict[str, Any], how: str) -> dict[str, Any]:
    return {key: _odd(key, value, how) for key, value in model.items()}


def _odd(key: str, value: Any, how: str) -> Any:  # noqa: ANN401 - JSON of any shape
    if key in _NAMES and isinstance(value, type(_NAMES[key])):
        return _NAMES[key]
    if isinstance(value, dict):
        return _foreign(value, how)
    if isinstance(value, list):
        return [_odd(key, item, how) for item in value]
    return value if key in _KEPT else _made_odd(value, how)


def _made_odd(value: Any, how: str) -> Any:  # noqa: ANN401 - as above
    if how == "null":
        return None
    if how == "type":
        return {"odd": value}
    return _WORD if isinstance(value, str) else value
