"""The trading WebSocket (``/ws-fapi/v1``): the REST verbs as JSON messages.

Binance docs, USDS-M futures WebSocket API general info, as of 2026-11: parameters carry
``apiKey``, ``timestamp`` and ``signature``; the signature covers all parameters but itself, sorted
by name. The answers and the counters are those of REST.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import attrs
import msgspec

from exchange_simulator.binance.requests.rate_limits import limits_table
from exchange_simulator.binance.requests.request import ParsedRequest
from exchange_simulator.ports import Deliver
from exchange_simulator.wire import HttpResponse

METHODS: Mapping[str, tuple[str, str]] = {
    "ping": ("GET", "/fapi/v1/ping"),
    "time": ("GET", "/fapi/v1/time"),
    "depth": ("GET", "/fapi/v1/depth"),
    "ticker.price": ("GET", "/fapi/v2/ticker/price"),
    "ticker.book": ("GET", "/fapi/v1/ticker/bookTicker"),
    "order.place": ("POST", "/fapi/v1/order"),
    "order.modify": ("PUT", "/fapi/v1/order"),
    "order.status": ("GET", "/fapi/v1/order"),
    "order.cancel": ("DELETE", "/fapi/v1/order"),
    "algoOrder.place": ("POST", "/fapi/v1/algoOrder"),
    "algoOrder.cancel": ("DELETE", "/fapi/v1/algoOrder"),
    "account.balance": ("GET", "/fapi/v3/balance"),
    "v2/account.balance": ("GET", "/fapi/v3/balance"),
    "account.status": ("GET", "/fapi/v3/account"),
    "v2/account.status": ("GET", "/fapi/v3/account"),
    "account.position": ("GET", "/fapi/v3/positionRisk"),
    "v2/account.position": ("GET", "/fapi/v3/positionRisk"),
    "userDataStream.start": ("POST", "/fapi/v1/listenKey"),
    "userDataStream.ping": ("PUT", "/fapi/v1/listenKey"),
    "userDataStream.stop": ("DELETE", "/fapi/v1/listenKey"),
}
_ENCODER = msgspec.json.Encoder()
_BAD_REQUEST = 400


class _Call(msgspec.Struct):
    id: int | str | None = None
    method: str = ""
    params: dict[str, Any] = {}


@attrs.define(kw_only=True, eq=False, repr=False)
class WsApiSession:
    """One client's trading WebSocket; ``serve`` answers a request with its signed text."""

    _serve: Callable[[ParsedRequest, str], HttpResponse]
    _deliver: Deliver

    def on_message(self, text: str) -> None:
        """One call, one answer."""
        try:
            call = msgspec.json.decode(text, type=_Call)
        except msgspec.DecodeError:
            self._refuse(None, -1000, "Illegal JSON.")
            return
        route = METHODS.get(call.method)
        if route is None:
            self._refuse(call.id, -1000, f"Unknown method {call.method}.")
            return
        answer = self._serve(*_as_request(route, call.params))
        body = msgspec.json.decode(answer.body)
        self._send(call, answer, body)

    def on_close(self) -> None:
        """The client is gone."""

    def _send(self, call: _Call, answer: HttpResponse, body: object) -> None:
        kind = "result" if answer.status < _BAD_REQUEST else "error"
        message: dict[str, Any] = {"id": call.id, "status": answer.status, kind: body}
        if call.params.get("returnRateLimits") is not False:
            message["rateLimits"] = _rate_limits(answer.headers)
        self._deliver(_ENCODER.encode(message).decode())

    def _refuse(self, call_id: int | str | None, code: int, words: str) -> None:
        error = {"code": code, "msg": words}
        message = {"id": call_id, "status": _BAD_REQUEST, "error": error}
        self._deliver(_ENCODER.encode(message).decode())


def _as_request(route: tuple[str, str], given: Mapping[str, Any]) -> tuple[ParsedRequest, str]:
    """The call as the REST request it stands for, and the text its signature covers."""
    params = {name: _text(value) for name, value in given.items() if value is not None}
    signed = sorted((name, value) for name, value in params.items() if name != "signature")
    request = ParsedRequest(
        method=route[0],
        path=route[1],
        query="",
        body="",
        key=params.get("apiKey", ""),
        params=params,
    )
    return request, urlencode(signed)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _rate_limits(headers: Mapping[str, str]) -> list[dict[str, object]]:
    counts = {
        ("REQUEST_WEIGHT", "MINUTE"): headers.get("x-mbx-used-weight-1m"),
        ("ORDERS", "SECOND"): headers.get("x-mbx-order-count-10s"),
        ("ORDERS", "MINUTE"): headers.get("x-mbx-order-count-1m"),
    }
    rows = [
        (row, counts[str(row["rateLimitType"]), str(row["interval"])]) for row in limits_table()
    ]
    return [{**row, "count": int(count)} for row, count in rows if count is not None]
