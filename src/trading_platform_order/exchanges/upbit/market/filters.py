"""What an order in a market has to keep to and the fee it pays, read from Upbit and kept.

What the API says of the tick goes before the published table, which has exceptions for single
markets; see ``price_ticks``.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from trading_platform_order.domain.market import Instrument, PriceBand
from trading_platform_order.domain.money import SPOT_VOLUME_STEP, ZERO
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.upbit.market.price_ticks import KRW_BANDS, SeenPrices
from trading_platform_order.exchanges.upbit.requests import errors, parse, wire
from trading_platform_order.exchanges.upbit.requests.errors import Failure
from trading_platform_order.exchanges.upbit.requests.rest import (
    CHANCE_PATH,
    ORDERBOOK,
    UpbitRest,
    only,
)
from trading_platform_order.transport.clock import Clock

INSTRUMENT_AGE_S = 600.0
AT_HAND_S = 1.0
"""Whoever needs filters that are roughly right waits no longer for Upbit's own."""
MIN_TOTAL_KRW = Decimal(5_000)
"""Of an order in any KRW market (Upbit docs krw-market-info @2026-05-04)."""
SUSPENDED_AGE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFilters:
    """Filters that were read at a moment of the stopwatch, seconds."""

    instrument: Instrument
    read_at_s: float

    @property
    def kept_s(self) -> float:
        """What waits for a market to open again should not wait ten minutes more."""
        return INSTRUMENT_AGE_S if self.instrument.is_trading else SUSPENDED_AGE_S


def filters_of(
    symbol: str, chance: wire.Chance, tick: Decimal, bands: tuple[PriceBand, ...]
) -> Instrument:
    """What an order in this market has to keep to, with the fee it pays.

    Raises:
        ValueError: a figure is no number that could be.
    """
    market = chance.market
    least = (market.bid.min_total, market.ask.min_total)
    fees = (chance.bid_fee, chance.ask_fee)
    most = ZERO if market.max_total is None else market.max_total
    for number in (*least, *fees, most):
        parse.plausible(number)
    return Instrument(
        venue=Venue.UPBIT,
        symbol=symbol,
        price_tick=parse.plausible(tick),
        quantity_step=SPOT_VOLUME_STEP,
        min_quantity=SPOT_VOLUME_STEP,
        max_quantity=ZERO,
        min_notional=max(least),
        max_notional=most,
        taker_fee_rate=max(fees),
        is_trading=market.state in {None, "active"},
        price_bands=bands,
    )


def published_filters(symbol: str) -> Instrument:
    """What holds in every KRW market that is no exception; no fee, and no largest order."""
    return Instrument(
        venue=Venue.UPBIT,
        symbol=symbol,
        price_tick=KRW_BANDS[0].tick,
        quantity_step=SPOT_VOLUME_STEP,
        min_quantity=SPOT_VOLUME_STEP,
        max_quantity=ZERO,
        min_notional=MIN_TOTAL_KRW,
        max_notional=ZERO,
        taker_fee_rate=ZERO,
        is_trading=True,
        price_bands=KRW_BANDS,
    )


class MarketFilters:
    """Of every market that was asked for: kept for ten minutes, for one while it is suspended."""

    def __init__(self, *, rest: UpbitRest, clock: Clock, prices: SeenPrices) -> None:
        self._rest = rest
        self._clock = clock
        self._prices = prices
        self._kept: dict[str, KeptFilters] = {}

    async def read(self, symbol: str) -> Instrument | ReadFailed:
        """As they are kept, or read again when they are old."""
        now_s = self._clock.monotonic()
        cached = self._kept.get(symbol)
        if cached is not None and now_s - cached.read_at_s < cached.kept_s:
            return cached.instrument
        market = parse.to_wire(symbol)
        chance = await self._rest.read(CHANCE_PATH, [("market", market)], wire.Chance)
        if isinstance(chance, Failure):
            return errors.as_read_failed(chance, f"chance of {symbol}")
        ticks = only(
            market,
            await self._rest.read_rows(
                "/v1/orderbook/instruments",
                [("markets", market)],
                wire.Tick,
                key="market",
                group=ORDERBOOK,
            ),
            single=True,
        )
        if isinstance(ticks, Failure):
            return errors.as_read_failed(ticks, f"tick of {symbol}")
        tick = next((row.tick_size for row in ticks.rows), ZERO)
        if not (tick.is_finite() and tick > 0):
            return ReadFailed(reason=f"upbit tick of {symbol}: not told")
        bands = self._prices.bands(symbol, tick)
        instrument = errors.parsed(lambda: filters_of(symbol, chance, tick, bands))
        if isinstance(instrument, ReadFailed):
            return instrument
        self._kept[symbol] = KeptFilters(instrument=instrument, read_at_s=now_s)
        return instrument

    async def at_hand(self, symbol: str) -> Instrument:
        """As :meth:`read`; what Upbit does not tell in time, as it was kept or by its own rule."""
        with suppress(TimeoutError):
            async with asyncio.timeout(AT_HAND_S):
                told = await self.read(symbol)
                if not isinstance(told, ReadFailed):
                    return told
        kept = self._kept.get(symbol)
        return published_filters(symbol) if kept is None else kept.instrument

    async def taker_fee_rate(self, symbol: str) -> Decimal:
        """As it was read last, however long ago; 0: not known."""
        cached = self._kept.get(symbol)
        told = await self.read(symbol) if cached is None else cached.instrument
        return ZERO if isinstance(told, ReadFailed) else told.taker_fee_rate

    def forget(self, symbol: str) -> None:
        """The next :meth:`read` asks Upbit again."""
        self._kept.pop(symbol, None)
