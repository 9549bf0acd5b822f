"""What everybody traded in the markets we traded in, asked of the exchanges' public candles.

By this process and never by the engine, without a key, and only while somebody looks at the figures
and something of ours was filled in the last ten minutes: at most one request in half a minute for
each such market. Nobody waits for an answer: until there is one, the volume is not known.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.binance.contracts import Contracts
from trading_platform_order.exchanges.binance.market import volume as binance
from trading_platform_order.exchanges.upbit.market import volume as upbit
from trading_platform_order.observability.surveillance import WINDOW
from trading_platform_order.runtime.assembly import pairs_of
from trading_platform_order.runtime.settings.settings import Mode, Settings
from trading_platform_order.transport.http import HttpTransport

Market = tuple[str, str]
"""Exchange and symbol."""
ReadVolume = Callable[[datetime, int], Awaitable[Decimal | None]]
"""Base units traded in so many minutes from the first one's beginning on."""
KEPT = timedelta(seconds=30)
MINUTE_S = 60


def first_minute(now: datetime) -> datetime:
    """Where the ten minutes begin: the running one is not over, and counts."""
    return now.replace(second=0, microsecond=0) - WINDOW + timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    at: datetime
    volume: Decimal | None


@dataclass(slots=True)
class MarketVolumes:
    """Of ten minutes each.

    Args:
        reader_of: how a market is asked; ``None`` where nobody can be: simulated exchanges.
    """

    reader_of: Callable[[Market], ReadVolume | None]
    _answers: dict[Market, _Answer] = field(default_factory=dict, init=False)
    _asking: dict[Market, asyncio.Task[None]] = field(default_factory=dict, init=False)

    def ask(self, markets: Iterable[Market], now: datetime) -> dict[Market, Decimal | None]:
        """What is known of them; what is old is asked for, and known the next time."""
        wanted = set(markets)
        for market in set(self._answers) - wanted:
            del self._answers[market]
        return {market: self._of(market, now) for market in wanted}

    def _of(self, market: Market, now: datetime) -> Decimal | None:
        answer = self._answers.get(market)
        if answer is None or now - answer.at >= KEPT:
            self._begin(market, now)
        # What is older than twice that was not answered meanwhile, and is of another time.
        return None if answer is None or now - answer.at >= 2 * KEPT else answer.volume

    def _begin(self, market: Market, now: datetime) -> None:
        read = self.reader_of(market)
        if read is not None and market not in self._asking:
            asking = asyncio.create_task(self._read(market, read, now), name=f"volume of {market}")
            self._asking[market] = asking

    async def _read(self, market: Market, read: ReadVolume, now: datetime) -> None:
        try:
            minutes = int(WINDOW.total_seconds()) // MINUTE_S
            self._answers[market] = _Answer(at=now, volume=await read(first_minute(now), minutes))
        finally:
            del self._asking[market]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Nothing is asked any more at its end."""
        try:
            yield
        finally:
            asking = list(self._asking.values())
            for task in asking:
                task.cancel()
            if asking:
                await asyncio.wait(asking)


def volumes_of(settings: Settings, http: HttpTransport) -> MarketVolumes:
    """As the settings say where the exchanges are.

    Only of real ones: beside simulated exchanges a share of the real market would mean nothing.
    """
    if settings.engine.mode is not Mode.LIVE:
        return MarketVolumes(lambda _: None)
    spot_url, hedge_url = (one.rest_url.rstrip("/") for one in (settings.upbit, settings.binance))
    contracts = Contracts(pairs_of(settings))

    def reader_of(market: Market) -> ReadVolume:
        venue, symbol = market

        async def spot(begin: datetime, minutes: int) -> Decimal | None:
            return await upbit.traded_since(http, spot_url, symbol, begin, minutes=minutes)

        async def hedge(begin: datetime, minutes: int) -> Decimal | None:
            contract, contracts_a_coin = contracts.holding(symbol, Decimal(1))
            volume = await binance.traded_since(http, hedge_url, contract, begin, minutes=minutes)
            return None if volume is None else volume / contracts_a_coin

        return spot if venue == Venue.UPBIT else hedge

    return MarketVolumes(reader_of)
