"""Addresses and dates are read and written as the standard library does."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from exchange_simulator.binance.requests.request import parse
from exchange_simulator.wire import HttpRequest, http_date, split_target


@pytest.mark.parametrize(
    "url",
    [
        "https://api.upbit.com/v1/orders?market=KRW-BTC&states[]=wait",
        "https://api.upbit.com/v1/accounts",
        "https://api.upbit.com",
        "https://api.upbit.com?a=b",
        "http://127.0.0.1:8080/fapi/v1/order?next=http://other/path?x=1",
        "/fapi/v1/time",
        "/fapi/v1/time?back=https://somewhere/else",
        "/fapi/v1/time?a=1#part",
    ],
)
def test_path_and_query_are_those_of_the_standard_library(url: str) -> None:
    parts = urlsplit(url)
    assert split_target(url) == (parts.path, parts.query)


@pytest.mark.parametrize(
    "query",
    ["", "a=1&b=2", "a=1&a=2", "a", "a=&b=x", "&&a=1&", "a=b=c", "a=%20b&c=d+e", "%61=1"],
)
def test_parameters_are_those_of_the_standard_library(query: str) -> None:
    request = HttpRequest(method="GET", url=f"https://x.invalid/fapi/v1/order?{query}")
    assert parse(request).params == dict(parse_qsl(query, keep_blank_values=True))


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=9))])
def test_a_date_is_in_whole_seconds_of_greenwich(zone: timezone) -> None:
    moment = datetime(2026, 3, 4, 5, 6, 7, 891_234, tzinfo=zone)
    assert http_date(moment) == format_datetime(moment.astimezone(UTC), usegmt=True)
