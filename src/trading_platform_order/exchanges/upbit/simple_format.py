"""The other stream formats, turned into DEFAULT: short names (SIMPLE) and one-element lists.

Source: Upbit docs websocket reference @2026-08-31. Values are never decoded here, so numbers keep
every digit. A short name that is not in the table stays as it is and is ignored further on.
"""

from collections.abc import Mapping

import msgspec

_HEAD = {"ty": "type", "cd": "code", "tms": "timestamp", "st": "stream_type"}
_MY_ORDER = {
    "uid": "uuid",
    "ab": "ask_bid",
    "ot": "order_type",
    "s": "state",
    "tuid": "trade_uuid",
    "p": "price",
    "v": "volume",
    "ev": "executed_volume",
    "tif": "time_in_force",
    "tf": "trade_fee",
    "id": "identifier",
    "ttms": "trade_timestamp",
    "otms": "order_timestamp",
}
_MY_ASSET = {"ast": "assets", "cu": "currency", "b": "balance", "l": "locked"}
_ORDERBOOK = {
    "obu": "orderbook_units",
    "ap": "ask_price",
    "bp": "bid_price",
    "as": "ask_size",
    "bs": "bid_size",
}
_TICKER = {"tp": "trade_price", "ms": "market_state", "dd": "delisting_date"}
_BY_TYPE: dict[bytes, Mapping[str, str]] = {
    b'"myOrder"': _HEAD | _MY_ORDER,
    b'"myAsset"': _HEAD | _MY_ASSET,
    b'"orderbook"': _HEAD | _ORDERBOOK,
    b'"ticker"': _HEAD | _TICKER,
}
_ROWS = frozenset({"assets", "orderbook_units"})

Fields = dict[str, msgspec.Raw]


def as_default(message: bytes) -> tuple[bytes, ...]:
    """The messages of one frame in DEFAULT format.

    Raises:
        msgspec.MsgspecError: not JSON, or rows that are no objects.
    """
    start = message.lstrip()[:1]
    if start == b"[":
        parts = msgspec.json.decode(message, type=list[msgspec.Raw])
        return tuple(made for part in parts for made in as_default(bytes(part)))
    if start != b"{" or b'"ty"' not in message:
        return (message,)
    fields = msgspec.json.decode(message, type=Fields)
    kind = fields.get("ty")
    if kind is None or "type" in fields:
        return (message,)
    names = _BY_TYPE.get(bytes(kind), _HEAD)
    return (msgspec.json.encode(_lengthened(fields, names)),)


def _lengthened(fields: Fields, names: Mapping[str, str]) -> Fields:
    long: Fields = {}
    for short, value in fields.items():
        name = names.get(short, short)
        long[name] = _rows(value, names) if name in _ROWS else value
    return long


def _rows(value: msgspec.Raw, names: Mapping[str, str]) -> msgspec.Raw:
    rows = msgspec.json.decode(value, type=list[Fields])
    return msgspec.Raw(msgspec.json.encode([_lengthened(row, names) for row in rows]))
