"""What everybody traded in a contract lately, by its one-minute candles; needs no key."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from trading_platform_order.transport.http import HttpRequest, HttpResponse, HttpTransport

TIMEOUT_S = 3.0
MINUTES_MAX = 99
"""More would weigh more."""
_OPENED, _VOLUME = 0, 5

_decoder = msgspec.json.Decoder(list[list[Any]])


async def traded_since(
    http: HttpTransport, rest_url: str, symbol: str, begin: datetime, *, minutes: int
) -> Decimal | None:
    """Units of the contract traded in the minutes from ``begin`` on; ``None`` if it is not told.

    `GET /fapi/v1/klines`, weight 1. A row is a list: its opening in milliseconds first, the volume
    in base units sixth.

    Args:
        http: carries the request.
        rest_url: of Binance.
        symbol: the contract, ``BTCUSDT``.
        begin: the first minute, at its beginning.
        minutes: how many there are, the running one included; at most 99.
    """
    query = f"symbol={symbol}&interval=1m&limit={min(minutes, MINUTES_MAX)}"
    answer = await http.send(
        HttpRequest("GET", f"{rest_url}/fapi/v1/klines?{query}", timeout_s=TIMEOUT_S)
    )
    if not isinstance(answer, HttpResponse) or not answer.is_success:
        return None
    begin_ms = int(begin.timestamp() * 1_000)
    try:
        told = [(int(row[_OPENED]), Decimal(row[_VOLUME])) for row in _decoder.decode(answer.body)]
    except (msgspec.MsgspecError, InvalidOperation, IndexError, TypeError, ValueError):
        return None
    if not all(volume.is_finite() and volume >= 0 for _, volume in told):
        return None
    return sum((volume for opened_ms, volume in told if opened_ms >= begin_ms), Decimal(0))
