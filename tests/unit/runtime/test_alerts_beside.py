"""What the watchdog and a standby tell: listed with the engine's, acknowledged as those are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.notifications.memory_outbox import MemoryOutbox
from trading_platform_order.notifications.reminders import Reminders
from trading_platform_order.runtime.alerting.alerts_beside import AlertsBeside, holder_stuck
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.store import SqliteStore, open_inbox
from trading_platform_order.transport.clock import SystemClock, epoch_us

START_S = 1_800_000_000


class CalendarAt(SystemClock):
    """Seconds since the start, set by the test."""

    at_s = 0

    def now(self) -> datetime:
        return datetime.fromtimestamp(START_S + self.at_s, UTC)


@dataclass
class Beside:
    """A watchdog's alerts beside a store that no engine has open."""

    alerts: AlertsBeside
    outbox: MemoryOutbox
    path: Path
    clock: CalendarAt

    async def left(self, alert: Alert, *, at_s: int = 0) -> dict[str, str] | None:
        """Told at this moment: the fields of what the channel gets, if anything."""
        self.clock.at_s = at_s
        self.alerts.tell(alert)
        # It goes through after what it must not overtake, and is no repeat of anything.
        self.alerts.tell(Alert(kind=AlertKind.ENGINE_BACK, urgent=False))
        found: list[dict[str, str]] = []
        while True:
            for pending in await self.outbox.pending_alerts():
                await self.outbox.finish_alert(pending.id)
                if pending.alert.kind == AlertKind.ENGINE_BACK:
                    return found[0] if found else None
                found.append(dict(pending.alert.fields))
            await asyncio.sleep(0.005)

    async def acknowledge(self, alert_id: int) -> None:
        inbox = open_inbox(self.path)
        assert await inbox.acknowledge(alert_id, at_us=epoch_us(self.clock.now()))
        await inbox.close()

    async def listed(self) -> list[tuple[str, str]]:
        """Kind and result of every alert but the marks, newest first."""
        inbox = open_inbox(self.path)
        rows = await inbox.query("v_alerts")
        await inbox.close()
        marks = AlertKind.ENGINE_BACK
        return [(str(row["kind"]), str(row["result"])) for row in rows if row["kind"] != marks]


@asynccontextmanager
async def beside(path: Path, *, page_after_s: float | None = None) -> AsyncIterator[Beside]:
    clock = CalendarAt()
    alerts = AlertsBeside(path, "main", clock=clock)
    outbox = alerts.outbox(page_after_s=page_after_s)
    running = asyncio.create_task(alerts.run())
    try:
        yield Beside(alerts, outbox, path, clock)
    finally:
        running.cancel()
        await asyncio.wait({running})


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    found = tmp_path / "store.db"
    await SqliteStore(found, build="test").close()
    return found


def take_away(path: Path) -> None:
    path.rename(path.with_suffix(".away"))


def is_there(path: Path) -> bool:
    return path.exists()


def holds(since_s: int, **more: str) -> Alert:
    fields = {
        "engine": f"its process is gone since {since_s:.1f} s",
        "holds": "BTC of kimchi: worth 1,500,000 KRW",
        "closes": f"in {900 - since_s} s, or 35 s after an EXIT",
        "waiting": "no EXIT",
        "not_answered": "none",
        "since": f"{since_s} s",
    }
    return Alert(kind=AlertKind.WATCHDOG_HOLDS, urgent=True, fields=fields | more)


async def test_every_alert_is_listed_and_what_lasts_repeats_the_first(path: Path) -> None:
    async with beside(path) as dog:
        first = await dog.left(holds(8))
        assert first is not None
        assert "reminder" not in first
        again = await dog.left(holds(68), at_s=60)
        third = await dog.left(holds(128), at_s=120)
        assert again is not None
        assert third is not None
        assert (again["reminder"], again["reminder_of"]) == ("1", "1")
        assert (third["reminder"], third["reminder_of"]) == ("2", "1")
        assert third["first_us"] == str(START_S * 1_000_000)
        assert await dog.listed() == [("watchdog_holds", "noted")] * 3


@pytest.mark.parametrize("which", [1, 3], ids=["the alert", "its repeat"])
async def test_acknowledging_silences_the_repeats_of_the_incident(path: Path, which: int) -> None:
    async with beside(path) as dog:
        await dog.left(holds(8))
        await dog.left(holds(68), at_s=60)
        await dog.acknowledge(which)
        assert await dog.left(holds(128), at_s=120) is None
        assert (await dog.listed())[0] == ("watchdog_holds", "silenced")
    async with beside(path) as after_a_restart:
        assert await after_a_restart.left(holds(188), at_s=180) is None


WORSE = {
    "an EXIT waits": {"waiting": "EXIT of kimchi/BTC for 12 s"},
    "another pair": {"holds": "BTC of kimchi: worth 1,500,000 KRW; ETH of kimchi: worth 1 KRW"},
    "an exchange is silent": {"not_answered": "binance: timed out"},
}


@pytest.mark.parametrize("more", WORSE.values(), ids=WORSE)
async def test_getting_worse_is_told_and_can_be_acknowledged_in_turn(
    path: Path, more: dict[str, str]
) -> None:
    async with beside(path) as dog:
        await dog.left(holds(8))
        await dog.acknowledge(1)
        worse = await dog.left(holds(68, **more), at_s=60)
        assert worse is not None
        assert "reminder" not in worse, "something new to look at"
        again = await dog.left(holds(128, **more), at_s=120)
        assert again is not None
        await dog.acknowledge(int(again["reminder_of"]))
        assert await dog.left(holds(188, **more), at_s=180) is None
        assert await dog.left(holds(248), at_s=240) is None, "as bad as it was acknowledged"


async def test_another_incident_is_told(path: Path) -> None:
    async with beside(path) as dog:
        await dog.left(holds(8))
        await dog.acknowledge(1)
        assert await dog.left(holds(8), at_s=3_600) is not None, "it began anew"
        assert await dog.left(holder_stuck("process 7 stands still", 8)) is not None


async def test_a_loss_that_grows_is_told_again(path: Path) -> None:
    def loss(since_s: int, krw: str) -> Alert:
        fields = {"loss": f"{krw} KRW", "loss_krw": krw, "since": f"{since_s} s"}
        return Alert(kind=AlertKind.LOSS_UNCONFIRMED, urgent=True, fields=fields)

    async with beside(path) as dog:
        await dog.left(loss(90, "400000"))
        await dog.acknowledge(1)
        assert await dog.left(loss(690, "480000"), at_s=600) is None
        assert await dog.left(loss(1_290, "510000"), at_s=1_200) is not None


async def test_what_no_store_takes_is_told_all_the_same(path: Path) -> None:
    async with beside(path) as dog:
        take_away(path)
        assert await dog.left(holds(8)) == dict(holds(8).fields)
        assert not is_there(path), "a watchdog makes no store"


async def test_a_store_that_does_not_answer_holds_up_nothing(path: Path) -> None:
    async with beside(path) as dog:
        with closing(Database.open(path)) as other:
            other.execute("BEGIN EXCLUSIVE")
            assert await dog.left(holds(8)) == dict(holds(8).fields)


async def test_nobody_is_called_for_what_somebody_has_seen(path: Path) -> None:
    async with beside(path, page_after_s=120) as dog:
        dog.alerts.tell(holds(8))
        while not dog.outbox.awaits_acknowledgement:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.005)
        await dog.acknowledge(1)
        dog.clock.at_s = 200
        assert await dog.outbox.pending_alerts(), "two minutes are over"
        await dog.alerts.forget_acknowledged()
        assert await dog.outbox.pending_alerts() == []


async def test_the_engine_repeats_them_until_they_are_acknowledged_or_over(path: Path) -> None:
    async with beside(path) as dog:
        silent = Alert(kind=AlertKind.ENGINE_SILENT, urgent=True, fields={"exposure": "BTC"})
        orders = Alert(kind=AlertKind.UNKNOWN_ORDERS, urgent=True, fields={"orders": "tl-1"})
        for alert in (silent, orders):
            dog.alerts.tell(alert)
        await dog.left(holds(8))  # and the engine is back
        store = SqliteStore(path, build="test")
        told: list[Alert] = []

        async def tell(alerts: object) -> None:
            told.extend(alerts)  # type: ignore[arg-type]

        dog.clock.at_s = 130
        reminders = Reminders(store, tell=tell, clock=dog.clock)
        await reminders.once()
        assert [alert.kind for alert in told] == [AlertKind.UNKNOWN_ORDERS]
        await store.acknowledge(2, at_us=epoch_us(dog.clock.now()))
        assert await reminders.once() == 0
        assert await store.outbox("discord").pending_alerts() == [], "delivered by the watchdog"
        await store.close()
