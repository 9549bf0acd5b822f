"""KRW for one US dollar: what is believed, how long it holds, and that it is only shown."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from trading_platform_order.observability.usd_krw import (
    HOURS_MAX,
    UsdKrw,
    noted,
    read_usd_krw,
    usd_krw_path,
    write_usd_krw,
)
from trading_platform_order.transport.http import HttpRequest, HttpResponse, HttpResult, MaybeSent
from trading_platform_order.web.page.usd_krw_reader import UsdKrwReader, rate_in

NOW = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
BEFORE = datetime(2026, 11, 30, 9, 29, tzinfo=UTC)
URL = "https://rates.test/usd"


def quoted(**more: object) -> bytes:
    stamp = int(BEFORE.timestamp() * 1_000)
    row = {"code": "FRX.KRWUSD", "basePrice": 1391.5, "timestamp": stamp, **more}
    return json.dumps([{"code": "FRX.KRWJPY", "basePrice": 900, "timestamp": 1}, row]).encode()


def plain(rate: object = "1391.54", at: object = BEFORE.isoformat()) -> bytes:
    return json.dumps({"krw_per_usd": rate, "at": at}).encode()


def test_both_forms_are_read_to_the_digit() -> None:
    assert rate_in(plain()) == (Decimal("1391.54"), BEFORE)
    assert rate_in(quoted()) == (Decimal("1391.5"), BEFORE)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        quoted(code="FRX.KRWEUR"),
        quoted(basePrice=0.00072),
        quoted(timestamp=10**20),
        plain("NaN"),
        plain("-1391"),
        plain("139154"),
        plain(at="2026-11-30T09:29:00"),
        plain(at="yesterday"),
    ],
)
def test_what_is_not_believable_is_no_rate(body: bytes) -> None:
    assert rate_in(body) is None


class Service:
    """Answers in turn."""

    def __init__(self, *answers: HttpResult) -> None:
        self.answers = list(answers)
        self.urls: list[str] = []

    def send(self, request: HttpRequest) -> "asyncio.Future[HttpResult]":
        self.urls.append(request.url)
        future: asyncio.Future[HttpResult] = asyncio.get_running_loop().create_future()
        future.set_result(self.answers.pop(0))
        return future

    async def close(self) -> None:
        """Nothing is open."""


async def test_a_rate_is_kept_and_what_fails_leaves_it(tmp_path: Path) -> None:
    path = usd_krw_path(tmp_path / "t.db")
    service = Service(
        HttpResponse(200, {}, plain()),
        MaybeSent(reason="no answer"),
        HttpResponse(503, {}, plain("1400")),
        HttpResponse(200, {}, plain("1400", at=(NOW + timedelta(minutes=6)).isoformat())),
    )
    reader = UsdKrwReader(url=URL, http=service, path=path, now=lambda: NOW)
    assert [await reader.read() for _ in range(4)] == [True, False, False, False]
    rates = read_usd_krw(path)
    assert rates is not None
    assert (rates.krw_per_usd, rates.rate_now(NOW)) == (Decimal("1391.54"), Decimal("1391.54"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert service.urls == [URL] * 4


async def test_nobody_is_asked_without_an_address(tmp_path: Path) -> None:
    service = Service()
    reader = UsdKrwReader(url="", http=service, path=tmp_path / "x", now=lambda: NOW)
    async with reader.running():
        await asyncio.sleep(0)
    assert service.urls == []


def test_a_rate_holds_while_it_is_read_and_over_holidays() -> None:
    rates = noted(None, Decimal(1_390), NOW - timedelta(days=9), NOW)
    assert rates.rate_now(NOW + timedelta(minutes=15)) == 1_390
    assert rates.rate_now(NOW + timedelta(minutes=16)) is None
    assert rates.rate_now(NOW - timedelta(minutes=16)) is None
    old = noted(None, Decimal(1_390), NOW - timedelta(days=10, seconds=1), NOW)
    assert old.rate_now(NOW) is None


def test_the_last_rate_of_an_hour_is_kept_for_a_year() -> None:
    rates: UsdKrw | None = None
    for minutes, rate in ((0, 1_390), (29, 1_391), (30, 1_392)):
        rates = noted(rates, Decimal(rate), NOW, NOW + timedelta(minutes=minutes))
    assert rates is not None
    assert rates.rate_at(NOW) == 1_391
    assert rates.rate_at(NOW + timedelta(minutes=59)) == 1_392
    assert rates.rate_at(NOW + timedelta(hours=3)) is None
    full = {str(3_600 * hour): Decimal(1) for hour in range(HOURS_MAX)}
    before = UsdKrw(krw_per_usd=Decimal(1), at=NOW, read_at=NOW, hours=full)
    more = noted(before, Decimal(2), NOW, NOW)
    assert len(more.hours) == HOURS_MAX
    assert "0" not in more.hours


def test_a_file_that_is_not_ours_is_none(tmp_path: Path) -> None:
    path = tmp_path / "t.db.usd-krw.json"
    assert read_usd_krw(path) is None
    path.write_text("{}", encoding="utf-8")
    assert read_usd_krw(path) is None
    rates = noted(None, Decimal("1391.54"), NOW, NOW)
    write_usd_krw(path, rates)
    assert read_usd_krw(path) == rates
