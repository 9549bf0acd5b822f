"""Requests as they come in, told apart; and the answers of the stub, in each exchange's own form.

The answers are written from the exchanges' documents (Upbit ``POST /v1/orders``, Binance
``POST /fapi/v1/order``), with the headers that a client meets there.
"""

import json
import re
from typing import NamedTuple

from benchmarks.exchange.stamps import BINANCE, UPBIT

HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_UPGRADE = re.compile(rb"\r\nupgrade:[ \t]*websocket", re.IGNORECASE)
_ORDER = {UPBIT: b"POST /v1/orders", BINANCE: b"POST /fapi/v1/order"}
_ID = {
    UPBIT: re.compile(rb'"identifier"\s*:\s*"([^"]+)"'),
    BINANCE: re.compile(rb"newClientOrderId=([^& ]+)"),
}
_AFTER_PATH = (b" ", b"?")


class Found(NamedTuple):
    """One whole request at the beginning of what was received.

    Attributes:
        size: bytes of it, head and body.
        is_order: it places an order.
        is_upgrade: it asks for a WebSocket.
    """

    size: int
    is_order: bool
    is_upgrade: bool


def first_request(data: bytes, venue: int) -> Found | None:
    """The first whole request in ``data``, or ``None`` while it is not there to its last byte."""
    head = data.find(HEAD_END)
    if head < 0:
        return None
    length = _LENGTH.search(data, 0, head)
    size = head + len(HEAD_END) + (0 if length is None else int(length[1]))
    if len(data) < size:
        return None
    order = _ORDER[venue]
    is_order = data.startswith(order) and data[len(order) : len(order) + 1] in _AFTER_PATH
    is_upgrade = not is_order and _UPGRADE.search(data, 0, head + 2) is not None
    return Found(size, is_order, is_upgrade)


def order_id(request: bytes, venue: int) -> bytes:
    """The client order id of an order; empty where none is found."""
    found = _ID[venue].search(request)
    return b"" if found is None else found[1]


_UPBIT_BODY: dict[str, object] = {
    "uuid": "6c1f5d4e-0d3b-4c55-9f0e-3a6b0f0c7d21",
    "side": "bid",
    "ord_type": "limit",
    "price": "150000000",
    "state": "wait",
    "market": "KRW-BTC",
    "created_at": "2026-11-30T09:00:00+09:00",
    "volume": "0.003",
    "remaining_volume": "0.003",
    "executed_volume": "0",
    "reserved_fee": "225",
    "remaining_fee": "225",
    "paid_fee": "0",
    "locked": "450225",
    "prevented_volume": "0",
    "prevented_locked": "0",
    "time_in_force": "ioc",
    "identifier": "bench",
    "trades_count": 0,
}
_BINANCE_BODY: dict[str, object] = {
    "orderId": 8389765591234567,
    "symbol": "BTCUSDT",
    "status": "NEW",
    "clientOrderId": "bench",
    "price": "105000.00",
    "avgPrice": "0.00",
    "origQty": "0.003",
    "executedQty": "0.000",
    "cumQty": "0.000",
    "cumQuote": "0.00000",
    "timeInForce": "IOC",
    "type": "LIMIT",
    "reduceOnly": False,
    "closePosition": False,
    "side": "SELL",
    "positionSide": "BOTH",
    "stopPrice": "0.00",
    "workingType": "CONTRACT_PRICE",
    "priceProtect": False,
    "origType": "LIMIT",
    "priceMatch": "NONE",
    "selfTradePreventionMode": "EXPIRE_MAKER",
    "goodTillDate": 0,
    "updateTime": 1796000000000,
}


class OrderAnswer:
    """The stub's answer to an order, with the client order id that it carried."""

    def __init__(self, status: str, headers: dict[str, str], body: dict[str, object]) -> None:
        self._before = _head(status, headers)
        first, _, rest = _json(body).partition(b'"bench"')
        self._first, self._rest = first + b'"', b'"' + rest
        self._size = len(self._first) + len(self._rest)

    def to(self, name: bytes) -> bytes:
        """The whole answer to the order of this id."""
        size = b"%d" % (self._size + len(name))
        return self._before + size + HEAD_END + self._first + name + self._rest


def _json(body: object) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def _head(status: str, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "Content-Length: "]).encode()


_COMMON = {"Date": "Mon, 30 Nov 2026 00:00:00 GMT", "Connection": "keep-alive"}

ORDER_ANSWERS = {
    UPBIT: OrderAnswer(
        "201 Created",
        {
            **_COMMON,
            "Content-Type": "application/json;charset=UTF-8",
            "Remaining-Req": "group=order; min=1800; sec=1000000000",
            "Limit-By-Ip": "Yes",
            "Cache-Control": "no-cache, no-store, max-age=0, must-revalidate",
            "Vary": "Origin",
        },
        _UPBIT_BODY,
    ),
    BINANCE: OrderAnswer(
        "200 OK",
        {
            **_COMMON,
            "Content-Type": "application/json",
            "X-MBX-USED-WEIGHT-1M": "1",
            "X-MBX-ORDER-COUNT-10S": "1",
            "X-MBX-ORDER-COUNT-1M": "1",
            "X-Response-Time": "3ms",
            "Strict-Transport-Security": "max-age=31536000; includeSubdomains",
        },
        _BINANCE_BODY,
    ),
}
"""An order was accepted and is working."""

OTHER_ANSWER = (
    _head("200 OK", {**_COMMON, "Content-Type": "application/json"}) + b"2" + HEAD_END + b"{}"
)
"""To everything else a client asks of the stub."""
