import hashlib
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise
from statistics import correlation, fmean, pstdev

import pytest

from trading_platform_order.market.candles import Bar
from trading_platform_order.market.generated import SYMBOLS, generate_bars

PRICES = ("up_open", "up_high", "up_low", "up_close", "bn_open", "bn_high", "bn_low", "bn_close")


def digest(bars: list[Bar]) -> str:
    text = "\n".join(repr(bar) for bar in bars)
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_same_seed_gives_the_same_market_everywhere() -> None:
    assert digest(generate_bars(seed=7, bars=500)) == (
        "b7fce88afb8e1e5f2fc862c1be1eef987e80e147e9ef759717376087d9bb55fe"
    )


def test_more_bars_only_continue_the_market() -> None:
    assert generate_bars(seed=7, bars=500)[:100] == generate_bars(seed=7, bars=100)


def test_another_seed_or_symbol_is_another_market() -> None:
    digests = {
        digest(generate_bars(seed=seed, bars=20, symbol=symbol))
        for seed in (0, 1, -1)
        for symbol in SYMBOLS
    }
    assert len(digests) == 9


def test_statistics_are_those_of_the_real_market() -> None:
    premiums: list[float] = []
    changes: list[float] = []
    swings = 0
    for seed in range(8):
        market = [premium_percent(bar) for bar in generate_bars(seed=seed, bars=4_000)]
        premiums += market
        changes += [after - before for before, after in pairwise(market)]
        swings += turning_points(market, band=0.3) // 2
    assert 0.4 < fmean(premiums) < 1.3
    assert 0.6 < pstdev(premiums) < 1.3
    assert 0.054 < pstdev(changes) < 0.064
    days = len(premiums) / 288
    assert 40 < swings / days * 33 < 80


def premium_percent(bar: Bar) -> float:
    return float(bar.up_close / (bar.bn_close * bar.krw_usdt) - 1) * 100


def turning_points(values: list[float], *, band: float) -> int:
    """How often a move of at least ``band`` against the last extreme was seen."""
    count, high, low, rising = 0, values[0], values[0], True
    for value in values:
        high, low = max(high, value), min(low, value)
        if rising and high - value >= band:
            count, low, rising = count + 1, value, False
        elif not rising and value - low >= band:
            count, high, rising = count + 1, value, True
    return count


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_both_exchanges_move_together_but_not_as_one(symbol: str) -> None:
    bars = generate_bars(seed=3, bars=4_000, symbol=symbol)
    up = [float(after.up_close / before.up_close) for before, after in pairwise(bars)]
    bn = [float(after.bn_close / before.bn_close) for before, after in pairwise(bars)]
    assert 0.68 < correlation(up, bn) < 0.94


@pytest.mark.parametrize(
    ("symbol", "up_tick", "bn_tick", "krw", "usdt"),
    [
        ("BTC", "1000", "0.1", 150_000_000, 108_000),
        ("ETH", "1000", "0.01", 6_000_000, 4_300),
        ("XRP", "1", "0.0001", 3_900, 2.8),
    ],
)
def test_bars_are_consistent_and_on_the_exchanges_ticks(
    symbol: str, up_tick: str, bn_tick: str, krw: float, usdt: float
) -> None:
    bars = generate_bars(seed=11, bars=1_000, symbol=symbol)
    assert float(bars[0].up_close) == pytest.approx(krw, rel=0.05)
    assert float(bars[0].bn_close) == pytest.approx(usdt, rel=0.05)
    for bar in bars:
        assert bar.up_low <= min(bar.up_open, bar.up_close)
        assert bar.up_high >= max(bar.up_open, bar.up_close)
        assert bar.bn_low <= min(bar.bn_open, bar.bn_close)
        assert bar.bn_high >= max(bar.bn_open, bar.bn_close)
        assert min(bar.up_volume, bar.bn_volume) > 0
        for name in PRICES:
            tick = Decimal(up_tick if name.startswith("up") else bn_tick)
            assert getattr(bar, name) % tick == 0, name
    for before, after in pairwise(bars):
        assert (after.up_open, after.bn_open) == (before.up_close, before.bn_close)


def test_krw_usdt_steps_once_a_day_and_the_price_ratio_does_not() -> None:
    bars = generate_bars(seed=5, bars=288 * 20)
    steps = [after.at for before, after in pairwise(bars) if after.krw_usdt != before.krw_usdt]
    assert len(steps) > 5
    assert all((at.hour, at.minute) == (0, 0) for at in steps)
    at_steps = [
        abs(float((after.up_close / after.bn_close) / (before.up_close / before.bn_close)) - 1)
        for before, after in pairwise(bars)
        if after.at in steps
    ]
    assert max(at_steps) < 0.003


def test_symbols_of_one_seed_share_the_rate() -> None:
    markets = [generate_bars(seed=5, bars=900, symbol=symbol) for symbol in SYMBOLS]
    rates = {tuple(bar.krw_usdt for bar in bars) for bars in markets}
    assert len(rates) == 1


def test_time_interval_and_label() -> None:
    seoul = timezone(timedelta(hours=9))
    bars = generate_bars(seed=1, bars=3, interval_s=60, start=datetime(2026, 3, 1, 9, tzinfo=seoul))
    assert [bar.at for bar in bars] == [
        datetime(2026, 3, 1, 0, minute, tzinfo=UTC) for minute in range(3)
    ]
    assert {(bar.interval_s, bar.fx_source, bar.block) for bar in bars} == {(60, "generated", 0)}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"symbol": "DOGE"}, "there are BTC, ETH, XRP"),
        ({"bars": 0}, "at least 1"),
        ({"interval_s": 90}, "multiple of 60"),
        ({"interval_s": 0}, "multiple of 60"),
        ({"start": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001 - naive on purpose
    ],
)
def test_arguments_outside_the_range_are_refused(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        generate_bars(**({"seed": 1, "bars": 1} | arguments))  # type: ignore[arg-type]
