"""The daily report: at its local hour, once, also over restarts, and what it tells."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.fakes.history import BEGAN_AT, make_history
from tests.unit.cli.cli_world import story_db
from trading_platform_order.domain.alert import Alert, AlertKind, PendingAlert
from trading_platform_order.runtime.alerting.daily_report import DailyReport, last_due
from trading_platform_order.runtime.alerting.report_picture import ReportPictures
from trading_platform_order.runtime.settings.sections.notify import NotifySection
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.transport.clock import epoch_us

DAY = timedelta(days=1)
SEOUL = ZoneInfo("Asia/Seoul")
NINE = datetime(2026, 11, 23, 9, tzinfo=SEOUL)
"""The day before holds the story: 09:00 UTC of 2026-11-22."""


class HandClock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at.astimezone(UTC)

    def monotonic(self) -> float:
        return 0.0

    def boottime(self) -> float:
        return 0.0


class Reports:
    def __init__(self, db: Path, at: datetime) -> None:
        self.db = db
        self.clock = HandClock(at)
        self.told: list[Alert] = []
        self.start()

    def start(self) -> None:
        self.report = DailyReport(
            NotifySection(), path=self.db, account="main", clock=self.clock, tell=self.tell
        )

    async def tell(self, alert: Alert) -> None:
        self.told.append(alert)
        store = SqliteStore(self.db, build="b", durability="normal")
        await store.append([], at_us=epoch_us(self.clock.now()), alerts=[alert])
        await store.close()

    async def once(self) -> bool:
        return await self.report.once()

    async def look(self, at: datetime) -> bool:
        self.clock.at = at
        return await self.once()


class Drawn(ReportPictures):
    """Notes what was asked for, and how many alerts had been told."""

    def __init__(self, reports: Reports) -> None:
        super().__init__(reports.db, "main", zone=SEOUL)
        self._reports = reports
        self.drawn: list[tuple[datetime, int]] = []

    async def draw(self, until: datetime) -> None:
        self.drawn.append((until, len(self._reports.told)))


@pytest.mark.parametrize(
    ("now", "hour", "due"),
    [
        (NINE, 9, NINE),
        (NINE - timedelta(seconds=1), 9, NINE - timedelta(days=1)),
        (NINE + timedelta(hours=14), 0, datetime(2026, 11, 23, tzinfo=SEOUL)),
    ],
)
def test_when_it_is_due(now: datetime, hour: int, due: datetime) -> None:
    assert last_due(now.astimezone(UTC), hour, SEOUL) == due


def test_it_is_told_once_a_day_and_a_restart_tells_it_no_second_time(tmp_path: Path) -> None:
    reports = Reports(story_db(tmp_path), NINE)

    async def day() -> list[bool]:
        found = [await reports.look(NINE), await reports.look(NINE + timedelta(hours=1))]
        reports.start()
        found.append(await reports.look(NINE + timedelta(hours=2)))
        return [*found, await reports.look(NINE + timedelta(days=1))]

    assert asyncio.run(day()) == [True, False, False, True]


def test_one_that_was_missed_is_told_late_but_not_the_evening_after(tmp_path: Path) -> None:
    reports = Reports(story_db(tmp_path), NINE)
    assert not asyncio.run(reports.look(NINE + timedelta(hours=12, seconds=1)))
    reports.start()
    assert asyncio.run(reports.look(NINE + timedelta(hours=11)))


def test_an_account_that_was_never_valued_has_nothing_to_report(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    asyncio.run(SqliteStore(path, build="b", durability="normal").close())
    reports = Reports(path, NINE)
    assert not asyncio.run(reports.look(NINE))


def test_what_it_tells(tmp_path: Path) -> None:
    reports = Reports(story_db(tmp_path), NINE)
    asyncio.run(reports.look(NINE))
    (told,) = reports.told
    fields = dict(told.fields)
    assert (told.kind, told.urgent) == ("daily_report", False)
    assert fields == {
        "from": "2026-11-22T09:00+09:00",
        "until": "2026-11-23T09:00+09:00",
        "trades": "1 (1 hedged)",
        "refused": "1 (1 order_cap)",
        "trading_profit_krw": "-1,500",
        "premium_krw": "-10",
        "funding_krw": "+5",
        "fees_krw": "-1,500",
        "fx_krw": "+5",
        "slippage_krw": "+0",
        "idle_fx_krw": "+2, not in the profit",
        "naked_s": "12.001 in all, 12.001 at most",
        "alarms": "0",
    }


async def goes_with(pictures: ReportPictures, until: datetime) -> list[bytes]:
    """What goes with the report of that day, with another day's and with another kind."""
    fields = {"until": until.isoformat(timespec="minutes")}
    report = Alert(kind=AlertKind.DAILY_REPORT, urgent=False, fields=fields)
    older = replace(report, fields={"until": (until - DAY).isoformat(timespec="minutes")})
    await pictures.draw(until)
    return [
        pictures.of(PendingAlert(id=1, alert=alert, attempts=0, created_at_us=0))
        for alert in (report, older, replace(report, kind=AlertKind.ENTRY))
    ]


async def test_a_picture_of_its_day_goes_with_it(tmp_path: Path) -> None:
    await make_history(tmp_path / "t.db", 20)
    pictures = ReportPictures(tmp_path / "t.db", "main", zone=SEOUL, nice=0)
    drawn, *others = await goes_with(pictures, BEGAN_AT + DAY)
    assert drawn.startswith(b"\x89PNG")
    assert others == [b"", b""]


@pytest.mark.parametrize(("trades", "limit_s"), [(20, 0.01), (0, 60)])
async def test_without_a_picture_nothing_goes_with_it(
    tmp_path: Path, trades: int, limit_s: float
) -> None:
    """It takes too long, or there is nothing to draw."""
    await make_history(tmp_path / "t.db", trades)
    pictures = ReportPictures(tmp_path / "t.db", "main", zone=SEOUL, limit_s=limit_s, nice=0)
    assert await goes_with(pictures, BEGAN_AT + DAY) == [b"", b"", b""]


def test_it_is_drawn_before_the_report_is_told(tmp_path: Path) -> None:
    reports = Reports(story_db(tmp_path), NINE)
    pictures = Drawn(reports)
    reports.report = DailyReport(
        NotifySection(),
        path=reports.db,
        account="main",
        clock=reports.clock,
        tell=reports.tell,
        pictures=pictures,
    )
    assert asyncio.run(reports.look(NINE))
    assert pictures.drawn == [(NINE, 0)]
