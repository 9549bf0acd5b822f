"""Which refusals say that no order is taken at all, and which are about the one order."""

import pytest

from trading_platform_order.domain.hindrance import Hindrance
from trading_platform_order.exchanges.binance.errors import ApiError, hindrance_of
from trading_platform_order.exchanges.upbit.errors import as_order_outcome, of_response
from trading_platform_order.transport.http import HttpResponse


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, -2019, None),
        (400, -2022, None),
        (400, -4131, None),
        (400, -1121, Hindrance.SUSPENDED),
        (400, -4141, Hindrance.SUSPENDED),
        (400, -4108, Hindrance.SUSPENDED),
        (400, -4061, Hindrance.ACCOUNT_SETTING),
        (401, -2015, Hindrance.KEY),
        (401, None, Hindrance.KEY),
        (400, -2014, Hindrance.KEY),
        (418, None, Hindrance.BANNED),
        (429, -1003, Hindrance.BANNED),
        (400, -1016, Hindrance.MAINTENANCE),
    ],
)
def test_binance(status: int, code: int | None, expected: Hindrance | None) -> None:
    assert hindrance_of(ApiError(status=status, code=code, message="")) is expected


@pytest.mark.parametrize(
    ("status", "name", "expected"),
    [
        (400, "insufficient_funds_ask", None),
        (400, "volume_too_large", None),
        (403, "market_offline", Hindrance.MAINTENANCE),
        (400, "notfoundmarket", Hindrance.SUSPENDED),
        (401, "no_authorization_ip", Hindrance.KEY),
        (403, "out_of_scope", Hindrance.KEY),
        (418, "", Hindrance.BANNED),
        (429, "", Hindrance.BANNED),
    ],
)
def test_upbit(status: int, name: str, expected: Hindrance | None) -> None:
    body = f'{{"error":{{"name":"{name}","message":""}}}}'.encode()
    outcome = as_order_outcome(of_response(HttpResponse(status=status, headers={}, body=body)))
    assert getattr(outcome, "hindrance", None) is expected
