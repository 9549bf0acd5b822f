"""Any one or two of engine, watchdog and store fail, or all: somebody acts, or operators are told.

The table in docs/RISK_MANAGEMENT.md, row by row. A pair is open; ``outside`` is a monitor that
receives the signs of life of engine and watchdog and calls operators when one of them stops.
"""

import asyncio
from collections import Counter

import pytest

from tests.fakes.kennel import Kennel
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.notifications.external_heartbeat import ExternalHeartbeat
from trading_platform_order.transport.http import HttpRequest, HttpResponse, HttpResult

INTERVAL_S = 30.0


class Outside:
    """Counts signs of life by sender."""

    def __init__(self) -> None:
        self.got: Counter[str] = Counter()

    async def send(self, request: HttpRequest) -> HttpResult:
        self.got[request.url.rpartition("/")[2]] += 1
        return HttpResponse(status=200)

    async def close(self) -> None:
        """Nothing to close."""

    def heartbeat(self, name: str) -> ExternalHeartbeat:
        return ExternalHeartbeat(
            http=self, url=f"https://beats.invalid/{name}", interval_s=INTERVAL_S
        )


@pytest.mark.parametrize(
    ("fails", "acts", "tells", "outside_misses"),
    [
        ({"engine"}, True, "watchdog_acted", {"engine"}),
        ({"watchdog"}, False, "", {"watchdog"}),
        ({"store"}, False, "store_gone", {"engine"}),
        ({"engine", "watchdog"}, False, "", {"engine", "watchdog"}),
        ({"engine", "store"}, False, "store_gone", {"engine"}),
        ({"watchdog", "store"}, False, "", {"engine", "watchdog"}),
        ({"engine", "watchdog", "store"}, False, "", {"engine", "watchdog"}),
    ],
    ids=lambda value: "+".join(sorted(value)) if isinstance(value, set) else str(value),
)
@in_virtual_time
async def test_no_failure_leaves_a_pair_unattended_without_an_alert(
    fails: set[str], tells: str, outside_misses: set[str], *, acts: bool
) -> None:
    kennel, outside = Kennel(), Outside()
    loop = asyncio.get_running_loop()
    dog = loop.create_task(kennel.dog().run())
    engine = await kennel.begin()
    beats = {
        "engine": loop.create_task(outside.heartbeat("engine").run()),
        "watchdog": loop.create_task(outside.heartbeat("watchdog").run()),
    }
    engine.add_done_callback(lambda _: beats["engine"].cancel())
    dog.add_done_callback(lambda _: beats["watchdog"].cancel())
    await kennel.done(signal(quantity="0.010"))

    if "store" in fails:
        kennel.store_gone = True
    if "engine" in fails:
        await kennel.kill(engine)
    if "watchdog" in fails:
        await kennel.kill(dog)
    await asyncio.sleep(2)
    before = Counter(outside.got)
    await asyncio.sleep(2 * INTERVAL_S)

    missed = {name for name in beats if outside.got[name] == before[name]}
    assert missed == outside_misses
    assert (kennel.held == (D(0), D(0))) is acts
    if tells:
        urgent = {alert.kind for alert in kennel.told if alert.urgent}
        assert tells in urgent
    assert missed or kennel.told, "nobody would have known"
    for task in (engine, dog):
        await kennel.kill(task)
