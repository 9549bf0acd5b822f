"""Premiums as this process saw them: sampled from the engine's own file, never from the engine.

The engine writes its newest prices once a second, whoever looks (``observability/live_figures``).
This reads that small file now and then, and keeps what a chart needs: every few seconds of the last
hour, every minute of the last day. It begins empty with the process.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from trading_platform_order.domain.account.profit.pair_money import premium_of
from trading_platform_order.observability.live_figures import FRESH_S, LiveFigures, read_live
from trading_platform_order.observability.usd_krw import read_usd_krw

SAMPLE_S = 5.0
MINUTE_S = 60
HOUR_POINTS = 720
DAY_POINTS = 1_440
BASES_MAX = 200

Point = tuple[int, Decimal, Decimal, Decimal | None]
"""Seconds since 1970, the premium as a fraction, KRW for one USDT, the premium against USD/KRW."""


@dataclass(slots=True)
class PremiumHistory:
    """Of each base asset, oldest first."""

    path: Path
    now: Callable[[], datetime]
    usd_path: Path | None = None
    _hour: dict[str, deque[Point]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=HOUR_POINTS)), init=False
    )
    _day: dict[str, deque[Point]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=DAY_POINTS)), init=False
    )

    def hour(self, base: str) -> list[Point]:
        """A point every five seconds."""
        return list(self._hour[base]) if base in self._hour else []

    def day(self, base: str) -> list[Point]:
        """A point every minute, then the newest: both lines end with the premium of now."""
        if base not in self._day:
            return []
        points, newest = list(self._day[base]), self._hour[base][-1]
        return points if newest[0] == points[-1][0] else [*points, newest]

    @property
    def bases(self) -> list[str]:
        """Of which anything is known."""
        return sorted(self._hour)

    def note(self, live: LiveFigures | None, krw_per_usd: Decimal | None = None) -> None:
        """One look at the engine's figures and the bank rate; old ones are nothing new."""
        if live is None or live.age_s(self.now()) > FRESH_S:
            return
        at_s = int(live.at.timestamp())
        for price in live.prices:
            premium = premium_of(price.spot_krw, price.hedge_usdt, price.krw_per_usdt)
            if premium is None or (price.base not in self._hour and len(self._hour) >= BASES_MAX):
                continue
            by_usd = None
            if krw_per_usd is not None:
                by_usd = premium_of(price.spot_krw, price.hedge_usdt, krw_per_usd)
            point = (at_s, premium, price.krw_per_usdt, by_usd)
            _add(self._hour[price.base], point, step_s=1)
            _add(self._day[price.base], point, step_s=MINUTE_S)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Sample while it lasts."""
        task = asyncio.create_task(self._run(), name="premium history")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait((task,))

    def _read(self) -> tuple[LiveFigures | None, Decimal | None]:
        usd = None if self.usd_path is None else read_usd_krw(self.usd_path)
        return read_live(self.path), None if usd is None else usd.rate_now(self.now())

    async def _run(self) -> None:
        while True:
            self.note(*await asyncio.to_thread(self._read))
            await asyncio.sleep(SAMPLE_S)


def _add(points: deque[Point], point: Point, *, step_s: int) -> None:
    if not points or point[0] // step_s > points[-1][0] // step_s:
        points.append(point)
