"""A market made from a seed: joint candles that behave like the real ones, for demo and tests.

The same arguments give the same bars on every machine and Python version: chance comes from BLAKE2b
over a counter and all arithmetic is on integers, so nothing depends on a float library.

Five processes move minute by minute:

* the coin's price in USDT: a random walk;
* KRW per USDT: a slow mean-reverting walk. The ``krw_usdt`` of a bar is its value at 00:00 UTC,
  so it steps once a day while the price ratio of the exchanges does not;
* the premium: a slow part of days, a fast part of hours, and the noise of single minutes.

The scales are fitted to public candles of 2025-09-01 to 10-04 (BTC, 5 minutes): premium mean 0.85 %
and standard deviation 0.94 %, of its 5-minute changes 0.059 %; correlation of the exchanges'
5-minute returns 0.68 to 0.94; 56 swings, there and back, of at least 0.3 % in 33 days. A generated
market is no forecast, and every output made from one says so (``fx_source`` is ``generated``).
"""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

from trading_platform_order.market.candles import Bar

START = datetime(2026, 1, 5, tzinfo=UTC)
STEP_S = 60
FX_SOURCE = "generated"

_NOISE_SHIFT = 16  # a draw has the standard deviation 2**16
_PRICE_SCALE = 10**8  # prices are integers of 1e-8
_RATE_SCALE = 10**12  # returns, premiums and their deviations are integers of 1e-12
_PERCENT = 10**10

_FX_MEAN = 1_393 * _PRICE_SCALE
_PREMIUM_MEAN = _PERCENT * 85 // 100
_SLOW_AT_START = _PERCENT * 50 // 100


@dataclass(frozen=True, slots=True)
class _Process:
    """A mean-reverting walk per minute: pulled back by 1/``pull_minutes``, pushed by ``push``."""

    pull_minutes: int
    push: int

    def step(self, value: int, draw: int) -> int:
        return value - value // self.pull_minutes + _scaled(self.push, draw)


_FX = _Process(pull_minutes=20 * 1_440, push=_PERCENT * 53 // 10_000)
_SLOW = _Process(pull_minutes=14 * 1_440, push=_PERCENT * 85 // 10_000)
_FAST = _Process(pull_minutes=120, push=_PERCENT * 80 // 10_000)
_MINUTE_NOISE = _PERCENT * 360 // 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coin:
    """One coin's market. Volumes are the mean of a minute in 1e-8 (Upbit) and 1e-3 (Binance)."""

    price_usdt: str
    tick_usdt: str
    return_per_minute: int
    up_volume: int
    bn_volume: int


_COINS = {
    "BTC": _Coin(
        price_usdt="108000",
        tick_usdt="0.1",
        return_per_minute=_PERCENT * 380 // 10_000,
        up_volume=80_000_000,
        bn_volume=95_000,
    ),
    "ETH": _Coin(
        price_usdt="4300",
        tick_usdt="0.01",
        return_per_minute=_PERCENT * 680 // 10_000,
        up_volume=4_000_000_000,
        bn_volume=3_500_000,
    ),
    "XRP": _Coin(
        price_usdt="2.80",
        tick_usdt="0.0001",
        return_per_minute=_PERCENT * 640 // 10_000,
        up_volume=10_000_000_000_000,
        bn_volume=700_000_000,
    ),
}

SYMBOLS = tuple(_COINS)

# KRW price from which on a tick applies (Upbit docs krw-market-info @2026-05-04).
_KRW_TICKS = (
    (1_000_000, 1_000),
    (500_000, 500),
    (100_000, 100),
    (50_000, 50),
    (10_000, 10),
    (5_000, 5),
    (100, 1),
)


def generate_bars(
    *, seed: int, bars: int, symbol: str = "BTC", interval_s: int = 300, start: datetime = START
) -> list[Bar]:
    """The first ``bars`` joint candles of the market that ``seed`` names.

    Markets of different symbols and one seed share KRW per USDT and the slow part of the premium.

    Args:
        seed: any integer.
        bars: how many, at least 1.
        symbol: one of :data:`SYMBOLS`.
        interval_s: length of a bar, a multiple of 60.
        start: opening of the first bar, aware.

    Raises:
        ValueError: an argument is outside what is said here.
    """
    coin = _COINS.get(symbol)
    if coin is None:
        raise ValueError(f"no generated market for {symbol!r}; there are {', '.join(SYMBOLS)}")
    if bars < 1:
        raise ValueError(f"bars must be at least 1, not {bars}")
    if interval_s < STEP_S or interval_s % STEP_S:
        raise ValueError(f"interval_s must be a multiple of {STEP_S}, not {interval_s}")
    if start.tzinfo is None:
        raise ValueError("start must name its time zone")
    opening = start.astimezone(UTC)
    market = _Market(coin=coin, seed=seed, symbol=symbol)
    step = timedelta(seconds=interval_s)
    return [market.bar(opening + step * index, interval_s) for index in range(bars)]


class _Market:
    """The state between two minutes, and the chance that moves it."""

    def __init__(self, *, coin: _Coin, seed: int, symbol: str) -> None:
        self._coin = coin
        self._fx_draws = _draws(f"{seed}/fx")
        self._slow_draws = _draws(f"{seed}/slow")
        self._draws = _draws(f"{seed}/{symbol}")
        self._bn = int(Decimal(coin.price_usdt) * _PRICE_SCALE)
        self._bn_tick = int(Decimal(coin.tick_usdt) * _PRICE_SCALE)
        self._fx = 0  # relative deviation from the mean
        self._slow = _scaled(_SLOW_AT_START, next(self._slow_draws))
        self._fast = 0
        self._noise = 0
        self._rate_day: datetime | None = None
        self._rate_krw = 0

    def bar(self, at: datetime, interval_s: int) -> Bar:
        day = at.replace(hour=0, minute=0, second=0, microsecond=0)
        if day != self._rate_day:
            self._rate_day = day
            self._rate_krw = _round_to(self._fx_rate(), _PRICE_SCALE) // _PRICE_SCALE
        up, bn = [self._up_price()], [self._bn_price()]
        for _ in range(interval_s // STEP_S):
            self._advance()
            up.append(self._up_price())
            bn.append(self._bn_price())
        minutes = interval_s // STEP_S
        return Bar(
            at=at,
            interval_s=interval_s,
            up_open=_price(up[0]),
            up_high=_price(max(up)),
            up_low=_price(min(up)),
            up_close=_price(up[-1]),
            up_volume=self._volume(self._coin.up_volume * minutes, places=8),
            bn_open=_price(bn[0]),
            bn_high=_price(max(bn)),
            bn_low=_price(min(bn)),
            bn_close=_price(bn[-1]),
            bn_volume=self._volume(self._coin.bn_volume * minutes, places=3),
            krw_usdt=Decimal(self._rate_krw),
            fx_source=FX_SOURCE,
        )

    def _advance(self) -> None:
        change = _scaled(self._coin.return_per_minute, next(self._draws))
        self._bn += self._bn * change // _RATE_SCALE
        self._fx = _FX.step(self._fx, next(self._fx_draws))
        self._slow = _SLOW.step(self._slow, next(self._slow_draws))
        self._fast = _FAST.step(self._fast, next(self._draws))
        self._noise = _scaled(_MINUTE_NOISE, next(self._draws))

    def _fx_rate(self) -> int:
        return _FX_MEAN * (_RATE_SCALE + self._fx) // _RATE_SCALE

    def _bn_price(self) -> int:
        return _round_to(self._bn, self._bn_tick)

    def _up_price(self) -> int:
        premium = _PREMIUM_MEAN + self._slow + self._fast + self._noise
        fair = self._bn * self._fx_rate() // _PRICE_SCALE
        price = fair * (_RATE_SCALE + premium) // _RATE_SCALE
        return _round_to(price, _krw_tick(price))

    def _volume(self, mean: int, *, places: int) -> Decimal:
        # |draw| has the mean 0.8 standard deviations; a fifth is always traded.
        units = mean // 5 + _scaled(mean, abs(next(self._draws)))
        return Decimal(units).scaleb(-places)


def _draws(name: str) -> Iterator[int]:
    """Endless bell-shaped integers, mean 0, standard deviation 2**16: sums of twelve uniforms."""
    for counter in count():
        words = struct.unpack(
            "<24H", hashlib.blake2b(f"{name}/{counter}".encode(), digest_size=48).digest()
        )
        yield sum(words[:12]) - 6 * 0xFFFF
        yield sum(words[12:]) - 6 * 0xFFFF


def _scaled(deviation: int, draw: int) -> int:
    return deviation * draw >> _NOISE_SHIFT


def _round_to(value: int, step: int) -> int:
    return (value + step // 2) // step * step


def _krw_tick(price: int) -> int:
    for lowest, tick in _KRW_TICKS:
        if price >= lowest * _PRICE_SCALE:
            return tick * _PRICE_SCALE
    return _PRICE_SCALE // 10


def _price(value: int) -> Decimal:
    """Exact: an integer of 1e-8 as a Decimal without needless zeros (``2.801``, ``153224000``)."""
    whole, part = divmod(value, _PRICE_SCALE)
    return Decimal(f"{whole}.{part:08d}".rstrip("0").rstrip("."))
