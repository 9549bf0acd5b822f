"""Repeats through a real store: over every channel, paged, silenced, and over a restart."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.notifications.reminders import Reminders
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.transport.clock import epoch_us

BEGIN = datetime(2026, 11, 22, tzinfo=UTC)
LOST = Alert(kind=AlertKind.ONE_LEG_GONE, urgent=True, fields={"symbol": "BTC"})


class HandClock:
    """Moves when told to."""

    def __init__(self) -> None:
        self.at = BEGIN

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - BEGIN).total_seconds()

    def boottime(self) -> float:
        return self.monotonic()


class Scene:
    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.clock = HandClock()
        self.team = store.outbox("team", beside=["pager"])
        self.pager = store.outbox("pager", beside=["team"], is_paging=True)
        self.reminders = self.start()

    def start(self) -> Reminders:
        return Reminders(self.store, tell=self.tell, clock=self.clock)

    async def tell(self, alerts: Sequence[Alert]) -> None:
        await self.store.append([], at_us=epoch_us(self.clock.now()), alerts=alerts)

    async def after(self, seconds: int) -> int:
        self.clock.at += timedelta(seconds=seconds)
        return await self.reminders.once()

    async def take(self, name: str) -> list[int]:
        """Deliver what waits for a channel; the ids."""
        outbox = self.pager if name == "pager" else self.team
        found = [pending.id for pending in await outbox.pending_alerts()]
        for number in found:
            await outbox.finish_alert(number)
        return found

    async def results(self) -> list[str | int | None]:
        rows = await self.store.query("v_alerts", limit=50)
        return [row["result"] for row in reversed(rows)]


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    store = SqliteStore(":memory:", build="b", durability="normal")
    yield Scene(store)
    await store.close()


async def test_the_paging_channel_gets_what_nobody_acknowledged_for_two_minutes(
    scene: Scene,
) -> None:
    await scene.tell([LOST])
    assert await scene.after(119) == 0
    assert (await scene.take("team"), await scene.take("pager")) == ([1], [])
    assert await scene.after(1) == 1
    assert (await scene.take("team"), await scene.take("pager")) == ([2], [2])
    assert await scene.results() == ["sent", "sent"]


async def test_an_acknowledged_alert_is_never_paged(scene: Scene) -> None:
    await scene.tell([LOST])
    await scene.store.acknowledge(1, at_us=epoch_us(BEGIN))
    assert await scene.after(500) == 0
    assert await scene.take("pager") == []


async def test_a_repeat_that_waits_for_a_channel_is_silenced_by_the_acknowledgement(
    scene: Scene,
) -> None:
    await scene.tell([LOST])
    await scene.after(120)
    await scene.store.acknowledge(1, at_us=epoch_us(BEGIN))
    assert await scene.take("pager") == []
    assert (await scene.results())[1] == "silenced"


async def test_a_restart_goes_on_with_the_repeats_and_tells_none_twice(scene: Scene) -> None:
    await scene.tell([LOST])
    assert await scene.after(120) == 1
    scene.reminders = scene.start()
    assert await scene.after(10) == 0
    assert await scene.after(290) == 1
    await scene.store.acknowledge(2, at_us=epoch_us(BEGIN))
    scene.reminders = scene.start()
    assert await scene.after(4_000) == 0


async def test_a_channel_that_was_dead_gets_the_last_repeat_alone(scene: Scene) -> None:
    await scene.tell([LOST])
    for seconds in (120, 300, 600):
        assert await scene.after(seconds) == 1
        assert len(await scene.take("team")) >= 1
    assert await scene.take("pager") == [4]
    assert await scene.results() == ["sent"] * 4


async def test_what_only_a_paging_channel_could_tell_is_skipped(scene: Scene) -> None:
    alone = scene.store.outbox("pager", is_paging=True)
    await scene.tell([Alert(kind="entry", urgent=False)])
    assert await alone.pending_alerts() == []
    assert await scene.results() == ["skipped"]
