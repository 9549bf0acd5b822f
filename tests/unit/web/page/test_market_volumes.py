"""What everybody traded: asked once in a while, and never waited for."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from trading_platform_order.runtime.settings.settings import (
    EngineSection,
    Mode,
    Settings,
    StoreSection,
)
from trading_platform_order.transport.http import HttpRequest, HttpResponse, HttpResult, NotSent
from trading_platform_order.web.page.watched.market_volumes import Market, MarketVolumes, volumes_of

NOW = datetime(2026, 11, 30, 9, 30, 30, tzinfo=UTC)
UPBIT, BINANCE = ("upbit", "BTC-KRW"), ("binance", "BTCUSDT")


class Exchanges:
    """Answers by the beginning of the path."""

    def __init__(self, **answers: HttpResult) -> None:
        self.answers = answers
        self.requests: list[HttpRequest] = []

    def send(self, request: HttpRequest) -> "asyncio.Future[HttpResult]":
        self.requests.append(request)
        name = "upbit" if "candles" in request.url else "binance"
        future: asyncio.Future[HttpResult] = asyncio.get_running_loop().create_future()
        future.set_result(self.answers[name])
        return future

    async def close(self) -> None:
        """Nothing is open."""


def settings(mode: Mode = Mode.LIVE) -> Settings:
    return Settings(store=StoreSection(path=str(Path("x.db"))), engine=EngineSection(mode=mode))


def answer(body: object, status: int = 200) -> HttpResponse:
    return HttpResponse(status, {}, json.dumps(body).encode())


def candle(minute: int, volume: object) -> dict[str, object]:
    at = f"2026-11-30T09:{minute:02}:00"
    return {"market": "KRW-BTC", "candle_date_time_utc": at, "candle_acc_trade_volume": volume}


def kline(minute: int, volume: str) -> list[object]:
    opened = datetime(2026, 11, 30, 9, minute, tzinfo=UTC)
    return [int(opened.timestamp() * 1_000), "1", "1", "1", "1", volume, 0, "1", 5, "1", "1", "0"]


async def told(volumes: MarketVolumes, market: Market) -> Decimal | None:
    """The second look knows what the first one asked for."""
    assert volumes.ask([market], NOW) == {market: None}
    for _ in range(10):
        await asyncio.sleep(0)
    return volumes.ask([market], NOW)[market]


async def test_ten_minutes_of_candles_are_summed_and_older_ones_left_out() -> None:
    exchanges = Exchanges(
        upbit=answer([candle(30, 1.5), candle(29, 2), candle(21, "0.25"), candle(20, 1000)]),
        binance=answer([kline(20, "1000"), kline(21, "4.5"), kline(30, "0.125")]),
    )
    volumes = volumes_of(settings(), exchanges)
    assert await told(volumes, UPBIT) == Decimal("3.75")
    assert await told(volumes, BINANCE) == Decimal("4.625")
    assert [one.url.split("/", 3)[3] for one in exchanges.requests] == [
        "v1/candles/minutes/1?market=KRW-BTC&count=10",
        "fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=10",
    ]
    assert not any(one.headers or one.body for one in exchanges.requests)


async def test_a_contract_of_a_thousand_coins_is_told_in_coins() -> None:
    exchanges = Exchanges(binance=answer([kline(30, "7")]))
    volumes = volumes_of(settings(), exchanges)
    assert await told(volumes, ("binance", "SHIBUSDT")) == 7_000
    assert "symbol=1000SHIBUSDT" in exchanges.requests[0].url


@pytest.mark.parametrize(
    "found",
    [
        NotSent(reason="no connection"),
        answer({"error": {"name": "x"}}, 429),
        answer({"no": "rows"}),
        answer([{"market": "KRW-BTC"}]),
        answer([[1]]),
        answer([["x", "1", "1", "1", "1", "1"]]),
        answer([candle(30, "NaN")]),
        answer([kline(30, "NaN")]),
        answer([kline(30, "-1")]),
        HttpResponse(200, {}, b"<html>"),
    ],
)
async def test_what_cannot_be_read_is_not_known(found: HttpResult) -> None:
    volumes = volumes_of(settings(), Exchanges(upbit=found, binance=found))
    assert await told(volumes, UPBIT) is None
    assert await told(volumes, BINANCE) is None


@pytest.mark.parametrize("mode", [Mode.PAPER, Mode.TESTNET])
async def test_nobody_is_asked_beside_simulated_exchanges(mode: Mode) -> None:
    exchanges = Exchanges()
    assert await told(volumes_of(settings(mode), exchanges), UPBIT) is None
    assert exchanges.requests == []


async def test_a_market_is_asked_twice_a_minute_and_forgotten_when_not_traded() -> None:
    exchanges = Exchanges(upbit=answer([candle(30, 1)]))
    volumes = volumes_of(settings(), exchanges)
    async with volumes.running():
        for seconds in (0, 0, 3, 29.9):
            volumes.ask([UPBIT], NOW + timedelta(seconds=seconds))
            await asyncio.sleep(0.01)
        assert len(exchanges.requests) == 1
        assert volumes.ask([UPBIT], NOW + timedelta(seconds=30)) == {UPBIT: Decimal(1)}
        await asyncio.sleep(0.01)
        assert len(exchanges.requests) == 2
        volumes.ask([], NOW + timedelta(seconds=31))
        assert volumes.ask([UPBIT], NOW + timedelta(seconds=32)) == {UPBIT: None}


async def test_an_old_volume_is_not_told_while_the_exchange_is_silent() -> None:
    asked: list[datetime] = []
    silent: asyncio.Future[Decimal | None] = asyncio.get_running_loop().create_future()

    async def read(begin: datetime, minutes: int) -> Decimal | None:
        asked.append(begin)
        assert minutes == 10
        return Decimal(5) if len(asked) == 1 else await silent

    volumes = MarketVolumes(lambda _: read)
    async with volumes.running():
        assert await told(volumes, UPBIT) == 5
        assert volumes.ask([UPBIT], NOW + timedelta(seconds=59))[UPBIT] == 5
        await asyncio.sleep(0)
        assert volumes.ask([UPBIT], NOW + timedelta(seconds=60))[UPBIT] is None
        assert len(asked) == 2
