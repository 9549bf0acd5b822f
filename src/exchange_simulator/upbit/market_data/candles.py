"""Candles made of the market's prints. An interval without a trade has no candle."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from exchange_simulator.clock import epoch_ms
from exchange_simulator.decimals import ZERO
from exchange_simulator.upbit.market_data.markets import Market, Print
from exchange_simulator.upbit.numbers import KST, number

UNITS_MIN = (1, 3, 5, 10, 15, 30, 60, 240)
#: weeks begin on Monday, and the epoch was a Thursday
_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)


def candles(
    market: Market, *, interval: timedelta, end: datetime | None, count: int
) -> list[dict[str, Any]]:
    """Newest first; those that began before ``end``."""
    chosen = [one for one in market.prints if end is None or one.at < end]
    groups = [
        candle(market.code, list(prints), start=start)
        for start, prints in groupby(chosen, key=lambda one: _start(one.at, interval))
    ]
    return groups[::-1][:count]


def period_candles(
    market: Market, *, is_year: bool, end: datetime | None, count: int
) -> list[dict[str, Any]]:
    """As :func:`candles`, by calendar months or years."""
    chosen = [one for one in market.prints if end is None or one.at < end]

    def start_of(one: Print) -> datetime:
        return datetime(one.at.year, 1 if is_year else one.at.month, 1, tzinfo=UTC)

    groups = [
        candle(market.code, list(prints), start=start)
        for start, prints in groupby(chosen, key=start_of)
    ]
    return periods(groups[::-1][:count])


def _start(at: datetime, interval: timedelta) -> datetime:
    return at - (at - _MONDAY) % interval


def candle(code: str, prints: Sequence[Print], *, start: datetime) -> dict[str, Any]:
    """One candle of at least one print."""
    prices = [one.price for one in prints]
    return {
        "market": code,
        "candle_date_time_utc": f"{start:%Y-%m-%dT%H:%M:%S}",
        "candle_date_time_kst": f"{start.astimezone(KST):%Y-%m-%dT%H:%M:%S}",
        "opening_price": number(prices[0]),
        "high_price": number(max(prices)),
        "low_price": number(min(prices)),
        "trade_price": number(prices[-1]),
        "timestamp": epoch_ms(prints[-1].at),
        "candle_acc_trade_price": number(sum((one.price * one.volume for one in prints), ZERO)),
        "candle_acc_trade_volume": number(sum((one.volume for one in prints), ZERO)),
    }


def second_candle(market: Market) -> dict[str, Any]:
    """The candle of the second of the last print; a market is listed by its first."""
    return candles(market, interval=timedelta(seconds=1), end=None, count=1)[0]


def daily(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Days also tell the change from the day before."""
    return [
        {
            **row,
            "prev_closing_price": row["opening_price"],
            "change_price": 0,
            "change_rate": 0,
        }
        for row in rows
    ]


def periods(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Weeks, months and years also tell their first day."""
    return [
        {**row, "first_day_of_period": str(row["candle_date_time_utc"]).partition("T")[0]}
        for row in rows
    ]
