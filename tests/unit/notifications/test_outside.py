"""Signs of life to the outside, and alerts that need no store."""

import asyncio
from collections.abc import Callable

import pytest

from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.alert import Alert
from trading_platform_order.notifications.external_heartbeat import ExternalHeartbeat
from trading_platform_order.notifications.memory_outbox import BOUND, MemoryOutbox
from trading_platform_order.transport.http import HttpRequest, HttpResponse, HttpResult, NotSent

URL = "https://beats.invalid/secret-name"


class Monitor:
    """Receives, or does not."""

    def __init__(self) -> None:
        self.got: list[HttpRequest] = []
        self.answer: HttpResult = HttpResponse(status=200)

    async def send(self, request: HttpRequest) -> HttpResult:
        self.got.append(request)
        return self.answer

    async def close(self) -> None:
        """Nothing to close."""


def heartbeat(
    monitor: Monitor, told: list[str], is_healthy: Callable[[], bool] = lambda: True
) -> ExternalHeartbeat:
    return ExternalHeartbeat(
        http=monitor, url=URL, interval_s=30, is_healthy=is_healthy, on_problem=told.append
    )


@in_virtual_time
async def test_one_get_per_interval_while_healthy() -> None:
    monitor, healthy = Monitor(), [True]
    task = asyncio.ensure_future(heartbeat(monitor, [], lambda: healthy[0]).run())
    await asyncio.sleep(61)
    assert [(one.method, one.url) for one in monitor.got] == [("GET", URL)] * 3
    healthy[0] = False
    await asyncio.sleep(300)
    assert len(monitor.got) == 3, "whoever receives them shall call operators"
    task.cancel()


@in_virtual_time
async def test_problems_are_told_once_and_without_the_address() -> None:
    monitor, told = Monitor(), list[str]()
    monitor.answer = NotSent(reason=f"no way to {URL}")
    task = asyncio.ensure_future(heartbeat(monitor, told).run())
    await asyncio.sleep(100)
    assert len(told) == 1
    monitor.answer = HttpResponse(status=404)
    await asyncio.sleep(100)
    assert len(told) == 1
    monitor.answer = HttpResponse(status=200)
    await asyncio.sleep(100)
    assert len(told) == 2
    assert not any("secret-name" in text for text in told)
    task.cancel()


@pytest.mark.parametrize("url", ["http://beats.invalid/x", "ftp://beats.invalid", ""])
def test_an_address_in_the_clear_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ValueError, match="must begin with https") as refused:
        ExternalHeartbeat(http=Monitor(), url=url, interval_s=1)
    assert not url or url not in str(refused.value)


def test_the_loopback_may_be_in_the_clear() -> None:
    ExternalHeartbeat(http=Monitor(), url="http://127.0.0.1:1/x", interval_s=1)


def alert(number: int, *, urgent: bool) -> Alert:
    return Alert(kind=str(number), urgent=urgent)


@in_virtual_time
async def test_the_outbox_gives_urgent_ones_first_and_is_bounded() -> None:
    outbox = MemoryOutbox(lambda: 7)
    outbox.put(alert(1, urgent=False))
    outbox.put(alert(2, urgent=True))
    first, second = await outbox.pending_alerts()
    assert (first.alert.kind, second.alert.kind, first.created_at_us) == ("2", "1", 7)
    await outbox.retry_alert(first.id, next_at_us=9, attempts=3)
    assert (await outbox.pending_alerts(1))[0].attempts == 3
    await outbox.finish_alert(first.id)
    for number in range(BOUND):
        outbox.put(alert(number, urgent=True))
    waiting = await outbox.pending_alerts(BOUND * 2)
    assert len(waiting) == BOUND
    assert all(one.alert.urgent for one in waiting), "the calm one had to go"
    outbox.put(alert(-1, urgent=True))
    assert (await outbox.pending_alerts(1))[0].alert.kind == "1", "then the oldest"


async def test_a_paging_channel_of_the_watchdog_calls_for_what_lasts() -> None:
    at = [0]
    outbox = MemoryOutbox(lambda: at[0] * 1_000_000, page_after_s=120)
    outbox.put(Alert(kind="engine_silent", urgent=True))
    outbox.put(Alert(kind="something", urgent=False))
    at[0] = 119
    assert await outbox.pending_alerts() == []
    at[0] = 120
    assert [one.alert.kind for one in await outbox.pending_alerts()] == ["engine_silent"]
    outbox.put(Alert(kind="engine_back", urgent=False))
    at[0] = 1_000
    assert await outbox.pending_alerts() == []
