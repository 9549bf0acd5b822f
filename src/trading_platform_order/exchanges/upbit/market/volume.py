"""What everybody traded in a market lately, by its one-minute candles; needs no key."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from trading_platform_order.exchanges.upbit.requests import parse
from trading_platform_order.transport.http import HttpRequest, HttpResponse, HttpTransport

TIMEOUT_S = 3.0
MINUTES_MAX = 200


class _Candle(msgspec.Struct):
    candle_date_time_utc: datetime
    candle_acc_trade_volume: Decimal


_decoder = msgspec.json.Decoder(list[_Candle])


async def traded_since(
    http: HttpTransport, rest_url: str, symbol: str, begin: datetime, *, minutes: int
) -> Decimal | None:
    """Base units traded in the minutes from ``begin`` on; ``None`` if Upbit does not tell.

    `GET /v1/candles/minutes/1` (group candle, 10 a second for each address). A minute without a
    trade has no candle, so an answer may hold older ones.

    Args:
        http: carries the request.
        rest_url: of Upbit.
        symbol: ``BTC-KRW``.
        begin: the first minute, at its beginning.
        minutes: how many there are, the running one included; at most 200.
    """
    query = f"market={parse.to_wire(symbol)}&count={min(minutes, MINUTES_MAX)}"
    answer = await http.send(
        HttpRequest("GET", f"{rest_url}/v1/candles/minutes/1?{query}", timeout_s=TIMEOUT_S)
    )
    if not isinstance(answer, HttpResponse) or not answer.is_success:
        return None
    try:
        candles = _decoder.decode(answer.body)
    except msgspec.MsgspecError:
        return None
    volumes = [c.candle_acc_trade_volume for c in candles if _utc(c) >= begin]
    if not all(volume.is_finite() and volume >= 0 for volume in volumes):
        return None
    return sum(volumes, Decimal(0))


def _utc(candle: _Candle) -> datetime:
    """Upbit writes it without a zone."""
    return candle.candle_date_time_utc.replace(tzinfo=UTC)
