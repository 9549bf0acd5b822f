import asyncio
import itertools
from collections.abc import Callable

import pytest

from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.transport.http import HttpResponse, HttpResult, MaybeSent, NotSent
from trading_platform_order.transport.retry import retry_read


def scripted(
    outcomes: list[HttpResult],
) -> tuple[Callable[[], "asyncio.Future[HttpResult]"], list[float]]:
    times: list[float] = []

    def call() -> "asyncio.Future[HttpResult]":
        loop = asyncio.get_running_loop()
        times.append(loop.time())
        answer: asyncio.Future[HttpResult] = loop.create_future()
        answer.set_result(outcomes[len(times) - 1])
        return answer

    return call, times


def not_sent(outcome: HttpResult) -> bool:
    return isinstance(outcome, NotSent)


@in_virtual_time
async def test_a_good_outcome_is_returned_at_once() -> None:
    call, times = scripted([HttpResponse(status=200)])
    assert await retry_read(call, should_retry=not_sent) == HttpResponse(status=200)
    assert len(times) == 1


@in_virtual_time
async def test_what_is_not_named_retryable_is_not_retried() -> None:
    call, times = scripted([MaybeSent(reason="reset")])
    assert await retry_read(call, should_retry=not_sent) == MaybeSent(reason="reset")
    assert len(times) == 1


@in_virtual_time
async def test_the_delay_doubles_and_the_last_outcome_is_returned() -> None:
    call, times = scripted([NotSent(reason=str(n)) for n in range(4)])
    last = await retry_read(call, attempts=4, should_retry=not_sent)
    assert last == NotSent(reason="3")
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == [1, 2, 4]


@in_virtual_time
async def test_no_attempt_at_all_is_a_bug() -> None:
    call, _ = scripted([])
    with pytest.raises(ValueError, match="attempts"):
        await retry_read(call, attempts=0, should_retry=not_sent)
