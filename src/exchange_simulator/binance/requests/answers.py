"""How an answer is written."""

from datetime import datetime

import msgspec

from exchange_simulator.wire import HttpResponse, http_date

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def answered(status: int, body: object, headers: dict[str, str]) -> HttpResponse:
    """An answer in JSON."""
    return HttpResponse(status=status, headers=headers, body=_ENCODER.encode(body))


def answer_headers(now: datetime) -> dict[str, str]:
    """What every answer carries."""
    return {"content-type": "application/json;charset=UTF-8", "date": http_date(now)}
