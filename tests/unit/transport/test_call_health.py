"""What counts as an API error, and what ends a row of them."""

import asyncio

import pytest

from trading_platform_order.transport.call_health import CallHealth, WatchedHttp, counts
from trading_platform_order.transport.http import (
    HttpRequest,
    HttpResponse,
    HttpResult,
    MaybeSent,
    NotSent,
)

PRIVATE = HttpRequest(method="GET", url="https://x/v1/accounts", headers={"Authorization": "b"})
SIGNED = HttpRequest(method="GET", url="https://x/fapi/v2/account?a=1&signature=b")
PUBLIC = HttpRequest(method="GET", url="https://x/fapi/v1/time", headers={"X-MBX-APIKEY": "k"})


class Answers:
    def __init__(self, *results: HttpResult) -> None:
        self.results = list(results)

    async def send(self, request: HttpRequest) -> HttpResult:
        return self.results.pop(0)

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("request_", [PRIVATE, SIGNED])
@pytest.mark.parametrize(
    ("result", "after"),
    [
        (NotSent(reason="refused"), 4),
        (MaybeSent(reason="time-out"), 4),
        (HttpResponse(status=500), 4),
        (HttpResponse(status=503), 4),
        (HttpResponse(status=400), 3),
        (HttpResponse(status=418), 3),
        (HttpResponse(status=429), 3),
        (HttpResponse(status=200), 0),
        (HttpResponse(status=201), 0),
    ],
)
async def test_one_answer(request_: HttpRequest, result: HttpResult, after: int) -> None:
    health = CallHealth(errors_in_a_row=3)
    http = WatchedHttp(Answers(result), health, counts)
    assert await http.send(request_) is result
    assert health.errors_in_a_row == after


@pytest.mark.parametrize(
    ("status", "after"), [(200, 0), (400, 1), (401, 2), (403, 2), (404, 1), (418, 1), (503, 1)]
)
async def test_an_account_that_is_turned_away(status: int, after: int) -> None:
    health = CallHealth(turned_away_in_a_row=1)
    http = WatchedHttp(Answers(HttpResponse(status=status)), health, counts)
    await http.send(PRIVATE)
    assert health.turned_away_in_a_row == after


async def test_public_calls_say_nothing_of_our_account() -> None:
    health = CallHealth(errors_in_a_row=3)
    http = WatchedHttp(Answers(HttpResponse(status=200), NotSent(reason="")), health, counts)
    await http.send(PUBLIC)
    await http.send(PUBLIC)
    assert health.errors_in_a_row == 3


async def test_answers_are_timed_and_failures_of_the_last_hour_counted() -> None:
    health = CallHealth()
    results = (HttpResponse(status=200), HttpResponse(status=500), NotSent(reason="refused"))
    http = WatchedHttp(Answers(*results), health, counts)
    before_ms = health.answer_ms
    for _ in results:
        await http.send(PRIVATE)
    now_s = asyncio.get_running_loop().time()
    assert before_ms is None
    assert health.answer_ms is not None
    assert 0 <= health.answer_ms < 1_000
    assert health.errors_since(now_s - 3_600) == 2
    assert health.errors_since(now_s + 1) == 0
