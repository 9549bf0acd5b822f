"""Live prices joined with the exchanges' filters: the market as the executor sees it."""

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial

from trading_platform_order.domain.market import (
    STREAMED,
    ExchangeTime,
    FxRate,
    Instrument,
    PairView,
    Source,
)
from trading_platform_order.domain.order import Leg, base_asset, leg_symbol, spot_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.pairs.market_premium import PairPrices
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import BaseExchange
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.exchanges.port.stream_events import MarketEvent
from trading_platform_order.market.board import AHEAD_S_MAX, MarketBoard, MissingData
from trading_platform_order.runtime.startup.known_filters import KnownFilters
from trading_platform_order.transport.clock import Clock

RETRY_S = 1.0
ASKING_S = 0.2
"""Pause for each pair whose books were asked for: at Binance's weight of 2 for a book that is at
most a quarter of the request budget, however many symbols are silent."""
FX_SYMBOL = spot_symbol("USDT")
FX_SOURCE = f"{FX_SYMBOL} on Upbit, asked for"
# An exchange may warn of a market at any moment; the adapters keep what changes less often.
SUSPENDED_S = 60.0
REFRESH_S = 60.0


class LiveMarket:
    """A board of books and rates, and the instruments of both exchanges."""

    def __init__(
        self,
        *,
        bases: tuple[str, ...],
        exchanges: PairExchanges,
        clock: Clock,
        ahead_s_max: float = AHEAD_S_MAX,
        known: KnownFilters | None = None,
        references: tuple[str, ...] = (),
    ) -> None:
        """``ahead_s_max``: a stamp further ahead of its exchange's time is not believed.

        ``known``: filters of before the start, until they are read again.
        ``references``: coins whose prices are watched though they may not be traded.
        """
        self._known = known
        self._references = references
        self.board = MarketBoard(
            boottime=clock.boottime, time_of=self._time_of, ahead_s_max=ahead_s_max
        )
        self._bases = bases
        self._exchanges = exchanges
        told = () if known is None else known.load()
        self._instruments = {instrument.symbol: instrument for instrument in told}
        #: base assets with a book or filter that nobody has looked at yet
        self._moved: set[str] = set()
        self._rate_moved = False
        #: told once for all that moved in one turn of the event loop; it asks :meth:`moved`
        self.on_moved: Callable[[], None] | None = None
        self._is_to_tell = False
        self._asked_for: set[str] = set()
        self._asking = asyncio.Event()
        self._forgotten = asyncio.Event()

    def watch(self, bases: tuple[str, ...]) -> None:
        """Ask for the prices of these base assets; before :meth:`run`."""
        self._bases = bases
        self._moved.update(bases)

    def knows(self, base: str) -> bool:
        """Whether prices of this base asset are asked for at all."""
        return base in self._bases

    def view(
        self, base: str, now: datetime, sources: frozenset[Source] = STREAMED
    ) -> PairView | None:
        """The market for one base asset; ``None`` while anything of it is missing.

        ``sources``: what counts; by default only what was streamed.
        """
        spot = self._instruments.get(leg_symbol(Leg.SPOT, base))
        hedge = self._instruments.get(leg_symbol(Leg.HEDGE, base))
        if spot is None or hedge is None:
            return None
        view = self.board.view(base, now, spot, hedge, sources)
        return None if isinstance(view, MissingData) else view

    def moved(self, bases: frozenset[str]) -> set[str]:
        """Which of these may have another view than when it was last asked; one asks for all."""
        found = self._moved & bases
        self._moved -= found
        if self._rate_moved:
            # Any view has the rate, and no other price moved with it.
            self._rate_moved = False
            found = found or set(itertools.islice(filter(self._has_books, bases), 1))
        return found

    def _has_books(self, base: str) -> bool:
        return all(self.board.book(leg_symbol(leg, base)) is not None for leg in Leg)

    def instruments(self, base: str) -> Mapping[Leg, Instrument]:
        """The filters that were read so far."""
        found = {leg: self._instruments.get(leg_symbol(leg, base)) for leg in Leg}
        return {leg: instrument for leg, instrument in found.items() if instrument is not None}

    def prices(self, base: str) -> PairPrices | None:
        """Both mids of a coin, one that is only watched included."""
        return self.board.prices(base)

    def ask_for_books(self, base: str) -> None:
        """Its streams are silent: ask for both books and the rate, each at most once a second."""
        self._asked_for.add(base)
        self._asking.set()

    def forget_filters(self, base: str) -> None:
        """An exchange refused what should have fitted: read the filters again at once."""
        for leg in Leg:
            self._exchanges.of(leg).forget_filters(leg_symbol(leg, base))
        self._forgotten.set()

    def _time_of(self, venue: Venue) -> ExchangeTime | None:
        return self._exchanges[venue].measured_time

    def _update(self, venue: Venue, event: MarketEvent, source: Source = Source.STREAM) -> None:
        if not self.board.update(event, venue, source):
            return
        if isinstance(event, FxRate):
            self._rate_moved = True
        else:
            self._moved.add(base_asset(event.symbol))
        # Whoever values what is held does so now, and not when a signal asks for it.
        if self.on_moved is not None and not self._is_to_tell:
            self._is_to_tell = True
            asyncio.get_running_loop().call_soon(self._tell_moved)

    def _tell_moved(self) -> None:
        self._is_to_tell = False
        if self.on_moved is not None:
            self.on_moved()

    async def run(self) -> None:
        """Stream prices and keep the filters fresh until cancelled."""
        async with asyncio.TaskGroup() as group:
            for leg in Leg:
                symbols = tuple(leg_symbol(leg, base) for base in self._bases)
                exchange = self._exchanges.of(leg)
                group.create_task(
                    exchange.run_market_stream(symbols, partial(self._update, exchange.venue)),
                    name=f"{exchange.venue} market stream",
                )
                group.create_task(
                    self._keep_instruments(exchange, symbols), name=f"{exchange.venue} filters"
                )
                watched = tuple(leg_symbol(leg, base) for base in self._only_watched())
                if watched:
                    # A connection of its own: a market that ends must not take the others along.
                    group.create_task(
                        exchange.run_market_stream(watched, partial(self._update, exchange.venue)),
                        name=f"{exchange.venue} large coins",
                    )
            group.create_task(self._read_books(), name="books asked for")

    def _only_watched(self) -> list[str]:
        return [base for base in self._references if base not in self._bases]

    async def _keep_instruments(self, exchange: BaseExchange, symbols: tuple[str, ...]) -> None:
        retry_s = RETRY_S
        while True:
            self._forgotten.clear()
            before = dict(self._instruments)
            answers = [await self._read_filters(exchange, symbol) for symbol in symbols]
            if self._known is not None and self._instruments != before:
                self._known.keep(self._instruments.values())
            with suppress(TimeoutError):
                async with asyncio.timeout(_wait_s(answers, retry_s)):
                    await self._forgotten.wait()
            has_failed = any(isinstance(answer, ReadFailed) for answer in answers)
            retry_s = min(retry_s * 2, REFRESH_S) if has_failed else RETRY_S

    async def _read_filters(self, exchange: BaseExchange, symbol: str) -> Instrument | ReadFailed:
        answer = await exchange.instrument(symbol)
        if not isinstance(answer, ReadFailed):
            self._instruments[answer.symbol] = answer
            self._moved.add(base_asset(answer.symbol))
        return answer

    async def _read_books(self) -> None:
        """Books of silent streams, asked for by who wants to close or watches over what is held."""
        while True:
            await self._asking.wait()
            self._asking.clear()
            wanted, self._asked_for = self._asked_for, set()
            async with asyncio.TaskGroup() as group:
                for base in wanted:
                    for leg in Leg:
                        group.create_task(
                            self._read_book(self._exchanges.venue(leg), leg_symbol(leg, base))
                        )
                group.create_task(self._read_book(self._exchanges.spot.venue, FX_SYMBOL))
            await asyncio.sleep(max(RETRY_S, ASKING_S * len(wanted)))

    async def _read_book(self, venue: Venue, symbol: str) -> None:
        """Given up after a while: the other exchange's book must not wait for this one."""
        with suppress(TimeoutError):
            async with asyncio.timeout(RETRY_S):
                answer = await self._exchanges[venue].order_book(symbol)
                if isinstance(answer, ReadFailed):
                    return
                if symbol == FX_SYMBOL:
                    rate = FxRate(krw_per_usdt=answer.mid, at=answer.at, source=FX_SOURCE)
                    self._update(venue, rate, Source.ASKED)
                else:
                    self._update(venue, answer, Source.ASKED)


def _wait_s(answers: Sequence[Instrument | ReadFailed], retry_s: float) -> float:
    """Until the next look: one that fails for ever is asked with exponential back-off."""
    return min((_kept_s(answer, retry_s) for answer in answers), default=REFRESH_S)


def _kept_s(answer: Instrument | ReadFailed, retry_s: float) -> float:
    if isinstance(answer, ReadFailed):
        return retry_s
    return REFRESH_S if answer.is_trading else SUSPENDED_S
