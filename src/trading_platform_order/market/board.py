"""The newest book of every symbol and the newest KRW value of a USDT, with their ages.

Both exchanges' market streams write here; sizing, risk and the core read one consistent view. The
board keeps times and judges none: whether something is too old is a risk decision. It never calls
an exchange, never looks at our calendar, and an older image never replaces a newer one. A stamp
beyond the exchange's own time by more than a limit is not believed: the image counts by its
arrival, and the next one replaces it whatever its stamp is.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from trading_platform_order.domain.market import (
    Ages,
    Book,
    ExchangeTime,
    FxRate,
    Instrument,
    PairView,
)
from trading_platform_order.domain.order import Venue, hedge_symbol, spot_symbol

Part = TypeVar("Part", Book, FxRate)
AHEAD_S_MAX = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingData:
    """A view cannot be given; ``reason`` says what is missing, for the refusal."""

    reason: str


class _Held(NamedTuple, Generic[Part]):
    """An image, whose it is, and when it arrived on the clock that counts suspend, seconds."""

    part: Part
    venue: Venue
    arrived_s: float


@dataclass(eq=False, slots=True, kw_only=True)
class _Waiter:
    at: datetime
    symbols: tuple[str, ...]
    done: asyncio.Future[None]


class MarketBoard:
    """The latest market, for one event loop."""

    def __init__(
        self,
        *,
        boottime: Callable[[], float],
        time_of: Callable[[Venue], ExchangeTime | None],
        ahead_s_max: float = AHEAD_S_MAX,
    ) -> None:
        """What it measures ages by.

        Args:
            boottime: seconds, suspend included; the market's in a replay.
            time_of: an exchange's time as last measured; ``None`` before that.
            ahead_s_max: a stamp further ahead of that time is not believed.
        """
        self._boottime = boottime
        self._time_of = time_of
        self._ahead_s_max = ahead_s_max
        self._books: dict[str, _Held[Book]] = {}
        self._fx: _Held[FxRate] | None = None
        # The last view of each base asset: one look asks for the same several times.
        self._views: dict[str, PairView] = {}
        self._waiters: list[_Waiter] = []

    @property
    def fx(self) -> FxRate | None:
        """The newest rate, if any was seen."""
        return None if self._fx is None else self._fx.part

    def book(self, symbol: str) -> Book | None:
        """The newest book of ``BTC-KRW`` or ``BTCUSDT``, if any was seen."""
        held = self._books.get(symbol)
        return None if held is None else held.part

    def update(self, event: Book | FxRate, venue: Venue) -> bool:
        """Take an image in; ``False`` if it is older than the one held and was ignored.

        One of the same time replaces the held one: it arrived later.
        """
        arrived_s = self._boottime()
        if isinstance(event, Book):
            held = self._books.get(event.symbol)
            if held is not None and event.at < held.part.at and self._is_believed(held, arrived_s):
                return False
            self._books[event.symbol] = _Held(event, venue, arrived_s)
        else:
            rate = self._fx
            if rate is not None and event.at < rate.part.at and self._is_believed(rate, arrived_s):
                return False
            self._fx = _Held(event, venue, arrived_s)
        self._views.clear()
        self._release()
        return True

    def view(
        self, base: str, now: datetime, spot: Instrument, hedge: Instrument
    ) -> PairView | MissingData:
        """What the core needs to see of one base asset, or what is missing for it."""
        last = self._views.get(base)
        if last is not None and last.now == now and last.spot is spot and last.hedge is hedge:
            return last
        found = self._find(base)
        if isinstance(found, MissingData):
            return found
        spot_book, hedge_book, fx = found
        view = self._views[base] = PairView(
            base=base,
            now=now,
            spot_book=spot_book.part,
            hedge_book=hedge_book.part,
            fx=fx.part,
            ages=self._ages(spot_book, hedge_book, fx),
            spot=spot,
            hedge=hedge,
        )
        return view

    async def wait_for(self, at: datetime, *symbols: str, timeout_s: float) -> None:
        """Until the books of all ``symbols`` and the rate are from ``at`` or later.

        Raises:
            TimeoutError: not within ``timeout_s``; the text names what is still missing.
        """
        if not self._missing(at, symbols):
            return
        waiter = _Waiter(at=at, symbols=symbols, done=asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout_s):
                await waiter.done
        except TimeoutError:
            missing = ", ".join(self._missing(at, symbols))
            raise TimeoutError(f"no market data from {at.isoformat()} for {missing}") from None
        finally:
            self._waiters.remove(waiter)

    def _ages(self, spot: _Held[Book], hedge: _Held[Book], fx: _Held[FxRate]) -> Ages:
        now_s = self._boottime()
        spot_s, spot_ahead_s = self._age(spot, now_s)
        hedge_s, hedge_ahead_s = self._age(hedge, now_s)
        fx_s, fx_ahead_s = self._age(fx, now_s)
        return Ages(spot_s, hedge_s, fx_s, spot_ahead_s, hedge_ahead_s, fx_ahead_s)

    def _age(self, held: _Held[Part], now_s: float) -> tuple[float, float]:
        """How old it is, and how far its stamp is ahead; a stamp in the future makes nothing young.

        The time since it arrived also bounds what was stamped before the exchange was measured.
        """
        here_s = now_s - held.arrived_s
        time = self._time_of(held.venue)
        if time is None:
            return here_s, 0.0
        age_s, ahead_s = time.age_and_ahead_s(held.part.at, now_s)
        return max(here_s, age_s), ahead_s

    def _is_believed(self, held: _Held[Part], now_s: float) -> bool:
        time = self._time_of(held.venue)
        return time is None or time.ahead_s(held.part.at, now_s) <= self._ahead_s_max

    def _find(self, base: str) -> tuple[_Held[Book], _Held[Book], _Held[FxRate]] | MissingData:
        spot_book = self._usable_book(spot_symbol(base))
        if isinstance(spot_book, MissingData):
            return spot_book
        hedge_book = self._usable_book(hedge_symbol(base))
        if isinstance(hedge_book, MissingData):
            return hedge_book
        if self._fx is None:
            return MissingData(reason="no KRW-USDT rate yet")
        return spot_book, hedge_book, self._fx

    def _usable_book(self, symbol: str) -> _Held[Book] | MissingData:
        held = self._books.get(symbol)
        if held is None:
            return MissingData(reason=f"no book of {symbol} yet")
        if not (held.part.bids and held.part.asks):
            return MissingData(reason=f"the book of {symbol} has an empty side")
        return held

    def _missing(self, at: datetime, symbols: tuple[str, ...]) -> list[str]:
        missing = [
            symbol
            for symbol in symbols
            if (held := self._books.get(symbol)) is None or held.part.at < at
        ]
        if self._fx is None or self._fx.part.at < at:
            missing.append("KRW-USDT")
        return missing

    def _release(self) -> None:
        for waiter in self._waiters:
            if not waiter.done.done() and not self._missing(waiter.at, waiter.symbols):
                waiter.done.set_result(None)
