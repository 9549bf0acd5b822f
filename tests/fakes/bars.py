"""Bars for tests: one price, one minute apart."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from trading_platform_order.market.candles import Bar

START = datetime(2025, 9, 1, tzinfo=UTC)


def bar(index: int = 0, *, price_usdt: str = "100000", krw_usdt: str = "1400") -> Bar:
    usdt, rate = Decimal(price_usdt), Decimal(krw_usdt)
    krw = usdt * rate
    return Bar(
        at=START + timedelta(minutes=index),
        interval_s=60,
        up_open=krw,
        up_high=krw + 2_000,
        up_low=krw - 2_000,
        up_close=krw,
        up_volume=Decimal(1),
        bn_open=usdt,
        bn_high=usdt + 1,
        bn_low=usdt - 1,
        bn_close=usdt,
        bn_volume=Decimal(1),
        krw_usdt=rate,
        fx_source="generated",
    )
